"""Summaries that a chat model writes: what of them reaches the reader."""

import pytest

from assistant.answering.events import Finished, Token
from assistant.answering.explanations import explain
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.responder import Responder
from assistant.articles.article import Article
from assistant.conversation.conversation import Conversation
from assistant.embedding.token_codec import load_codec
from assistant.errors import ModelError
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.retrieval.retriever import Retriever
from assistant.settings import load_settings
from assistant.store.local_store import LocalStore

ORCHARD = Article(
    "orchard.txt",
    "Villagers of Lomna save an orchard",
    "Villagers of Lomna have bought the old orchard above the river. "
    "The orchard has 214 trees of 31 kinds, some of them a century old. "
    "The schoolteacher Irena Boban collected the money. "
    "She asked every family for ten euros a month. "
    "The first cider is to be pressed in October.",
    "en",
)
PRICES = Article(
    "prices.txt",
    "Prices of the Lomna press",
    "The press in Lomna opens in October and has new prices.\n\n"
    "Fruit | Price\nApples | 2 €\nPears | 3 €\nQuinces | 4 €\n\n"
    "Members of the club pay half of that.",
    "en",
)
_YEARS = [
    f"In {year} the keeper Jonas Varga wrote about storm number {year - 1700} in his diary."
    for year in range(1801, 1990)
]
DIARY = Article(
    "diary.txt", "The diary of a lighthouse", "A diary was found in a lighthouse. " + " ".join(_YEARS), "en"
)


@pytest.fixture(scope="module")
def village(encoder, tmp_path_factory):
    """A retriever over three articles."""
    settings = load_settings(chat_model="extractive", store=tmp_path_factory.mktemp("village"))
    codec = load_codec(encoder)
    store = LocalStore.open(settings.store, fingerprint_of(encoder, codec, settings))
    Indexer(store, encoder, codec, settings).add_articles([ORCHARD, PRICES, DIARY])
    yield Retriever(store, encoder, codec, settings)
    store.close()


@pytest.fixture
def responder(village, scripted):
    """Make a responder whose chat model writes the given texts, one a call."""
    settings = load_settings(chat_model="extractive")
    return lambda *script: Responder(village, settings, scripted(*script) if script else None)


def test_each_sentence_is_checked_and_cited(responder):
    made = responder(
        "Villagers of Lomna have bought an old orchard. It has 214 trees. It has 900 birds. "
        "Irena Boban asked every family for ten euros a month."
    ).summarise([ORCHARD.id])
    assert made.text == (
        "Villagers of Lomna have bought an old orchard [1]. It has 214 trees [2]. "
        "Irena Boban asked every family for ten euros a month [3]."
    )
    assert (made.model, made.left_out, made.notes) == ("scripted", 1, (phrase(Phrase.LEFT_OUT, "en"),))


def test_in_a_conversation_what_holds_is_streamed_and_a_question_may_follow(responder):
    conversation = Conversation(responder("Villagers of Lomna have bought an orchard. They sold it. It has 214 trees."))
    events = list(conversation.stream("summarise the article about the orchard of Lomna"))
    shown = "".join(event.text for event in events if isinstance(event, Token))
    assert isinstance(events[-1], Finished)
    assert events[-1].answer.text == shown == "Villagers of Lomna have bought an orchard [1]. It has 214 trees [2]."
    assert conversation.turns[-1].standalone == ORCHARD.title


def test_the_summary_speaks_the_readers_language(responder):
    writing = responder("Die Dorfbewohner von Lomna haben den alten Obstgarten gekauft. Er hat 214 Bäume.")
    made = writing.summarise([ORCHARD.id], language="de")
    assert "in German" in writing.model.connect().asked[0]
    assert made.language == "de"
    assert "214 Bäume [2]" in made.text


@pytest.mark.parametrize("written", ["The mayor sold it for 5 euros.", "", ModelError("It ran out of memory.")])
def test_where_nothing_holds_the_central_sentences_stand_with_a_note(responder, written):
    made = responder(written).summarise([ORCHARD.id])
    central = responder().summarise([ORCHARD.id])
    assert made.text == central.text
    assert made.model == "extractive"
    assert len(made.notes) == 1
    assert central.notes == ()


def test_of_several_articles_each_has_a_line(responder):
    made = responder(
        "Villagers of Lomna have bought the old orchard.", "The press in Lomna opens in October."
    ).summarise([ORCHARD.id, PRICES.id])
    assert [line.split()[0] for line in made.text.split("\n")] == ["Villagers", "The"]
    assert {citation.article.id for citation in made.citations} == {ORCHARD.id, PRICES.id}


def test_the_rows_of_a_table_are_left_to_the_table(responder):
    made = responder("The press in Lomna opens in October. Members of the club pay half.")
    asked = made.summarise([PRICES.id])
    assert "Quinces" not in made.model.connect().asked[0]
    assert "Quinces" not in asked.text
    assert "Quinces" not in responder().summarise([PRICES.id]).text


def test_an_explanation_keeps_rows_apart(hit, result):
    lines = ["The press has new prices.", "Fruit | Price", "Apples | 2 €", "Pears | 3 €", "Members pay half."]
    made = explain(result(hit(lines, separator="\n"), question="Explain the prices"))
    assert made.text.split("\n") == [f"{line} [{number}]" for number, line in enumerate(lines, 1)]


def test_a_long_article_is_read_in_parts_from_its_beginning_to_its_end(responder):
    years = (1801, 1870, 1920, 1980)
    written = [f"In {year} Jonas Varga wrote about storm number {year - 1700}." for year in years]
    model = responder(*written)
    model.summarise([DIARY.id])
    asked = model.model.connect().asked
    assert 1 < len(asked) <= 4
    assert "A diary was found" in asked[0]
    assert "1989" in asked[-1]
