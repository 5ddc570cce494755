"""What leaves the machine: nothing that a setting does not name, watched from outside the process."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
from gradio_client import Client

pytestmark = pytest.mark.slow

SEEDS = Path(__file__).parents[1] / "seeds"
PATIENCE = 120
QUESTION = "when is the next CSTO summit?"
CALLS = "connect,sendto,sendmsg,sendmmsg"
CONTACTED = re.compile(r"sa_family=AF_INET6?\b.*?(?:inet_addr\(\"|inet_pton\(AF_INET6, \")([^\"]+)")


@pytest.fixture
def home(tmp_path):
    """A user's home, where libraries would keep what they mean to send, without what CI sets to silence them."""
    silencing = (
        "CI",
        "GITHUB_ACTIONS",
        "TF_BUILD",
        "ORT_DISABLE_TELEMETRY",
        "GRADIO_ANALYTICS_ENABLED",
        "DO_NOT_TRACK",
    )
    kept = {name: value for name, value in os.environ.items() if name not in silencing}
    cache = os.environ.get("ASSISTANT_CACHE") or str(Path.home() / ".cache" / "article-assistant")
    folder = tmp_path / "home"
    folder.mkdir()
    return folder, kept | {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / ".cache"), "ASSISTANT_CACHE": cache}


def contacted(trace):
    """Return the addresses beyond this machine that a process and its children spoke to."""
    return {one for one in CONTACTED.findall(trace.read_text()) if one not in ("127.0.0.1", "::1", "0.0.0.0", "::")}


@pytest.fixture
def strace(tmp_path):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    command = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", f"trace={CALLS}", "-o", str(trace)]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here")
    return command, trace


def test_the_watch_sees_who_is_spoken_to(strace):
    command, trace = strace
    speak = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    subprocess.run([*command, sys.executable, "-c", speak], check=True)
    assert contacted(trace) == {"192.0.2.1"}


def test_indexing_and_asking_speak_to_nobody_and_keep_nothing_to_send(home, strace, tmp_path, encoder):
    del encoder
    folder, environment = home
    command, trace = strace
    program = [*command, sys.executable, "-m", "assistant"]
    for arguments in (["sync", str(SEEDS)], ["ask", QUESTION, "--chat-model", "extractive"]):
        done = subprocess.run(
            [*program, *arguments, "--store", str(tmp_path / "store")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert contacted(trace) == set()
    assert [file for file in folder.rglob("*") if file.is_file()] == []


def test_a_served_page_speaks_to_nobody(home, strace, tmp_path, encoder):
    del encoder
    folder, environment = home
    command, trace = strace
    store = tmp_path / "store"
    subprocess.run(
        [sys.executable, "-m", "assistant", "sync", str(SEEDS), "--store", str(store)], env=environment, check=True
    )
    serving = [*command, sys.executable, "-m", "assistant", "serve", "--store", str(store), "--port", "0",
               "--chat-model", "extractive"]  # fmt: skip
    with subprocess.Popen(
        serving, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            url = next(found[0] for line in process.stderr if (found := re.search(r"http://[\d.:]+", line)))
            threading.Thread(target=process.stderr.read, daemon=True).start()
            _wait_for(url)
            assert "2026" in json.dumps(
                Client(url, verbose=False, httpx_kwargs={"timeout": PATIENCE}).predict(QUESTION, api_name="/ask")
            )
        finally:
            # The server, not only strace, which would leave it running.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)
    assert contacted(trace) == set()
    assert [file for file in folder.rglob("*") if file.is_file() and "onnxruntime" in str(file)] == []


class _LangSmith(BaseHTTPRequestHandler):
    """Takes traces, and plays the chat model."""

    def do_GET(self):
        self._say({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, body))
        choice = {"index": 0, "message": {"role": "assistant", "content": "Nothing."}, "finish_reason": "stop"}
        self._say({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})

    def _say(self, said):
        content = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("allowed", [False, True])
def test_passages_are_traced_only_where_the_setting_allows_it(allowed, tmp_path, encoder):
    del encoder
    script = f"""
from langchain_openai import ChatOpenAI
from assistant import Assistant
with Assistant({str(tmp_path / "store")!r}, chat_model="openai:m") as assistant:
    assistant.sync({str(SEEDS)!r})
    assistant.ask({QUESTION!r})
    print(assistant.status().is_traced)
from langchain_core.tracers.langchain import wait_for_all_tracers
wait_for_all_tracers()
"""
    with ThreadingHTTPServer(("127.0.0.1", 0), _LangSmith) as server:
        server.seen = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        environment = os.environ | {
            "LANGSMITH_TRACING": "true",
            "LANGCHAIN_TRACING_V2": "true",
            "LANGSMITH_ENDPOINT": f"{url}/langsmith",
            "LANGSMITH_API_KEY": "key",
            "ASSISTANT_CHAT_BASE_URL": f"{url}/v1",
            "ASSISTANT_CHAT_API_KEY": "key",
            "ASSISTANT_ALLOW_TRACING": str(allowed),
        }
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(allowed)
    paths = [path for path, _ in server.seen]
    assert any(path.startswith("/v1") for path in paths)
    assert any(path.startswith("/langsmith") for path in paths) == allowed


def _wait_for(url):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if httpx2.get(f"{url}/health", timeout=5).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.2)
    raise AssertionError("the server did not come up")
