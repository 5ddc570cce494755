"""A disk that fills while the server runs: visitors are told in one line, and nothing half-written stays."""

import html

import pytest

from assistant.web.uploads import FOLDER

pytestmark = pytest.mark.slow

resource = pytest.importorskip("resource", reason="needs limits on a process, which this system has not")
if not hasattr(resource, "prlimit"):
    pytest.skip("needs limits on another process, which Linux has", allow_module_level=True)

HEADLINE = "when is the next CSTO summit?"
HARBOUR = "The harbour of Lyon was deepened in 1931. " * 40


@pytest.fixture(scope="module")
def filling(tmp_path_factory, serving):
    with serving(tmp_path_factory.mktemp("a full disk") / "store") as running:
        yield running


@pytest.fixture
def visitor(visitor_at, filling):
    return visitor_at(filling.url)


@pytest.fixture
def fill(visitor, filling):
    """Let files grow no more, as on a full disk; `room` is how many bytes a file may have."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    # What only the first question and the first article need is read by now.
    visitor.ask("warm")
    assert "failed" not in visitor.upload("first.txt", b"A first article of a few words.")

    def limit(room):
        resource.prlimit(filling.process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    yield limit
    resource.prlimit(filling.process.pid, resource.RLIMIT_FSIZE, unlimited)


def kept(filling, name):
    return [path for path in (filling.store / FOLDER).rglob("*") if path.name == name or path.name.startswith(".")]


def test_an_upload_that_finds_no_room_is_refused_in_one_line(visitor, filling, fill):
    path = visitor.post("/gradio_api/upload", files={"files": ("harbour.txt", HARBOUR.encode())}).json()
    fill(600)
    jobs = visitor.call("upload", "upload", [{"path": path[0], "meta": {"_type": "gradio.FileData"}}])["jobs"]
    assert "the server could not keep it (File too large): tell whoever runs it." in html.unescape(jobs)
    assert kept(filling, "harbour.txt") == []
    assert not list(filling.uploads.rglob("harbour.txt"))


def test_an_article_that_finds_no_room_in_the_store_leaves_nothing(visitor, filling, fill):
    fill(len(HARBOUR))
    jobs = visitor.upload("harbour.txt", HARBOUR.encode())
    assert "Reading or writing store.sqlite failed (disk I/O error): check the disk." in html.unescape(jobs)
    assert kept(filling, "harbour.txt") == []


def test_a_question_that_cannot_be_kept_names_no_folder(visitor, filling, fill):
    fill(600)
    with pytest.raises(visitor.refused, match="The conversations in conversations") as said:
        visitor.ask(HEADLINE)
    assert str(filling.store.parent) not in str(said.value)


def test_all_goes_on_when_there_is_room_again(visitor, filling, fill):
    fill(600)
    assert "failed" in visitor.upload("harbour.txt", b"short")
    fill(resource.RLIM_INFINITY)
    assert "Added" in visitor.upload("harbour.txt", HARBOUR.encode())
    assert len(kept(filling, "harbour.txt")) == 1
