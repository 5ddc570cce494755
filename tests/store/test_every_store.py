"""What holds of every store."""

import dataclasses
import math
import random
import threading
from datetime import date

import numpy as np
import pytest
from store_fixtures import every_search

from assistant.articles.article import Section
from assistant.errors import NotInStoreError, StoreError
from assistant.passages.passage import Passage, Span
from assistant.store.passage_store import EncodedPassage, Filters
from assistant.store.source_files import KnownFile, SourceFile
from assistant.store.stores import open_store

pytestmark = every_search

ARABIC = "تُعقد القمّةُ المقبلة في موسكـو يوم 11 نوفمبر 2026.\nوقال 👨‍👩‍👧 ﷺ ﻻ شيء. النهاية."


def found(store, candidates):
    return [passage.text for passage in store.passages([candidate.passage_id for candidate in candidates])]


def test_an_article_comes_back_as_it_was_put(store, put):
    article = put(
        ARABIC,
        language="ar",
        title="القمّة",
        published=date(2026, 7, 1),
        metadata={"author": "مراسل", "site": "a'b\"c"},
        pages=(0, 0, 40),
        sections=(Section(5, "موسكو \"'<b>"), Section(30, "")),
    )
    assert store.article(article.id) == article
    assert store.articles([article.id]) == {article.id: article}


def test_passages_are_cut_from_the_article_at_their_offsets(store, put, cut):
    article = put(ARABIC, language="ar")
    candidates = store.dense_candidates(cut(article)[1].vector, 10)
    passages = store.passages([candidate.passage_id for candidate in candidates])
    assert {(p.start, p.end) for p in passages} == {(e.passage.start, e.passage.end) for e in cut(article)}
    for passage in passages:
        assert passage.text == article.text[passage.start : passage.end]
        assert passage.sentences == (passage.span,)
        assert (passage.article_id, passage.language) == (article.id, "ar")


def test_vectors_and_token_vectors_come_back_bit_for_bit_in_the_order_asked_for(store, put, cut):
    article = put("One two. Three four. Five six.")
    ids = [candidate.passage_id for candidate in store.dense_candidates(cut(article)[2].vector, 3)]
    by_start = {encoded.passage.start: encoded for encoded in cut(article)}
    expected = [by_start[passage.start] for passage in store.passages(ids)]
    assert [v.tolist() for v in store.vectors(ids)] == [e.vector.tolist() for e in expected]
    assert store.token_vectors(ids) == [e.tokens for e in expected]
    assert store.token_vectors([ids[1], ids[0], ids[1]]) == [expected[i].tokens for i in (1, 0, 1)]


def test_dense_candidates_are_those_of_an_exhaustive_search(store, make_article, cut, ask):
    everything = []
    for number in range(40):
        article = make_article(f"Sentence {number} alpha. Sentence {number} beta gamma.", f"{number}.txt")
        everything += cut(article)
        store.put(article, cut(article))
    question = ask("Sentence 17 beta")
    scores = np.array([encoded.vector @ question for encoded in everything])
    candidates = store.dense_candidates(question, 7)
    assert [c.score for c in candidates] == pytest.approx(np.sort(scores)[::-1][:7].tolist(), abs=1e-6)
    assert found(store, candidates[:1]) == [everything[int(scores.argmax())].passage.text]


def test_more_candidates_than_passages_gives_all(store, put, ask):
    put("One two. Three four.")
    assert len(store.dense_candidates(ask("one"), 50)) == 2
    assert store.dense_candidates(ask("one"), 0) == []


def test_an_empty_store_answers_with_nothing(store, ask):
    assert store.dense_candidates(ask("anything"), 5) == []
    assert store.lexical_candidates(["anything"], 5) == []
    assert store.summaries() == []
    assert store.check() == []


@pytest.mark.parametrize("wrong", [np.zeros(3, np.float32), np.full(16, np.nan, np.float32)])
def test_a_question_vector_that_cannot_be_compared_is_refused(store, wrong):
    with pytest.raises(ValueError, match="finite vector of 16"):
        store.dense_candidates(wrong, 5)


def test_putting_a_changed_article_replaces_what_its_source_held(store, put, ask):
    old = put("The old words stand here.")
    new = put("Something else was written.")
    assert [summary.id for summary in store.summaries()] == [new.id]
    assert store.lexical_candidates(["old"], 5) == []
    assert found(store, store.dense_candidates(ask("old words"), 5)) == ["Something else was written."]
    with pytest.raises(NotInStoreError, match=old.id):
        store.article(old.id)
    assert store.check() == []


def test_putting_the_same_article_again_replaces_its_passages(store, put):
    put("One two. Three four.")
    article = put("One two. Three four.", title="Renamed")
    (summary,) = store.summaries()
    assert (summary.passages, summary.title) == (2, "Renamed")
    assert store.article(article.id).title == "Renamed"
    assert store.check() == []


def test_the_same_text_under_two_names_is_one_article_with_two_sources(store, put, project):
    put("The same text.", "a.txt")
    put("The same text.", "b.txt")
    (summary,) = store.summaries()
    assert summary.source == str(project / "seeds" / "a.txt")
    assert summary.other_sources == (str(project / "seeds" / "b.txt"),)
    put("Now another text.", "a.txt")
    assert {s.source: s.other_sources for s in store.summaries()} == {
        str(project / "seeds" / "a.txt"): (),
        str(project / "seeds" / "b.txt"): (),
    }
    assert store.check() == []


def test_removing_is_complete(store, put, ask):
    gone, kept = put("Remove me now.", "a.txt"), put("Keep me here.", "b.txt")
    store.remove([gone.id])
    assert [summary.id for summary in store.summaries()] == [kept.id]
    assert store.lexical_candidates(["remove"], 5) == []
    assert found(store, store.dense_candidates(ask("Remove me now"), 5)) == ["Keep me here."]
    assert store.check() == []


def test_removing_several_of_which_one_is_unknown_removes_none(store, put):
    article = put("Stay.")
    before = store.generation
    with pytest.raises(NotInStoreError, match="0000000000000000"):
        store.remove([article.id, "0000000000000000"])
    assert [summary.id for summary in store.summaries()] == [article.id]
    assert store.generation == before


def test_siblings_are_the_first_passages_of_the_same_articles(store, put, cut):
    long, other = put("One. Two. Three. Four.", "a.txt"), put("Five. Six.", "b.txt")
    numbers = {
        passage.text: passage.id
        for article in (long, other)
        for one in cut(article)
        for passage in store.passages([store.dense_candidates(one.vector, 1)[0].passage_id])
    }
    of_long = [number for text, number in numbers.items() if text in long.text]
    assert len(of_long) > 2
    assert store.siblings([of_long[-1]], 10) == of_long
    assert store.siblings([of_long[-1]], 2) == of_long[:2]
    assert set(store.siblings([of_long[0], numbers[cut(other)[0].passage.text]], 10)) == set(numbers.values())


def test_unknown_passages_are_named(store, put):
    put("One.")
    for ask_for in (store.passages, store.vectors, store.token_vectors):
        with pytest.raises(NotInStoreError, match="no passage 99"):
            ask_for([1, 99])


def test_the_number_of_a_removed_passage_is_never_given_again(store, put, ask):
    first = put("Only this.")
    (candidate,) = store.dense_candidates(ask("this"), 5)
    store.remove([first.id])
    put("Only that.", "b.txt")
    assert [c.passage_id for c in store.dense_candidates(ask("that"), 5)] != [candidate.passage_id]


def test_each_change_moves_the_generation(store, put):
    numbers = [store.generation]
    article = put("One.")
    numbers.append(store.generation)
    store.remove([article.id])
    numbers.append(store.generation)
    assert numbers == [0, 1, 2]


def test_a_passage_that_is_not_the_articles_is_refused_and_nothing_stored(store, make_article, cut):
    article = make_article("One two. Three four.")
    first, second = cut(article)
    shifted = dataclasses.replace(
        second, passage=Passage(article.id, 1, 9, "One two.", (Span(1, 9),), article.language)
    )
    misshapen = dataclasses.replace(second, vector=second.vector[:-1])
    infinite = dataclasses.replace(second, vector=np.full_like(second.vector, np.inf))
    for wrong in (shifted, misshapen, infinite):
        with pytest.raises(ValueError, match=r"not from article|finite vectors"):
            store.put(article, [first, wrong])
    assert store.summaries() == []
    assert store.generation == 0


def test_a_failure_in_the_middle_of_a_change_leaves_the_store_as_it_was(store, put, make_article, cut):
    kept = put("The old text stays.")
    article = make_article("One two. Three four.")
    first, second = cut(article)
    broken = EncodedPassage(second.passage, second.vector, object(), second.terms)
    with pytest.raises(Exception, match="object"):
        store.put(article, [first, broken])
    assert [summary.id for summary in store.summaries()] == [kept.id]
    assert store.check() == []


def test_an_article_without_passages_is_kept_and_listed(store, make_article):
    article = make_article("…")
    store.put(article, [])
    assert [(s.id, s.passages) for s in store.summaries()] == [(article.id, 0)]
    assert store.check() == []


def test_articles_are_listed_page_by_page(store, put):
    for number in range(7):
        put(f"Text {number}.", f"{number}.txt", title=f"Title {number // 2}", language="en" if number < 5 else "ar")
    everything = store.summaries()
    assert len(everything) == 7
    pages = [store.summaries(limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [summary for page in pages for summary in page] == everything
    assert store.summaries(offset=5) == everything[5:]
    assert store.summaries(limit=0) == []
    english = Filters(languages=("en",))
    assert store.summaries(english, limit=2, offset=4) == store.summaries(english)[4:]
    assert store.languages() == {"ar": 2, "en": 5}
    assert store.languages(english) == {"en": 5}
    assert store.languages(Filters(languages=("de",))) == {}


def test_summaries_are_ordered_by_title_and_tell_everything_but_the_text(store, put):
    put("Second text.", "b.txt", title="B", language="en", published=date(2024, 2, 29))
    put("First. Text.", "a.txt", title="A", language="ar")
    first, second = store.summaries()
    assert (first.title, first.language, first.published, first.passages, first.characters) == ("A", "ar", None, 2, 12)
    assert (second.title, second.published) == ("B", date(2024, 2, 29))


def test_hostile_text_and_names_are_only_text(store, put, project):
    text = "'); DROP TABLE articles; -- \" NEAR(a b) * ^ {} \u202e \U0001f600 <script>."
    article = put(text, "x'; DROP TABLE sources; --%_[a].txt", title=text, metadata={text: text})
    assert store.article(article.id) == article
    filters = Filters(sources=(str(project / "seeds" / "x'; DROP"),))
    assert [s.id for s in store.summaries(filters)] == [article.id]
    assert store.check() == []


def test_a_store_is_read_by_another_that_was_opened_before_the_change(store, place, search, fingerprint, put, ask):
    with open_store(place, fingerprint, search=search) as reader:
        assert reader.dense_candidates(ask("fresh news"), 5) == []
        put("Fresh news today.")
        assert found(reader, reader.dense_candidates(ask("fresh news"), 5)) == ["Fresh news today."]
        put("Older news. Two sentences.")
        assert set(found(reader, reader.dense_candidates(ask("news"), 5))) == {"Older news.", "Two sentences."}


def test_a_snapshot_does_not_see_what_others_write(store, place, search, fingerprint, put, make_article, cut, ask):
    put("Seen by all.", "a.txt")
    with open_store(place, fingerprint, search=search) as writer:
        with store.snapshot():
            before = store.dense_candidates(ask("seen"), 5)
            later = make_article("Seen later.", "b.txt")
            writer.put(later, cut(later))
            writer.remove([s.id for s in writer.summaries() if s.title == "a.txt"])
            assert store.dense_candidates(ask("seen"), 5) == before
            assert found(store, before) == ["Seen by all."]
        assert found(store, store.dense_candidates(ask("seen"), 5)) == ["Seen later."]


def test_many_threads_read_and_write_at_once(store, make_article, cut, ask):
    articles = [make_article(f"Common word {n}. Other word {n}.", f"{n}.txt") for n in range(24)]
    encoded = {article.id: cut(article) for article in articles}
    question = ask("common word")
    failures = []

    def work(mine):
        try:
            for article in mine:
                store.put(article, encoded[article.id])
                with store.snapshot():
                    hits = store.dense_candidates(question, 50)
                    assert len(hits) == sum(summary.passages for summary in store.summaries())
                    store.passages([hit.passage_id for hit in hits])
        except Exception as error:  # noqa: BLE001 - handed to the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(articles[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.summaries()) == 24
    assert store.check() == []


def test_a_closed_store_says_so(place, search, fingerprint):
    store = open_store(place, fingerprint, search=search)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="has been closed"):
        store.summaries()


def test_files_know_what_was_read_from_them_and_take_it_along(store, make_article, cut, project):
    first, second = (make_article(f"Row {n}.", "t.csv") for n in (1, 2))
    path = first.source
    rows = [dataclasses.replace(one, source=f"{path}#{n}") for n, one in enumerate((first, second), 1)]
    for row in rows:
        store.put(row, cut(row), file=path)
    assert store.known_files()[path].file is None
    file = SourceFile(path, 10, 20, "digest")
    store.finish_file(file, [row.source for row in rows])
    assert store.known_files() == {path: KnownFile(file, {row.source: row.id for row in rows})}
    assert store.article_of(rows[1].source) == second.id
    assert store.article_of("unknown") is None

    store.finish_file(file, [rows[0].source])
    assert not store.has(second.id)
    store.remove([first.id])
    assert store.known_files() == {}

    store.put(rows[0], cut(rows[0]), file=path)
    store.attach([dataclasses.replace(rows[0], source="https://example.org/a")])
    store.remove_files([path])
    assert [summary.source for summary in store.summaries()] == ["https://example.org/a"]
    store.remove_sources(["https://example.org/a", "unknown"])
    assert store.summaries() == []
    assert store.check() == []


def test_attaching_a_text_that_is_not_stored_is_refused(store, make_article):
    with pytest.raises(NotInStoreError, match="holds no article"):
        store.attach([make_article("Unknown.")])


def test_terms_come_back_in_reading_order(store, put, ask):
    put("Zeta alpha zeta.")
    (candidate,) = store.dense_candidates(ask("zeta"), 1)
    assert store.terms_of([candidate.passage_id]) == [("zeta", "alpha", "zeta")]


def test_long_names_and_words_are_kept_whole(store, put, project):
    name, word = "d/" * 1500 + "a.txt", "x" * 9000
    article = put(f"One {word} two.", name)
    assert store.article(article.id).source.endswith(name)
    assert len(store.lexical_candidates([word], 5)) == 1
    assert store.lexical_candidates([word[:-1]], 5) == []
    assert store.terms_like([word]) == {word}
    assert store.check() == []


def test_the_best_passages_are_those_of_bm25(store, make_article, encoder):
    """Compared with the formula, counted here; a word of most passages is among those asked for."""
    seeded = random.Random(3)
    words = [f"w{number}" for number in range(40)]
    texts = [seeded.choices(words, [1 / (n + 1) for n in range(40)], k=seeded.randrange(4, 30)) for _ in range(60)]
    vector = encoder.encode_passages(["any"])[0].pooled
    for number, terms in enumerate(texts):
        text = f"Passage {number}."
        article = make_article(text, f"{number}.txt")
        passage = Passage(article.id, 0, len(text), text, (Span(0, len(text)),))
        store.put(article, [EncodedPassage(passage, vector, b"", tuple(terms))])
    store.remove([summary.id for summary in store.summaries() if summary.title in {"0.txt", "1.txt"}])
    texts = texts[2:]
    average = sum(map(len, texts)) / len(texts)

    def score(terms, asked):
        total = 0.0
        for word in asked:
            holding = sum(word in one for one in texts)
            idf = max(math.log((len(texts) - holding + 0.5) / (holding + 0.5)), 1e-6)
            times = terms.count(word)
            total += idf * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * len(terms) / average))
        return total

    for asked in (["w0", "w7", "w12"], ["w30"], ["w0"]):
        expected = sorted((score(terms, asked) for terms in texts if set(asked) & set(terms)), reverse=True)[:10]
        found = store.lexical_candidates(asked, 10)
        assert [candidate.score for candidate in found] == pytest.approx(expected, rel=1e-5)


def test_changes_made_together_are_one_transaction(store, make_article, cut):
    first, second = make_article("The first ferry leaves."), make_article("The second ferry leaves.", "b.txt")
    before = store.generation
    with store.together():
        store.put(first, cut(first))
        store.put(second, cut(second))
        store.remove_sources([second.source])
    assert store.generation == before + 1
    assert [summary.id for summary in store.summaries()] == [first.id]


def test_of_changes_made_together_an_error_leaves_none(store, make_article, cut):
    article = make_article("The first ferry leaves.")

    def change():
        with store.together():
            store.put(article, cut(article))
            store.remove(["none"])

    with pytest.raises(NotInStoreError):
        change()
    assert store.summaries() == []
    store.put(article, cut(article))
    assert len(store.summaries()) == 1


def test_a_store_says_that_it_takes_changes(store):
    assert store.is_writable()
