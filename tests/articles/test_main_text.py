import re

import trafilatura

from assistant.articles.html_text import text_of
from assistant.articles.main_text import UNWANTED, main_segments

LONG = "The ferry to the outer islands sails again from Monday, the company said after a week of storms."
MENU = "<nav><ul>" + "".join(f"<li><a href='/{n}'>Menu {n}</a></li>" for n in range(9)) + "</ul></nav>"


def read(body):
    page = f"<html><head><title>T</title></head><body>{MENU}{body}<footer><p>Imprint</p></footer></body></html>"
    return text_of(main_segments(trafilatura.load_html(page)))


def test_text_beside_headings_and_breaks_is_the_articles():
    body = f"<article><h1>Ferry</h1>Lead: {LONG}<br><br>Then: {LONG}<section><h2>Fares</h2>Free: {LONG}</section></article>"
    assert read(body) == f"Ferry\n\nLead: {LONG}\n\nThen: {LONG}\n\nFares\n\nFree: {LONG}"


def test_lists_captions_and_divisions_among_paragraphs_stay_at_their_place():
    body = (
        f"<article><p>{LONG}</p><ul><li>Bring a coat.</li></ul><figure><figcaption>Captain Ito.</figcaption></figure>"
        f"<div>A line in a division.</div><p>{LONG}</p></article>"
    )
    assert read(body) == f"{LONG}\n\nBring a coat.\n\nCaptain Ito.\n\nA line in a division.\n\n{LONG}"


def test_menus_related_links_and_comments_stay_out():
    body = (
        f"<article><p>{LONG}</p><p>{LONG}</p><p><a href='/x'>Read also: ten other ferries</a></p></article>"
        f"<aside><p>Advert for a hotel</p></aside><div class='comments'><p>First comment: {LONG}</p></div>"
    )
    text = read(body)
    assert text.startswith(f"{LONG}\n\n{LONG}")
    for outside in ("Menu 1", "Advert", "First comment", "Imprint"):
        assert outside not in text


def test_a_page_of_links_has_no_article():
    assert read("<p>") == ""


def test_signs_of_the_marks_in_a_page_do_no_harm():
    assert read(f"<article><p>\U0001d800\U0001d9ff {LONG}</p></article>") == f"\U0001d800\U0001d9ff {LONG}"


def test_what_stands_beside_an_article_is_told_by_each_element_alone():
    """It is looked for in copies of elements, without what is around them or in them."""
    assert UNWANTED
    for expression in UNWANTED:
        assert re.fullmatch(r"\s*\.//\*\[[^/]*\]\s*", expression.path)
        assert not re.search(
            r"text\(|ancestor|descendant|child::|parent|sibling|preceding|following|position|last\(", expression.path
        )


def test_attributes_and_names_that_no_xml_may_have_are_no_hindrance():
    body = (
        f"<article><o:p xmlns:og='x' class='a\x01b'>A note.</o:p><div 1=2 class=byline>By R. S.</div><p>{LONG}</p><p>{LONG}</p>"
        f"<div xmlns:og='y' class=odd>Loose text of the article.</div><p>{LONG} Twice.</p></article>"
    )
    text = read(body)
    assert "Loose text of the article." in text
    assert "By R. S." not in text
