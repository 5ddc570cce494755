"""Uploaded files: each goes when its articles do, and no other with it."""

import json

import pytest

from assistant.articles.regular_files import MAX_FILE_BYTES
from assistant.web.uploads import FOLDER, forget_uploads

HEADLINE = "when is the next CSTO summit?"
ROW = {"id": "uploaded-row", "title": "Harbour", "text": "The harbour of Sfax was deepened in 1931."}


def remove(visitor, title):
    visitor.call("find", "change", title, None, None)
    visitor.call("articles", "select", None, event_data={"index": [0, 0], "value": title})
    visitor.call("remove-yes", "click", None)


def test_only_the_files_of_what_is_gone_are_deleted(tmp_path):
    store = tmp_path / "my #1 store"
    folder = store / FOLDER / "digest"
    folder.mkdir(parents=True)
    first, second, outside = folder / "two.jsonl", folder / "two.txt", tmp_path / "outside.txt"
    for path in (first, second, outside):
        path.write_text("text")

    forget_uploads(store, [f"{first}#1", str(outside), "https://example.org/a#b"], [f"{first}#2"])
    assert first.exists()
    forget_uploads(store, [f"{first}#2"], [str(second)])
    assert not first.exists()
    assert second.exists()
    forget_uploads(store, [str(second), str(second)], [])
    assert not folder.exists()
    assert outside.exists()


def test_a_table_goes_with_its_last_article(visitor, server):
    other = {**ROW, "title": "Lighthouse", "text": "The lighthouse of Sfax burns since 1880."}
    content = "".join(json.dumps(row) + "\n" for row in (ROW, {**other, "id": "uploaded-other"}))
    assert "Added 2 articles" in visitor.upload("places.jsonl", content)
    kept = list((server.store / FOLDER).glob("*/places.jsonl"))
    assert len(kept) == 1

    remove(visitor, "Harbour")
    assert kept[0].exists()
    remove(visitor, "Lighthouse")
    assert not kept[0].parent.exists()


def test_what_cannot_be_read_does_not_stay(visitor, server):
    assert "it is damaged or not a PDF" in visitor.upload("damaged.pdf", b"%PDF-1.7 nothing more")

    assert not list((server.store / FOLDER).glob("*/damaged.pdf"))
    assert not list(server.uploads.rglob("damaged.pdf"))


@pytest.mark.parametrize("path", ["/etc/hostname", "CONTRIBUTING.md", "https://example.org/a.txt"])
def test_a_file_of_the_servers_own_is_no_upload(visitor, path):
    for inputs in ([{"path": path, "meta": {"_type": "gradio.FileData"}}], [{"path": path}]):
        with pytest.raises(visitor.refused, match="not uploaded"):
            visitor.call("upload", "upload", inputs)
    # Nor is one that stands elsewhere in what a browser sends.
    with pytest.raises(visitor.refused, match="not uploaded"):
        visitor.call("question", "submit", HEADLINE, None, {"x": {"path": path, "meta": {"_type": "gradio.FileData"}}})


def test_a_file_that_is_too_large_is_refused(visitor, server):
    content = b"x" * (MAX_FILE_BYTES + 1)
    refused = visitor.post("/gradio_api/upload", files={"files": ("large.txt", content)})

    assert refused.status_code == 413
    assert not list(server.uploads.rglob("large.txt"))
