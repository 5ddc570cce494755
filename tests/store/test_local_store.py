import json

from assistant.store.local_store import LocalStore


def test_nothing_but_the_database_and_the_index_is_left_behind(folder, fingerprint, make_article, cut):
    with LocalStore.open(folder, fingerprint) as store:
        article = make_article("One two.")
        store.put(article, cut(article))
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 2
    assert names[0].startswith("index-1-")
    assert names[1] == "store.sqlite"


def test_stored_metadata_is_plain_json(store, put, folder):
    import sqlite3

    put("One.", metadata={"author": "Ζωή"})
    connection = sqlite3.connect(folder / "store.sqlite")
    try:
        ((metadata,),) = connection.execute("SELECT metadata FROM articles").fetchall()
    finally:
        connection.close()
    assert json.loads(metadata) == {"author": "Ζωή"}


def test_a_file_that_loses_its_last_source_is_forgotten_however_it_does(store, make_article, cut):
    articles = [make_article(f"Article number {name} says this.", name) for name in ("a.txt", "b.txt", "c.txt")]
    names = [article.source for article in articles]
    for article, name in zip(articles, names, strict=True):
        store.put(article, cut(article), file=name)
    # The source turns up in another file.
    store.attach([articles[0]], file=names[1])
    assert set(store.known_files()) == set(names[1:])
    store.remove([articles[2].id])
    assert set(store.known_files()) == {names[1]}
    store.remove_sources(names[:2])
    assert store.known_files() == {}
