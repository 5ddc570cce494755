"""Chatting in a real browser."""

import json
import re

import pytest

api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

HEADLINE = "when is the next CSTO summit?"
ASKED = "#chat .user-row .message-content"
GROUND = "getComputedStyle(document.body).backgroundColor"
SUMMIT = "11 نوفمبر 2026"


def test_the_headline_question_shows_its_arabic_sentence_lit(visit, ask):
    page = visit()

    answer = ask(page, HEADLINE)
    answer.locator(".cite").first.click()

    source = page.locator(".source.highlight")
    mark = source.locator("mark")
    assert SUMMIT in mark.inner_text()
    line = mark.locator("xpath=..")
    assert line.evaluate("line => getComputedStyle(line).direction") == "rtl"
    assert source.locator("h3").evaluate("title => getComputedStyle(title).direction") == "rtl"
    assert "Arabic" in source.locator(".about").inner_text()
    assert answer.locator(".badge.quoted").is_visible()
    box, panel = mark.bounding_box(), page.locator("#sources-column").bounding_box()
    assert panel["y"] <= box["y"] <= panel["y"] + panel["height"]


def test_show_in_article_opens_it_at_the_sentence(visit, ask):
    page = visit()
    ask(page, HEADLINE)

    page.get_by_role("button", name="Show in article").first.click()

    reader = page.locator("#reader dialog")
    reader.wait_for()
    mark = reader.locator("mark")
    assert SUMMIT in mark.inner_text()
    box, shown = mark.bounding_box(), reader.bounding_box()
    assert shown["y"] <= box["y"] <= shown["y"] + shown["height"]
    assert reader.locator("p[dir=auto]").count() > 5


def test_a_follow_up_leans_on_the_question_before(visit, ask):
    page = visit()
    ask(page, HEADLINE)

    answer = ask(page, "And where?")

    assert "موسكو" in answer.locator(".said").inner_text()


def test_an_arabic_lead_does_not_reorder_an_english_follow_up(visit, ask):
    page = visit()
    ask(page, "متى تعقد القمة المقبلة؟")

    searched = ask(page, "And where?").locator(".searched")

    # Where the first letter and the question mark of "And where?" are drawn.
    first, last = searched.evaluate(
        """element => {
            const text = element.firstChild, at = text.data.lastIndexOf("And where?");
            return [at, at + 9].map(place => {
                const range = document.createRange();
                range.setStart(text, place);
                range.setEnd(text, place + 1);
                return range.getBoundingClientRect().x;
            });
        }"""
    )
    assert first < last


def test_what_the_articles_do_not_say_is_not_claimed(visit, ask):
    page = visit()

    answer = ask(page, "who won the 2022 World Cup?")

    assert answer.locator(".badge.not_found").is_visible()
    assert answer.locator(".cite").count() == 0
    assert page.locator("#sources h2").inner_text() == "Closest passages"
    assert page.locator(".source").count() > 0


def test_a_reload_keeps_the_conversation(visit, ask):
    page = visit()
    answer = ask(page, HEADLINE).locator(".said").inner_text()

    page.reload()

    page.locator("#chat .facts").wait_for()
    assert page.locator("#chat .said").inner_text() == answer
    assert page.locator(".source mark").count() > 0
    page.locator("#conversations label.selected", has_text=HEADLINE).wait_for()


def test_another_visitor_sees_no_one_elses_conversation(visit, ask):
    first = visit()
    ask(first, HEADLINE)
    kept = first.evaluate("localStorage.getItem('conversation')")

    second = visit()
    # Before the page's own scripts: what it keeps once it is open would replace this.
    second.add_init_script(f"localStorage.setItem('conversation', {json.dumps(kept)})")
    second.reload()

    second.get_by_text("belongs to another browser").wait_for()
    second.locator("#chat .placeholder").wait_for()
    second.locator("#conversations", has_text="Nothing asked yet.").wait_for()
    assert second.locator("#conversations label").count() == 0
    assert second.locator("#chat .bot-row").count() == 0


def test_example_questions_are_asked_by_a_click(visit, stands_right):
    page = visit()

    page.get_by_role("button", name="متى كانت زيارة بوتين").click()

    page.locator("#chat .facts").wait_for()
    assert "25 و27 نوفمبر" in page.locator(".source mark").first.inner_text()
    assert stands_right(page.locator(ASKED))


def test_a_question_is_edited_and_asked_again_in_its_place(visit, ask):
    page = visit()
    ask(page, "who won the 2022 World Cup?")

    page.locator("#chat").get_by_role("button", name="Edit").click()
    page.locator("#chat").get_by_role("textbox").fill(HEADLINE)
    page.locator("#chat").get_by_role("button", name="Submit").click()

    page.locator("#chat .badge.quoted").wait_for()
    assert page.locator("#chat .bot-row").count() == 1
    page.reload()
    page.locator("#chat .facts").wait_for()
    assert page.locator(ASKED).all_inner_texts() == [HEADLINE]


def test_a_question_is_edited_as_it_was_typed_and_asked_again_once_more(visit, ask):
    typed = "when is <b>the next</b> CSTO summit? &amp; where"
    page = visit()
    ask(page, typed)
    assert page.locator(ASKED).inner_text().replace("\u2060", "") == typed

    page.locator("#chat").get_by_role("button", name="Edit").click()
    assert page.locator("#chat").get_by_role("textbox").input_value().replace("\u2060", "") == typed
    page.locator("#chat").get_by_role("button", name="Cancel").click()
    before = page.locator("#chat .cite").first.get_attribute("href")
    page.locator("#chat").get_by_role("button", name="Retry").click()
    api.expect(page.locator("#chat .cite").first).not_to_have_attribute("href", before)

    page.reload()
    page.locator("#chat .facts").wait_for()
    assert page.locator(ASKED).inner_text().replace("\u2060", "") == typed


@pytest.mark.parametrize("edited", ["   ", "long " * 401])
def test_a_question_that_cannot_be_asked_in_its_place_stays_as_it_was(visit, ask, edited):
    page = visit()
    ask(page, HEADLINE)

    page.locator("#chat").get_by_role("button", name="Edit").click()
    page.locator("#chat").get_by_role("textbox").fill(edited)
    page.locator("#chat").get_by_role("button", name="Submit").click()

    page.locator("#chat").get_by_role("textbox").wait_for(state="detached")
    api.expect(page.locator(ASKED)).to_have_text([HEADLINE])
    assert page.locator("#chat .badge.quoted").is_visible()


def test_a_question_that_is_being_edited_is_left_with_its_conversation(visit, ask):
    page = visit()
    ask(page, HEADLINE)
    page.locator("#chat").get_by_role("button", name="Edit").click()
    page.locator("#chat").get_by_role("textbox").fill("Who?")

    page.locator("#new-chat").click()
    page.locator("#chat .placeholder").wait_for()
    ask(page, "Which Kyrgyz leader did Putin meet in Bishkek?")

    assert page.locator("#chat").get_by_role("textbox").count() == 0


def test_a_question_is_copied_as_it_was_typed(visit, ask):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    ask(page, "when is <b>the next</b> CSTO summit?")

    page.locator("#chat .message-buttons-right").get_by_role("button", name="Copy message").click()
    page.locator("#chat .message-buttons.copied").wait_for()

    assert pasted(page) == "when is <b>the next</b> CSTO summit?"


def test_a_thumb_and_its_comment_belong_to_one_answer(visit, ask):
    page = visit()
    ask(page, HEADLINE)
    page.get_by_role("button", name="Like", exact=True).click()
    api.expect(page.locator("#comment button")).to_have_text("Send")

    ask(page, "Which Kyrgyz leader did Putin meet in Bishkek?")

    page.locator("#comment").wait_for(state="hidden")
    api.expect(page.get_by_role("button", name="Liked")).to_have_count(1)


def test_an_answer_is_shared_and_unshared_and_the_page_goes_on(visit_at, serving, store):
    with serving(store, "--allow-sharing") as running:
        page = visit_at(running.url)
        page.locator("#question textarea").fill(HEADLINE)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Share").click()
        api.expect(page.locator("#reader [data-copy-link]")).to_have_text("Copy")

        page.get_by_role("link", name="Stop sharing").click()

        page.get_by_text("The link is good for nothing any more.").wait_for()
        page.locator("#new-chat").click()
        page.locator("#chat .placeholder").wait_for()


def test_a_page_that_lost_its_server_finds_it_again(visit):
    page = visit()
    page.locator("#question").wait_for()
    page.context.set_offline(True)
    page.locator("#question textarea").fill(HEADLINE)
    page.keyboard.press("Enter")
    page.get_by_text("Connection to the server was lost").first.wait_for()
    api.expect(page.locator("#question textarea")).to_have_value(HEADLINE)

    page.context.set_offline(False)

    page.get_by_text("Connection to the server was lost").wait_for(state="detached")
    page.locator("#question textarea").fill(HEADLINE)
    page.keyboard.press("Enter")
    page.locator("#chat .facts").wait_for()


def test_a_question_over_the_limit_is_said_to_be_and_stays_to_be_shortened(visit):
    page = visit()
    page.locator("#question textarea").fill("long " * 401)
    page.keyboard.press("Enter")

    page.get_by_text("The question has 2005 characters, and 2000 are the most").wait_for()
    api.expect(page.locator("#question textarea")).to_have_value("long " * 401)
    assert page.locator("#chat .bot-row").count() == 0


def test_hovering_a_mark_lights_its_source(visit, ask):
    page = visit()
    first = ask(page, HEADLINE)
    ask(page, "Which Kyrgyz leader did Putin meet in Bishkek?")
    assert page.locator(".source.highlight").count() == 0

    first.locator(".cite").first.hover()

    assert SUMMIT in page.locator(".source.highlight mark").inner_text()


@pytest.mark.parametrize("has_clipboard", [True, False])
def test_an_answer_and_a_quote_are_copied_as_they_are_read(visit, ask, has_clipboard):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    answer = ask(page, HEADLINE).locator(".said").inner_text()
    if not has_clipboard:
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")

    page.locator("#chat .message-buttons-left").get_by_role("button", name="Copy message").click()
    page.locator("#chat .message-buttons.copied").wait_for()
    if has_clipboard:
        page.wait_for_function("async said => (await navigator.clipboard.readText()).trim() === said", arg=answer)
    assert pasted(page) == answer

    page.get_by_role("button", name="Copy the quote").first.click()
    page.get_by_text("Copied").wait_for()
    assert pasted(page) in answer


def pasted(page):
    page.locator("#question textarea").fill("")
    page.locator("#question textarea").press("ControlOrMeta+v")
    return page.locator("#question textarea").input_value().strip()


def test_dark_mode_is_kept(visit):
    page = visit(color_scheme="light")
    page.locator("#question").wait_for()
    light = page.evaluate(GROUND)

    page.locator("#theme").click()
    page.locator("body.dark").wait_for()
    page.reload()
    page.locator("#question").wait_for()

    dark = page.evaluate(GROUND)
    assert dark != light
    assert sum(map(int, re.findall(r"\d+", dark))) < 200


def test_on_a_phone_the_sources_stand_under_the_answer(visit, ask):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)

    answer = ask(page, HEADLINE)

    assert page.locator(".source mark").first.is_visible()
    assert page.locator("#sources").bounding_box()["y"] > answer.locator(".facts").bounding_box()["y"]
    assert page.locator("#question").is_visible()
    api.expect(page.locator("#new-chat")).not_to_be_in_viewport()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_question_is_seen_with_its_answer_below(visit, ask, width, height):
    page = visit(viewport={"width": width, "height": height}, reduced_motion="reduce")
    ask(page, HEADLINE)

    ask(page, "Which Kyrgyz leader did Putin meet in Bishkek?")

    for _ in range(2):
        api.expect(page.locator(ASKED).nth(1)).to_be_in_viewport()
        api.expect(page.locator("#chat .facts").nth(1)).to_be_in_viewport()
        page.reload()
        page.locator("#chat .facts").nth(1).wait_for()


def test_nothing_on_the_page_moves_while_an_answer_comes(visit, ask):
    page = visit()
    ask(page, HEADLINE)
    # The conversation is listed, and what can be done with it stands below.
    page.locator("#conversations label.selected", has_text=HEADLINE).wait_for()
    page.locator("#delete-conversation").wait_for()
    page.evaluate(
        """() => {
            window.moved = 0;
            const add = (list) => { for (const one of list.getEntries()) window.moved += one.value; };
            window.observer = new PerformanceObserver(add);
            observer.observe({ type: "layout-shift" });
        }"""
    )

    ask(page, "Which Kyrgyz leader did Putin meet in Bishkek?")

    moved = page.evaluate(
        """async () => {
            for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
            for (const one of observer.takeRecords()) window.moved += one.value;
            return moved;
        }"""
    )
    # Where 0.1 is what the web vitals call good.
    assert moved < 0.02


@pytest.mark.parametrize(("locale", "width"), [("en", 820), ("ar", 360)])
def test_nothing_is_wider_than_the_screen(visit, ask, locale, width):
    page = visit(viewport={"width": width, "height": 740}, locale=locale)
    ask(page, HEADLINE)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#sources button").first.click()
    within(page.locator("#reader dialog"), width)
    page.keyboard.press("Escape")
    if not page.locator("#history.open").count():
        page.locator("#history .toggle-button").click()
    page.locator("#conversations label", has_text=HEADLINE).wait_for()
    within(page.locator("#history .sidebar-content"), width)
    page.locator("#history .toggle-button").click()

    for tab, shown in enumerate(("#chat", "#articles [role=gridcell]", "#model")):
        page.get_by_role("tab").nth(tab).click()
        page.locator(shown).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def within(part, width):
    part.wait_for()
    # It may slide in.
    is_within = (
        "([part, width]) => { const box = part.getBoundingClientRect(); return box.left >= 0 && box.right <= width; }"
    )
    part.page.wait_for_function(is_within, arg=[part.element_handle(), width])


def test_the_page_speaks_arabic_from_right_to_left(visit, ask, stands_right):
    page = visit(locale="ar")

    assert page.locator("html").get_attribute("dir") == "rtl"
    api.expect(page).to_have_title("مساعد المقالات")
    assert page.get_by_role("tab").nth(1).inner_text() == "المكتبة"
    brand, theme = page.locator("#brand").bounding_box(), page.locator("#theme").bounding_box()
    assert brand["x"] > theme["x"]
    history = page.locator("#history .sidebar-content").bounding_box()
    assert history["x"] > page.locator("#chat").bounding_box()["x"]

    answer = ask(page, HEADLINE)
    assert "rtl" in answer.locator(".said p").first.evaluate("line => getComputedStyle(line).direction")
    assert not stands_right(page.locator(ASKED))


def test_the_other_language_is_a_click_away_and_kept(visit):
    page = visit()
    page.locator("#other-language").click()
    page.wait_for_url("**/?lang=ar")
    page.get_by_role("tab", name="المكتبة").wait_for()

    page.goto(page.url.partition("?")[0])

    page.get_by_role("tab", name="المكتبة").wait_for()
    assert page.locator("html").get_attribute("lang") == "ar"
