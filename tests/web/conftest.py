"""One server process for all tests of the page, and a browser."""

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest

from assistant import Assistant

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds that a test waits for what should come; only a failure takes them, however busy the machine is."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


class Server:
    """A server process."""

    def __init__(self, process, url, store):
        self.process = process
        self.url = url
        self.store = store


@contextmanager
def _serving(store, *options, environment=None, program=("app.py",)):
    """Start the page as a user does, on a free port; stop it as Ctrl-C does."""
    process = subprocess.Popen(
        [sys.executable, *program, "--store", str(store), "--chat-model", "extractive", "--port", "0", *options],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200", **(environment or {})},
    )
    try:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r"http://\S+:\d+", line):
                yield Server(process, found[0], store)
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
    with ExitStack() as clients:

        def come(url):
            client = clients.enter_context(
                httpx2.Client(base_url=url, headers={"X-Assistant-Page": "1"}, timeout=PATIENCE)
            )
            client.get("/")
            return client

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
def ask():
    """Ask a question on a page, and return the element of the finished turn."""

    def asking(page, question):
        turns = page.locator(".turn").count()
        page.locator("#question").fill(question)
        page.keyboard.press("Enter")
        turn = page.locator(".turn").nth(turns)
        turn.locator(".facts").wait_for()
        return turn

    return asking
