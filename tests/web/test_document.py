"""The page's document and files, where a browser leaves before they have been made."""

import asyncio

import pytest

from assistant.web.document import Assets, Document

ASSET = "/assets/page-1a2b.js"
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/javascript")]}
HALF = {"type": "http.response.body", "body": b"let a", "more_body": True}
END = {"type": "http.response.body", "body": b" = 1;", "more_body": False}


def answers_of(middleware, path, number):
    """Ask a number of times, one after another, and return what is sent each time."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "server": ("localhost", 80),
        "scheme": "http",
    }

    async def ask():
        sent = []

        async def send(message):
            sent.append(message)

        await middleware(dict(scope), None, send)
        return sent

    async def ask_all():
        return [await ask() for _ in range(number)]

    return asyncio.run(ask_all())


def app_that_says(*answers):
    """An app whose browser leaves: it answers by halves, or not at all."""
    to_come = iter(answers)

    async def app(scope, receive, send):
        scope["state"]["preloaded"] = ()
        for message in next(to_come):
            await send(dict(message))

    return app


@pytest.mark.parametrize("cut", [(), (START,), (START, HALF)])
def test_a_file_that_a_browser_left_is_not_kept_for_the_next_one(cut):
    assets = Assets(app_that_says(cut, (START, HALF, END), ()))
    left, whole, kept = answers_of(assets, ASSET, 3)
    assert len(left) == len(cut)
    assert b"".join(message.get("body", b"") for message in whole) == b"let a = 1;"
    assert kept == whole


@pytest.mark.parametrize("cut", [(), (START,), (START, HALF)])
def test_nothing_is_sent_to_a_browser_that_left_before_its_document_was_made(cut):
    document = Assets(Document(app_that_says(cut, cut), is_kept=True))
    assert answers_of(document, "/", 2) == [[], []]
