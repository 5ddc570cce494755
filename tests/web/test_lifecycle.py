"""A server says when it is ready, and lets answers go on for a while when it is told to stop."""

import asyncio
import json
import re
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from assistant import Assistant
from assistant.conversation.history import Conversations
from assistant.web.basic_auth import hash_password
from assistant.web.context import Context
from assistant.web.lifecycle import Lifecycle, State
from assistant.web.limiter import ConcurrencyLimiter

pytestmark = pytest.mark.slow

HEADLINE = "when is the next CSTO summit?"
WORDS = "The next CSTO summit is on 11 November 2026 in Moscow [1].".split(" ")
PAUSE = 0.4


@pytest.fixture
def slow_model(world):
    """A provider whose model writes a word at a time."""

    def write(request):
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.end_headers()
        for number, word in enumerate(WORDS):
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                     "choices": [{"index": 0, "delta": {"content": word if number == 0 else f" {word}"},
                                  "finish_reason": None}]}  # fmt: skip
            request.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            request.wfile.flush()
            time.sleep(PAUSE)
        request.wfile.write(b"data: [DONE]\n\n")

    world.routes["/v1/chat/completions"] = write
    environment = {"ASSISTANT_CHAT_BASE_URL": f"{world.url}/v1", "ASSISTANT_CHAT_API_KEY": "key"}
    return ("--chat-model", "openai:m"), environment | {"ASSISTANT_TOOL_CALLS": "0"}


def wait_until_ready(url):
    end = time.monotonic() + 120
    seen = []
    while time.monotonic() < end:
        response = httpx2.get(f"{url}/ready", timeout=60)
        seen.append((response.status_code, response.json()["status"]))
        if response.status_code == 200:
            return seen
        time.sleep(0.05)
    raise AssertionError(f"the server did not become ready: {seen[-3:]}")


def test_a_server_is_ready_when_its_store_is_open_and_says_so_without_an_account(store, serving):
    with serving(store, "--auth", f"ali:{hash_password('open, sesame')}") as server:
        *before, last = wait_until_ready(server.url)
        assert last == (200, "ready")
        assert set(before) <= {(503, "starting")}
        assert httpx2.get(f"{server.url}/health").json()["status"] == "ok"
        assert httpx2.get(server.url).status_code == 401


def test_a_server_whose_store_cannot_be_read_is_not_ready(tmp_path):
    with Assistant(tmp_path / "none") as assistant:
        folder = tmp_path / "kept"
        folder.mkdir()
        context = Context(assistant, Conversations(folder), ConcurrencyLimiter(1, 1))
        lifecycle = Lifecycle(assistant, context)
        assert asyncio.run(lifecycle.state()) is State.STARTING
        lifecycle.warmed()
        assert asyncio.run(lifecycle.state()) is State.UNAVAILABLE
        assert asyncio.run(lifecycle.ready()).status_code == 503
        assistant.create()
        assert asyncio.run(lifecycle.state()) is State.READY


def asking(visitor, pool):
    """Ask, and return the chat that is to come once the model writes, and what was shown by then."""
    shown, writes = [], threading.Event()

    def ask():
        for values in visitor.follow("question", "submit", HEADLINE, None, {}):
            shown.append(json.dumps(values.get("chat"), ensure_ascii=False))
            if "next CSTO" in shown[-1].partition("assistant")[2]:
                writes.set()
        return shown[-1]

    going_on = pool.submit(ask)
    assert writes.wait(60)
    assert not going_on.done()
    return going_on


def test_told_to_stop_a_server_takes_nothing_new_and_ends_its_answers(store, serving, visitor_at, slow_model):
    options, environment = slow_model
    with serving(store, *options, "--drain", "60", environment=environment) as server, ThreadPoolExecutor() as pool:
        wait_until_ready(server.url)
        visitor = visitor_at(server.url)
        going_on = asking(visitor, pool)
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        address = ("127.0.0.1", int(re.search(r":(\d+)", server.url)[1]))
        while not going_on.done():
            try:
                socket.create_connection(address, 1).close()
            except OSError:
                break
            time.sleep(0.05)
        assert not going_on.done(), "connections were taken to the end"
        assert "Written by openai:m" in going_on.result(60)
        assert server.process.wait(30) == -signal.SIGTERM
        # It waits for answers, not for its time to be over.
        assert time.monotonic() - began < 40


def test_what_takes_longer_hears_a_last_word(store, serving, visitor_at, slow_model):
    options, environment = slow_model
    with serving(store, *options, "--drain", "1", environment=environment) as server, ThreadPoolExecutor() as pool:
        wait_until_ready(server.url)
        going_on = asking(visitor_at(server.url), pool)
        server.process.send_signal(signal.SIGTERM)
        assert "The server is stopping" in going_on.result(60)
        server.process.wait(30)


def test_a_second_signal_ends_the_wait(store, serving, visitor_at, slow_model):
    options, environment = slow_model
    with serving(store, *options, "--drain", "600", environment=environment) as server, ThreadPoolExecutor() as pool:
        wait_until_ready(server.url)
        going_on = asking(visitor_at(server.url), pool)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        assert "The server is stopping" in going_on.result(60)
        server.process.wait(30)
