"""Hostile articles, names and questions stay text: nothing runs, nothing is fetched, nothing reorders the page.

The fixture `visit` fails a test whenever a script fails, a dialog opens or anything is fetched from elsewhere.
"""

import json
from functools import partial

import pytest

HOSTILE = (
    '<img src=x onerror="alert(1)"> <script>alert(2)</script> <svg onload=alert(3)></svg> '
    "![pixel](https://evil.example/pixel.png) [press](javascript:alert(4)) <a href='javascript:alert(5)'>here</a> "
    "{{constructor.constructor('alert(6)')()}} ${document.title='owned'} ${alert(9)} =HYPERLINK(\"https://evil.example\") \u202egnisrever [1] [2]"
)
SENTENCE = "The zeppelin museum of Friedrichshafen opened in 1996"
CELL = "#articles [role=gridcell]"
ARTICLE = f"zeppelins \u202e{HOSTILE}\n\n{SENTENCE} {HOSTILE}.\n\nIt shows the largest collection of airships.\n"


@pytest.fixture(params=[False, True], ids=["guarded", "bare"])
def visit_bare(request, visit):
    """Open the page, once guarded by its security policy and once with the browser ignoring that."""
    return partial(visit, bypass_csp=request.param)


@pytest.fixture
def hostile_article(visit_bare):
    """The hostile article, uploaded under a hostile name; the page that did it."""
    page = visit_bare()
    page.get_by_role("tab", name="Library").click()
    page.locator(CELL).first.wait_for()
    name = '<img src=x onerror=alert(7)>\u202etxt.exe${alert(8)}"=cmd.txt'
    file = {"name": name, "mimeType": "text/plain", "buffer": ARTICLE.encode()}
    page.locator("#upload input[type=file]").set_input_files(file)
    page.locator("#jobs li.done").wait_for()
    row = page.locator(CELL, has_text="zeppelins")
    row.wait_for()
    yield page
    row.click()
    page.locator("#chosen", has_text="zeppelins").wait_for()
    page.locator("#remove").click()
    page.locator("#confirm-remove", has_text="zeppelins").wait_for()
    is_inert(page)
    page.locator("#remove-yes").click()
    row.wait_for(state="detached")


def test_hostile_articles_stay_text_everywhere(hostile_article, visit_bare, ask):
    library = hostile_article
    is_inert(library)
    library.locator(CELL, has_text="zeppelins").click()
    library.locator("#chosen", has_text="zeppelins").wait_for()
    library.locator("#read").click()
    library.locator("#reader p").first.wait_for()
    is_inert(library)
    shown = library.locator("#reader .reading").inner_text()
    assert "<script>alert(2)</script>" in shown
    assert "${document.title='owned'}" in shown
    library.keyboard.press("Escape")
    library.locator("#ask-only").click()
    library.locator(".toast-body").first.wait_for()
    is_inert(library)
    library.locator("#filters", has_text="zeppelins").wait_for(state="attached")
    library.get_by_role("tab", name="Settings").click()
    library.locator("#only", has_text="zeppelins").wait_for()
    is_inert(library)
    library.locator("#reset").click()
    library.get_by_role("tab", name="Library").click()

    page = visit_bare()
    answer = ask(page, "When did the zeppelin museum of Friedrichshafen open?")
    assert "1996" in answer.locator(".said").inner_text()
    assert page.locator(".source mark").first.is_visible()
    is_inert(page)
    # The article's own [1] and [2] do not pose as citations.
    assert answer.locator(".cite").count() == page.locator(".source").count()
    page.get_by_role("button", name="Show in article").first.click()
    page.locator("#reader mark").wait_for()
    is_inert(page)


def test_hostile_questions_stay_text_in_the_chat_the_history_and_the_exports(visit_bare, ask):
    page = visit_bare()
    ask(page, HOSTILE)
    page.reload()
    page.locator("#chat .facts").wait_for()
    page.locator("#conversations label.selected").wait_for()

    asked = page.locator("#chat .user-row .message-content").inner_text().replace("\u2060", "")
    assert "<script>alert(2)</script>" in asked
    assert "\u202e" not in asked
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


def test_a_hostile_address_and_what_is_said_of_it_stay_text(visit_bare):
    page = visit_bare()
    page.get_by_role("tab", name="Library").click()
    page.locator("#url textarea, #url input").fill(f"https://127.0.0.1:9/{HOSTILE}")
    page.locator("#url button").click()

    page.locator("#jobs li.failed").wait_for()
    is_inert(page)


def is_inert(page):
    """Assert that the page has no element, attribute or link that only hostile text could have made."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap((element) => [
            ...(["IMG", "IFRAME", "OBJECT", "EMBED", "VIDEO"].includes(element.tagName) ? [element.outerHTML] : []),
            ...(element.tagName === "SCRIPT" && /alert|owned/.test(element.text) && !element.text.startsWith("window.")
                ? [element.outerHTML] : []),
            ...[...element.attributes]
                .filter(({ name, value }) => /^on/.test(name) || /^\\s*javascript:/i.test(value))
                .map(({ name, value }) => `${name}=${value}`),
        ])"""
    )
    assert found == []
    assert "owned" not in page.title()
