"""Two processes that serve one database behind a real nginx, with the configuration that the documentation shows."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from assistant import Assistant

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(NGINX is None, reason="needs nginx")]

DOCUMENTED = Path(__file__).parents[2] / "docs" / "postgresql.md"
HEADLINE = "when is the next CSTO summit?"
SUMMIT = "11 نوفمبر 2026"
VISITORS = 20


@contextmanager
def nginx(folder, *upstreams):
    """Start nginx in front of servers, and give its address."""
    [http] = re.findall(r"```nginx\n(.*?)```", DOCUMENTED.read_text(encoding="utf-8"), re.DOTALL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for documented, url in zip(re.findall(r"10\.0\.0\.\d+:\d+", http), upstreams, strict=True):
        http = http.replace(documented, url.removeprefix("http://"))
    paths = " ".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"daemon off; {user} worker_processes 1; pid {folder}/pid; events {{ worker_connections 512; }}\n"
        f"http {{ access_log off; {paths}\n{http.replace('listen 80', f'listen 127.0.0.1:{port}')} }}"
    )
    process = subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until, (folder / "error.log").read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def test_conversations_outlive_the_process_that_served_them(database, store, serving, visitor_at, tmp_path):
    with Assistant(store) as local:
        local.migrate(database)
    address, options = database.get_secret_value(), ("--no-auth", "--refresh", "0")
    with (
        serving(tmp_path / "a" / "none", *options, address=address) as first,
        serving(tmp_path / "b" / "none", *options, address=address) as second,
        nginx(tmp_path, first.url, second.url) as url,
        ThreadPoolExecutor(VISITORS) as at_once,
    ):
        visitors = [visitor_at(url) for _ in range(VISITORS)]
        chats = list(at_once.map(lambda visitor: visitor.ask(HEADLINE), visitors))
        assert all(SUMMIT in chat[-1][1] for chat in chats)
        talks = [visitor.conversation() for visitor in visitors]
        assert len(set(talks)) == VISITORS

        threading.Timer(0.3, first.process.kill).start()

        def ask_again(visitor):
            try:
                return visitor.ask(f"{HEADLINE} Again.")
            except (visitor.refused, httpx2.HTTPError, StopIteration, ValueError):
                return None

        later = list(at_once.map(ask_again, visitors))
        first.process.wait()

        for visitor, talk, chat, told in zip(visitors, talks, chats, later, strict=True):
            # What was answered is there, whole; what was not is asked again.
            kept = visitor.open(talk)
            assert kept[:2] == chat
            if SUMMIT not in kept[-1][1]:
                assert told is None
                kept = visitor.ask(f"{HEADLINE} Again.")
            assert SUMMIT in kept[-1][1]
