"""Hostile articles, names and questions stay text: nothing runs, nothing is fetched, nothing reorders the page.

The fixture `visit` fails a test whenever a script fails, a dialog opens or anything is fetched from elsewhere.
"""

import json

import pytest

HOSTILE = (
    '<img src=x onerror="alert(1)"> <script>alert(2)</script> <svg onload=alert(3)></svg> '
    "![pixel](https://evil.example/pixel.png) [press](javascript:alert(4)) <a href='javascript:alert(5)'>here</a> "
    "{{constructor.constructor('alert(6)')()}} =HYPERLINK(\"https://evil.example\") \u202egnisrever [1] [2]"
)
SENTENCE = "The zeppelin museum of Friedrichshafen opened in 1996"
ARTICLE = f"zeppelins \u202e{HOSTILE}\n\n{SENTENCE} {HOSTILE}.\n\nIt shows the largest collection of airships.\n"


@pytest.fixture
def hostile_article(visit):
    """The hostile article, uploaded under a hostile name; the page that did it."""
    page = visit("/#/library")
    page.locator("#articles li").first.wait_for()
    name = '<img src=x onerror=alert(7)>\u202etxt.exe"=cmd.txt'
    file = {"name": name, "mimeType": "text/plain", "buffer": ARTICLE.encode()}
    page.locator("#files").set_input_files(file)
    page.locator("#jobs li.done").wait_for()
    row = page.locator("#articles li", has_text="zeppelins")
    row.wait_for()
    yield page
    row.get_by_role("button", name="Remove").click()
    page.locator("#confirm-yes").click()
    row.wait_for(state="detached")


def test_hostile_articles_stay_text_everywhere(hostile_article, visit, ask):
    library = hostile_article
    is_inert(library)
    library.locator("#articles li", has_text="zeppelins").locator(".title").click()
    library.locator("#reader p").first.wait_for()
    is_inert(library)
    assert "<script>alert(2)</script>" in library.locator("#reader-text").inner_text()
    library.keyboard.press("Escape")

    page = visit()
    turn = ask(page, "When did the zeppelin museum of Friedrichshafen open?")
    assert "1996" in turn.locator(".said").inner_text()
    assert page.locator(".source mark").first.is_visible()
    is_inert(page)
    # The article's own [1] and [2] do not pose as citations.
    assert turn.locator(".cite").count() == page.locator(".source").count()
    page.get_by_role("button", name="Show in article").first.click()
    page.locator("#reader mark").wait_for()
    is_inert(page)


def test_hostile_questions_stay_text_in_the_chat_the_history_and_the_exports(visit, ask):
    page = visit()
    ask(page, HOSTILE)
    page.reload()
    page.locator(".turn .facts").wait_for()
    page.locator("#conversations li.current > a").wait_for()

    assert "<script>alert(2)</script>" in page.locator(".asked").inner_text()
    assert "\u202e" not in page.locator(".asked").inner_text()
    assert "\u202e" not in page.locator("#conversations").inner_text()
    is_inert(page)
    with page.expect_download() as markdown:
        page.get_by_role("link", name="Export: Markdown").click()
    exported = markdown.value.path().read_text(encoding="utf-8")
    assert "<script" not in exported.replace("\\<script", "")
    assert "![pixel]" not in exported
    assert "](javascript:" not in exported
    with page.expect_download() as document:
        page.get_by_role("link", name="Export: JSON").click()
    assert json.loads(document.value.path().read_text(encoding="utf-8"))[0]["question"].startswith("<img src=x")


def is_inert(page):
    """Assert that the page has no element, attribute or link that only hostile text could have made."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap((element) => [
            ...(["IMG", "IFRAME", "OBJECT", "EMBED", "VIDEO"].includes(element.tagName) ? [element.outerHTML] : []),
            ...(element.tagName === "SCRIPT" && !element.src && element.id !== "words" ? [element.outerHTML] : []),
            ...[...element.attributes]
                .filter(({ name, value }) => /^on/.test(name) || /^\\s*javascript:/i.test(value))
                .map(({ name, value }) => `${name}=${value}`),
        ])"""
    )
    assert found == []
