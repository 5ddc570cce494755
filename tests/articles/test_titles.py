import pytest

from assistant.articles.reading import build_article
from assistant.articles.titles import shorten, unless_placeholder
from assistant.errors import ReadError


@pytest.mark.parametrize(
    "title",
    [
        "untitled",
        "Untitled-1",
        "Microsoft Word - draft final.doc",
        "Document1",
        "report.PDF",
        "Word Document",
        "about:blank",
    ],
)
def test_titles_that_programs_write_are_no_titles(title):
    assert unless_placeholder(title) == ""


@pytest.mark.parametrize("title", ["Documents of the summit", "Slides and ladders", "قمة موسكو", "Node.js in Action"])
def test_titles_that_people_write_stay(title):
    assert unless_placeholder(title) == title


def test_long_titles_end_at_a_word():
    title = shorten("كلمة " * 50, 120)
    assert len(title) <= 120
    assert title.endswith("كلمة…")


def test_a_long_title_without_spaces_is_cut_anywhere():
    assert shorten("峰" * 300, 120) == "峰" * 119 + "…"


def test_the_first_line_with_words_is_the_title():
    assert build_article("/a.txt", "\n \n  The   headline \n\nText.").title == "The headline"


@pytest.mark.parametrize(
    ("source", "text", "title"),
    [
        ("/people/Ines Kaldor.md", "Phone: 0134 87\nOffice: room 2\n", "Ines Kaldor"),
        ("/people/سلمى الحداد.txt", "الهاتف: 0134\nالمكتب: غرفة 2\n", "سلمى الحداد"),
        ("/notes/harbour_dues-2025.txt", "a sentence that goes on and on " * 8, "harbour dues 2025"),
        ("/scans/IMG_0231.txt", "Phone: 0134 87\nOffice: room 2\n", "Phone: 0134 87"),
        ("https://example.org/ines-kaldor", "Phone: 0134 87\nOffice: room 2\n", "Phone: 0134 87"),
        ("/people/Ines Kaldor.md", "Harbour: the new dues\n\nBoats pay more: 5 euros.", "Ines Kaldor"),
        ("/x<img src=x onerror=alert>.txt", "Phone: 0134 87\nOffice: room 2\n", "Phone: 0134 87"),
        ("/a b c.txt", "A headline\n\nThe story.", "A headline"),
    ],
)
def test_a_text_without_a_headline_is_called_as_its_file(source, text, title):
    assert build_article(source, text).title == title


def test_metadata_comes_before_the_first_line():
    article = build_article("/a.txt", "First line.", {"title": "From\nmetadata", "author": " N. N. ", "url": ""})
    assert article.title == "From metadata"
    assert article.metadata == {"author": "N. N."}


def test_text_without_a_character_is_refused():
    with pytest.raises(ReadError, match=r"/a\.txt: it is empty") as caught:
        build_article("/a.txt", " \n\t\ufeff")
    assert caught.value.source == "/a.txt"
