"""Two processes of `assistant serve` over one store, behind a real nginx with the configuration that is shipped."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx2
import pytest

from assistant import Assistant

api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "deploy/nginx/assistant.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
PATIENCE = 120
VISITORS = 20
HEADLINE = "when is the next CSTO summit?"
FOLLOW_UP = "And where?"
SUMMIT = "11 نوفمبر 2026"


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@pytest.fixture
def shared_store(request, store, tmp_path):
    """What two processes may share, as `ASSISTANT_STORE` names it: a folder, unless a test asks for a database."""
    if getattr(request, "param", "folder") == "folder":
        return shutil.copytree(store, tmp_path / "store")
    url = request.getfixturevalue("database")
    with Assistant(url) as assistant:
        assistant.sync(ROOT / "seeds")
    return url.get_secret_value()


class Processes:
    """Two processes that serve one store, and an nginx before them."""

    def __init__(self, store, folder):
        self._store = store
        self._folder = folder
        self.ports = [free_port(), free_port()]
        self.url = f"http://127.0.0.1:{free_port()}"
        self.running = {}

    def start(self, port):
        log = (self._folder / f"{port}-{secrets.token_hex(2)}.log").open("w")
        command = [sys.executable, "app.py", "--chat-model", "extractive", "--no-auth",
                   "--port", str(port), "--refresh", "0", "--drain", "30"]  # fmt: skip
        environment = os.environ | {
            "ASSISTANT_STORE": str(self._store),
            "GRADIO_TEMP_DIR": str(self._folder / f"arriving-{port}"),
        }
        self.running[port] = subprocess.Popen(command, cwd=ROOT, stderr=log, env=environment)
        log.close()

    def wait_for(self, port):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(httpx2.HTTPError):
                if httpx2.get(f"http://127.0.0.1:{port}/ready", timeout=5).status_code == 200:
                    return
            time.sleep(0.1)
        logs = "\n".join(log.read_text() for log in self._folder.glob("*.log"))
        raise AssertionError(f"process {port} did not get ready: {logs}")

    def end(self, port, how):
        process = self.running.pop(port)
        process.send_signal(how)
        process.wait(PATIENCE)

    def configuration(self):
        """Return a whole configuration: the shipped one, with the addresses of this machine in place of its own."""
        shipped = CONFIGURATION.read_text(encoding="utf-8")
        for name, port in zip(("app1:7860", "app2:7860"), self.ports, strict=True):
            assert shipped.count(f"server {name}") == 1
            shipped = shipped.replace(f"server {name}", f"server 127.0.0.1:{port}")
        assert shipped.count("listen 8080;") == 1
        shipped = shipped.replace("listen 8080;", f"listen {self.url.removeprefix('http://')};")
        places = " ".join(f"{kind}_temp_path {self._folder}/{kind};" for kind in
                          ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
        return (
            f"daemon off; worker_processes 1; pid {self._folder}/pid; error_log {self._folder}/error.log;\n"
            f"events {{ worker_connections 512; }}\nhttp {{ access_log off; {places}\n{shipped}\n}}\n"
        )


@pytest.fixture
def processes(shared_store, tmp_path):
    if NGINX is None:
        pytest.skip("needs nginx, which .ci/run installs")
    folder = tmp_path / "processes"
    folder.mkdir()
    tmp_path.chmod(0o755)
    both = Processes(shared_store, folder)
    (folder / "nginx.conf").write_text(both.configuration(), encoding="utf-8")
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with ExitStack() as stack:
        for port in both.ports:
            both.start(port)
        for port in both.ports:
            both.wait_for(port)
        nginx = subprocess.Popen(command)
        stack.callback(nginx.wait, PATIENCE)
        stack.callback(nginx.terminate)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(httpx2.HTTPError):
                if httpx2.get(f"{both.url}/health", timeout=5).status_code == 200:
                    break
            time.sleep(0.1)
        yield both
        for port in list(both.running):
            both.end(port, signal.SIGKILL)


def questions_in(visitor):
    """Return the questions that each of a visitor's conversations holds, by its id."""
    ids = [id_ for _, id_ in visitor.call("find-conversation", "change", None, "")["conversations"]["choices"]]
    exports = {id_: visitor.get(f"/page/conversations/{id_}/export?form=json").json() for id_ in ids}
    return {id_: [turn["question"] for turn in export] for id_, export in exports.items()}


class Crowd:
    """Visitors with a conversation each, who ask a second question at the same moment."""

    def __init__(self, visitors, pool):
        self.visitors = visitors
        self.pool = pool
        self.asked_again = set()
        chats = list(pool.map(lambda visitor: visitor.ask(HEADLINE), visitors))
        assert all(SUMMIT in chat[-1][1] for chat in chats)
        self.conversations = list(pool.map(lambda visitor: visitor.conversation(), visitors))
        assert len(set(self.conversations)) == len(visitors)
        for visitor, conversation in zip(visitors, self.conversations, strict=True):
            visitor.kept = {"id": conversation}  # as the page has the browser do

    def follow_up(self):
        """Ask all at once, and return the answers that are to come; who gets none asks again, as a person would."""
        return [self.pool.submit(self._follow_up, visitor) for visitor in self.visitors]

    def _follow_up(self, visitor):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                chat = visitor.ask(FOLLOW_UP)
            except (httpx2.HTTPError, visitor.refused, ValueError, KeyError):
                self.asked_again.add(visitor)
                time.sleep(0.5)
            else:
                assert (chat[-2][0], chat[-1][0]) == ("user", "assistant")
                return chat
        raise AssertionError("a visitor was not answered")

    def check(self):
        """Look that every conversation is whole: nothing is lost, nothing in another one, and asked twice only once."""
        for visitor, conversation in zip(self.visitors, self.conversations, strict=True):
            kept = questions_in(visitor)
            assert kept.keys() == {conversation}
            asked = kept[conversation]
            # What a process kept just before it ended was answered, though nobody read it.
            assert asked in (
                [HEADLINE, FOLLOW_UP],
                [HEADLINE, FOLLOW_UP, FOLLOW_UP][: 2 + (visitor in self.asked_again)],
            )
            assert SUMMIT in "".join(text for _, text in visitor.open(conversation))


@pytest.fixture
def crowd(processes, visitor_at):
    with ThreadPoolExecutor(VISITORS) as pool:
        visitors = list(pool.map(lambda _: visitor_at(processes.url), range(VISITORS)))
        assert len({visitor.cookies["route"] for visitor in visitors}) == VISITORS
        yield Crowd(visitors, pool)


def wait_for_answers(going_on, least):
    while sum(future.done() for future in going_on) < least:
        time.sleep(0.01)
    return {number for number, future in enumerate(going_on) if not future.done()}


@pytest.mark.parametrize("shared_store", ["folder", "database"], indirect=True)
def test_of_twenty_visitors_a_killed_process_costs_those_who_were_being_answered_one_more_question(processes, crowd):
    going_on = crowd.follow_up()
    in_flight = wait_for_answers(going_on, 3)
    processes.end(processes.ports[0], signal.SIGKILL)
    for future in going_on:
        future.result(PATIENCE)
    assert crowd.asked_again
    assert crowd.asked_again <= {crowd.visitors[number] for number in in_flight}
    crowd.check()


def test_one_process_after_the_other_is_restarted_and_nobody_loses_a_conversation(processes, crowd):
    for port in processes.ports:
        going_on = crowd.follow_up()
        in_flight = wait_for_answers(going_on, 3)
        processes.end(port, signal.SIGTERM)
        for future in going_on:
            future.result(PATIENCE)
        processes.start(port)
        processes.wait_for(port)
        # At most those whose question was on its way to the process at the moment when it stopped taking any.
        assert crowd.asked_again <= {crowd.visitors[number] for number in in_flight}
        crowd.asked_again.clear()
    for visitor, conversation in zip(crowd.visitors, crowd.conversations, strict=True):
        kept = questions_in(visitor)
        assert kept.keys() == {conversation}
        assert kept[conversation][:3] == [HEADLINE, FOLLOW_UP, FOLLOW_UP]


def test_programs_without_cookies_stay_with_one_process(processes):
    client = pytest.importorskip("gradio_client", reason="needs the package gradio_client")
    program = client.Client(processes.url, verbose=False, httpx_kwargs={"timeout": PATIENCE})
    for _ in range(6):
        assert program.predict(HEADLINE, api_name="/ask")["status"] == "answered"


def test_a_page_that_is_open_goes_on_in_its_conversation_whichever_process_dies(processes, visit_at, ask):
    page = visit_at(processes.url)
    assert SUMMIT in ask(page, HEADLINE).inner_text()
    # One of the two has shown the page, and the page is not loaded anew by hand.
    for number, port in enumerate(processes.ports, start=1):
        processes.end(port, signal.SIGKILL)
        asked = page.locator("#chat .user-row").nth(number)
        end = time.monotonic() + PATIENCE
        while not asked.count():
            assert time.monotonic() < end, page.locator("body").inner_text()
            # A question that was on its way to the process which died is asked again.
            page.locator("#question textarea").fill(FOLLOW_UP)
            page.keyboard.press("Enter")
            with suppress(api.TimeoutError):
                asked.wait_for(timeout=20_000)
        page.locator("#chat .bot-row").nth(number).locator(".facts").wait_for()
        assert page.locator("#chat .user-row").count() == 1 + number
        processes.start(port)
        processes.wait_for(port)
