"""A local chat model on the page: pulled, starting, failing, answering."""

import hashlib
import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant.chat_models.catalogue import load_catalogue
from assistant.chat_models.local import is_runnable
from assistant.settings import load_settings

HEADLINE = "when is the next CSTO summit?"
# A file that any machine can hold, and that llama.cpp cannot run.
CONTENT = b"GGUF" + bytes(range(256)) * 400

# The catalogue is part of the package; here, one whose model is small.
WITH_CATALOGUE = """
import sys
from assistant.chat_models import catalogue
small = catalogue.Catalogue.model_validate_json(sys.argv.pop(1))
catalogue.load_catalogue = lambda: small
from assistant.cli.serve import main
main()
"""


class Hub(ThreadingHTTPServer):
    """A model hub that sends the first half of a file, and the rest when it is let."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Sender)
        self.may_go_on = threading.Event()
        self.is_there = True


class Sender(BaseHTTPRequestHandler):
    def do_GET(self):
        if not self.server.is_there:
            self.send_error(404)
            return
        rest = CONTENT[int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) :]
        self.send_response(206 if len(rest) < len(CONTENT) else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        half = len(rest) // 2
        self.wfile.write(rest[:half])
        self.wfile.flush()
        self.server.may_go_on.wait(120)
        self.wfile.write(rest[half:])

    def log_message(self, *args):
        pass


@pytest.fixture
def hub():
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.may_go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def small(hub, store, serving, with_model, tmp_path):
    """A server that offers one small model of the hub's, and prefers it once it is there."""
    if not is_runnable():
        pytest.skip("needs the package xllamacpp")
    entry = {
        "name": "small",
        "description": "Small",
        "licence": "Apache-2.0",
        "file": "small.gguf",
        "bytes": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "context": 128,
        "sources": [{"kind": "hub", "repository": "someone/small"}],
    }
    catalogue = json.dumps({"default": "small", "models": [entry]})
    environment = {"HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}", "ASSISTANT_CACHE": str(tmp_path / "cache")}
    # The embedding model is there already; no chat model is.
    (tmp_path / "cache").mkdir()
    with_model(tmp_path / "cache")
    with serving(
        store, "--chat-model", "auto", environment=environment, program=("-c", WITH_CATALOGUE, catalogue)
    ) as running:
        yield running


@pytest.fixture
def choose(until_chosen):
    """Choose a chat model on a page by what the list says of it."""

    def choosing(page, name):
        page.locator("#model input").click()
        with until_chosen(page):
            page.get_by_role("option", name=name).click()

    return choosing


@pytest.fixture
def settings_of(choose):
    """Open the settings of a page with a chat model chosen, and return its state's element."""

    def opening(page, name):
        page.get_by_role("tab").nth(2).click()
        choose(page, name)
        return page.locator("#model-state")

    return opening


def test_a_model_is_pulled_from_the_page_with_progress_and_answers_from_then_on(
    small, hub, visit_at, settings_of, choose, ask
):
    page = visit_at(small.url)
    state = settings_of(page, "Small")
    state.get_by_text("Not downloaded").wait_for()
    page.locator("#model input").click()
    page.get_by_role("option", name="Default (No model: quotes only)").wait_for()
    page.keyboard.press("Escape")

    page.locator("#pull").click()

    state.get_by_text("Downloading 50 %").wait_for()
    progress = state.locator("progress")
    assert 2 * int(progress.get_attribute("value")) == int(progress.get_attribute("max"))
    page.locator("#pull").wait_for(state="hidden")
    hub.may_go_on.set()
    state.get_by_text("Ready").wait_for()
    # It is now what answers where nobody has chosen.
    page.get_by_role("tab", name="Chat").click()
    page.get_by_role("tab", name="Settings").click()
    choose(page, "Default (local)")
    page.get_by_role("tab", name="Chat").click()
    answer = ask(page, HEADLINE)
    # llama.cpp makes nothing of that file, and the page says so where it answers and where it is chosen.
    assert "llama.cpp could not run small.gguf" in answer.locator(".note").inner_text()
    state = settings_of(page, "Small")
    state.get_by_text("Failed", exact=True).wait_for()
    assert "llama.cpp could not run small.gguf" in state.inner_text()
    assert not page.locator("#pull").is_visible()


def test_a_pull_that_fails_says_why_and_is_tried_again_in_the_language_of_the_page(small, hub, visit_at, settings_of):
    hub.is_there = False
    page = visit_at(small.url, locale="ar")
    state = settings_of(page, "Small")

    page.get_by_role("button", name="تنزيل").click()
    state.get_by_text("فشل").wait_for()
    assert "تعذّر تنزيل" in state.inner_text()
    assert "Could not" not in state.inner_text()

    hub.is_there = True
    hub.may_go_on.set()
    page.get_by_role("button", name="تنزيل").click()
    state.get_by_text("جاهز").wait_for()


def child_of(process, within=120):
    """Return the id of the process that a server starts for its chat model, as soon as it is there."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        for folder in Path("/proc").glob("[0-9]*"):
            if is_model_of(folder, process.pid):
                return int(folder.name)
    raise AssertionError("no chat model was started")


def is_model_of(folder, parent):
    try:
        stat, command = (folder / "stat").read_text(), (folder / "cmdline").read_text()
    except OSError:
        return False
    return int(stat.rpartition(")")[2].split()[1]) == parent and "local_server" in command


@pytest.mark.model
@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_a_model_that_starts_is_seen_to_and_then_answers(store, serving, visit_at, settings_of):
    if not load_catalogue().find("local").is_pulled(load_settings()):
        pytest.skip("needs the local chat model: assistant models pull local")
    with serving(store) as running:
        page = visit_at(running.url)
        state = settings_of(page, load_catalogue().find("local").description)
        state.get_by_text("Ready").wait_for()
        page.get_by_role("tab", name="Chat").click()
        page.locator("#question textarea").fill(HEADLINE)
        page.keyboard.press("Enter")
        model = child_of(running.process)
        os.kill(model, signal.SIGSTOP)
        try:
            page.locator("#chat", has_text="Waiting for the chat model").wait_for()
            page.get_by_role("tab", name="Settings").click()
            state.get_by_text("Starting").wait_for()
        finally:
            os.kill(model, signal.SIGCONT)
        # The page looks again by itself.
        state.get_by_text("Ready").wait_for()
        page.get_by_role("tab", name="Chat").click()
        page.locator("#chat .facts").wait_for(timeout=120_000)
        assert "local:" in page.locator("#chat .facts").inner_text()
