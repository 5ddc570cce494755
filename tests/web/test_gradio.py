"""What the page relies on in Gradio, and what Gradio does that the page must not suffer from: an upgrade may change both."""

import re
from importlib.resources import files

import pytest

api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

HEADLINE = "when is the next CSTO summit?"
HOSTILE = "<img src=https://evil.example/pixel.png> ![x](https://evil.example/x.png) <script>alert(1)</script>"
PAGE = files("assistant.web.page")

# -- What the page relies on

# How a selector says a state that comes and goes, or a part that no element stands for.
PASSING = re.compile(r"::?(?:hover|focus-visible|focus-within|focus|after|backdrop)\b")
# What has no place in the states below, and why it is ours or a browser's rather than Gradio's.
NOT_SEEN = {
    ".dark",  # the theme's, see test_dark_mode_is_kept
    "#chat .failure",  # ours; these and the button that stops are in test_streaming
    ".stop-button",
    "#question .stop-button",
    "#chat .draft",
    "#chat :is(.draft, .loading-spinner)",
    "#chat .badge.checked",  # by a chat model
    "#chat .translation",  # by a chat model; see test_translations
    "#chat .translation footer",
    "#talk:has(#chat :is(.draft, .loading-spinner)) #question .submit-button",  # see test_streaming
    "#chat textarea",  # of a question that is edited, as is the next
    "#chat .user-row:has(textarea) + .message-buttons button",
    "#find-conversation textarea",  # whichever of the two Gradio makes of a text box
    ".about a",  # of an article with an address
    "[data-copy-link]",  # of a shared answer
    '[data-testid="status-tracker"]:has(> .error)',  # see test_notices_and_errors_are_text_and_cover_nothing
    "html:lang(ar)",
    "progress",  # too short for a library of one article
    ".jobs progress",
    "#chat .searched",  # of a follow-up
    "#chat .examples[role=list]",  # mended away, as is the next
    "#chat [data-testid][aria-label]",
    "#chat .note",
    "#filters",
    "#chat .message-buttons.copied",
}

SELECTORS_OF_STYLES = """() => {
    const rules = (list) => [...list].flatMap((rule) => [rule.selectorText ?? [], rules(rule.cssRules ?? [])].flat());
    const sheet = [...document.styleSheets].find(({ href }) => href?.endsWith("page.css"));
    return rules(sheet.cssRules);
}"""


def split(selectors):
    """Split a list of selectors at the commas that stand in no brackets."""
    return [one.strip() for one in re.split(r",(?![^(]*\))", selectors)]


def selectors_of_scripts():
    """Return what the scripts look for on the page."""
    scripts = "".join(
        PAGE.joinpath(name).read_text(encoding="utf-8")
        for name in ("static/page.js", "static/sources.js", "static/reader.js")
    )
    calls = r"""(?:querySelector|querySelectorAll|closest|focusOn)(?:\?\.)?\(\s*(?:"([^"]+)"|'([^']+)')"""
    return {one for found in re.findall(calls, scripts) for one in split(found[0] or found[1])}


def test_gradio_has_every_element_that_our_styles_and_scripts_are_about(visit, ask):
    page = visit()
    page.locator("#chat .example").first.wait_for()
    page.locator("#sources .nothing").wait_for()
    styled = {
        re.sub(r'^\[dir="rtl"\] |:has\(\)', "", PASSING.sub("", one))
        for selectors in page.evaluate(SELECTORS_OF_STYLES)
        for one in split(selectors)
    }
    wanted = {one for one in styled | selectors_of_scripts() if one} - NOT_SEEN
    assert len(wanted) > 100
    seen = set()

    def look(page):
        seen.update(one for one in wanted - seen if page.locator(f"css={one}").count())

    look(page)
    ask(page, "who won the 2022 World Cup?")
    look(page)
    ask(page, HEADLINE).locator(".cite").first.click()
    page.locator(".source.highlight").wait_for()
    page.get_by_role("button", name="Like", exact=True).first.click()
    page.locator("#comment").wait_for()
    look(page)
    page.locator("#chat").get_by_role("button", name="Retry").last.click()
    page.locator("#chat a[href^='#version']").first.wait_for()
    look(page)
    page.locator(".source button").first.click()
    page.locator("#reader dialog").wait_for()
    look(page)
    page.keyboard.press("Escape")
    page.locator("#delete-conversation").click()
    page.locator("#delete-yes").wait_for()
    page.locator("#keys").click()
    page.locator("#reader .shortcuts").wait_for()
    look(page)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Library").click()
    page.locator("#articles [role=gridcell]").first.click()
    page.locator("#remove").click()
    page.locator("#confirm-remove .title").wait_for()
    page.locator("#upload input[type=file]").set_input_files(
        {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}
    )
    page.locator("#jobs .failed").wait_for()
    look(page)
    page.locator("#rebuild").click()
    page.locator("#jobs .done").wait_for()
    look(page)
    page.get_by_role("tab", name="Settings").click()
    page.locator("#model input").wait_for()
    look(page)

    missing = sorted(wanted - seen)
    assert not missing, "\n".join(missing)


# -- What it must not suffer from


UNRULY = f"""
import gradio as gr
from assistant.cli.serve import main
from assistant.errors import AssistantError
from assistant.web.page.events import notice
from assistant.web.page.history_bar import HistoryBar
async def rename(self, conversation: str, title: str, wanted: str, request: gr.Request):
    notice({HOSTILE!r}, "en")
    raise AssistantError({HOSTILE!r})
HistoryBar._rename = rename
main()
"""


@pytest.mark.parametrize("bypass_csp", [False, True])
def test_notices_and_errors_are_text_and_cover_nothing(visit_at, serving, store, ask, bypass_csp):
    with serving(store, program=("-c", UNRULY)) as running:
        page = visit_at(running.url, bypass_csp=bypass_csp)
        ask(page, HEADLINE)
        page.locator("#title input").press("Enter")

        for kind in ("info", "error"):
            api.expect(page.locator(f".toast-body.{kind}")).to_contain_text("<img src=https://evil.example/pixel.png>")
            assert page.locator(".toast-body img, .toast-body script").count() == 0
        assert page.locator("[data-testid=status-tracker] .error:visible").count() == 0
        page.locator("#question textarea").click(trial=True)
        page.locator("#chat .cite").first.click(trial=True)
        page.locator("#delete-conversation").click(trial=True)


def test_labels_of_messages_hold_no_html_and_the_list_of_examples_is_none(visit, ask):
    page = visit()
    page.locator("#chat .example").first.wait_for()
    api.expect(page.locator("#chat .examples")).to_be_visible()
    api.expect(page.locator("#chat [role=list]:not(:has([role=listitem]))")).to_have_count(0)

    ask(page, HEADLINE)

    api.expect(page.locator("#chat [data-testid=bot]")).to_have_count(1)
    api.expect(page.locator("[aria-label*='<'], [aria-label*='class=']")).to_have_count(0)
