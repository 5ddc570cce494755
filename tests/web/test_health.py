"""What `/health` says of a store that is well, full, damaged or taken away, and to many who ask at once."""

import asyncio
import threading

import httpx2
import pytest
from starlette.applications import Starlette

from assistant import Assistant
from assistant.errors import AssistantError
from assistant.store import local_store
from assistant.web.health import Health


@pytest.fixture
def assistant(tmp_path, encoder):
    del encoder  # unpacked
    with Assistant(tmp_path / "store", chat_model="extractive") as opened:
        opened.create()
        yield opened


def asked(assistant, times=1):
    async def run():
        app = Starlette()
        app.add_route("/health", Health(assistant).answer)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://here") as client:
            return await asyncio.gather(*(client.get("/health") for _ in range(times)))

    return [(answer.status_code, answer.json()) for answer in asyncio.run(run())]


def test_a_store_that_is_well(assistant):
    assert asked(assistant) == [(200, {"status": "ok", "store": "ok"})]


def test_a_full_disk(assistant, monkeypatch):
    monkeypatch.setattr(local_store, "LEAST_FREE", 2**62)
    assert asked(assistant) == [(200, {"status": "ok", "store": "read-only"})]


def test_a_store_that_was_taken_away(assistant, tmp_path):
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    assert asked(assistant) == [(200, {"status": "ok", "store": "unreadable"})]


def test_a_damaged_store(assistant, tmp_path):
    database = tmp_path / "store" / "store.sqlite"
    assistant.close()
    database.write_bytes(b"\xff" * database.stat().st_size)
    with Assistant(tmp_path / "store", chat_model="extractive") as opened:
        # What takes long is the embedding model, which the first call loads.
        with pytest.raises(AssistantError):
            opened.articles()
        assert asked(opened) == [(200, {"status": "ok", "store": "unreadable"})]


def test_a_store_that_does_not_answer_is_looked_at_once(assistant, monkeypatch):
    looks = []
    free = threading.Event()

    def never():
        looks.append(1)
        free.wait(20)
        return True

    monkeypatch.setattr(assistant, "is_writable", never)
    try:
        assert asked(assistant, times=30) == [(200, {"status": "ok", "store": "busy"})] * 30
    finally:
        free.set()
    assert len(looks) == 1
