"""Readers run in processes of their own, which hostile files can neither slow down nor bring down."""

import os
import sys
import threading
import time
from dataclasses import asdict

import pytest

from assistant.articles import reading_process
from assistant.articles.limits import PAGES, ReadingLimits, allow_time, counting
from assistant.articles.readers import text as text_reader
from assistant.articles.reading import AS_USUAL, ReadOptions
from assistant.articles.reading_worker import answers_to
from assistant.articles.registry import read_source
from assistant.errors import Message, message_of
from assistant.settings import Settings
from assistant.web.locales.messages import translate

LIMITS = ReadingLimits()
REQUEST = {"source": "/a.txt", "suffix": ".txt", "charset": None}
# Of alternating marks Unicode's normal form takes time by the square of their number.
SLOW = "a" + "\u0301\u0316" * 300_000


def waiting():
    """The ids of the processes that wait for a source."""
    return {process._process.pid for process in reading_process._processes._waiting}


def test_one_process_reads_source_after_source(tmp_path):
    (tmp_path / "a.txt").write_text("The weir opens in May.")
    assert read_source(tmp_path / "a.txt").articles
    before = waiting()
    (tmp_path / "b.md").write_text("The *lock* is closed.")
    assert read_source(tmp_path / "b.md").articles
    assert before
    assert waiting() == before


def test_all_that_a_reader_finds_arrives(read_one):
    text = "\ufeff---\ntitle: Schleuse \U0001f6a2\ndate: 2024-05-03\nlang: de\nauthor: A\n---\n# Tarife\n\nFrei.\n\n## Nacht\n\nTeuer."
    article = read_one("a.md", text)
    assert (article.title, article.language, str(article.published)) == ("Schleuse \U0001f6a2", "de", "2024-05-03")
    assert [section.heading for section in article.sections] == ["Nacht"]  # the other is the headline


def test_problems_of_rows_arrive_with_their_parts(read_bytes):
    reading = read_bytes("a.jsonl", b'{"text": "One."}\n{"text": \n')
    (found,) = reading.problems
    assert "line 2: it is not JSON" in str(found)
    said = message_of(found)
    assert isinstance(said.values["reason"], Message)
    assert "line 2" not in translate(said, "ar")


def test_time_is_limited_and_the_next_source_is_read(read_problem, read_one):
    began = time.monotonic()
    message = read_problem("slow.txt", SLOW, ReadingLimits(seconds=1))
    assert "it took longer than" in message
    assert "ASSISTANT_READING_SECONDS" in message
    assert time.monotonic() - began < 60
    assert read_one("a.txt", "The weir opens.").text == "The weir opens."


@pytest.mark.skipif(sys.platform != "linux", reason="the system cannot limit a process's memory reliably")
def test_memory_is_limited(read_problem):
    message = read_problem("a.html", b"<article>" + b"<p>a</p>" * 200_000, ReadingLimits(memory=320))
    assert "it needs more than 320 MiB of memory" in message


@pytest.mark.parametrize(
    ("name", "content", "limits", "expected"),
    [
        ("a.csv", "text\n" + "A row.\n" * 11, ReadingLimits(rows=10), "more than 10 rows; split it"),
        ("a.jsonl", '{"text": "A."}\n' * 11, ReadingLimits(rows=10), "ASSISTANT_READING_ROWS"),
        ("a.txt", "word " * 300, ReadingLimits(characters=1000), "more than 1,000 characters"),
        ("a.csv", "text\n" + "word word\n" * 200, ReadingLimits(characters=1000), "ASSISTANT_READING_CHARACTERS"),
        ("a.md", "a\n\n" * 101, ReadingLimits(lines=200), "more than 200 lines"),
    ],
)
def test_what_comes_of_a_source_is_limited(read_problem, name, content, limits, expected):
    assert expected in read_problem(name, content, limits)


@pytest.mark.usefixtures("new_readers")
def test_a_reader_that_dies_is_a_problem(read_problem, monkeypatch, tmp_path):
    dying = tmp_path / "python"
    dying.write_text("#!/bin/sh\nkill -9 $$\n")
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    assert "its reader ended" in read_problem("a.txt", "Text.")


def test_a_process_that_ended_while_it_waited_is_replaced(read_one):
    read_one("a.txt", "One.")
    for process in reading_process._processes._waiting:
        process._process.kill()
    assert read_one("b.txt", "Two.").text == "Two."


def test_whoever_waits_may_interrupt_the_reading_which_ends_its_process(tmp_path):
    (tmp_path / "slow.txt").write_text(SLOW)
    read = []

    def interrupt():
        read.append(waiting())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_source(tmp_path / "slow.txt", tick=interrupt)
    assert len(read) == 1


def test_a_slow_source_does_not_hold_up_another(tmp_path):
    (tmp_path / "slow.txt").write_text(SLOW)
    (tmp_path / "a.txt").write_text("The weir opens.")
    thread = threading.Thread(
        target=read_source, args=(tmp_path / "slow.txt",), kwargs={"options": ReadOptions(limits=ReadingLimits(8))}
    )
    thread.start()
    assert read_source(tmp_path / "a.txt").articles
    assert thread.is_alive()
    thread.join()


def test_whatever_a_parser_raises_is_a_problem_that_names_the_file(monkeypatch):
    def fail(*_, **__):
        raise KeyError("deep in a parser")

    monkeypatch.setattr(text_reader, "read", fail)
    (answer,) = answers_to(REQUEST, b"Text.", AS_USUAL, lambda *_: None)
    reason = answer["problem"]["message"]["values"]["reason"]
    assert reason["template"] == "its reader failed ({kind}); save it again or in another format."
    assert reason["values"] == {"kind": "KeyError"}
    assert "deep in a parser" in answer["traceback"]


def test_want_of_memory_is_told_as_such(monkeypatch):
    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr(text_reader, "read", fail)
    (answer,) = answers_to(REQUEST, b"Text.", AS_USUAL, lambda *_: None)
    assert answer["problem"]["message"]["values"]["reason"]["template"].startswith("it needs more than {limit} MiB")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_process_has_readers_of_its_own(tmp_path):
    (tmp_path / "a.txt").write_text("Text.")
    read_source(tmp_path / "a.txt")
    assert waiting()
    pid = os.fork()
    if pid == 0:
        os._exit(len(waiting()))
    assert os.waitpid(pid, 0)[1] == 0


def test_the_limits_are_settings():
    settings = Settings(reading_seconds=5, reading_rows=7)
    assert asdict(ReadingLimits.of(settings)) == {**asdict(LIMITS), "seconds": 5, "rows": 7}
    assert ReadingLimits.of(Settings()) == LIMITS


def test_more_time_is_for_what_says_that_it_takes_long():
    allowed = []
    allow_time(PAGES, 1)
    with counting(ReadingLimits(), lambda *given: allowed.append(given)):
        allow_time(PAGES, 5)
    assert allowed == [(PAGES, 5)]


def test_a_file_of_four_mebibytes_has_no_half_minute():
    assert ReadingLimits().seconds_for(4 * 1024**2) < 30 < ReadingLimits().seconds_for(5 * 1024**2)


@pytest.mark.parametrize(("size", "most"), [(36_000, 1), (4 * 1024**2, 40), (50 * 1024**2, 40)])
def test_pages_bring_time_by_the_size_of_their_file(size, most):
    assert ReadingLimits().more_seconds_for(size)[PAGES] == pytest.approx(most, abs=1)


def test_the_clock_ends_what_takes_no_processor_time(tmp_path, read_problem, new_readers, monkeypatch):
    """A reader that waits, as one does that is kept from the processor, is ended in time too."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, time\nfrom assistant.articles.readers import text\ntext.read = lambda *_, **__: time.sleep(600)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    began = time.monotonic()
    assert "longer than 2 seconds" in read_problem("a.txt", "Text.", ReadingLimits(seconds=2))
    assert time.monotonic() - began < 60


def test_the_time_begins_when_its_process_has_started(tmp_path, read_one, new_readers, monkeypatch):
    monkeypatch.setattr(reading_process, "_STARTING_SECONDS", 100)
    (tmp_path / "sitecustomize.py").write_text("import time\ntime.sleep(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    content = "The weir opens."
    reading = reading_process.read_in_process(
        content.encode(), "/a.txt", ".txt", None, ReadOptions(limits=ReadingLimits(seconds=2.5))
    )
    assert [article.text for article in reading.articles] == [content]
