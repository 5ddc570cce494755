"""A server answers from the moment that it listens, long before its libraries and models are there."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATIENCE = 120
BROWSER = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "ar-EG,ar;q=0.9"}


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@contextmanager
def starting(store, *options, **environment):
    """Start a server, and give it and its address as soon as a connection is taken."""
    port = free_port()
    command = [sys.executable, "app.py", "--store", str(store), "--chat-model", "extractive", "--port", str(port)]
    process = subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        # A shell's background job ignores it, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no other thread runs it
    )
    try:
        end = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.005)
            else:
                break
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        process.stderr.close()


def test_a_server_that_loads_says_so_and_loses_no_request(store):
    with starting(store) as (process, url), ThreadPoolExecutor() as pool:
        health, ready = httpx2.get(f"{url}/health", timeout=PATIENCE), httpx2.get(f"{url}/ready", timeout=PATIENCE)
        assert (health.status_code, health.json()) == (200, {"status": "starting"})
        assert (ready.status_code, ready.json()) == (503, {"status": "starting"})

        page = httpx2.get(url, headers=BROWSER, timeout=PATIENCE)
        assert page.status_code == 503
        assert int(page.headers["retry-after"]) > 0
        assert '<html lang="ar" dir="rtl">' in page.text
        assert "يبدأ التشغيل" in page.text
        assert 'http-equiv="refresh"' in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "Starting" in httpx2.get(f"{url}/?lang=en", headers=BROWSER, timeout=PATIENCE).text

        # Those who are not shown that page wait: programs, and visitors who come through a proxy.
        config = pool.submit(httpx2.get, f"{url}/config", timeout=PATIENCE)
        proxied = pool.submit(httpx2.get, url, headers={**BROWSER, "X-Forwarded-For": "192.0.2.7"}, timeout=PATIENCE)
        event = {"data": [], "fn_index": 0, "session_hash": "s"}
        joined = pool.submit(httpx2.post, f"{url}/gradio_api/queue/join", json=event, timeout=PATIENCE)
        assert config.result(PATIENCE).json()["dependencies"]
        assert "assistant_visitor" in proxied.result(PATIENCE).headers["set-cookie"]
        assert joined.result(PATIENCE).status_code == 200

        end = time.monotonic() + PATIENCE
        while httpx2.get(f"{url}/ready", timeout=PATIENCE).status_code != 200:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert httpx2.get(f"{url}/health", timeout=PATIENCE).json() == {"status": "ok", "store": "ok"}
        assert httpx2.get(url, headers=BROWSER, timeout=PATIENCE).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert f"Serving on {url}" in process.stderr.read()


def test_an_app_that_cannot_be_loaded_ends_the_server_with_one_line(tmp_path):
    with starting(tmp_path / "store", ASSISTANT_KANDIDATES="3") as (process, url), ThreadPoolExecutor() as pool:
        waiting = pool.submit(httpx2.get, f"{url}/config", timeout=PATIENCE)
        assert process.wait(PATIENCE) == 1
        said = process.stderr.read()
        assert "Unknown setting ASSISTANT_KANDIDATES: did you mean 'candidates'?" in " ".join(said.split())
        assert "Traceback" not in said
        assert waiting.exception(PATIENCE) is not None or waiting.result().status_code == 503


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_server_is_stopped_while_it_loads(store, how, code):
    with starting(store, "--drain", "60") as (process, url), ThreadPoolExecutor() as pool:
        waiting = pool.submit(httpx2.get, f"{url}/config", timeout=PATIENCE)
        assert httpx2.get(f"{url}/ready", timeout=PATIENCE).json() == {"status": "starting"}
        process.send_signal(how)
        assert process.wait(PATIENCE) == code
        assert "Traceback" not in process.stderr.read()
        assert waiting.exception(PATIENCE) is not None or waiting.result().status_code == 503
