"""Streams: every one ends with a word, whatever goes wrong."""

import asyncio
import json
import logging

from assistant.errors import ModelError
from assistant.web.streams import Streams


def lines(events, locale="en"):
    async def run():
        response = Streams().respond(events, locale)
        return [json.loads(line) async for line in response.body_iterator]

    return asyncio.run(run())


async def failing(error):
    yield {"type": "step"}
    raise error


async def unsendable():
    yield {"type": "token", "text": "\ud800"}


def test_an_error_of_ours_is_told_and_another_is_logged_and_told_without_details(caplog):
    assert lines(failing(ModelError("no model"))) == [{"type": "step"}, {"type": "error", "message": "no model"}]
    assert not caplog.records

    for events in (failing(OverflowError("/srv/secret")), unsendable()):
        last = lines(events)[-1]
        assert last["type"] == "error"
        assert "went wrong" in last["message"]
        assert "secret" not in last["message"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_an_error_speaks_the_language_of_the_page():
    [_, error] = lines(failing(ModelError("That chat model is not ready: choose another in the settings.")), "ar")

    assert error["message"] == "نموذج المحادثة هذا غير جاهز: اختر غيره في الإعدادات."
