import pytest

from assistant.articles.article import Article
from assistant.passages.chunker import chunk
from assistant.passages.headings import headings_above

LONG = "A long line without a full stop " * 4


def headings(text):
    article = Article("/library/help.txt", "Help", text, "en")
    [passage] = chunk(article, lambda texts: [len(text.split()) for text in texts], 500)
    said = [span.of(text) for span in passage.sentences]
    return {one: said[at] for one, at in zip(said, headings_above(passage), strict=True) if at is not None}


def test_sentences_stand_below_the_last_heading():
    text = "Open daily.\n\nPrices\n\nAdults pay 3 euros. Children swim free.\n\nLost keys?\n\nAsk at the till."
    assert headings(text) == {
        "Adults pay 3 euros.": "Prices",
        "Children swim free.": "Prices",
        "Ask at the till.": "Lost keys?",
    }


@pytest.mark.parametrize(
    "text",
    [
        "It rained.\n\nThe river rose.\n\nNobody was hurt.",
        "Bring\na towel\nsoap\n\nThe doors close at nine.",
        "The doors close at nine.\n\nThe mayor's office",
        f"{LONG}\n\nThe doors close at nine.",
        "水位上升。\n\n没有人受伤。",
    ],
    ids=["sentences", "lines of a list", "nothing below", "too long", "Chinese sentences"],
)
def test_other_lines_are_no_headings(text):
    assert headings(text) == {}
