import time
from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest

from assistant.articles.article import Article
from assistant.embedding.token_codec import load_codec
from assistant.errors import ModelError
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.retrieval.retriever import QA_DEPTH, Retriever
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD
from assistant.settings import load_settings
from assistant.store.local_store import LocalStore
from assistant.store.passage_store import Filters


@pytest.mark.parametrize(
    "question",
    [
        "When is the next summit?",
        "متى ستعقد القمة المقبلة؟",
        "Quand aura lieu le prochain sommet ?",
        "Когда состоится следующий саммит?",
        "下一次峰会什么时候举行？",
    ],
)
def test_the_sentence_that_answers_comes_first_in_any_language(retriever, question):
    first = retriever.search(question).hits[0]
    assert "11 نوفمبر 2026" in first.sentence_text
    assert first.score >= RELEVANCE_THRESHOLD


@pytest.mark.parametrize(
    "question", ["Who won the 2022 World Cup?", "¿Cuál es la capital de Francia?", "كم عدد سكان مصر؟"]
)
def test_what_no_article_answers_is_not_relevant(retriever, question):
    assert retriever.search(question).hits[0].score < RELEVANCE_THRESHOLD


def test_both_languages_that_answer_are_found(retriever):
    result = retriever.search("Who built the old bridge in 1887?", k=2)
    assert {hit.article.language for hit in result.hits} == {"en", "de"}
    assert all("Anna Weber" in hit.sentence_text for hit in result.hits)


def test_of_articles_that_answer_alike_the_conversations_own_comes_first(retriever):
    question = "Who built the old bridge in 1887?"
    for hit in retriever.search(question, k=2).hits:
        assert retriever.search(question, preferred_articles={hit.article.id}).hits[0].article == hit.article


def test_an_article_on_the_same_bridge_is_nearest_to_another(retriever):
    german, english = sorted(
        retriever.search("Who built the old bridge in 1887?", k=2).hits, key=attrgetter("article.language")
    )
    [nearest] = retriever.related(german.article, 1)
    assert (nearest.article, nearest.score) == (english.article, 0)
    assert retriever.related(german.article, 5, Filters(languages=("de",))) == []


def test_hits_are_places_in_their_articles(retriever):
    hits = retriever.search("How long is the bridge, and how long is bread baked?", k=8).hits
    assert len(hits) > 1
    for hit in hits:
        assert hit.passage.text == hit.article.text[hit.passage.start : hit.passage.end]
        assert hit.sentence in hit.passage.sentences
        assert all(hit.passage.span.covers(span) and span.of(hit.article.text).strip() for span in hit.matched)


def test_matches_are_whole_words(retriever):
    hit = retriever.search("Which engineer built the bridge?").hits[0]
    words = {span.of(hit.article.text).lower() for span in hit.matched}
    assert "engineer" in words


def test_ranks_and_scores_fall_together(retriever):
    hits = retriever.search("bridge", k=8).hits
    assert len(hits) > 1
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 for hit in hits)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(languages=("de",)), {"/archive/bruecke.txt"}),
        (Filters(sources=("/archive",)), {"/archive/bruecke.txt"}),
        (Filters(languages=("fr",)), set()),
    ],
)
def test_filters_hold_inside_the_search(library, retriever, filters, expected):
    hits = retriever.search("When is the next summit?", k=2, filters=filters).hits
    assert {hit.article.source for hit in hits} == expected
    passages = sum(summary.passages for summary in library[0].summaries(filters))
    assert len(hits) == min(2, passages)


@pytest.mark.parametrize("question", ["", "   \n", "\u200b"])
def test_nothing_asked_is_nothing_found_or_irrelevant(retriever, question):
    assert all(hit.score < RELEVANCE_THRESHOLD for hit in retriever.search(question).hits)


@pytest.mark.parametrize("question", ["?", "1887", '"NEAR( OR *', "\ud800 lone", "x" * 20_000, "😀😀"])
def test_odd_questions_are_answered_without_error(retriever, question):
    assert retriever.search(question, k=3).hits


def test_k_is_what_the_caller_or_the_setting_says(library, retriever):
    assert len(retriever.search("bridge", k=1).hits) == 1
    store, encoder, codec, settings = library
    assert len(Retriever(store, encoder, codec, settings.model_copy(update={"k": 3})).search("bridge").hits) == 3


def test_timings_name_the_stages(retriever):
    timings = retriever.search("bridge").timings
    assert set(timings) == {"spelling", "encode", "full_text", "dense", "siblings", "rank", "qa", "hits"}


@pytest.mark.parametrize(
    ("stage", "slowed"),
    [
        ("spelling", "terms_like"),
        ("full_text", "lexical_candidates"),
        ("dense", "dense_candidates"),
        ("siblings", "siblings"),
        ("rank", "token_vectors"),
    ],
)
def test_a_stage_is_timed_under_its_own_name(library, monkeypatch, stage, slowed):
    store, encoder, codec, settings = library
    work = getattr(store, slowed)

    def slowly(*args, **kwargs):
        time.sleep(0.5)
        return work(*args, **kwargs)

    retriever = Retriever(store, encoder, codec, settings)
    retriever.search("Who is Jabarovskin?")
    monkeypatch.setattr(store, slowed, slowly)
    timings = retriever.search("Who is Jabarovskin?").timings
    assert max(timings, key=timings.__getitem__) == stage


def test_encoding_is_timed_by_itself(library, monkeypatch):
    store, encoder, codec, settings = library
    retriever = Retriever(store, encoder, codec, settings)
    lexical = store.lexical_candidates

    def slowly(*args, **kwargs):
        time.sleep(0.5)
        return lexical(*args, **kwargs)

    monkeypatch.setattr(store, "lexical_candidates", slowly)
    first, again = (retriever.search("Who built the old bridge?").timings["encode"] for _ in range(2))
    assert first > again < 0.1


def test_a_model_without_statistics_still_ranks(library, articles, tmp_path):
    _, encoder, _, _ = library

    class Renamed:
        """The same model under a name that nothing is known about."""

        name, revision = "unknown/model", "1"

        def __getattr__(self, name):
            return getattr(encoder, name)

    renamed, settings = Renamed(), load_settings()
    codec = load_codec(renamed)
    assert codec.dimension == encoder.dimension
    with LocalStore.open(tmp_path / "store", fingerprint_of(renamed, codec, settings)) as store:
        Indexer(store, renamed, codec, settings).add_articles(articles)
        hits = Retriever(store, renamed, codec, settings).search("Who built the bridge?", k=2).hits
    assert {hit.article.title for hit in hits} == {"The bridge", "Die Brücke"}


@pytest.mark.model
def test_a_reranker_that_cannot_be_loaded_is_named(library, tmp_path):
    store, encoder, codec, settings = library
    with pytest.raises(ModelError, match="ASSISTANT_RERANKER"):
        Retriever(store, encoder, codec, settings.model_copy(update={"reranker": str(tmp_path / "none")}))


def test_an_article_removed_in_the_middle_of_a_search_does_no_harm(library, articles, tmp_path, monkeypatch):
    _, encoder, codec, settings = library
    fingerprint = fingerprint_of(encoder, codec, settings)
    with LocalStore.open(tmp_path, fingerprint) as store, LocalStore.open(tmp_path, fingerprint) as other:
        Indexer(store, encoder, codec, settings).add_articles(articles)
        retriever = Retriever(store, encoder, codec, settings)
        read = store.token_vectors

        def remove_first(passage_ids):
            other.remove([article.id for article in articles])
            return read(passage_ids)

        monkeypatch.setattr(store, "token_vectors", remove_first)
        assert "Anna Weber" in retriever.search("Who built the old bridge?").hits[0].sentence_text
        monkeypatch.undo()
        assert retriever.search("Who built the old bridge?").hits == ()


class NeverEncodes:
    """The bundled model, refusing to encode passages."""

    def __init__(self, encoder):
        self._encoder = encoder

    def __getattr__(self, name):
        return getattr(self._encoder, name)

    def encode_passages(self, texts):
        raise AssertionError(f"encoded {texts}")


def test_the_tokens_of_a_passage_are_those_of_its_words_and_are_not_encoded_again(library):
    store, encoder, codec, settings = library
    retriever = Retriever(store, NeverEncodes(encoder), codec, settings)
    passage = retriever.search("Who built the old bridge?").hits[0].passage
    tokens = retriever.passage_tokens(passage)
    assert np.linalg.norm(tokens.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    words = [passage.text[start:end] for start, end in tokens.offsets.tolist()]
    assert "".join(words) == "".join(passage.text.split())
    start, end = (place - passage.start for place in (passage.sentences[0].start, passage.sentences[0].end))
    words = [passage.text[start:end][first:last] for first, last in tokens.within(start, end).offsets.tolist()]
    assert "".join(words) == "".join(passage.text[start:end].split())


@pytest.mark.parametrize("number", ["the same", "another passage's"])
def test_the_tokens_of_a_passage_that_is_no_longer_stored_are_encoded_anew(library, articles, tmp_path, number):
    _, encoder, codec, settings = library
    with LocalStore.open(tmp_path, fingerprint_of(encoder, codec, settings)) as store:
        Indexer(store, encoder, codec, settings).add_articles(articles)
        retriever = Retriever(store, encoder, codec, settings)
        passage = retriever.search("Who built the old bridge?").hits[0].passage
        before = retriever.passage_tokens(passage)
        if number == "the same":
            store.remove([passage.article_id])
        else:
            passage = replace(passage, id=retriever.search("How long is bread baked?").hits[0].passage.id)
        after = retriever.passage_tokens(passage)
    assert after.offsets.tolist() == before.offsets.tolist()
    # Batches of another size round a little differently.
    assert (after.vectors * before.vectors).sum(axis=1) == pytest.approx(1, abs=0.05)
    closed = retriever.passage_tokens(passage)
    np.testing.assert_array_equal(closed.vectors, after.vectors)


def test_the_dense_ranking_is_that_of_the_pooled_vectors(library):
    store, encoder, codec, settings = library
    dense = Retriever(store, encoder, codec, settings.model_copy(update={"ranking": "dense"}))
    question = "Wer hat die alte Brücke gebaut?"
    nearest = store.dense_candidates(encoder.encode_questions([question])[0].pooled, 5)
    hits = dense.search(question, k=5).hits
    assert [hit.passage.id for hit in hits] == [candidate.passage_id for candidate in nearest]
    assert [hit.dense for hit in hits] == pytest.approx([candidate.score for candidate in nearest], abs=1e-5)


MUSEUM = """Kestrel Bay's maritime museum welcomed its first visitors on Saturday, after four years of building.

Inside, nine halls tell of fishing, of wrecks and of the lighthouse keepers. The director is Amara Nwosu, who came from
Lagos. Entry costs 7 pounds, and children pay nothing.

The architects, a firm from Oslo, put the halls under a roof shaped like an upturned boat. On Mondays the doors stay shut.
"""


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who is the director of the Kestrel Bay maritime museum?", "Amara Nwosu"),
        ("How much is entry to the Kestrel Bay maritime museum?", "7 pounds"),
        ("Where are the architects of the Kestrel Bay museum from?", "Oslo"),
        ("What is the roof of the Kestrel Bay museum shaped like?", "upturned boat"),
    ],
)
def test_the_sentence_that_answers_need_not_name_the_articles_subject(library, tmp_path, question, said):
    _, encoder, codec, settings = library
    article = Article("museum.md", "Kestrel Bay opens its maritime museum", MUSEUM.replace("\nL", " L"), "en")
    with LocalStore.open(tmp_path, fingerprint_of(encoder, codec, settings)) as store:
        Indexer(store, encoder, codec, settings).add_articles([article])
        assert said in Retriever(store, encoder, codec, settings).search(question).hits[0].sentence_text


FERRIES = """The Corran company has published what its ferries cost from 1 May.

| Island | Single | Return | Bicycle |
| --- | --- | --- | --- |
| Storra | 9 pounds | 15 pounds | 4 pounds |
| Vallay | 12 pounds | 20 pounds | 6 pounds |

Dogs travel free. Tickets are sold on the pier, half an hour before the boats leave.
"""


def test_a_row_of_a_table_is_found_by_the_names_of_its_columns(library, tmp_path):
    _, encoder, codec, settings = library
    (tmp_path / "ferries.md").write_text(FERRIES, encoding="utf-8")
    with LocalStore.open(tmp_path / "store", fingerprint_of(encoder, codec, settings)) as store:
        Indexer(store, encoder, codec, settings).sync([tmp_path / "ferries.md"])
        hits = Retriever(store, encoder, codec, settings).search("What does it cost to take a bicycle to Vallay?").hits
    assert hits[0].sentence_text == "Vallay | 12 pounds | 20 pounds | 6 pounds"


WINDMILL = """The windmill of Aldersund is for sale. It was built in 1811 and ground rye until the war. Its owner, the dentist Paul Moen, \
has lived in it since 1996.

He asks 400,000 crowns for it. Last year a storm tore off two of its sails, and nobody has put them back."""


@pytest.fixture
def windmill(library, articles, tmp_path):
    _, encoder, codec, settings = library
    with LocalStore.open(tmp_path, fingerprint_of(encoder, codec, settings)) as store:
        article = Article("/library/windmill.txt", "Windmill of Aldersund for sale", WINDMILL, "en")
        Indexer(store, encoder, codec, settings).add_articles([article, *articles])
        yield store, encoder, codec, settings


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Since when has Paul Moen lived in the windmill?", "1996"),
        ("Why are two sails of the Aldersund windmill missing?", "storm"),
        ("ما مهنة صاحب طاحونة ألدرسوند؟", "dentist"),
    ],
)
def test_the_sentence_is_chosen_with_the_question_in_view(windmill, question, answer):
    hit = Retriever(*windmill).search(question).hits[0]
    assert answer in hit.sentence_text


@pytest.mark.parametrize(
    "question", ["Which museum shows the windmill of Aldersund?", "How tall is the windmill of Aldersund?"]
)
def test_what_an_article_nearly_says_is_not_relevant(windmill, question):
    assert Retriever(*windmill).search(question).hits[0].score < RELEVANCE_THRESHOLD


def test_without_a_qa_model_search_goes_by_what_is_stored(windmill):
    store, encoder, codec, settings = windmill
    retriever = Retriever(store, encoder, codec, settings.model_copy(update={"qa_model": "none"}))
    result = retriever.search("What does the windmill of Aldersund cost?")
    assert result.hits[0].article.title == "Windmill of Aldersund for sale"
    assert result.hits[0].score > RELEVANCE_THRESHOLD


@pytest.mark.parametrize(
    ("question", "batches"),
    [("Who built the old bridge over the river?", 1), ("Who won the match in Lima on Monday?", 2)],
)
def test_further_candidates_are_read_where_none_of_the_first_answers(library, monkeypatch, question, batches):
    retriever = Retriever(*library)
    qa_model = retriever._qa_model.result()
    read, sizes = qa_model.read, []
    monkeypatch.setattr(qa_model, "read", lambda texts: sizes.append(len(texts)) or read(texts))
    retriever.search(question)
    assert sizes[0] == QA_DEPTH
    assert len(sizes) == batches
