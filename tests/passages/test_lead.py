import pytest

from assistant.articles.article import Article
from assistant.passages.chunker import chunk
from assistant.passages.lead import byline_of, lead_of, title_end

BODY = "It was built in 1811 and ground rye until the war.\n\nHe asks 400,000 crowns for it."


def article(title, text):
    return Article("/library/mill.txt", title, text, "en")


def passages(one):
    return chunk(one, lambda texts: [len(text.split()) for text in texts], 200)


def test_a_title_that_the_text_begins_with_is_no_sentence():
    mill = article("Windmill of Aldersund for sale", f"Windmill of Aldersund for sale\n\n{BODY}")
    [passage] = passages(mill)
    assert passage.start == 0
    assert passage.text == mill.text
    assert [span.of(mill.text) for span in passage.sentences] == [
        "It was built in 1811 and ground rye until the war.",
        "He asks 400,000 crowns for it.",
    ]
    assert lead_of(mill) == "It was built in 1811 and ground rye until the war."


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Windmill for sale", BODY),
        # The first sentence of a text without a title stands for one.
        ("The mill of Aldersund is for sale.", f"The mill of Aldersund is for sale.\n{BODY}"),
        ("出售风车。", f"出售风车。\n{BODY}"),
        # A first line too long for a title, of which the title is the beginning.
        ("The mill…", f"The mill of Aldersund is for sale\n{BODY}"),
    ],
)
def test_what_is_no_title_stays_a_sentence(title, text):
    one = article(title, text)
    assert title_end(one) == 0
    assert passages(one)[0].sentences[0].start == 0
    assert lead_of(one) == passages(one)[0].sentences[0].of(text)


def test_an_article_of_nothing_but_its_title_keeps_it():
    one = article("Windmill for sale", "Windmill for sale")
    assert [span.of(one.text) for span in passages(one)[0].sentences] == ["Windmill for sale"]


def test_a_title_lies_in_the_first_passage_whatever_follows_it():
    text = f"Windmill for sale\n[1] https://example.org/mill\n\n{BODY}"
    assert passages(article("Windmill for sale", text))[0].text.startswith("Windmill for sale")


def test_a_title_that_has_no_room_beside_the_next_sentence_stays_one():
    one = article("Windmill of Aldersund for sale", "Windmill of Aldersund for sale\n" + "word " * 40)
    found = chunk(one, lambda texts: [len(text.split()) for text in texts], 10)
    assert all(len(passage.text.split()) <= 10 for passage in found)
    assert " ".join(passage.text for passage in found).split() == one.text.split()


def test_an_article_without_a_title_has_none_in_its_text():
    assert title_end(article("", "\nIt was built in 1811.")) == 0
    assert title_end(article("", "One line only.")) == 0


@pytest.mark.parametrize(
    "byline",
    [
        "By Petra Lindqvist, 18 September 2026",
        "12 March 2026",
        "حاورها أنس المرادي، 22 تشرين الثاني ٢٠٢٥",
        "2026年7月3日 记者 沈沐阳",
        "Reviewed January 2026",
        "*Press release, 4 February 2026*",
    ],
)
def test_a_byline_is_told_from_the_lead(byline):
    mill = article("Windmill for sale", f"Windmill for sale\n\n{byline}\n\n{BODY}")
    assert byline_of(mill).of(mill.text) == byline
    assert lead_of(mill) == "It was built in 1811 and ground rye until the war."


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        # A sentence with a year, a number that is none, and a line that is all there is.
        f"It was sold in 1811.\n\n{BODY}",
        f"It was sold in 1811. [2]\n\n{BODY}",
        f"The mill, with 4000 bricks and 36000 stones\n\n{BODY}",
        "Sold on 18 September 2026",
        # Too long, and too far below the title.
        f"Sold on 18 September 2026 with all that belongs to it, the house, the barn, the pond and a field\n\n{BODY}",
        f"{BODY}\n\nBy Petra Lindqvist, 18 September 2026\n\n{BODY}",
    ],
)
def test_other_lines_are_no_byline(text):
    mill = article("Windmill for sale", f"Windmill for sale\n\n{text}")
    assert byline_of(mill) is None
    assert lead_of(mill)[:12] == text[:12]
