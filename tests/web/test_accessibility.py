"""axe-core finds no serious violation, in any view, light or dark, English or Arabic; the keyboard is enough."""

import json

import pytest

HEADLINE = "when is the next CSTO summit?"


@pytest.fixture(scope="session")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()


def violations(axe, page):
    found = axe.run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return json.dumps([(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in serious], indent=1)


@pytest.mark.parametrize(("locale", "scheme"), [("en", "light"), ("ar", "dark")])
def test_no_serious_violation_in_any_view(visit, ask, axe, locale, scheme):
    page = visit(color_scheme=scheme, locale=locale, reduced_motion="reduce")
    page.locator(".welcome li").first.wait_for()
    assert violations(axe, page) == "[]"

    ask(page, HEADLINE).locator(".cite").first.click()
    assert violations(axe, page) == "[]"
    page.locator("#open-settings").click()
    page.locator("#model option").nth(1).wait_for(state="attached")
    assert violations(axe, page) == "[]"
    page.keyboard.press("Escape")
    page.locator("#tab-library").click()
    page.locator("#articles .title").first.wait_for()
    assert violations(axe, page) == "[]"
    page.locator("#articles .title").first.click()
    page.locator("#reader p").first.wait_for()
    assert violations(axe, page) == "[]"


def test_a_question_is_asked_and_its_source_reached_by_keyboard_alone(visit):
    page = visit()
    page.locator(".welcome").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.type(HEADLINE)
    page.keyboard.press("Enter")
    page.locator(".turn .facts").wait_for()

    page.locator(".cite").first.focus()
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.matches('.source.highlight')")
