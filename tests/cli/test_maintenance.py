"""Keeping a store by commands: a library with a conversation goes out, comes back, and into another store."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from assistant import Assistant
from assistant.answering.answer import Status
from assistant.articles.article import Article
from assistant.cli.main import app
from assistant.conversation.history import Conversations
from assistant.conversation.turn import Turn

VISITOR, TALK = "a visitor's secret", "b" * 32


def run(*arguments, code=0):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def library(tmp_path_factory, encoder):
    del encoder
    folder = tmp_path_factory.mktemp("library") / "store"
    with Assistant(folder, chat_model="extractive") as assistant:
        assistant.add_articles([Article("ferry.md", "Ferry", "The ferry of Ulmsee leaves at noon.", "en")])
        answer = assistant.ask("When does the ferry of Ulmsee leave?")
    assert answer.status is Status.ANSWERED
    conversations = Conversations(folder)
    for question in ("When does it leave?", "And when does it leave again?"):
        conversations.ask(VISITOR, TALK, question, begins=True)
        conversations.record(VISITOR, TALK, Turn(question, question, answer), 0.1)
    return folder


def test_a_sound_store_is_said_to_be_sound(library):
    assert "sound" in run("check", "--store", library).output
    assert json.loads(run("check", "--store", library, "--json").stdout) == {"problems": []}


def test_an_export_brings_articles_and_conversations_into_another_store(library, tmp_path):
    file, other = tmp_path / "library.jsonl", tmp_path / "other"
    assert "1 article and 1 conversation written" in run("export", file, "--store", library).output
    assert "1 article and 1 conversation taken in" in run("import", file, "--store", other).output
    assert "1 article and 0 conversations taken in" in run("import", file, "--store", other).output
    assert run("check", "--store", other).exit_code == 0
    was, now = (Conversations(folder).turns(VISITOR, TALK) for folder in (library, other))
    assert [one.turn for one in now] == [one.turn for one in was]
    with Assistant(other, chat_model="extractive") as assistant:
        assert "noon" in assistant.ask("When does the ferry of Ulmsee leave?").text


def test_a_damaged_export_is_refused_whole(library, tmp_path):
    file, other = tmp_path / "library.jsonl", tmp_path / "other"
    run("export", file, "--store", library)
    file.write_text(file.read_text() + '{"kind": "article", "title": 3}\n')
    refused = run("import", file, "--store", other, code=1)
    assert "line 3, is damaged" in str(refused.exception)
    assert not (other / "store.sqlite").exists()


@pytest.mark.parametrize(
    "line", ["null", "[]", "{}", '"x"', "{" * 3, '{"a":' * 100_000, '{"kind": "article", "text": {}}', "\x00" * 1000]
)
def test_a_line_that_is_no_record_is_named(tmp_path, line):
    (tmp_path / "library.jsonl").write_text(line + "\n")
    refused = run("import", tmp_path / "library.jsonl", "--store", tmp_path / "store", code=1)
    assert "library.jsonl, line 1, is damaged (" in str(refused.exception)
    assert "\n" not in str(refused.exception)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such pipes")
def test_what_is_no_file_is_written_to_and_stays(library, tmp_path):
    """As /dev/stdout, which a file would put out of its place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_text, encoding="utf-8")
        run("export", pipe, "--store", library)
        assert len(read.result(30).splitlines()) == 2
    assert pipe.is_fifo()


def test_a_backup_is_put_back_with_its_conversations(library, tmp_path):
    copy, store = tmp_path / "copy", tmp_path / "store"
    run("backup", copy, "--store", library)
    run("restore", copy, "--store", store)
    assert len(Conversations(store).turns(VISITOR, TALK)) == 2
    assert "sound" in run("check", "--store", store).output
    assert "smaller" in run("vacuum", "--store", store).output
    assert "anew" in run("repair", "--store", store).output
    assert "there already" in str(run("backup", copy, "--store", store, code=1).exception)
