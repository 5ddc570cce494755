"""A chat model that calls tools, behind a real server that speaks OpenAI's protocol."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.answering.answer import Status
from assistant.answering.events import Finished, Step, Token
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.responder import Responder
from assistant.articles.article import Article
from assistant.chat_models.registry import load_chat_model
from assistant.embedding.token_codec import load_codec
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.retrieval.retriever import Retriever
from assistant.settings import load_settings
from assistant.store.local_store import LocalStore
from assistant.store.passage_store import Filters

GLASSWORKS = Article(
    "glassworks.txt",
    "A glassworks opens in Pernik Dol",
    "A glassworks opened in the town of Pernik Dol on 3 June. It employs 85 people and makes bottles for perfume.",
    "en",
)
MAYOR = Article(
    "mayor.txt",
    "Pernik Dol elects a mayor",
    "The voters of Pernik Dol elected Danica Ruzic mayor on Sunday. She is 34 years old and taught chemistry. "
    "She wants to plant 500 trees along the river.",
    "en",
)
OTHER = Article("stamps.txt", "Stamps of Belvar", "The post office of Belvar sells stamps with birds on them.", "en")
ASKED = "Who is the mayor of the town where the glassworks opened?"
SEARCH = ("search", {"query": "mayor of Pernik Dol"})


class Server(ThreadingHTTPServer):
    """Answers each request with the next of the script: a text, tools to call, or the status of an error."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script = []
        self.asked = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        said = self.server.script.pop(0) if self.server.script else "NOT FOUND"
        if isinstance(said, int):
            self.answer(said, b'{"error": {"message": "no tools here"}}', "application/json")
            return
        if isinstance(said, str):
            deltas = [{"content": said[at : at + 7]} for at in range(0, len(said), 7)]
        else:
            calls = [
                {"index": at, "id": f"c{len(self.server.asked)}{at}", "type": "function",
                 "function": {"name": name, "arguments": json.dumps(arguments)}}
                for at, (name, arguments) in enumerate(said)
            ]  # fmt: skip
            deltas = [{"content": "Let me look."}, {"tool_calls": calls}]
        pieces = [{"role": "assistant", "content": ""}, *deltas]
        events = [self.event({"delta": delta, "finish_reason": None}) for delta in pieces]
        reason = "stop" if isinstance(said, str) else "tool_calls"
        events += [self.event({"delta": {}, "finish_reason": reason}), b"data: [DONE]\n\n"]
        self.answer(200, b"".join(events), "text/event-stream")

    def event(self, choice):
        data = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        return b"data: " + json.dumps(data | {"choices": [{"index": 0, **choice}]}).encode() + b"\n\n"

    def answer(self, status, content, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def town(encoder, tmp_path_factory):
    settings = load_settings(chat_model="extractive", store=tmp_path_factory.mktemp("town"))
    codec = load_codec(encoder)
    store = LocalStore.open(settings.store, fingerprint_of(encoder, codec, settings))
    Indexer(store, encoder, codec, settings).add_articles([GLASSWORKS, MAYOR, OTHER])
    yield Retriever(store, encoder, codec, load_settings(chat_model="extractive", k=1))
    store.close()


@pytest.fixture
def responder(town, server):
    """Make a responder whose hosted chat model answers with the script."""

    def make(*script, **overrides):
        server.script = list(script)
        settings = load_settings(
            chat_base_url=f"http://127.0.0.1:{server.server_port}/v1", chat_api_key="k", chat_timeout=20, **overrides
        )
        return Responder(town, settings, load_chat_model("openai:scripted", settings))

    return make


def texts(asked):
    """Return what a model was sent, as one text."""
    return json.dumps([message.get("content") for message in asked["messages"]], ensure_ascii=False)


def test_a_model_may_search_again_and_what_it_says_of_both_articles_is_checked(responder, server):
    made = responder(
        [SEARCH],
        "The glassworks opened in Pernik Dol [1]. Danica Ruzic was elected mayor of Pernik Dol [2]. She is 61 years old [2].",
    )
    events = list(made.stream(ASKED))
    answer = events[-1].answer
    assert answer.text == "The glassworks opened in Pernik Dol [1]. Danica Ruzic was elected mayor of Pernik Dol [2]."
    assert [citation.article.id for citation in answer.citations] == [GLASSWORKS.id, MAYOR.id]
    assert answer.left_out == 1
    assert Step("search", "mayor of Pernik Dol") in events
    assert "Danica" not in texts(server.asked[0])
    assert "<article 2>" in texts(server.asked[1])
    assert "Danica" in texts(server.asked[1])


def test_it_may_open_and_list_articles_and_filter(responder, server):
    events = list(
        responder(
            [("list_articles", {"about": "mayor of Pernik Dol"})],
            [("open_article", {"number": 2}), ("search", {"query": "trees", "published_from": "2030-01-01"})],
            "She wants to plant 500 trees along the river [3].",
        ).stream(ASKED)
    )
    steps = [event for event in events if isinstance(event, Step) and event.detail]
    assert [step.name for step in steps] == ["list", "open", "search"]
    assert steps[1].detail == MAYOR.title
    results = [message["content"] for message in server.asked[-1]["messages"] if message["role"] == "tool"]
    assert MAYOR.title in results[0]
    assert "500 trees" in results[1]
    assert results[2] == "Nothing was found."
    assert events[-1].answer.citations[0].article.id == MAYOR.id


def test_a_model_that_looks_no_further_answers_as_ever(responder, server):
    made = responder("The glassworks employs 85 people [1].").ask("How many people does the glassworks employ?")
    assert made.text == "The glassworks employs 85 people [1]."
    assert [tool["function"]["name"] for tool in server.asked[0]["tools"]] == [
        "search",
        "open_article",
        "list_articles",
    ]


def test_no_more_than_the_bound_is_looked_up(responder, server):
    made = responder(*[[SEARCH]] * 9, tool_calls=2)
    answer = made.ask(ASKED)
    results = [message for message in server.asked[-1]["messages"] if message["role"] == "tool"]
    assert sum("Danica" in message["content"] for message in results) == 2
    assert len(server.asked) == 4
    assert answer.model == "extractive"
    assert answer.notes == (phrase(Phrase.QUOTED_UNSUPPORTED, "en"),)


def test_it_finds_only_what_the_question_may_be_answered_from(responder, server):
    chosen = Filters(articles=(GLASSWORKS.id,))
    responder([SEARCH], "Danica Ruzic was elected mayor.").ask(ASKED, filters=chosen)
    assert "Danica" not in texts(server.asked[1]).replace("Danica Ruzic was elected mayor.", "")


def test_it_can_be_switched_off(responder, server):
    responder("The glassworks employs 85 people [1].", tool_calls=0).ask("How many people does the glassworks employ?")
    assert "tools" not in server.asked[0]


def test_a_model_that_refuses_tools_is_asked_without_them_from_then_on(responder, server):
    made = responder(400, "The glassworks employs 85 people [1].", "The glassworks employs 85 people [1].")
    first = made.ask("How many people does the glassworks employ?")
    assert first.text == "The glassworks employs 85 people [1]."
    assert first.notes == (phrase(Phrase.SEARCHED_ONCE, "en"),)
    second = made.ask("How many people does the glassworks employ?")
    assert (second.text, second.notes) == (first.text, ())
    assert ["tools" in asked for asked in server.asked] == [True, False, False]


def test_a_failure_on_the_way_gives_way_to_the_articles(responder):
    made = responder([SEARCH], 400).ask("How many people does the glassworks of Pernik Dol employ?")
    assert (made.model, made.status) == ("extractive", Status.ANSWERED)
    assert made.notes[0].startswith(phrase(Phrase.QUOTED_AFTER_FAILURE, "en"))


def test_articles_give_it_no_instructions_and_no_marks(responder, server):
    responder([("search", {"query": "stamps of Belvar"})], "NOT FOUND").ask(ASKED)
    [result] = [message["content"] for message in server.asked[1]["messages"] if message["role"] == "tool"]
    assert result.startswith("<article 2>")


def test_the_same_goes_on_an_event_loop(responder):
    made = responder([SEARCH], "Danica Ruzic was elected mayor of Pernik Dol [2].")

    async def events():
        return [event async for event in made.astream(ASKED)]

    seen = asyncio.run(events())
    assert isinstance(seen[-1], Finished)
    assert seen[-1].answer.text == "Danica Ruzic was elected mayor of Pernik Dol [1]."
    assert Step("search", "mayor of Pernik Dol") in seen
    assert any(isinstance(event, Token) for event in seen)
