"""Stopping and deleting while an answer is being kept, at a server whose disk is slow."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.slow

HEADLINE = "when is the next CSTO summit?"
SUMMIT = "11 نوفمبر 2026"
KEEPING_SECONDS = 1.0
SLOW = f"""
import sys
import time
from pathlib import Path
from assistant.cli.serve import main
from assistant.conversation.history import Conversations
record = Conversations.record
store = Path(sys.argv[sys.argv.index("--store") + 1])
def slowly(self, *args, **kwargs):
    (store / "keeping").touch()
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


@pytest.fixture
def other(visitor, visitor_at, slow):
    """Another tab of the visitor's, with the same conversation: one question and its answer."""
    visitor.ask(HEADLINE)
    tab = visitor_at(slow.url, cookies=dict(visitor.cookies))
    tab.open(visitor.conversation())
    return tab


def asking_while_it_is_kept(visitor, slow, pool):
    """Ask, and return the answer that is to come once it is being kept."""
    keeping = slow.store / "keeping"
    keeping.unlink(missing_ok=True)
    asking = pool.submit(visitor.ask, HEADLINE)
    while not asking.done() and not keeping.exists():
        time.sleep(0.01)
    return asking


def test_an_answer_that_is_being_kept_when_it_is_stopped_is_shown(visitor, other, slow):
    with ThreadPoolExecutor() as pool:
        asking = asking_while_it_is_kept(visitor, slow, pool)
        stopped = other.call("question", "stop", None)

        assert SUMMIT in asking.result()[3][1]
    assert SUMMIT in json.dumps(stopped["chat"], ensure_ascii=False)
    assert len(visitor.open(visitor.conversation())) == 4


def test_a_conversation_that_is_deleted_while_its_answer_is_kept_is_gone(visitor, other, slow):
    with ThreadPoolExecutor() as pool:
        asking = asking_while_it_is_kept(visitor, slow, pool)
        other.call("delete-yes", "click", None)

        assert SUMMIT in asking.result()[3][1]
    time.sleep(KEEPING_SECONDS)
    assert visitor.titles() == []
