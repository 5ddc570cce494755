"""A disk that fills while the server runs: visitors are told in one line, and nothing half-written stays."""

import json

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
    assert visitor.post("/page/ask", json={"question": "warm"}).status_code == 200
    assert upload(visitor, "first.txt", "A first article of a few words.")[-1]["type"] == "done"

    def limit(room):
        resource.prlimit(filling.process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    yield limit
    resource.prlimit(filling.process.pid, resource.RLIMIT_FSIZE, unlimited)


def upload(visitor, name, text):
    response = visitor.post("/page/articles/file", params={"name": name}, content=text.encode())
    return [json.loads(line) for line in response.text.splitlines()]


def kept(filling, name):
    return [path for path in (filling.store / FOLDER).rglob("*") if path.name == name or path.name.startswith(".")]


def test_an_upload_that_finds_no_room_is_refused_in_one_line(visitor, filling, fill):
    fill(600)
    [refusal] = upload(visitor, "harbour.txt", HARBOUR)
    assert refusal == {"detail": "the server could not keep it (File too large): tell whoever runs it."}
    assert kept(filling, "harbour.txt") == []


def test_an_article_that_finds_no_room_in_the_store_leaves_nothing(visitor, filling, fill):
    fill(len(HARBOUR))
    *_, last = upload(visitor, "harbour.txt", HARBOUR)
    assert last == {
        "type": "error",
        "message": "Reading or writing store.sqlite failed (disk I/O error): check the disk.",
    }
    assert kept(filling, "harbour.txt") == []


def test_a_question_that_cannot_be_kept_names_no_folder(visitor, fill):
    fill(600)
    response = visitor.post("/page/ask", json={"question": HEADLINE})
    assert "The conversations in conversations.sqlite cannot be used" in response.text
    assert response.text.count("\n") <= 1


def test_all_goes_on_when_there_is_room_again(visitor, filling, fill):
    fill(600)
    assert "detail" in upload(visitor, "harbour.txt", HARBOUR)[0]
    fill(resource.RLIM_INFINITY)
    assert upload(visitor, "harbour.txt", HARBOUR)[-1]["added"] == 1
    assert len(kept(filling, "harbour.txt")) == 1
