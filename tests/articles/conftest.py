"""What the tests of the readers share."""

from pathlib import Path

import pytest

from assistant.articles import reading_process
from assistant.articles.limits import ReadingLimits
from assistant.articles.reading import ReadOptions
from assistant.articles.registry import read_source

LIMITS = ReadingLimits()
PROJECT = Path(__file__).resolve().parents[2]
SEED = PROJECT / "seeds" / "000_27744ece8a62ac65.txt"


@pytest.fixture(scope="session")
def arabic_paragraphs():
    """The paragraphs of the sample article."""
    return [line for line in SEED.read_text(encoding="utf-8").split("\n") if line.strip()]


@pytest.fixture
def new_readers(monkeypatch):
    """Processes that know the variables of this test; those that wait know the variables that they were started with."""
    processes = reading_process._Processes()
    monkeypatch.setattr(reading_process, "_processes", processes)
    yield
    processes.end()


@pytest.fixture
def read_bytes(tmp_path):
    """Write bytes to a file of the given name and read it, as a user's file is read."""

    def read(name, content, limits=LIMITS):
        path = tmp_path / name
        path.write_bytes(content)
        return read_source(path, options=ReadOptions(limits=limits))

    return read


@pytest.fixture
def read_one(read_bytes):
    """The same for content that must give exactly one article and no problem."""

    def read(name, content):
        reading = read_bytes(name, content if isinstance(content, bytes) else content.encode("utf-8"))
        assert reading.problems == ()
        (article,) = reading.articles
        return article

    return read


@pytest.fixture
def read_problem(read_bytes):
    """The same for content that must give no article and one problem: its message."""

    def read(name, content, limits=LIMITS):
        reading = read_bytes(name, content if isinstance(content, bytes) else content.encode("utf-8"), limits)
        assert reading.articles == ()
        (problem,) = reading.problems
        assert "\n" not in str(problem)
        assert name in str(problem)
        return str(problem)

    return read
