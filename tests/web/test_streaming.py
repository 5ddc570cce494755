"""Answers of a chat model as they are written, in a real browser: the model is a server that plays OpenAI's API."""

import json
import signal
import sqlite3
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

HEADLINE = "When is the next CSTO summit?"
ASKED = "#chat .user-row .message-content"
STOP = "#question .stop-button"
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


def exported(page):
    """Return the id of the conversation that is open."""
    address = page.get_by_role("link", name="Export: JSON").get_attribute("href")
    return address.split("/")[2]


def test_a_written_answer_is_checked_and_cites_the_arabic_sentence(visit, ask, model):
    model.words = words(SAID)
    page = visit()

    answer = ask(page, HEADLINE)

    assert answer.locator(".badge.checked").is_visible()
    assert answer.locator(".said").inner_text().replace("\xa0", " ").startswith("The next CSTO summit is on 11 Nov")
    assert "openai:m" in answer.locator(".facts").inner_text()
    assert "11 نوفمبر 2026" in page.locator(".source mark").inner_text()
    assert answer.locator(".said p").evaluate("line => getComputedStyle(line).direction") == "ltr"


def test_what_is_written_is_seen_at_once_and_stop_stops_the_model(dawdling, model):
    page = dawdling

    page.locator(STOP).click()

    page.locator("#chat .failure", has_text="Stopped.").wait_for()
    assert model.hung_up.wait(60)
    model.dawdle = False
    page.get_by_role("button", name="Retry").last.click()
    page.locator(".badge.checked").wait_for()


def test_ctrl_c_ends_an_answer_that_is_being_written_and_keeps_those_before(
    visit_at, serving, store, model, environment, ask
):
    model.words = words(SAID)
    with serving(store, "--chat-model", "openai:m", environment=environment) as running:
        page = visit_at(running.url)
        ask(page, HEADLINE)
        kept = exported(page)
        model.dawdle = True
        model.hung_up.clear()
        page.locator("#question textarea").fill(HEADLINE)
        page.keyboard.press("Enter")
        page.locator(".draft", has_text="The").wait_for()

        running.process.send_signal(signal.SIGINT)

        page.locator("#chat .failure", has_text="The server is stopping").wait_for()
        assert model.hung_up.wait(60)
        running.process.wait(timeout=60)
        assert "Traceback" not in running.process.stderr.read()
    model.dawdle = False
    with closing(sqlite3.connect(store / "conversations.sqlite")) as connection:
        said = connection.execute("SELECT count(*) FROM turns WHERE conversation = ?", [kept]).fetchone()
    assert said == (1,)


def test_hostile_words_of_a_model_stay_text_while_and_after_they_are_written(visit, model):
    model.words, model.dawdle = [HOSTILE], True
    page = visit()
    page.locator("#question textarea").fill(HEADLINE)
    page.keyboard.press("Enter")
    page.locator(".draft", has_text="<script>").wait_for()
    assert page.locator(".draft *").count() == 0

    model.dawdle = False
    page.locator("#chat .facts").wait_for()
    # Nothing of it is in the articles, so they are quoted instead, and a note says why.
    assert page.locator(".badge.quoted").is_visible()
    assert page.locator("#chat .note").count() == 1
    assert page.locator("#chat img, #chat script, #chat a:not(.cite)").count() == 0


def test_a_question_asked_before_the_conversation_of_before_is_shown_again_is_answered(
    visit, visitor_at, server, model
):
    model.words, model.dawdle = words(SAID), True
    shown_again = visitor_at(server.url).event(None, "load")["id"]
    page, held = visit(), []

    def hold_back(route):
        if route.request.post_data_json["fn_index"] == shown_again:
            held.append(route)
        else:
            route.continue_()

    page.route("**/queue/join*", hold_back)
    page.reload()
    page.locator("#question textarea").fill(HEADLINE)
    page.keyboard.press("Enter")
    page.locator(".draft", has_text="The").wait_for()
    assert len(held) == 1

    with page.expect_response(lambda response: response.request == held[0].request):
        held[0].continue_()
    model.dawdle = False

    page.locator(".badge.checked").wait_for()


def test_a_visitor_switches_to_extractive_answers(visit, ask, model, until_chosen):
    model.words = words(SAID)
    page = visit()
    page.get_by_role("tab", name="Settings").click()
    page.locator("#model input").click()
    with until_chosen(page):
        page.get_by_role("option", name="No model: quotes only", exact=True).click()
    page.get_by_role("tab", name="Chat").click()

    answer = ask(page, HEADLINE)

    assert answer.locator(".badge.quoted").is_visible()
    assert answer.locator(".note").count() == 0


# -- Reloading, turning to another conversation, leaving


@pytest.fixture
def dawdling(visit, model, until_kept):
    """A page on which an answer is being written that will not end by itself."""
    model.words, model.dawdle = words(SAID), True
    model.hung_up.clear()
    page = visit()
    page.locator("#question textarea").fill(HEADLINE)
    page.keyboard.press("Enter")
    page.locator(".draft", has_text="The").wait_for()
    until_kept(page)
    yield page
    model.dawdle = False


def test_a_next_question_typed_while_an_answer_comes_is_kept_until_it_can_be_asked(dawdling, model):
    box = dawdling.locator("#question textarea")
    api.expect(box).to_have_value("")
    box.fill("Who spoke at the summit?")
    dawdling.keyboard.press("Enter")

    model.dawdle = False
    dawdling.locator(".badge.checked").wait_for()
    # Gradio waits for the end of its event, and passes over a next question until then.
    dawdling.locator("#chat button:disabled").first.wait_for(state="detached")

    api.expect(box).to_have_value("Who spoke at the summit?")
    api.expect(dawdling.locator(ASKED)).to_have_text([HEADLINE])
    dawdling.keyboard.press("Enter")
    api.expect(dawdling.locator(ASKED)).to_have_text([HEADLINE, "Who spoke at the summit?"])
    api.expect(box).to_have_value("")


def test_a_question_typed_while_an_answer_comes_that_was_not_asked_in_the_box_is_kept(dawdling, model):
    dawdling.reload()
    dawdling.locator(".draft", has_text="The").wait_for()
    dawdling.locator("#question textarea").fill("Who spoke at the summit?")
    dawdling.keyboard.press("Enter")

    model.dawdle = False

    dawdling.locator(".badge.checked").wait_for()
    api.expect(dawdling.locator("#question textarea")).to_have_value("Who spoke at the summit?")
    api.expect(dawdling.locator(ASKED)).to_have_text([HEADLINE])


def test_a_dialog_that_is_closed_by_its_key_leaves_the_answer_to_be_written(dawdling, model):
    dawdling.locator("#keys").click()
    dawdling.locator("#reader dialog[open]").wait_for()
    dawdling.keyboard.press("Escape")
    dawdling.locator("#reader dialog[open]").wait_for(state="detached")

    model.dawdle = False

    dawdling.locator(".badge.checked").wait_for()


def test_what_says_why_there_is_no_answer_cannot_be_rated(dawdling):
    dawdling.locator(STOP).click()
    dawdling.locator("#chat .failure", has_text="Stopped.").wait_for()

    dawdling.get_by_role("button", name="Like", exact=True).click()

    dawdling.get_by_role("button", name="Liked").wait_for()
    assert dawdling.get_by_text("Something went wrong").count() == 0
    assert dawdling.locator("#comment").is_hidden()


def test_a_title_typed_while_an_answer_comes_is_kept(dawdling, model):
    dawdling.locator("#title input").fill("The summit")

    model.dawdle = False
    dawdling.locator(".badge.checked").wait_for()
    api.expect(dawdling.locator("#conversations label")).to_have_text([HEADLINE])

    api.expect(dawdling.locator("#title input")).to_have_value("The summit")


def test_a_reload_goes_on_with_the_answer_that_is_being_written(dawdling, model):
    dawdling.reload()

    dawdling.locator(".draft", has_text="The").wait_for()
    api.expect(dawdling.locator(ASKED)).to_have_text([HEADLINE])
    api.expect(dawdling.locator(STOP)).to_be_visible()
    assert not model.hung_up.is_set()
    model.dawdle = False
    dawdling.locator(".badge.checked").wait_for()
    assert dawdling.locator("#chat .bot-row").count() == 1
    dawdling.reload()
    dawdling.locator(".badge.checked").wait_for()


def test_stop_stops_after_a_reload_too_and_nothing_of_it_is_kept(dawdling, model):
    dawdling.reload()
    dawdling.locator(".draft", has_text="The").wait_for()

    dawdling.locator(STOP).click()

    dawdling.locator("#chat .failure", has_text="Stopped.").wait_for()
    assert model.hung_up.wait(60)
    model.dawdle = False
    dawdling.get_by_role("button", name="Retry").last.click()
    dawdling.locator(".badge.checked").wait_for()
    dawdling.reload()
    dawdling.locator(".badge.checked").wait_for()
    assert dawdling.locator("#chat .bot-row").count() == 1


def test_an_answer_is_made_while_another_conversation_is_open(dawdling, model):
    dawdling.locator("#new-chat").click()
    dawdling.locator("#chat .placeholder").wait_for()
    row = dawdling.locator("#conversations label", has_text=HEADLINE)
    api.expect(row).to_contain_text("Being answered")
    assert not model.hung_up.is_set()

    model.dawdle = False
    # Nobody reads along; the list gets to know by itself.
    api.expect(row).not_to_contain_text("Being answered")
    assert dawdling.locator("#chat .placeholder").is_visible()
    row.click()
    dawdling.locator(".badge.checked").wait_for()
    api.expect(dawdling.locator(ASKED)).to_have_text([HEADLINE])


def test_a_question_asked_anew_gives_way_to_it_after_a_reload_as_well(dawdling, model):
    model.dawdle = False
    dawdling.locator(".badge.checked").wait_for()
    model.dawdle = True
    dawdling.get_by_role("button", name="Retry").last.click()
    dawdling.locator(".draft", has_text="The").wait_for()

    dawdling.reload()

    dawdling.locator(".draft", has_text="The").wait_for()
    assert dawdling.locator("#chat .bot-row").count() == 1
    model.dawdle = False
    dawdling.locator(".badge.checked").wait_for()
    dawdling.reload()
    dawdling.locator(".badge.checked").wait_for()
    assert dawdling.locator("#chat .bot-row").count() == 1


def test_two_tabs_see_one_answer_and_either_stops_it(dawdling, model):
    other = dawdling.context.new_page()
    other.goto(dawdling.url)
    other.locator(".draft", has_text="The").wait_for()

    other.locator(STOP).click()

    other.locator("#chat .failure", has_text="Stopped.").wait_for()
    dawdling.locator("#chat .failure", has_text="Stopped.").wait_for()
    assert model.hung_up.wait(60)


def test_a_tab_shows_what_another_has_asked_when_it_is_turned_to(dawdling, ask, model):
    model.dawdle = False
    dawdling.locator(".badge.checked").wait_for()
    other = dawdling.context.new_page()
    other.goto(dawdling.url)
    other.locator(".badge.checked").wait_for()
    ask(other, "And where?")

    dawdling.evaluate("dispatchEvent(new Event('focus'))")

    api.expect(dawdling.locator(ASKED)).to_have_text([HEADLINE, "And where?"])
    dawdling.locator(".facts").nth(1).wait_for()
    assert dawdling.locator("#chat .bot-row").count() == 2


IMPATIENT = """
from assistant.cli.serve import main
from assistant.web import questions
questions.UNATTENDED_SECONDS = 0.5
main()
"""


def test_a_model_does_not_write_for_a_tab_that_was_closed(visit_at, serving, store, model, environment):
    model.words, model.dawdle = words(SAID), True
    model.hung_up.clear()
    options = {"environment": environment, "program": ("-c", IMPATIENT)}
    with serving(store, "--chat-model", "openai:m", **options) as running:
        page = visit_at(running.url)
        page.locator("#question textarea").fill(HEADLINE)
        page.keyboard.press("Enter")
        page.locator(".draft", has_text="The").wait_for()
        time.sleep(1)
        assert not model.hung_up.is_set()

        page.close()

        assert model.hung_up.wait(60)
    model.dawdle = False


# -- What the check dropped


def test_it_is_said_how_many_sentences_the_check_dropped_and_they_are_not_shown(visit, ask, model):
    invented = "It will cost 9 billion euros [1]. Paris will host it in 1999 [1]."
    model.words = words(f"{SAID} {invented}")
    page = visit()

    answer = ask(page, HEADLINE)

    assert answer.locator(".badge.checked").is_visible()
    assert answer.locator(".left-out").inner_text() == "Sentences of the chat model left out: 2."
    page.reload()
    page.locator(".left-out").wait_for()
    assert "Paris" not in page.content()

    model.words = words(invented)
    answer = ask(page, HEADLINE)
    assert answer.locator(".badge.quoted").is_visible()
    assert answer.locator(".left-out").inner_text().endswith(": 2.")
