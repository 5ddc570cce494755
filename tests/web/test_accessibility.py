"""axe-core finds no violation of WCAG 2.2 AA, in any view, light or dark, English or Arabic; the keyboard is enough."""

import json

import pytest

api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

HEADLINE = "when is the next CSTO summit?"
OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture(scope="session")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()


def violations(axe, page):
    found = axe.run(page, options=OPTIONS).response["violations"]
    return json.dumps([(one["id"], [node["html"][:300] for node in one["nodes"]]) for one in found], indent=1)


def welcomed(page):
    page.locator("#chat .example").first.wait_for()


def answered(page):
    page.locator("#chat .example").first.click()
    page.locator("#chat .facts").wait_for()


def lit(page):
    answered(page)
    page.locator("#chat .cite").first.click()
    page.locator(".source.highlight").wait_for()


def reading(page):
    answered(page)
    page.locator(".source button").first.click()
    page.locator("#reader dialog").wait_for()


def library(page):
    page.get_by_role("tab").nth(1).click()
    page.locator("#articles [role=gridcell]").first.wait_for()


def chosen(page):
    library(page)
    page.locator("#articles [role=gridcell]").first.click()
    page.locator("#remove").click()
    page.locator("#remove-yes").wait_for()


def settings(page):
    page.get_by_role("tab").nth(2).click()
    page.locator("#model input").wait_for()


def listing(page):
    answered(page)
    if not page.locator("#history.open").count():
        page.locator("#history .toggle-button").click()
    page.locator("#delete-conversation").click()
    page.locator("#delete-yes").wait_for()


def helped(page):
    page.locator("#keys").click()
    page.locator("#reader dialog").wait_for()


STATES = [welcomed, answered, lit, reading, library, chosen, settings, listing, helped]
LOOKS = [("en", "light", 1280), ("ar", "dark", 1280), ("en", "dark", 390), ("ar", "light", 390)]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("locale", "scheme", "width"), LOOKS)
def test_no_violation_in_any_view(visit, axe, state, locale, scheme, width):
    page = visit(color_scheme=scheme, locale=locale, reduced_motion="reduce", viewport={"width": width, "height": 800})
    welcomed(page)
    state(page)
    # What slides in has come.
    page.wait_for_timeout(500)
    assert violations(axe, page) == "[]"


def test_a_question_is_asked_and_its_source_reached_by_keyboard_alone(visit):
    page = visit()
    welcomed(page)
    page.keyboard.press("/")
    page.keyboard.type(HEADLINE)
    page.keyboard.press("Enter")
    page.locator("#chat .facts").wait_for()

    page.locator("#chat .cite").first.focus()
    page.keyboard.press("Enter")

    api.expect(page.locator(".source.highlight")).to_be_focused()


def test_tabs_are_changed_by_the_arrow_keys(visit):
    page = visit()
    welcomed(page)
    for locale, forth in (("en", "ArrowRight"), ("ar", "ArrowLeft")):
        if locale == "ar":
            page.locator("#other-language").click()
            page.wait_for_url("**/?lang=ar")
            welcomed(page)
        tabs = page.get_by_role("tab")
        tabs.first.focus()
        for number in (1, 2, 0):
            page.keyboard.press(forth)
            api.expect(tabs.nth(number)).to_be_focused()
            api.expect(tabs.nth(number)).to_have_attribute("aria-selected", "true")
        page.keyboard.press("End")
        api.expect(tabs.nth(2)).to_be_focused()
        page.keyboard.press("Home")
        api.expect(tabs.first).to_be_focused()


# Controls that can be seen and used, but neither by Tab nor, in what the arrow keys move in, from one that can.
OUT_OF_REACH = """() => {
    const controls = "a[href], button, input, textarea, select, summary, [role=button], [role=tab], [role=option]";
    const moved = "[role=tablist], [role=grid], [role=radiogroup], fieldset, [role=listbox]";
    return [...document.querySelectorAll(controls)]
        .filter(one => one.checkVisibility({ opacityProperty: false, visibilityProperty: true }))
        .filter(one => one.tabIndex < 0 && !one.disabled && !one.closest(moved) && !one.closest("[aria-hidden=true]"))
        .filter(one => one.type !== "file")
        .map(one => one.outerHTML.slice(0, 200));
}"""


@pytest.mark.parametrize("state", [answered, chosen, settings, listing])
def test_every_control_is_reached_by_keyboard_and_has_a_name(visit, state):
    page = visit()
    welcomed(page)
    state(page)

    assert page.evaluate(OUT_OF_REACH) == []
    for role in ("button", "link", "textbox", "combobox", "tab", "slider", "spinbutton", "radio"):
        for control in page.get_by_role(role).all():
            assert control.aria_snapshot().partition("\n")[0].count('"') >= 2, control.evaluate("one => one.outerHTML")


SHORTCUTS = [
    ("Alt+2", "#upload"),
    ("Alt+3", "#model"),
    ("Alt+1", "#question"),
    ("?", "#reader dialog"),
]


@pytest.mark.parametrize(("keys", "shown"), SHORTCUTS)
def test_shortcuts(visit, keys, shown):
    page = visit()
    welcomed(page)
    page.locator("#chat").click(position={"x": 5, "y": 5})

    page.keyboard.press(keys)

    page.locator(shown).wait_for()


def test_shortcuts_find_and_begin_conversations(visit, ask):
    page = visit()
    ask(page, HEADLINE)
    page.keyboard.press("Alt+k")
    api.expect(page.locator("#find-conversation input")).to_be_focused()

    page.keyboard.press("Alt+n")

    page.locator("#chat .placeholder").wait_for()
    api.expect(page.locator("#question textarea")).to_be_focused()


def test_what_is_typed_is_no_shortcut(visit):
    page = visit()
    welcomed(page)
    page.locator("#question textarea").press_sequentially("a/b?")

    assert page.locator("#question textarea").input_value() == "a/b?"
    assert not page.locator("#reader dialog").is_visible()
