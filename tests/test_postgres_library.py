"""A library in PostgreSQL through the façade and the program, with the real embedding model."""

import json
import os
import subprocess
import sys
import time

import pytest

from assistant.assistant import Assistant
from assistant.conversation.history import Conversations
from assistant.feeds.state import Followed, SeenEntry

TALK, ALI = "a" * 32, "ali's secret"


@pytest.fixture
def seeds(tmp_path):
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "lighthouse.txt").write_text(
        "The lighthouse of Port Alder\n\nThe lighthouse of Port Alder was built in 1874 by Maria Lindqvist. "
        "Its lamp is 40 metres above the sea.\n"
    )
    (folder / "ferry.md").write_text(
        "---\ntitle: Ferry returns\ndate: 2025-03-14\n---\n\nThe ferry to Port Alder sails again next week.\n"
    )
    (folder / "copy.txt").write_text((folder / "lighthouse.txt").read_text())
    an_hour_ago = time.time() - 3600
    for file in folder.iterdir():
        # The time of a file that was just written is not relied on, and so not kept.
        os.utime(file, (an_hour_ago, an_hour_ago))
    return folder


def library(place):
    return Assistant(place, chat_model="extractive")


def described(assistant):
    listed = [assistant.article(summary.id) for summary in assistant.articles()]
    hits = assistant.search("Who built the lighthouse?").hits
    return listed, [(hit.passage.text, hit.score, hit.dense, hit.lexical) for hit in hits]


def test_a_question_is_answered_from_a_database_as_from_a_folder(database, tmp_path, seeds):
    with library(tmp_path / "store") as local, library(database) as shared:
        for assistant in (local, shared):
            assert len(assistant.sync([seeds]).added) == 3
            assert assistant.sync([seeds]).encoded == 0
        listed, hits = described(local)
        assert described(shared)[0] == listed
        assert [text for text, *_ in described(shared)[1]] == [text for text, *_ in hits]
        assert [one[1:] for one in described(shared)[1]] == [pytest.approx(one[1:], rel=1e-5) for one in hits]
        answer = shared.ask("Who built the lighthouse of Port Alder?")
        assert "Maria Lindqvist" in answer.text
        status = shared.status()
        assert (status.articles, status.store) == (2, database)
        assert status.bytes > 100_000
        assert shared.check() == []
        with pytest.raises(Exception, match="use pg_dump there"):
            shared.backup(tmp_path / "copy")


def test_a_library_moves_into_a_database_and_back_with_nothing_encoded(database, tmp_path, seeds, monkeypatch):
    folder = tmp_path / "store"
    with library(folder) as local:
        local.sync([seeds])
        local._feeds.put(Followed("https://example.org/feed", "https://example.org", "RSS", "News"))
        entry = SeenEntry("k", "https://example.org/1", "d", "https://example.org/1", None, 5.0, is_whole=True)
        local._feeds.note("https://example.org/feed", [entry])
        Conversations(folder).ask(ALI, TALK, "Who?", begins=True)
        before = described(local)

    for source, target in ((folder, database), (database, tmp_path / "again")):
        with library(source) as assistant:
            encode = assistant._encoder.encode_passages
            monkeypatch.setattr(assistant._encoder, "encode_passages", None)
            assert assistant.migrate(target).articles == 2
            assert assistant.migrate(target).articles == 0
            monkeypatch.setattr(assistant._encoder, "encode_passages", encode)
        with library(target) as moved:
            assert described(moved)[0] == before[0]
            assert [one[1:] for one in described(moved)[1]] == [pytest.approx(one[1:], rel=1e-5) for one in before[1]]
            assert moved._store.known_files() == library(folder)._store.known_files()
            assert [one.title for one in moved.following()] == ["News"]
            assert moved._feeds.entries("https://example.org/feed") == [entry]
            assert moved.check() == []
            report = moved.sync([seeds])
            assert (report.added, report.changed, report.removed, report.encoded) == ((), (), (), 0)
        assert [one.title for one in Conversations(target).of(ALI)] == ["Who?"]


def test_the_program_shows_no_password(database, tmp_path, seeds, monkeypatch):
    address = database.get_secret_value().replace("test@", "test:hidden-pw@")
    monkeypatch.setenv("ASSISTANT_STORE", address)
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL", "extractive")

    def program(*arguments):
        command = [sys.executable, "-m", "assistant", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert program("sync", str(seeds)).returncode == 0
    status = program("status", "--json")
    assert json.loads(status.stdout)["articles"] == 2
    assert "hidden-pw" not in status.stdout + status.stderr + program("status").stdout
    assert "postgresql://test:***@" in status.stdout


def test_a_folder_needs_none_of_the_packages(tmp_path, seeds):
    """As it is where the extra is not installed."""
    program = f"""
import sys
for name in ("psycopg", "psycopg_pool", "sqlalchemy", "alembic"):
    sys.modules[name] = None
from assistant import Assistant
from assistant.conversation.history import Conversations
with Assistant({str(tmp_path / "store")!r}, chat_model="extractive") as assistant:
    assistant.sync([{str(seeds)!r}])
    assert "Maria Lindqvist" in assistant.ask("Who built the lighthouse of Port Alder?").text
    assistant.following()
    Conversations(assistant.settings.store)
    import assistant.cli.main
    import assistant.web.serve
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_not_installed_is_named_with_how_to_get_it(tmp_path):
    program = """
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *package: None if name == "psycopg" else found(name, *package)
from assistant.store.stores import has_store
from assistant.settings import DatabaseUrl
from assistant.errors import StoreError
try:
    has_store(DatabaseUrl("postgresql://mona:hidden-pw@db.example/news"))
except StoreError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'article-assistant[postgres]'" in done.stdout
    assert "hidden-pw" not in done.stdout
