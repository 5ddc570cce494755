"""Serving: endpoints for programs, MCP, access, health, limits and a clean end, over real connections."""

import asyncio
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from assistant.errors import SettingsError
from assistant.web.access import CHECKED_AT_ONCE, WAITING, Account, RequireAccount, hash_password
from assistant.web.limits import MAX_BODY_BYTES
from assistant.web.page_json import language_name
from assistant.web.serve import ServeOptions

pytestmark = pytest.mark.slow

HEADLINE = "when is the next CSTO summit?"
SUMMIT = "11 نوفمبر 2026"
ROOT = Path(__file__).parents[2]
PASSWORD = "open, sesame"


@pytest.fixture(scope="module")
def guarded(store, serving):
    """A server with an account and MCP tools, behind a proxy."""
    options = ["--auth", f"ali:{hash_password(PASSWORD)}", "--mcp", "--root-path", "/articles"]
    with serving(store, *options) as running:
        yield running


def events(client, **question):
    with client.stream("POST", "/page/ask", json=question) as response:
        assert response.status_code == 200, response.read()
        return [json.loads(line) for line in response.iter_lines()]


# -- Questions that may not be asked


def test_a_question_in_anothers_conversation_is_refused_before_it_is_answered(server, visitor):
    conversation = "a" * 32
    question = {"question": HEADLINE, "conversation": conversation, "begins": True}
    events(visitor, **question)
    with httpx2.Client(base_url=server.url, headers={"X-Assistant-Page": "1"}, timeout=60) as other:
        other.get("/")
        assert other.post("/page/ask", json=question).status_code == 404
    visitor.delete(f"/page/conversations/{conversation}")


def test_a_turn_is_replaced_once(visitor):
    conversation = "b" * 32
    question = {"question": HEADLINE, "conversation": conversation, "begins": True}
    first = events(visitor, **question)[-1]["turn"]["id"]
    newer = events(visitor, **question, replaces=first)[-1]["turn"]["id"]

    assert visitor.post("/page/ask", json={**question, "replaces": first}).status_code == 409

    kept = visitor.get(f"/page/conversations/{conversation}").json()["turns"]
    assert [turn["id"] for turn in kept] == [newer]
    visitor.delete(f"/page/conversations/{conversation}")


def test_an_unknown_language_is_called_so():
    assert language_name("und", "en") == "Unknown"
    assert language_name("und", "ar") == "غير معروفة"


# -- Endpoints for programs


@pytest.fixture(scope="module")
def program(server):
    client = pytest.importorskip("gradio_client", reason="needs the package gradio_client")
    return client.Client(server.url, verbose=False, analytics_enabled=False)


def test_gradio_client_asks_searches_and_lists(program):
    answer = program.predict(HEADLINE, api_name="/ask")
    assert answer["status"] == "answered"
    assert SUMMIT in answer["citations"][0]["quote"]

    found = program.predict(question="محطة نووية", k=2, language="ar", api_name="/search")
    assert [hit["rank"] for hit in found["hits"]] == [1, 2]

    [article] = program.predict(api_name="/articles")
    for source in (answer["citations"][0]["article"], found["hits"][0]["article"], article):
        assert "/" not in source["source"]
    assert article["language"] == "ar"
    assert program.predict(language="en", api_name="/articles") == []


def test_a_source_is_found_by_what_programs_are_shown_of_it(program, server):
    [article] = program.predict(api_name="/articles")
    source = article["source"]

    for beginning in (source, source[:6]):
        assert program.predict(source=beginning, api_name="/articles") == [article]
        assert program.predict(HEADLINE, source=beginning, api_name="/ask")["status"] == "answered"
        assert program.predict(HEADLINE, source=beginning, api_name="/search")["hits"]
    assert program.predict(source=source, language="en", api_name="/articles") == []
    # The server's folders are nobody's to guess at.
    for folder in (str(ROOT), str(ROOT / "seeds")):
        with pytest.raises(Exception, match="No article has a source that begins with"):
            program.predict(HEADLINE, source=folder, api_name="/search")


@pytest.mark.parametrize(
    ("arguments", "reason"), [({"question": " "}, "empty"), ({"question": "why?", "k": 1000}, "1000")]
)
def test_an_endpoint_says_what_is_wrong(program, arguments, reason):
    with pytest.raises(Exception, match=reason):
        program.predict(api_name="/ask", **arguments)


@pytest.mark.parametrize(
    "data", [["why?"], [], ["\ud800", 0, "", ""], [None, None, None, None], ["why?", 1e300, "", ""]]
)
def test_a_call_that_lacks_values_is_told_so_and_is_no_fault_of_the_server(program, server, visitor, data):
    content = json.dumps({"data": data})
    headers = {"Content-Type": "application/json"}
    call = visitor.post("/gradio_api/call/ask", content=content, headers=headers).json()["event_id"]

    said = visitor.get(f"/gradio_api/call/ask/{call}").text

    assert said.startswith("event: error")
    assert "null" not in said
    ready, _, _ = select.select([server.process.stderr], [], [], 0.2)
    written = os.read(server.process.stderr.fileno(), 65536) if ready else b""
    assert b"Traceback" not in written


def test_an_mcp_client_uses_the_tools(guarded):
    pytest.importorskip("mcp", reason="needs the package mcp")
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async def use():
        async with (
            httpx2.AsyncClient(auth=("ali", PASSWORD), timeout=60) as http,
            Client(streamable_http_client(f"{guarded.url}/mcp", http_client=http)) as client,
        ):
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"ask", "search", "articles"}
            assert "question" in tools["ask"].input_schema["properties"]
            answer = await client.call_tool("ask", {"question": HEADLINE})
            refused = [
                await client.call_tool(tool, arguments)
                for tool in ("ask", "search")
                for arguments in ({"question": " "}, {"question": "x" * 2001}, {"question": "why?", "k": 101})
            ]
            return answer, refused

    answer, refused = asyncio.run(use())
    assert SUMMIT in answer.structured_content["citations"][0]["quote"]
    assert "/" not in answer.structured_content["citations"][0]["article"]["source"]
    assert all(result.is_error for result in refused)
    for result, reason in zip(refused, ["empty", "2000", "101"] * 2, strict=True):
        assert reason in result.content[0].text


# -- Who may come in


def test_nobody_comes_in_without_the_account(guarded):
    paths = ["/", "/page/articles", "/page/static/main.js", "/config", "/gradio_api/info", "/mcp"]
    for path in paths:
        assert httpx2.get(guarded.url + path).status_code == 401, path
        assert httpx2.get(guarded.url + path, auth=("ali", "guess")).status_code == 401, path
        assert httpx2.get(guarded.url + path, auth=("mallory", PASSWORD)).status_code == 401, path
    assert httpx2.get(guarded.url + "/", auth=("ali", PASSWORD)).status_code == 200
    assert httpx2.get(guarded.url + "/health").json() == {"status": "ok"}


def test_guessing_passwords_keeps_nobody_else_waiting():
    async def run():
        async def app(scope, receive, send):
            await PlainTextResponse("in")(scope, receive, send)

        guarded = RequireAccount(app, Account.parse(f"ali:{hash_password(PASSWORD)}"))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(guarded), base_url="http://here") as client:
            assert (await client.get("/", auth=("ali", PASSWORD))).text == "in"
            guesses = [asyncio.create_task(client.get("/", auth=("ali", f"guess {n}"))) for n in range(32)]
            await asyncio.sleep(0)
            insiders = [await client.get("/", auth=("ali", PASSWORD)), await client.get("/health")]
            assert not all(guess.done() for guess in guesses)
            return insiders, [guess.status_code for guess in await asyncio.gather(*guesses)]

    insiders, codes = asyncio.run(run())
    assert [response.text for response in insiders] == ["in", "in"]
    assert set(codes) == {401, 503}
    assert codes.count(401) == CHECKED_AT_ONCE + WAITING


@pytest.mark.parametrize("auth", ["ali:plain-password", "ali", ":scrypt.00.00", "ali:scrypt.zz.00", "ali:md5.00.00"])
def test_a_password_in_place_of_its_hash_is_refused(auth):
    with pytest.raises(SettingsError, match="--hash-password"):
        Account.parse(auth)


def test_an_address_for_others_needs_an_account_or_a_word(tmp_path):
    with pytest.raises(SettingsError, match="--no-auth"):
        ServeOptions(host="0.0.0.0").account()
    assert ServeOptions(host="0.0.0.0", no_auth=True).account() is None

    refused = subprocess.run(
        [sys.executable, "app.py", "--store", str(tmp_path), "--host", "0.0.0.0", "--port", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert "--auth" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_other_sites_cannot_act_for_a_visitor(server, visitor):
    forged = httpx2.post(
        f"{server.url}/page/ask",
        json={"question": HEADLINE},
        cookies=dict(visitor.cookies),
        headers={"Origin": "https://evil.example"},
    )
    assert forged.status_code == 403
    for origin, site in [("http://localhost:3000", {}), ("http://localhost:3000", {"Sec-Fetch-Site": "same-site"})]:
        foreign = {"Origin": origin, **site}
        asked = httpx2.request(
            "OPTIONS",
            f"{server.url}/page/articles/x",
            headers={**foreign, "Access-Control-Request-Method": "DELETE"},
        )
        assert asked.status_code == 403
        assert "access-control-allow-origin" not in asked.headers
        assert visitor.delete("/page/articles/x", headers=foreign).status_code == 403
    assert visitor.delete("/page/articles/x", headers={"Origin": server.url}).status_code == 404
    rebound = httpx2.get(f"{server.url}/page/articles", headers={"Host": "evil.example"})
    assert rebound.status_code == 400


def test_the_page_forbids_scripts_frames_and_fetches_from_elsewhere(server):
    policy = httpx2.get(server.url).headers["content-security-policy"]

    for rule in ("default-src 'none'", "script-src 'self'", "img-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/file=/etc/passwd", "/gradio_api/upload", "/monitoring", "/gradio_api/runs", "/docs", "/theme.css"],
)
def test_nothing_else_that_gradio_serves_is_reached(server, path):
    assert httpx2.get(server.url + path).status_code == 404
    assert httpx2.post(server.url + path).status_code == 404


# -- Many at once


def test_twenty_visitors_at_once_all_get_their_own_answer(server):
    questions = [HEADLINE, "Which Kyrgyz leader did Putin meet in Bishkek?"] * 10
    expected = [SUMMIT, "صادر جباروف"] * 10

    def visit(question):
        with httpx2.Client(base_url=server.url, headers={"X-Assistant-Page": "1"}, timeout=60) as client:
            client.get("/")
            return events(client, question=question)[-1]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(visit, questions))

    for question, answer, wanted in zip(questions, answers, expected, strict=True):
        assert answer["type"] == "finished", answer
        assert answer["turn"]["question"] == question
        assert wanted in json.dumps(answer["turn"]["sources"], ensure_ascii=False)


@pytest.mark.parametrize(
    "question",
    [
        {"question": ""},
        {"question": "x" * 2001},
        {"question": "why?", "k": 0},
        {"question": "why?", "published_from": "yesterday"},
        {"question": "why?", "unknown": 1},
    ],
)
def test_a_malformed_question_is_refused(visitor, question):
    assert visitor.post("/page/ask", json=question).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        '{"question": "why?", "conversation": "../../x"}',
        r'{"question": "\ud800"}',
        '{"question": NaN}',
        '{"question": "why?", "replaces": 99999999999999999999999}',
        r'{"question": "why?", "conversation": "\ud800"}',
        r'{"question": "why?", "model": "\ud800"}',
        r'{"question": "why?", "language": "\ud800"}',
        r'{"question": "why?", "\ud800": 1}',
    ],
)
def test_what_is_no_text_or_no_number_of_ours_is_refused(visitor, body):
    refused = visitor.post("/page/ask", content=body, headers={"Content-Type": "application/json"})

    assert refused.status_code == 422
    assert refused.json()["detail"][0]["msg"]
    assert "input" not in refused.json()["detail"][0]


def test_titles_comments_and_turns_are_bounded(visitor):
    as_json = {"Content-Type": "application/json"}
    title, comment = r'{"title": "\ud800"}', r'{"rating": 1, "comment": "\ud800"}'
    assert visitor.patch("/page/conversations/x", content=title, headers=as_json).status_code == 422
    assert visitor.post("/page/turns/1/feedback", content=comment, headers=as_json).status_code == 422
    assert visitor.post(f"/page/turns/{2**63}/feedback", json={"rating": 1}).status_code == 422
    assert visitor.get(f"/page/turns/{2**63}/articles/x").status_code == 422
    assert visitor.get(f"/page/turns/{2**63 - 1}/articles/x").status_code == 404


@pytest.mark.parametrize("path", ["/page/ask", "/gradio_api/call/ask", "/gradio_api/queue/join"])
def test_a_large_request_is_refused_before_it_is_read(visitor, path):
    assert visitor.post(path, content=b'{"question": "' + b"x" * MAX_BODY_BYTES).status_code == 413
    # Without a length, as it arrives.
    endless = (b"x" * 1024 for _ in range(1024))
    assert visitor.post(path, content=endless).status_code == 413
    assert visitor.get("/health").status_code == 200


def test_a_chat_model_that_is_not_offered_is_refused(visitor):
    conversation = "c" * 32
    asked = {"question": "why?", "conversation": conversation, "begins": True}
    last = events(visitor, **asked, model="local:/etc/passwd")[-1]

    assert last["type"] == "error"
    assert "/etc" not in last["message"]
    # It can be asked again, also by who has not seen it fail.
    found = visitor.get(f"/page/conversations/{conversation}").json()
    assert found["unanswered"] == {"question": "why?", "reason": last["message"]}
    assert found["turns"] == []
    assert events(visitor, **asked)[-1]["type"] == "finished"
    assert visitor.get(f"/page/conversations/{conversation}").json()["unanswered"] is None
    visitor.delete(f"/page/conversations/{conversation}")


def test_the_page_names_the_conversation_that_it_begins(visitor):
    name = "0123456789abcdef" * 2
    assert visitor.post("/page/ask", json={"question": HEADLINE, "conversation": name}).status_code == 404
    assert events(visitor, question=HEADLINE, conversation=name, begins=True)[-1]["conversation"] == name
    events(visitor, question="And where?", conversation=name)

    document = visitor.get(f"/page/conversations/{name}").json()
    assert [turn["question"] for turn in document["turns"]] == [HEADLINE, "And where?"]
    assert document["asking"] is None
    for waiting in (visitor.get, visitor.delete):
        assert waiting(f"/page/conversations/{name}/answer").status_code == 404


def test_refusals_speak_the_language_of_the_page(visitor):
    arabic = {"Accept-Language": "ar"}
    assert "محادثة" in visitor.get("/page/conversations/x", headers=arabic).json()["detail"]
    assert visitor.post("/page/ask", json={"question": " "}, headers=arabic).json()["detail"] == "السؤال فارغ."


def test_a_conversation_of_another_is_as_good_as_none(server, visitor):
    mine = events(visitor, question=HEADLINE)[-1]

    with httpx2.Client(base_url=server.url, headers={"X-Assistant-Page": "1"}) as other:
        other.get("/")
        theirs = f"/page/conversations/{mine['conversation']}"
        turn = mine["turn"]["id"]
        article = mine["turn"]["sources"][0]["article"]["id"]
        assert other.get(theirs).status_code == 404
        assert other.get(f"{theirs}/export?form=md").status_code == 404
        assert other.delete(theirs).status_code == 404
        assert other.patch(theirs, json={"title": "taken"}).status_code == 404
        assert other.post(f"/page/turns/{turn}/feedback", json={"rating": 1}).status_code == 404
        assert other.get(f"/page/turns/{turn}/articles/{article}").status_code == 404
        for begins in (False, True):
            asked = {"question": "and?", "conversation": mine["conversation"], "begins": begins}
            assert other.post("/page/ask", json=asked).status_code == 404
        assert other.delete(f"{theirs}/answer").status_code == 404


# -- The end


# The page reads nothing from this machine unless its owner lets it.
READING_FROM_HERE = {"ASSISTANT_ALLOW_PRIVATE_ADDRESSES": "true"}
# It would wait for a site longer than the test waits for its end.
PATIENT_SERVER = """
from assistant.articles import web
from assistant.cli.serve import main
web.SILENCE_SECONDS = web.TOTAL_SECONDS = 600
main()
"""


def test_the_end_does_not_wait_for_a_site_that_does_not_answer(tmp_path, serving):
    with (
        socket.create_server(("127.0.0.1", 0)) as site,
        serving(tmp_path / "store", environment=READING_FROM_HERE, program=("-c", PATIENT_SERVER)) as running,
        ThreadPoolExecutor(1) as pool,
    ):
        site.settimeout(60)
        headers = {"X-Assistant-Page": "1", "Cookie": "assistant_visitor=x"}
        address = {"url": f"http://127.0.0.1:{site.getsockname()[1]}/"}
        added = pool.submit(
            httpx2.post, f"{running.url}/page/articles/url", json=address, headers=headers, timeout=120, trust_env=False
        )
        connection, _ = site.accept()
        with connection:
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(timeout=60)
        assert "The server is stopping" in added.result().text
        assert "Traceback" not in running.process.stderr.read()


# -- Behind a proxy


def test_a_proxy_may_publish_the_page_under_a_path_and_name_of_its_own(guarded):
    page = httpx2.get(guarded.url, auth=("ali", PASSWORD), headers={"Host": "proxy.example"})

    assert page.status_code == 200
    # All addresses are relative, so that they stay below the path.
    for address in re.findall(r'(?:href|src)="([^"]+)"', page.text):
        assert not address.startswith(("/", "http")), address
    config = httpx2.get(guarded.url + "/config", auth=("ali", PASSWORD)).json()
    assert config["root"].endswith("/articles")
