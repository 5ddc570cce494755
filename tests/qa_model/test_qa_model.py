from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import ModelError
from assistant.language.sentences import split_sentences
from assistant.passages.passage import Span
from assistant.qa_model.adaptation import read_adaptation
from assistant.qa_model.loading import GRAPH_FILE, load_qa_model
from assistant.qa_model.qa_model import LONGEST_ANSWER, UNREAD, QaInput, sentence_odds
from assistant.settings import load_settings

# Of no set that the QA model was trained or measured on.
MILL = (
    "The old paper mill of Tarnholt opens as a museum on Saturday. It was closed in 1987, when its owner went bankrupt. "
    "The rebuilding took three years and was led by the architect Ingrid Solheim. Visitors pay 9 euros, children nothing. "
    "The largest machine, which weighs 40 tonnes, stayed where it was because no door was wide enough."
)


def qa_input(question, text=MILL, heading="Paper mill of Tarnholt becomes a museum", language="en"):
    return QaInput(question, heading, text, tuple(Span(*span) for span in split_sentences(text, language)))


@pytest.fixture(scope="session")
def qa_model():
    return load_qa_model(load_settings())


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Who led the rebuilding of the mill in Tarnholt?", 2),
        ("When did the Tarnholt paper mill shut down?", 1),
        ("Why was the largest machine of the mill in Tarnholt not moved?", 4),
        ("Кто руководил перестройкой бумажной фабрики в Тарнхольте?", 2),
    ],
)
def test_the_sentence_that_answers_is_found_whatever_names_the_subject(qa_model, question, sentence):
    (odds,) = qa_model.read([qa_input(question)])
    assert odds.argmax() == sentence
    assert (odds > 0).sum() == 1


@pytest.mark.parametrize("question", ["tickets Tarnholt museum price", "كم يبلغ سعر تذكرة متحف تارنهولت؟"])
def test_of_what_it_is_not_sure_it_still_finds_the_likeliest(qa_model, question):
    (odds,) = qa_model.read([qa_input(question)])
    assert odds.argmax() == 3


@pytest.mark.parametrize(
    "question",
    [
        "How many people worked in the paper mill of Tarnholt?",
        "Who won the world cup in 1998?",
        "من هو رئيس فرنسا؟",
        "Who founded the paper mill of Tarnholt?",
    ],
)
def test_nothing_answers_what_the_text_does_not_say(qa_model, question):
    (odds,) = qa_model.read([qa_input(question)])
    assert odds.max() < 0


def test_a_text_is_read_the_same_beside_others(qa_model):
    question = "Who led the rebuilding of the mill?"
    other = qa_input("How long does bread rise?", "Bread rises for two hours.", "Bread")
    alone = qa_model.read([qa_input(question)])[0]
    np.testing.assert_array_equal(qa_model.read([other, qa_input(question)])[1], alone)


@pytest.mark.parametrize("heading", ["", "a title " * 400])
@pytest.mark.parametrize("text", ["", "\u200f", "x" * 30_000, "😀😀 \ud800"])
@pytest.mark.parametrize("question", ["?", "", "word " * 3000])
def test_odd_texts_are_read_without_error(qa_model, question, heading, text):
    (odds,) = qa_model.read([QaInput(question, heading, text, (Span(0, len(text)),))])
    assert odds.shape == (1,)
    assert np.isfinite(odds).all()


def test_sentences_behind_what_is_taken_in_are_not_read(qa_model):
    text = MILL + " The river rose again." * 300
    (odds,) = qa_model.read([qa_input("Who led the rebuilding of the mill?", text)])
    assert odds.argmax() == 2
    assert odds[-1] == UNREAD


def test_no_text_needs_no_reading(qa_model):
    assert qa_model.read([]) == []


TOKENS = st.lists(st.tuples(st.floats(-9, 9, width=32), st.floats(-9, 9, width=32)), min_size=1, max_size=70)


@given(TOKENS, st.integers(1, 5))
def test_a_sentence_says_as_much_as_its_best_answer(logits, parts):
    tokens = np.array(logits, np.float32)
    offsets = np.array([(at, at + 1) for at in range(len(tokens))], np.int32)
    bounds = np.linspace(0, len(tokens), parts + 1).astype(int).tolist()
    sentences = [Span(start, end) for start, end in pairwise(bounds)]
    odds = sentence_odds(tokens, offsets, sentences)
    for found, sentence in zip(odds, sentences, strict=True):
        sums = [
            tokens[begin, 0] + tokens[end, 1]
            for begin in range(sentence.start, sentence.end)
            for end in range(begin, min(sentence.end, begin + LONGEST_ANSWER))
        ]
        assert found == (pytest.approx(max(sums), abs=1e-4) if sums else UNREAD)


def test_the_adaptation_changes_every_matrix_but_the_table():
    adaptation = read_adaptation()
    added = adaptation.added()
    assert len(added) == 12 * 6
    assert adaptation.head.shape == (2, 384)
    assert all(np.isfinite(one).all() and np.abs(one).max() > 0 for one in added.values())


def test_none_reads_nothing():
    assert load_qa_model(load_settings(qa_model="none")) is None


def test_a_damaged_graph_is_made_anew(qa_model, tmp_path):
    cache = load_settings().cache
    settings = load_settings(cache=tmp_path)
    for folder in cache.iterdir():
        if folder.is_dir() and not folder.name.startswith("qa-"):
            (tmp_path / folder.name).symlink_to(folder)
    load_qa_model(settings)
    (graph,) = tmp_path.glob(f"qa-*/{GRAPH_FILE}")
    content = bytearray(graph.read_bytes())
    content[:64] = bytes(64)
    graph.write_bytes(content)
    (odds,) = load_qa_model(settings).read([qa_input("Who led the rebuilding of the mill?")])
    np.testing.assert_array_equal(odds, qa_model.read([qa_input("Who led the rebuilding of the mill?")])[0])


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="ASSISTANT_CACHE"):
        load_qa_model(load_settings(cache=tmp_path / "file"))
