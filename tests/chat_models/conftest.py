"""A web server of our own that plays the outside world: model hub, Python index, and OpenAI's API."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.settings import Settings, load_settings

Route = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """Hands each request to the route whose prefix it has, and notes it."""

    server: "World"

    def do_GET(self) -> None:
        self.server.seen.append(self)
        for prefix, route in self.server.routes.items():
            if self.path.startswith(prefix):
                route(self)
                return
        self.answer(404, b"not here")

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.server.hung_up.set()

    def log_message(self, *args: object) -> None:
        pass


class World(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.routes: dict[str, Route] = {}
        self.seen: list[Request] = []
        self.hung_up = threading.Event()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def paths(self, prefix: str) -> list[str]:
        return [request.path for request in self.seen if request.path.startswith(prefix)]


@pytest.fixture
def world() -> Iterator[World]:
    yield from _running()


@pytest.fixture
def another_world() -> Iterator[World]:
    yield from _running()


def _running() -> Iterator[World]:
    server = World()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    """Settings with a cache of their own and no key or hub from the environment."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "MISTRAL_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return load_settings(cache=tmp_path / "cache")
