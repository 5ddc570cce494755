"""Many visitors who ask at the same moment are all answered, through a real server with its default limits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

pytestmark = pytest.mark.slow

VISITORS = 90
QUESTION = "when is the next CSTO summit?"
SUMMIT = "11 نوفمبر 2026"


def test_ninety_at_once_are_all_answered(server, visitor_at):
    visitors = [visitor_at(server.url) for _ in range(VISITORS)]
    together = Barrier(VISITORS)

    def ask(visitor):
        together.wait()
        return visitor.ask(QUESTION)

    with ThreadPoolExecutor(VISITORS) as pool:
        chats = list(pool.map(ask, visitors))

    assert [chat for chat in chats if len(chat) != 2 or SUMMIT not in chat[1][1]] == []
