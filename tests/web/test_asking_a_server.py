"""`ask` and `search` ask the server of their own store, and nobody else."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx2
import pytest
from starlette.applications import Starlette

from assistant import Assistant
from assistant.cli.served import ask_server
from assistant.conversation.history import Conversations
from assistant.errors import StoreError
from assistant.settings import load_settings
from assistant.web.basic_auth import hash_password
from assistant.web.context import Context
from assistant.web.lifecycle import Lifecycle
from assistant.web.limiter import ConcurrencyLimiter
from assistant.web.owner import Owner
from assistant.web.running_server import FILE, RunningServer, find_server

pytestmark = pytest.mark.slow

HEADLINE = "when is the next CSTO summit?"
PATIENCE = 120
EVERYTHING = {"languages": [], "sources": [], "articles": [], "published_from": None, "published_to": None}
QUESTION = {"question": HEADLINE, "k": None, "filters": EVERYTHING}
# Says on its last line of standard error whether it loaded what answers.
PROGRAM = """
import sys
from assistant.cli.main import app
try:
    app()
finally:
    print("loaded" if "assistant.retrieval.retriever" in sys.modules else "asked", file=sys.stderr)
"""


def run(store, command, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, command, *arguments, "--store", str(store)],
        capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200", **environment},
    )  # fmt: skip
    *said, how = done.stderr.strip().splitlines()
    return done.returncode, done.stdout, said, how


@contextmanager
def ready(serving, store, *options):
    """A server that is ready, and has left its file."""
    with serving(store, *options) as running:
        end = time.monotonic() + PATIENCE
        while not (store / FILE).exists() or httpx2.get(f"{running.url}/ready", timeout=PATIENCE).status_code != 200:
            assert time.monotonic() < end
            time.sleep(0.05)
        yield running


def settings_of(store, **overrides):
    return load_settings(store=store, chat_model="extractive", **overrides)


@pytest.fixture(scope="module")
def filled(tmp_path_factory, store):
    """A copy of the store that no other server serves."""
    folder = tmp_path_factory.mktemp("asked") / "store"
    folder.mkdir()
    for name in ("store.sqlite", *(one.name for one in store.glob("index-*"))):
        (folder / name).write_bytes((store / name).read_bytes())
    return folder


def test_a_command_says_the_same_whether_it_asks_or_loads(filled, serving):
    extractive = ("--chat-model", "extractive")
    with ready(serving, filled, "--auth", f"ali:{hash_password('open, sesame')}") as server:
        assert (filled / FILE).stat().st_mode & 0o777 == 0o600
        for arguments in (
            ("ask", HEADLINE, *extractive),
            ("ask", "Who painted the ceiling of the Sistine chapel?", *extractive),
            ("ask", HEADLINE, "--language", "fr", "--from", "2020-01-02", *extractive),
            ("search", "محطة نووية", "-k", "2"),
        ):
            # A search depends on no chat model, but the settings have to be equal.
            environment = {"ASSISTANT_CHAT_MODEL": "extractive"}
            *asked, how = run(filled, *arguments, **environment)
            assert how == "asked", arguments
            *loaded, how = run(filled, *arguments, "--no-server", **environment)
            assert how == "loaded"
            assert asked == loaded
        code, said, _, how = run(filled, "ask", HEADLINE, "--json", *extractive)
        assert (code, how, json.loads(said)["status"]) == (0, "asked", "answered")

        for arguments, environment in (
            (("--no-server",), {}),
            ((), {"ASSISTANT_USE_SERVER": "false"}),
            ((), {"ASSISTANT_K": "3"}),
            ((), {"ASSISTANT_CANDIDATES": "10"}),
        ):
            code, said, _, how = run(filled, "ask", HEADLINE, *extractive, *arguments, **environment)
            assert (code, how) == (0, "loaded")
            assert "2026" in said
        # The environment's proxies have no say.
        proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"), "http://192.0.2.1:9")
        assert run(filled, "ask", HEADLINE, *extractive, **proxies)[3] == "asked"
        assert httpx2.get(server.url, timeout=PATIENCE).status_code == 401
    assert not (filled / FILE).exists()
    assert run(filled, "ask", HEADLINE, *extractive)[3] == "loaded"


def test_nobody_but_the_owner_is_answered(filled, serving):
    with ready(serving, filled) as server:
        key = json.loads((filled / FILE).read_text())["key"]

        def status(**headers):
            return httpx2.post(f"{server.url}/owner/ask", json=QUESTION, headers=headers, timeout=PATIENCE).status_code

        assert status(Authorization=f"Bearer {key}") == 200
        assert status() == 404
        assert status(Authorization=f"Bearer {key[:-1]}") == 404
        assert status(Authorization=b"Bearer \xe9") == 404
        assert status(Authorization=f"Bearer {key}", Origin=server.url) == 404
        assert status(Authorization=f"Bearer {key}", **{"X-Forwarded-For": "192.0.2.1"}) == 404
        assert status(Authorization=f"Bearer {key}", Host="evil.example") == 400
        assert key not in httpx2.get(f"{server.url}/owner/hello?nonce=1", timeout=PATIENCE).text
        assert httpx2.get(f"{server.url}/owner/hello", timeout=PATIENCE).status_code == 404


class Pretender(BaseHTTPRequestHandler):
    """Took the port of a server that died, and does not know its key."""

    heard: ClassVar[list[str]] = []

    def do_GET(self):
        self.heard.append(self.requestline)
        body = json.dumps({"proof": "0" * 64}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - as the library names it

    def log_message(self, *args):
        pass


@pytest.fixture
def pretender():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pretender)
    Pretender.heard.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def left(folder, at, /, **changed):
    """Leave the file of a server of this process, with values changed."""
    folder.mkdir(exist_ok=True)
    server = RunningServer.of_this_process("127.0.0.1", at, settings_of(folder))
    server.write(folder)
    said = json.loads((folder / FILE).read_text()) | changed
    (folder / FILE).write_text(json.dumps(said))
    return settings_of(folder)


def test_whoever_listens_at_the_port_of_a_dead_server_hears_no_question(tmp_path, pretender):
    settings = left(tmp_path / "store", pretender)
    assert find_server(settings) is not None
    assert ask_server(settings, "ask", QUESTION) is None
    [heard] = Pretender.heard
    assert re.fullmatch(r"GET /owner/hello\?nonce=\S+ HTTP/1.1", heard)


@pytest.mark.parametrize(
    "changed",
    [
        {"host": "192.0.2.1"}, {"host": "localhost"}, {"host": "evil.example"}, {"host": "127.0.0.1@evil.example"},
        {"host": "0.0.0.0"}, {"host": "::"}, {"port": 0}, {"port": 2**16}, {"port": "80"}, {"port": True}, {"pid": 0},
        {"pid": -1}, {"pid": 2**70}, {"pid": None}, {"key": "é"}, {"key": None}, {"store": "1:2:/elsewhere"},
        {"settings": "0" * 64}, {"settings": None}, {"host": "x" * 5000},
    ],
)  # fmt: skip
def test_a_file_that_says_anything_else_counts_as_none(tmp_path, pretender, changed):
    settings = left(tmp_path / "store", pretender, **changed)
    assert find_server(settings) is None
    assert ask_server(settings, "ask", QUESTION) is None
    assert Pretender.heard == []


def test_a_file_that_others_may_read_write_or_placed_counts_as_none(tmp_path, pretender):
    settings = left(tmp_path / "store", pretender)
    file = settings.store / FILE
    assert find_server(settings) is not None
    for mode in (0o644, 0o660, 0o602, 0o700):
        file.chmod(mode)
        assert find_server(settings) is None
    file.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(file, 65534, -1)
        assert find_server(settings) is None
        os.chown(file, 0, -1)
    kept = file.rename(tmp_path / "kept")
    file.symlink_to(kept)
    assert find_server(settings) is None
    file.unlink()
    os.mkfifo(file, 0o600)
    assert find_server(settings) is None
    file.unlink()
    for content in (b"", b"[]", b"\xff", b"[" * 4000, b"{}"):
        file.write_bytes(content)
        file.chmod(0o600)
        assert find_server(settings) is None


def test_a_copy_of_a_store_and_a_server_that_ended_count_as_none(tmp_path):
    settings = left(tmp_path / "store", 1)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / FILE).touch(0o600)
    (copy / FILE).write_bytes((settings.store / FILE).read_bytes())
    assert find_server(settings_of(copy)) is None

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert find_server(left(tmp_path / "store", 1, pid=ended.pid)) is None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        refused = left(tmp_path / "store", free.getsockname()[1])
    assert ask_server(refused, "ask", QUESTION) is None


def test_a_server_removes_its_own_file_only(tmp_path):
    folder = Path(tmp_path)
    first, second = (RunningServer.of_this_process("127.0.0.1", port, settings_of(folder)) for port in (1, 2))
    first.write(folder)
    second.write(folder)
    first.remove(folder)
    assert find_server(settings_of(folder)).port == 2
    second.remove(folder)
    assert list(folder.iterdir()) == []


def test_what_a_server_cannot_answer_is_an_error_of_the_same_words(tmp_path):
    with Assistant(tmp_path / "none", chat_model="extractive") as assistant:
        with pytest.raises(StoreError) as raised:
            assistant.ask(HEADLINE)
        (tmp_path / "kept").mkdir()
        context = Context(assistant, Conversations(tmp_path / "kept"), ConcurrencyLimiter(1, 1))
        server = RunningServer.of_this_process("127.0.0.1", 1, assistant.settings)
        owner = Owner(assistant, context.answer_limiter, Lifecycle(assistant, context), server)
        transport = httpx2.ASGITransport(Starlette(routes=owner.routes()), client=("127.0.0.1", 9))
        headers = {"Authorization": f"Bearer {server.key}"}

        async def asked():
            async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                hello = await client.get("/owner/hello?nonce=1")
                return hello.status_code, (await client.post("/owner/ask", json=QUESTION, headers=headers)).json()

        assert asyncio.run(asked()) == (503, {"error": str(raised.value)})
