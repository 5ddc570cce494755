"""Processes that serve the page from one database, and keep nothing of their own."""

import pytest

from assistant import Assistant

pytestmark = pytest.mark.slow

HEADLINE = "when is the next CSTO summit?"
SUMMIT = "11 نوفمبر 2026"


@pytest.fixture
def filled(database, store):
    with Assistant(store) as local:
        assert local.migrate(database).articles == 1
    return database


def test_what_one_process_was_told_another_knows_when_it_is_killed(filled, serving, visitor_at, tmp_path):
    address = filled.get_secret_value()
    with (
        serving(tmp_path / "a" / "none", address=address) as first,
        serving(tmp_path / "b" / "none", address=address) as second,
    ):
        visitor = visitor_at(first.url)
        chat = visitor.ask(HEADLINE)
        assert SUMMIT in chat[-1][1]
        talk = visitor.conversation()
        visitor.upload("weir.txt", b"The weir of Hallbrook opens on 3 May 2026, its keeper said.")

        elsewhere = visitor_at(second.url, cookies=visitor.cookies)
        assert elsewhere.open(talk) == chat
        assert "3 May 2026" in elsewhere.ask("When does the weir of Hallbrook open?")[-1][1]

        first.process.kill()
        first.process.wait()
        assert len(elsewhere.open(talk)) == 4
        assert SUMMIT in elsewhere.ask(HEADLINE)[-1][1]
    assert list(tmp_path.glob("*/none")) == []
