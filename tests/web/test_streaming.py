"""Answers of a chat model as they are written, in a real browser: the model is a server that plays OpenAI's API."""

import json
import signal
import sqlite3
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

HEADLINE = "When is the next CSTO summit?"
SAID = "The next CSTO summit is on 11 November 2026, in Moscow [1]."
HOSTILE = (
    '<img src=x onerror="alert(1)"> ![x](https://evil.example/x.png) [x](javascript:alert(2)) <script>alert(3)</script>'
)


class Model(ThreadingHTTPServer):
    """Writes `words` one after the other; stops after the first where it is told to dawdle."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Writer)
        self.words = []
        self.dawdle = False
        self.hung_up = threading.Event()


class Writer(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for word in self.server.words:
                self.write({"choices": [{"index": 0, "delta": {"role": "assistant", "content": word}}]})
                while self.server.dawdle:
                    time.sleep(0.05)
                    self.wfile.write(b": waiting\n\n")
                    self.wfile.flush()
            self.write({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            self.wfile.write(b"data: [DONE]\n\n")
        except ConnectionError:
            self.server.hung_up.set()

    def write(self, event):
        document = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", **event}
        self.wfile.write(f"data: {json.dumps(document)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def model():
    pytest.importorskip("langchain_openai", reason="needs the package langchain-openai")
    server = Model()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.dawdle = False
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def environment(model):
    return {
        "ASSISTANT_CHAT_BASE_URL": f"http://127.0.0.1:{model.server_port}/v1",
        "ASSISTANT_CHAT_API_KEY": "key",
    }


@pytest.fixture(scope="module")
def server(store, serving, environment):
    with serving(store, "--chat-model", "openai:m", environment=environment) as running:
        yield running


def words(text):
    return [word + " " for word in text.split(" ")]


def test_a_written_answer_is_checked_and_cites_the_arabic_sentence(visit, ask, model):
    model.words = words(SAID)
    page = visit()

    turn = ask(page, HEADLINE)

    assert turn.locator(".badge.checked").is_visible()
    assert turn.locator(".said").inner_text().replace("\xa0", " ").startswith("The next CSTO summit is on 11 November")
    assert "openai:m" in turn.locator(".facts").inner_text()
    assert "11 نوفمبر 2026" in page.locator(".source mark").inner_text()
    assert turn.locator(".said p").evaluate("line => getComputedStyle(line).direction") == "ltr"


def test_what_is_written_is_seen_at_once_and_stop_stops_the_model(visit, model):
    model.words, model.dawdle = words(SAID), True
    model.hung_up.clear()
    page = visit()
    page.locator("#question").fill(HEADLINE)
    page.keyboard.press("Enter")
    page.locator(".draft", has_text="The").wait_for()
    assert page.locator(".step").inner_text() == "Writing"

    page.locator("#stop").click()

    page.get_by_text("Stopped.").wait_for()
    assert model.hung_up.wait(10)
    model.dawdle = False
    page.get_by_role("button", name="Ask again").click()
    page.locator(".badge.checked").wait_for()


def test_ctrl_c_ends_an_answer_that_is_being_written_and_keeps_those_before(
    visit_at, serving, store, model, environment, ask
):
    model.words = words(SAID)
    with serving(store, "--chat-model", "openai:m", environment=environment) as running:
        page = visit_at(running.url)
        ask(page, HEADLINE)
        kept = page.evaluate("location.hash").rpartition("/")[2]
        model.dawdle = True
        model.hung_up.clear()
        page.locator("#question").fill(HEADLINE)
        page.keyboard.press("Enter")
        page.locator(".draft", has_text="The").wait_for()

        running.process.send_signal(signal.SIGINT)

        page.get_by_text("The server is stopping").wait_for()
        assert model.hung_up.wait(10)
        running.process.wait(timeout=10)
        assert "Traceback" not in running.process.stderr.read()
    model.dawdle = False
    with closing(sqlite3.connect(store / "conversations.sqlite")) as connection:
        said = connection.execute("SELECT count(*) FROM turns WHERE conversation = ?", [kept]).fetchone()
    assert said == (1,)


def test_hostile_words_of_a_model_stay_text_while_and_after_they_are_written(visit, model):
    model.words, model.dawdle = [HOSTILE], True
    page = visit()
    page.locator("#question").fill(HEADLINE)
    page.keyboard.press("Enter")
    page.locator(".draft", has_text="<script>").wait_for()
    assert page.locator(".draft *").count() == 0

    model.dawdle = False
    page.locator(".turn .facts").wait_for()
    # Nothing of it is in the articles, so they are quoted instead, and a note says why.
    assert page.locator(".badge.quoted").is_visible()
    assert page.locator(".notes li").count() == 1
    assert page.locator(".turn img, .turn script, .turn a:not(.cite):not([rel])").count() == 0


def test_a_visitor_switches_to_extractive_answers(visit, ask, model):
    model.words = words(SAID)
    page = visit()
    page.locator("#open-settings").click()
    page.locator("#model option", has_text="quotes only").wait_for(state="attached")
    page.locator("#model").select_option("extractive")
    page.locator("#settings-close").click()

    turn = ask(page, HEADLINE)

    assert turn.locator(".badge.quoted").is_visible()
    assert turn.locator(".notes").count() == 0
