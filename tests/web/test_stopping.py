"""Stopping and deleting while an answer is being kept, at a server whose disk is slow."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.slow

HEADLINE = "when is the next CSTO summit?"
CONVERSATION = "5" * 32
PATH = f"/page/conversations/{CONVERSATION}"
KEEPING_SECONDS = 1.0
SLOW = f"""
import time
from assistant.cli.serve import main
from assistant.conversation.history import Conversations
record = Conversations.record
def slowly(self, *args, **kwargs):
    (self._path.parent / "keeping").touch()
    time.sleep({KEEPING_SECONDS})
    return record(self, *args, **kwargs)
Conversations.record = slowly
main()
"""


@pytest.fixture(scope="module")
def slow(store, serving):
    with serving(store, program=("-c", SLOW)) as running:
        yield running


@pytest.fixture
def visitor(visitor_at, slow):
    return visitor_at(slow.url)


def stop_while_it_is_kept(visitor, slow, path):
    """Ask, send a DELETE while the answer is being kept; return its status and the last event of the stream."""

    keeping = slow.store / "keeping"
    keeping.unlink(missing_ok=True)

    def ask():
        question = {"question": HEADLINE, "conversation": CONVERSATION, "begins": True}
        return json.loads(visitor.post("/page/ask", json=question).text.splitlines()[-1])

    with ThreadPoolExecutor() as pool:
        asking = pool.submit(ask)
        while not asking.done() and not keeping.exists():
            time.sleep(0.01)
        status = visitor.delete(path).status_code
        return status, asking.result()


def test_an_answer_that_is_being_kept_when_it_is_stopped_is_shown(visitor, slow):
    status, last = stop_while_it_is_kept(visitor, slow, f"{PATH}/answer")

    assert status == 204
    assert last["type"] == "finished"
    assert [turn["id"] for turn in visitor.get(PATH).json()["turns"]] == [last["turn"]["id"]]
    visitor.delete(PATH)


def test_a_conversation_that_is_deleted_while_its_answer_is_kept_is_gone(visitor, slow):
    status, last = stop_while_it_is_kept(visitor, slow, PATH)

    assert status == 204
    assert last["type"] == "finished"
    time.sleep(KEEPING_SECONDS)
    assert visitor.get(PATH).status_code == 404
    assert visitor.get("/page/conversations").json() == []
