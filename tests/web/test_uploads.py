"""Uploaded files: each goes when its articles do, and no other with it."""

import json

from assistant.web.uploads import FOLDER, forget_uploads

ROW = {"id": "uploaded-row", "title": "Harbour", "text": "The harbour of Sfax was deepened in 1931."}


def upload(visitor, name, content):
    response = visitor.post("/page/articles/file", params={"name": name}, content=content)
    return json.loads(response.text.splitlines()[-1])


def articles(visitor, title):
    return [one["id"] for one in visitor.get("/page/articles", params={"query": title}).json()["articles"]]


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
    assert upload(visitor, "places.jsonl", content)["added"] == 2
    kept = list((server.store / FOLDER).glob("*/places.jsonl"))
    assert len(kept) == 1

    assert visitor.delete(f"/page/articles/{articles(visitor, 'Harbour')[0]}").status_code == 204
    assert kept[0].exists()
    assert visitor.delete(f"/page/articles/{articles(visitor, 'Lighthouse')[0]}").status_code == 204
    assert not kept[0].parent.exists()


def test_what_cannot_be_read_does_not_stay(visitor, server):
    report = upload(visitor, "damaged.pdf", b"%PDF-1.7 nothing more")

    assert report["problems"]
    assert not list((server.store / FOLDER).glob("*/damaged.pdf"))
