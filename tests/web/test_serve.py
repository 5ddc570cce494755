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
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from assistant.errors import SettingsError
from assistant.web.basic_auth import CHECKED_AT_ONCE, WAITING, Account, BasicAuth, hash_password
from assistant.web.limits import MAX_BODY_BYTES
from assistant.web.page_json import language_name
from assistant.web.serve_options import ServeOptions

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


def answers(chat):
    return [text for role, text in chat if role == "assistant"]


# -- Conversations are their visitor's


def test_a_conversation_of_another_is_as_good_as_none(server, visitor, visitor_at):
    [answer] = answers(visitor.ask(HEADLINE))
    mine = visitor.conversation()
    turn = int(re.search(r"#source-(\d+)-1", answer)[1])
    article = re.search(
        r'data-article="([^"]+)"', visitor.call("sources", "cite", event_data={"turn": turn})["sources"]["html"]
    )[1]

    other = visitor_at(server.url)
    assert other.open(mine) == []
    assert any("belongs to another browser" in notice for notice in other.notices)
    assert other.conversation() == ""
    assert other.titles() == []
    assert other.get(f"/page/conversations/{mine}/export?form=md").status_code == 404
    for event, data in (
        ("cite", {"turn": turn}),
        ("read", {"turn": turn, "article": article, "start": 0, "end": 1}),
        ("version", {"turn": turn}),
    ):
        with pytest.raises(visitor.refused, match="That conversation is not there"):
            other.call("sources", event, None, event_data=data)
    # What they ask begins a conversation of their own.
    assert len(other.ask("and?")) == 2
    assert other.conversation() != mine
    assert len(visitor.open(mine)) == 2
    assert visitor.call("sources", "read", event_data={"turn": turn, "article": article, "start": 0, "end": 1})


def test_a_turn_that_is_asked_again_is_replaced_and_kept_as_a_version(visitor):
    visitor.ask(HEADLINE)
    first = visitor.ask("And where?")
    retry = {"index": 1, "value": first[0][1]}
    again = visitor.call("chat", "retry", None, {}, event_data=retry)

    document = visitor.get(f"/page/conversations/{visitor.conversation()}/export?form=json").json()
    assert [turn["question"] for turn in document] == [HEADLINE]
    assert again


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
    assert program.predict(limit=1, api_name="/articles_page") == [article]
    assert program.predict(limit=1, offset=1, api_name="/articles_page") == []


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
    "data",
    [
        ["why?"],
        [],
        [{"a": 1}, 0, "", ""],
        ["why?", [1], "", ""],
        ["why?", 1, ["ar"], ""],
        ["why?", 1, "", {"b": 2}],
        ["\ud800", 0, "", ""],
        [None, None, None, None],
        ["why?", 1e300, "", ""],
    ],
)
def test_a_call_that_lacks_values_is_told_so_and_is_no_fault_of_the_server(program, server, visitor, data):
    content = json.dumps({"data": data})
    headers = {"Content-Type": "application/json"}
    call = visitor.post("/gradio_api/call/ask", content=content, headers=headers).json()["event_id"]

    said = visitor.get(f"/gradio_api/call/ask/{call}").text

    assert said.startswith("event: error")
    assert "null" not in said
    assert "TypeError" not in said
    assert "Traceback" not in written_by(server)


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
    paths = ["/", "/page/conversations/x/export", "/page/static/page.js", "/config", "/gradio_api/info", "/mcp"]
    for path in paths:
        assert httpx2.get(guarded.url + path).status_code == 401, path
        assert httpx2.get(guarded.url + path, auth=("ali", "guess")).status_code == 401, path
        assert httpx2.get(guarded.url + path, auth=("mallory", PASSWORD)).status_code == 401, path
    assert httpx2.get(guarded.url + "/", auth=("ali", PASSWORD)).status_code == 200
    assert httpx2.get(guarded.url + "/health").json() == {"status": "ok", "store": "ok"}


def test_guessing_passwords_keeps_nobody_else_waiting():
    async def run():
        async def app(scope, receive, send):
            await PlainTextResponse("in")(scope, receive, send)

        guarded = BasicAuth(app, Account.parse(f"ali:{hash_password(PASSWORD)}"))
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
        timeout=180,
        check=False,
    )
    assert refused.returncode == 1
    assert "--auth" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_other_sites_cannot_act_for_a_visitor(server, visitor):
    join, upload = f"{server.url}/gradio_api/queue/join", f"{server.url}/gradio_api/upload"
    event = {"data": [HEADLINE, None, {}], "fn_index": visitor.event("question", "submit")["id"], "session_hash": "x"}
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    for origin, site in [
        ("https://evil.example", {}),
        ("http://localhost:3000", {}),
        ("http://localhost:3000", {"Sec-Fetch-Site": "same-site"}),
    ]:
        foreign = {"Cookie": cookies, "Origin": origin, **site}
        assert httpx2.post(join, json=event, headers=foreign).status_code == 403
        assert httpx2.post(upload, files={"files": ("a.txt", b"a")}, headers=foreign).status_code == 403
        asked = httpx2.request("OPTIONS", join, headers={**foreign, "Access-Control-Request-Method": "POST"})
        assert asked.status_code == 403
        assert "access-control-allow-origin" not in asked.headers
    assert visitor.post(join, json=event, headers={"Origin": server.url}).status_code == 200
    for site, mode, code in [
        ("cross-site", "no-cors", 403),
        ("same-site", "no-cors", 403),
        ("cross-site", "navigate", 200),
    ]:
        embedded = httpx2.get(f"{server.url}/config", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode})
        assert embedded.status_code == code
    rebound = httpx2.get(f"{server.url}/config", headers={"Host": "evil.example"})
    assert rebound.status_code == 400


def test_the_page_forbids_scripts_frames_and_fetches_from_elsewhere(server):
    first, second = httpx2.get(server.url), httpx2.get(server.url)
    policy = first.headers["content-security-policy"]

    for rule in (
        "default-src 'none'",
        "script-src 'self' 'nonce-",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
    ):
        assert rule in policy
    # Gradio makes functions of templates. No script but those that the server has written runs, each time anew.
    assert "script-src 'self' 'unsafe-inline'" not in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)[1]
    assert nonce not in second.text
    assert len(re.findall(r"<script[ >]", first.text)) == first.text.count(f'nonce="{nonce}"')


@pytest.mark.parametrize(
    "path", ["/health", "/config", "/nothing", "/gradio_api/info", "/theme.css", "/page/static/none"]
)
def test_every_path_has_a_policy_and_a_type_that_counts(server, path):
    headers = httpx2.get(server.url + path, timeout=60).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_browser_keeps_gradios_files_and_asks_anew_for_the_page(server):
    page = httpx2.get(server.url)
    assert page.headers["cache-control"] == "no-store"
    asset = re.search(r"assets/[\w.-]+\.js", page.text)[0]

    kept = httpx2.get(f"{server.url}/{asset}")
    assert "immutable" in kept.headers["cache-control"]
    assert "max-age=31536000" in kept.headers["cache-control"]
    missing = httpx2.get(f"{server.url}/assets/nothing.js")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers.get("cache-control", "")


@pytest.mark.parametrize(
    ("language", "direction", "title"), [("en", "ltr", "Article assistant"), ("ar", "rtl", "مساعد")]
)
def test_the_document_speaks_the_language_of_the_visitor_at_once(server, language, direction, title):
    page = httpx2.get(server.url, headers={"Accept-Language": f"{language};q=0.9"}).text

    assert f'<html lang="{language}" dir="{direction}"' in page
    assert f"<title>{title}" in page


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/file=/etc/passwd", "/gradio_api/stream/x", "/monitoring", "/gradio_api/runs", "/docs", "/login"],
)
def test_nothing_else_that_gradio_serves_is_reached(server, path):
    assert httpx2.get(server.url + path).status_code == 404
    assert httpx2.post(server.url + path).status_code == 404


# -- Many at once


def test_twenty_visitors_at_once_all_get_their_own_answer(server, visitor_at):
    questions = [HEADLINE, "Which Kyrgyz leader did Putin meet in Bishkek?"] * 10
    expected = [SUMMIT, "صادر جباروف"] * 10
    visitors = [visitor_at(server.url) for _ in questions]

    with ThreadPoolExecutor(20) as pool:
        chats = list(pool.map(lambda visitor, question: visitor.ask(question), visitors, questions))

    for question, chat, wanted in zip(questions, chats, expected, strict=True):
        assert len(chat) == 2
        assert chat[0] == ("user", question)
        assert wanted in chat[1][1]


def test_a_question_is_neither_empty_nor_too_long(visitor):
    assert visitor.call("question", "submit", " ", None, {}).get("chat") is None
    assert visitor.call("question", "submit", "x" * 2001, None, {}).get("chat") is None
    assert any("2001" in notice and "2000" in notice for notice in visitor.notices)
    assert visitor.titles() == []


@pytest.mark.parametrize(
    "preferences",
    [
        {"k": 0},
        {"k": 10**30},
        {"published_from": "yesterday"},
        {"unknown": 1},
        {"language": "x" * 100},
        {"articles": ["not", "a", "mapping"]},
        [],
        "nonsense",
    ],
)
def test_preferences_that_somebody_changed_in_the_browser_count_as_none(visitor, preferences):
    chat = said_in(visitor.call("question", "submit", HEADLINE, None, preferences))

    assert SUMMIT in chat


def said_in(shown):
    return json.dumps(shown["chat"], ensure_ascii=False)


@pytest.mark.parametrize(
    "content",
    [
        r'{"data": ["\ud800", null, {}], "fn_index": INDEX, "session_hash": "s"}',
        r'{"data": ["why?", null, {"model": "\ud800"}], "fn_index": INDEX, "session_hash": "s"}',
        r'{"data": ["why?"], "fn_index": INDEX, "session_hash": "s"}',
        r'{"data": [], "fn_index": INDEX, "session_hash": "s"}',
    ],
)
def test_what_is_no_text_or_lacks_values_is_refused_and_is_no_fault_of_the_server(server, visitor, content):
    written_by(server)
    index = visitor.event("question", "submit")["id"]
    content = content.replace("INDEX", str(index)).replace('"s"', f'"{visitor.session}"')
    joined = visitor.post("/gradio_api/queue/join", content=content, headers={"Content-Type": "application/json"})
    assert joined.status_code == 200

    with visitor.stream("GET", "/gradio_api/queue/data", params={"session_hash": visitor.session}) as response:
        *_, last = (json.loads(line[6:]) for line in response.iter_lines() if "process_completed" in line)

    assert last["success"] is False
    assert "Traceback" not in written_by(server)


def written_by(server):
    """Return what the server has written to its log since it was last looked at."""
    ready, _, _ = select.select([server.process.stderr], [], [], 0.2)
    return os.read(server.process.stderr.fileno(), 65536).decode() if ready else ""


@pytest.mark.parametrize("turn", [-1, 0, 2**63 - 1, 2**63, 10**30, "x", "\u0661", None, [], {}])
def test_turns_are_bounded(server, visitor, turn):
    written_by(server)
    for event in ("cite", "read", "version"):
        with pytest.raises(visitor.refused, match="That conversation is not there"):
            visitor.call("sources", event, None, event_data={"turn": turn, "article": "x", "start": turn, "end": turn})
    assert "Traceback" not in written_by(server)


def test_a_fault_of_ours_is_told_without_what_it_is_about(server, visitor):
    visitor.call("find", "change", "", None, None)
    # A row that is not there.
    with pytest.raises(visitor.refused, match="Something went wrong in the server, and its log says what"):
        visitor.call("articles", "select", None, event_data={"index": [99, 0], "value": ""})
    assert "IndexError" in written_by(server)


@pytest.mark.parametrize(
    "path", ["/page/x", "/gradio_api/call/ask", "/gradio_api/queue/join", "/gradio_api/run/predict"]
)
def test_a_large_request_is_refused_before_it_is_read(visitor, path):
    assert visitor.post(path, content=b'{"question": "' + b"x" * MAX_BODY_BYTES).status_code == 413
    # Without a length, as it arrives.
    endless = (b"x" * 1024 for _ in range(1024))
    assert visitor.post(path, content=endless).status_code == 413
    assert visitor.get("/health").status_code == 200


def test_a_chat_model_that_is_not_offered_is_refused(visitor):
    [said] = answers(visitor.ask("why?", model="local:/etc/passwd"))

    assert "That chat model is not ready" in said
    assert "/etc" not in said


def test_a_conversation_is_gone_on_with_from_another_tab(server, visitor, visitor_at):
    visitor.ask(HEADLINE)
    other = visitor_at(server.url, cookies=dict(visitor.cookies))
    assert [role for role, _ in other.open(visitor.conversation())] == ["user", "assistant"]
    other.ask("And where?")

    document = visitor.get(f"/page/conversations/{visitor.conversation()}/export?form=json").json()
    assert [turn["question"] for turn in document] == [HEADLINE, "And where?"]


def test_refusals_speak_the_language_of_the_page(server, visitor_at):
    visitor = visitor_at(server.url, headers={"Accept-Language": "ar"})
    assert "محادثة" in visitor.get("/page/conversations/x/export?form=md").json()["detail"]
    with pytest.raises(visitor.refused, match="محادثة"):
        visitor.call("sources", "cite", event_data={"turn": 1})


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


def test_the_end_does_not_wait_for_a_site_that_does_not_answer(tmp_path, serving, visitor_at):
    with (
        socket.create_server(("127.0.0.1", 0)) as site,
        serving(tmp_path / "store", environment=READING_FROM_HERE, program=("-c", PATIENT_SERVER)) as running,
        ThreadPoolExecutor(1) as pool,
    ):
        site.settimeout(60)
        visitor = visitor_at(running.url)
        shown = []
        reading = pool.submit(
            lambda: shown.extend(visitor.follow("url", "submit", f"http://127.0.0.1:{site.getsockname()[1]}/"))
        )
        connection, _ = site.accept()
        with connection:
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(timeout=60)
        with suppress(httpx2.HTTPError, visitor.refused):
            reading.result()
        assert "The server is stopping" in json.dumps(shown)
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


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("call/sources", {"data": ["x"]}),
        ("queue/join", {"data": [], "fn_index": 99_999, "session_hash": "a"}),
        ("queue/join", {"data": [], "fn_index": 10**30, "session_hash": "a"}),
        ("run/predict", {"data": []}),
        ("run/predict", {"data": [], "fn_index": -7, "session_hash": "a"}),
    ],
)
def test_an_endpoint_that_is_not_there_is_no_error_of_the_server(server, path, body):
    written_by(server)
    with httpx2.Client() as client:
        for _ in range(2):  # the connection holds
            answer = client.post(f"{server.url}/gradio_api/{path}", json=body)
            assert (answer.status_code, answer.json()) == (
                404,
                {"detail": "There is no such endpoint: see /gradio_api/info."},
            )
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Traceback" not in written_by(server)


def test_an_upload_without_a_name_is_refused(server):
    written_by(server)
    answer = httpx2.post(f"{server.url}/gradio_api/upload", files={"files": ("", b"The weir.")})
    assert answer.status_code == 400
    assert answer.json() == {"detail": "A file has no name: give it one."}
    assert "Traceback" not in written_by(server)
