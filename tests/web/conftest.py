"""One server process for all tests of the page, and a browser."""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest
from gradio_client.utils import apply_diff

from assistant import Assistant

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds that a test waits for what should come; only a failure takes them, however busy the machine is."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


class Server:
    """A server process; Gradio keeps what is being uploaded in `uploads`."""

    def __init__(self, process, url, store, uploads):
        self.process = process
        self.url = url
        self.store = store
        self.uploads = uploads


class RefusedError(Exception):
    """What the server said in place of doing what it was asked."""


class Visitor(httpx2.Client):
    """A browser tab without a browser: it keeps cookies, and sends the page's events through Gradio's queue."""

    refused = RefusedError

    def __init__(self, url, **options):
        super().__init__(base_url=url, timeout=PATIENCE, **options)
        self.get("/")
        self.config = self.get("/config").json()
        self.session = secrets.token_hex(8)
        self.notices = []
        # What the browser keeps as the conversation that was open last, where a test says so.
        self.kept = None
        self._names = {one["id"]: one["props"].get("elem_id") for one in self.config["components"]}

    def event(self, element, name):
        """Return what the server does first on an event of an element, None being the page itself.

        What is told nothing only shows or hides something meanwhile.
        """
        of_element = [
            one
            for one in self.config["dependencies"]
            if one["backend_fn"] and (element, name) in [(self._names.get(id_), event) for id_, event in one["targets"]]
        ]
        assert of_element, f"the page has no event {name} of {element}"
        return next((one for one in of_element if one["inputs"]), of_element[0])

    def join(self, element, name, *data, event_data=None, content=None):
        """Send an event to the queue, and return the response."""
        missing = len(self.event(element, name)["inputs"]) - len(data)
        body = {
            "data": [*data, *[self.kept] * missing],
            "fn_index": self.event(element, name)["id"],
            "session_hash": self.session,
            "event_data": event_data,
        }
        return (
            self.post("/gradio_api/queue/join", json=body)
            if content is None
            else self.post("/gradio_api/queue/join", content=content, headers={"Content-Type": "application/json"})
        )

    def follow(self, element, name, *data, event_data=None):
        """Send an event, and give the values of the elements it changes each time that they come."""
        joined = self.join(element, name, *data, event_data=event_data)
        if joined.status_code != 200:
            raise RefusedError(joined.json()["detail"])
        raw, shown = {}, {}
        outputs = [self._names[id_] for id_ in self.event(element, name)["outputs"]]
        with self.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as response:
            for line in response.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {"msg": ""}
                if message["msg"] == "log":
                    self.notices.append(message["log"])
                if message["msg"] not in ("process_generating", "process_completed"):
                    continue
                if not message["success"]:
                    raise RefusedError(message["output"]["error"])
                for output, value in zip(outputs, message["output"]["data"], strict=False):
                    # After the first values come their differences.
                    raw[output] = apply_diff(raw[output], value) if is_difference(value) else value
                    if not is_skipped(raw[output]):
                        shown[output] = raw[output]
                if message["output"]["data"]:
                    yield dict(shown)
                if message["msg"] == "process_completed":
                    return

    def call(self, element, name, *data, event_data=None):
        """Send an event, and return the last values of the elements it changes."""
        *_, last = self.follow(element, name, *data, event_data=event_data)
        return last

    def ask(self, question, **preferences):
        """Ask in the conversation that is open, and return the chat: pairs of a sender and the text of a message."""
        return said(self.call("question", "submit", question, None, preferences)["chat"])

    def open(self, conversation):
        """Open a conversation as a browser that keeps its id does, and return the chat."""
        return said(self.call(None, "load", {"id": conversation})["chat"])

    def conversation(self):
        """Return the id of the conversation that is open, "" for none."""
        export = self.call("find-conversation", "change", None, "")["export"]
        found = re.search(r"conversations/(\w+)/export", json.dumps(export))
        return found[1] if found else ""

    def upload(self, name, content):
        """Bring a file to the library, and return how far it is in the end, as HTML."""
        [path] = self.post("/gradio_api/upload", files={"files": (name, content)}).json()
        file = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        return self.call("upload", "upload", [file])["jobs"]

    def titles(self):
        """Return the titles of the visitor's conversations."""
        return [title for title, _ in self.call("find-conversation", "change", None, "")["conversations"]["choices"]]


def is_difference(value):
    return isinstance(value, list) and all(
        isinstance(one, list) and one[:1] in (["replace"], ["append"], ["add"], ["delete"]) for one in value
    )


def is_skipped(value):
    return isinstance(value, dict) and value.keys() <= {"__type__", "props"} and "__type__" in value


def said(chat):
    """Return the sender and the text of each message of the chat."""
    messages = chat["value"] if isinstance(chat, dict) else chat
    return [(one["role"], "".join(part.get("text", "") for part in one["content"])) for one in messages]


@contextmanager
def _serving(store, *options, environment=None, program=("app.py",), address=None):
    """Start the page as a user does, on a free port; stop it as Ctrl-C does. `address` stands for the folder's name."""
    uploads = store.parent / "arriving"
    process = subprocess.Popen(
        [
            sys.executable,
            *program,
            "--store",
            address or str(store),
            "--chat-model",
            "extractive",
            "--port",
            "0",
            *options,
        ],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200", "GRADIO_TEMP_DIR": str(uploads), **(environment or {})},
    )
    try:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r"http://\S+:\d+", line):
                yield Server(process, found[0], store, uploads)
                break
        else:
            raise AssertionError(f"the server did not start: {''.join(lines)}")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stderr.close()


@pytest.fixture(scope="session")
def store(tmp_path_factory, encoder):
    """A store of the sample article."""
    del encoder  # the model is unpacked before any server starts
    folder = tmp_path_factory.mktemp("page") / "store"
    with Assistant(folder) as assistant:
        assert not assistant.sync(ROOT / "seeds").problems
    return folder


@pytest.fixture(scope="session")
def serving():
    """Start a server, as a context manager: `with serving(store, *options) as server`."""
    return _serving


@pytest.fixture(scope="session")
def server(store, serving):
    with serving(store) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, or another that is installed.

    Not for the whole session: while it runs, Playwright keeps an event loop in this thread, and tests elsewhere need
    one of their own.
    """
    api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"needs a browser: none of {', '.join(BROWSERS)} is installed")
    with api.sync_playwright() as playwright:
        api.expect.set_options(timeout=PATIENCE * 1000)
        browser = playwright.chromium.launch(executable_path=found, args=BROWSER_OPTIONS, timeout=PATIENCE * 1000)
        yield browser
        browser.close()


@pytest.fixture
def visitor_at():
    """Come to a server as a new visitor without a browser."""
    with ExitStack() as visitors:

        def come(url, **options):
            visitor = Visitor(url, **options)
            visitors.callback(visitor.close)
            return visitor

        yield come


@pytest.fixture
def visitor(visitor_at, server):
    """A visitor of the shared server, without a browser."""
    return visitor_at(server.url)


@pytest.fixture
def visit_at(browser):
    """Open the page of a server as a new visitor.

    The test fails if a script fails, a dialog opens, or anything is fetched from elsewhere.
    """
    contexts, failures = [], []

    def open_page(url, path="/", **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda error: failures.append(f"script: {error}"))
        page.on("dialog", lambda dialog: failures.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith(url) else failures.append(f"fetched: {request.url}"),
        )
        page.goto(url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert failures == []


@pytest.fixture
def visit(visit_at, server):
    """Open the page of the shared server as a new visitor (see `visit_at`)."""
    return partial(visit_at, server.url)


@pytest.fixture
def until_kept():
    """Wait until the browser keeps which conversation is open, if any: it does so a moment after that is shown."""

    def waiting(page, *, is_open=True):
        # It is encrypted, and longer where it holds the id of a conversation.
        kept = "is_open => localStorage.getItem('conversation')?.length > 100 === is_open"
        page.wait_for_function(kept, arg=is_open)

    return waiting


@pytest.fixture
def until_chosen():
    """Wait, as a context manager, until the browser keeps what is chosen in its block."""

    @contextmanager
    def waiting(page):
        before = page.evaluate("localStorage.getItem('preferences')")
        yield
        page.wait_for_function("before => localStorage.getItem('preferences') !== before", arg=before)

    return waiting


@pytest.fixture
def ask(until_kept):
    """Ask a question on a page, and return the message of the finished answer, which a reload would show again."""

    def asking(page, question):
        answers = page.locator("#chat .bot-row").count()
        page.locator("#question textarea").fill(question)
        page.keyboard.press("Enter")
        answer = page.locator("#chat .bot-row").nth(answers)
        answer.locator(".facts").wait_for()
        # Gradio waits for the end of its event, and passes over a next question until then.
        page.locator("#chat button:disabled").first.wait_for(state="detached")
        until_kept(page)
        return answer

    return asking


@pytest.fixture
def stands_right():
    """Tell whether the first letter of an element's text is drawn to the right of its last, as Arabic is."""

    def standing(element):
        return element.evaluate(
            """element => {
                const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
                let words = walker.nextNode();
                while (words && !words.data.trim()) words = walker.nextNode();
                const text = words.data.trimEnd();
                const [first, last] = [text.length - text.trimStart().length, text.length - 2].map(place => {
                    const range = document.createRange();
                    range.setStart(words, place);
                    range.setEnd(words, place + 1);
                    return range.getBoundingClientRect().x;
                });
                return first > last;
            }"""
        )

    return standing
