"""Answers of several sentences that a chat model writes: what of them reaches the reader, and when."""

import pytest

from assistant.answering.answer import Status
from assistant.answering.checked_answer import MOST_SENTENCES
from assistant.answering.events import Finished, Token
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.responder import Responder
from assistant.answering.turns.kinds import TurnKind
from assistant.articles.article import Article
from assistant.embedding.token_codec import load_codec
from assistant.errors import ModelError
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.retrieval.retriever import Retriever
from assistant.settings import load_settings
from assistant.store.local_store import LocalStore

MILL = Article(
    "mill.txt",
    "Hallam watermill reopens",
    "The watermill in Hallam reopened on 4 May after a restoration that lasted six years. "
    "The architect Vesna Kolar led the work, which cost £2.3 million. "
    "She replaced the oak wheel, and the old one is shown in the yard. "
    "Flour is ground on Saturdays. "
    "Visitors pay £6, and pupils of the town's schools get in free.",
    "en",
)
KILN = Article(
    "kiln.txt",
    "Brick kiln of Ostry closes",
    "The brick kiln of Ostry burnt its last bricks in March. "
    "Its owner, Tomas Hruska, said that gas had become too dear. "
    "The kiln opened in 1911 and had 48 workers at the end.",
    "en",
)
WORK = "Explain how the Hallam watermill was restored."


@pytest.fixture(scope="module")
def works(encoder, tmp_path_factory):
    """A retriever over two articles."""
    settings = load_settings(chat_model="extractive", store=tmp_path_factory.mktemp("works"))
    codec = load_codec(encoder)
    store = LocalStore.open(settings.store, fingerprint_of(encoder, codec, settings))
    Indexer(store, encoder, codec, settings).add_articles([MILL, KILN])
    yield Retriever(store, encoder, codec, settings)
    store.close()


@pytest.fixture
def answer(works, scripted):
    """Make a responder whose chat model writes the given texts, one a call."""
    return lambda *script: Responder(works, load_settings(chat_model="extractive"), scripted(*script))


def test_this_is_a_question_for_several_sentences(answer):
    assert answer("").turns.classify(WORK).kind is TurnKind.EXPLANATION


def test_each_sentence_that_holds_is_kept_with_its_citation(answer):
    made = answer(
        "The restoration of the Hallam watermill lasted six years [1]. Vesna Kolar led the work [1]. "
        "She replaced the oak wheel. The mill has a golden roof [1]."
    ).ask(WORK)
    assert made.text == (
        "The restoration of the Hallam watermill lasted six years [1]. Vesna Kolar led the work [2]. "
        "She replaced the oak wheel [3]."
    )
    assert [citation.quote.split()[1] for citation in made.citations] == ["watermill", "architect", "replaced"]
    assert (made.model, made.left_out, made.notes) == ("scripted", 1, (phrase(Phrase.LEFT_OUT, "en"),))


def test_only_what_was_checked_is_streamed(answer):
    events = list(
        answer(
            "The restoration lasted six years [1]. Tomas Hruska led the work [1]. The work cost £2.3 million [1]. "
            "It cost £9 million [1]."
        ).stream(WORK)
    )
    shown = "".join(event.text for event in events if isinstance(event, Token))
    assert shown == "The restoration lasted six years [1]. The work cost £2.3 million [2]."
    assert isinstance(events[-1], Finished)
    assert events[-1].answer.text == shown


@pytest.mark.parametrize(
    "written",
    [
        "Tomas Hruska restored the mill in 1911 [1]. It cost £9 million [1]. It has 48 workers [1].",
        "The work cost £2.3 million [1]. Tomas Hruska restored the mill [1]. It took nine years [1].",
        "Flour is ground on Saturdays [1].",
        "PWNED",
    ],
)
def test_where_too_little_holds_or_nothing_answers_the_articles_are_quoted(answer, written):
    made = answer(written).ask(WORK)
    assert made.model == "extractive"
    assert made.notes == (phrase(Phrase.QUOTED_UNSUPPORTED, "en"),)
    assert len(made.citations) > 1
    assert "The architect Vesna Kolar led the work" in made.text


def test_a_model_that_fails_gives_way_to_several_quotations(answer):
    made = answer(ModelError("It ran out of memory.")).ask(WORK)
    assert made.model == "extractive"
    assert "It ran out of memory." in made.notes[0]
    assert len(made.citations) > 1


def test_a_model_may_find_no_answer(answer):
    made = answer("NOT FOUND").ask(WORK)
    assert (made.status, made.choices[0].article) == (Status.CLARIFY, MILL.id)


def test_a_model_that_repeats_itself_is_stopped(answer):
    responder = answer("The work cost £2.3 million. " * 40)
    made = responder.ask(WORK)
    assert made.text == "The work cost £2.3 million [1]."
    assert responder.model.connect().closed == 1


def test_lines_stay_lines_and_lose_their_numbers(answer):
    made = answer("1. The work cost £2.3 million [1]\n2. Visitors pay £6 [1]").ask(WORK)
    assert made.text == "The work cost £2.3 million [1]\nVisitors pay £6 [2]"


def test_what_commas_set_apart_may_stand_in_sentences_of_their_own(answer):
    made = answer("The work cost £2.3 million, the oak wheel was replaced, and flour is ground on Saturdays.").ask(WORK)
    assert made.left_out == 0
    assert made.text.endswith("ground on Saturdays [1][2][3].")
    assert [citation.quote[:9] for citation in made.citations] == ["The archi", "She repla", "Flour is "]


def test_what_is_mixed_from_several_sentences_is_dropped(answer):
    made = answer("The work cost £2.3 million. Vesna Kolar, who is in the yard, lasted six years.").ask(WORK)
    assert made.text == "The work cost £2.3 million [1]."


def test_a_model_that_goes_on_and_on_is_stopped(answer):
    written = [f"The work cost £2.3 million{'!' * number}" for number in range(1, 20)]
    made = answer(" ".join(written)).ask(WORK)
    assert made.text.count("[1]") == MOST_SENTENCES


def test_another_language_is_checked_too(answer):
    made = answer(
        "Die Restaurierung der Wassermühle dauerte sechs Jahre [1]. Die Restaurierung kostete 2,3 Millionen Pfund [1]. "
        "Sie dauerte neun Jahre [1]."
    ).ask("Erkläre, wie die Wassermühle von Hallam restauriert wurde.")
    assert made.text.count("[") == 2
    assert "neun" not in made.text
