"""A server of feeds and pages on loopback, and an assistant that may read it."""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant import Assistant
from assistant.feeds import polite_client

PARAGRAPH = (
    "The harbour office of {name} opened a new pier on Monday. Two ferries a day will go from there to the islands. "
    "The old pier, which storms had damaged three times, is to become a market. Its roof was paid for by the town."
)


@dataclass
class Reply:
    """What a path answers with, after some seconds of silence, and with some between one byte and the next."""

    body: str | bytes = ""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict = field(default_factory=dict)
    silence: float = 0.0
    between_bytes: float = 0.0


class Handler(BaseHTTPRequestHandler):
    """Answers each path with what a test has put there; with 304 where the client has it already."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        reply = self.server.replies.get(self.path, Reply("no", status=404))
        if callable(reply):
            reply = reply()
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        time.sleep(reply.silence)
        etag = reply.headers.get("ETag")
        status = 304 if etag and self.headers.get("If-None-Match") == etag else reply.status
        self.send_response(status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", "0" if status == 304 else str(len(body)))
        self.end_headers()
        if status == 304:
            return
        with suppress(ConnectionError):  # whoever asked has had enough
            for start in range(0, len(body), 1 if reply.between_bytes else len(body) or 1):
                self.wfile.write(body[start : start + 1] if reply.between_bytes else body)
                time.sleep(reply.between_bytes)

    def log_message(self, *_):
        return


class Site:
    """What the server answers, by path."""

    def __init__(self, server):
        self.replies = server.replies
        self.seen = server.seen
        self.base = f"http://127.0.0.1:{server.server_port}"

    def page(self, path, name, *, head="", text=PARAGRAPH, **headers):
        body = f"<html><head><title>{name}</title>{head}</head><body><article><h1>{name}</h1>"
        self.replies[path] = Reply(f"{body}<p>{text.format(name=name)}</p></article></body></html>", headers=headers)

    def rss(self, *items, path="/feed.xml", title="Harbour news", **headers):
        entries = "".join(map(self.item, items))
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{entries}</channel></rss>'
        self.replies[path] = Reply(body, "application/rss+xml", headers=headers)
        return self.base + path

    def item(self, item):
        tags = {"title": "A title", "description": "A teaser.", **item}
        if "link" in tags and tags["link"].startswith("/"):
            tags["link"] = self.base + tags["link"]
        if hasattr(tags.get("pubDate"), "year"):
            tags["pubDate"] = format_datetime(tags["pubDate"])
        return "<item>" + "".join(f"<{tag}>{value}</{tag}>" for tag, value in tags.items()) + "</item>"

    def asked(self, path):
        return [headers for asked, headers in self.seen if asked == path]


@pytest.fixture
def site():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.replies, server.seen = {}, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Site(server)
        server.shutdown()
        thread.join()


@pytest.fixture
def assistant(tmp_path, encoder, monkeypatch):
    monkeypatch.setattr(polite_client, "DELAY_SECONDS", 0.0)
    with Assistant(tmp_path / "store", allow_private_addresses=True, chat_model="extractive") as opened:
        opened.__dict__["_encoder"] = encoder
        yield opened


def texts(assistant):
    """Return the texts in the store by source."""
    return {one.source: assistant.article(one.id).text for one in assistant.articles()}
