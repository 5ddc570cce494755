"""Conversations, settings and feedback in a real browser."""

import json

import pytest
from typer.testing import CliRunner

from assistant import Assistant
from assistant.cli.feedback import feedback
from assistant.errors import ConversationError
from assistant.evaluation.json_lines import read_json_lines

api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

HEADLINE = "when is the next CSTO summit?"


OTHER = "Which Kyrgyz leader did Putin meet in Bishkek?"
ASKED = "#chat .user-row .message-content"
WELCOME = "#chat .placeholder"


def titles(page):
    return page.locator("#conversations label")


def test_conversations_are_renamed_reopened_found_and_deleted(visit, ask, until_kept):
    page = visit()
    ask(page, HEADLINE)
    page.locator("#new-chat").click()
    page.locator(WELCOME).wait_for()
    ask(page, OTHER)
    api.expect(titles(page)).to_have_text([OTHER, HEADLINE])

    titles(page).nth(1).click()
    api.expect(page.locator(ASKED)).to_have_text([HEADLINE])
    api.expect(page.locator("#title input")).to_have_value(HEADLINE)
    page.locator("#title input").fill("The summit")
    page.keyboard.press("Enter")
    titles(page).get_by_text("The summit", exact=True).wait_for()

    page.locator("#find-conversation input").fill("kyrgyz")
    api.expect(titles(page)).to_have_text([OTHER])
    page.locator("#find-conversation input").fill("no such words")
    page.get_by_text("No conversation says that.").wait_for()
    page.locator("#find-conversation input").fill("")
    api.expect(titles(page)).to_have_count(2)
    api.expect(page.locator("#title button")).to_have_text("Rename")
    page.locator("#title input").fill(" ")
    page.keyboard.press("Enter")
    api.expect(page.locator("#title input")).to_have_value("The summit")

    page.locator("#delete-conversation").click()
    page.locator("#delete-no").click()
    page.locator("#delete-yes").wait_for(state="hidden")
    page.locator("#delete-conversation").click()
    page.locator("#delete-yes").click()
    page.locator(WELCOME).wait_for()
    until_kept(page, is_open=False)
    page.reload()
    page.locator(WELCOME).wait_for()
    api.expect(titles(page)).to_have_text([OTHER])
    assert page.get_by_text(GONE["en-GB"]).count() == 0


def test_on_a_phone_the_conversation_that_is_chosen_is_seen(visit, ask):
    page = visit(viewport={"width": 390, "height": 844})
    ask(page, HEADLINE)
    page.locator("#history .toggle-button").click()
    page.locator("#new-chat").click()
    page.locator("#history.open").wait_for(state="detached")
    page.locator(WELCOME).wait_for()

    page.locator("#history .toggle-button").click()
    titles(page).first.click()

    page.locator("#history.open").wait_for(state="detached")
    page.locator("#chat .facts").wait_for()


GONE = {"en-GB": "That conversation was deleted", "ar": "حُذفت تلك المحادثة"}


@pytest.fixture
def delete_elsewhere(until_kept):
    """Delete the open conversation of a page in another tab."""

    def deleting(page):
        other = page.context.new_page()
        other.goto(page.url)
        other.locator("#delete-conversation").click()
        other.locator("#delete-yes").click()
        other.locator(WELCOME).wait_for()
        # No conversation from then on, for this page either.
        until_kept(other, is_open=False)
        other.close()
        until_kept(page, is_open=False)

    return deleting


@pytest.mark.parametrize("locale", GONE)
def test_a_question_in_a_conversation_that_another_tab_deleted_begins_a_new_one(
    visit, ask, delete_elsewhere, until_kept, locale
):
    page = visit(locale=locale)
    ask(page, HEADLINE)
    delete_elsewhere(page)

    page.locator("#question textarea").fill("What is said about Armenia?")
    page.keyboard.press("Enter")
    page.get_by_text(GONE[locale]).wait_for()
    api.expect(page.locator(ASKED)).to_have_text(["What is said about Armenia?"])
    page.locator("#chat .facts").wait_for()
    api.expect(page.locator("#question textarea")).to_have_value("")
    assert page.locator("#chat .failure").count() == 0
    until_kept(page)
    page.reload()
    page.locator("#chat .facts").wait_for()
    assert page.get_by_text(GONE[locale]).count() == 0


def test_who_comes_back_to_a_conversation_that_was_deleted_keeps_what_they_typed(visit, ask, delete_elsewhere):
    page = visit()
    ask(page, HEADLINE)
    page.locator("#question textarea").fill("And where")
    delete_elsewhere(page)

    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.get_by_text(GONE["en-GB"]).wait_for()
    page.locator(WELCOME).wait_for()
    api.expect(page.locator("#question textarea")).to_have_value("And where")
    api.expect(titles(page)).to_have_count(0)
    page.reload()
    page.locator(WELCOME).wait_for()
    assert page.get_by_text(GONE["en-GB"]).count() == 0


def test_a_conversation_is_exported_as_markdown_and_json(visit, ask, server):
    page = visit()
    ask(page, HEADLINE)

    with page.expect_download() as markdown:
        page.get_by_role("link", name="Export: Markdown").click()
    with page.expect_download() as document:
        page.get_by_role("link", name="Export: JSON").click()

    assert "11 نوفمبر 2026" in markdown.value.path().read_text(encoding="utf-8")
    [answer] = json.loads(document.value.path().read_text(encoding="utf-8"))
    assert answer["question"] == HEADLINE
    assert answer["citations"][0]["quote"] in markdown.value.path().read_text(encoding="utf-8").replace("\\", "")
    for exported in (markdown, document):
        assert str(server.store.parent) not in exported.value.path().read_text(encoding="utf-8").replace("\\", "")
    assert "/" not in answer["citations"][0]["article"]["source"]


def choose(page, field, option):
    """Choose an option of one of Gradio's lists."""
    page.locator(f"{field} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def test_settings_are_kept_and_filter_what_answers(visit, ask):
    page = visit()
    settings(page)
    api.expect(page.locator("#k input[type=number]")).to_have_value("5")
    choose(page, "#model", "No model: quotes only")
    page.locator("#from input").fill("2020-01-01")
    page.locator("#from input").blur()
    page.get_by_role("tab", name="Chat").click()

    # The sample article bears no date.
    page.locator("#filters").wait_for()
    answer = ask(page, HEADLINE)
    assert answer.locator(".badge.not_found").is_visible()
    assert page.locator("#filters").inner_text() == "Published from: January 1, 2020"

    page.reload()
    page.locator("#chat .facts").wait_for()
    page.locator("#filters").click()
    api.expect(page.locator("#from input")).to_have_value("2020-01-01")
    api.expect(page.locator("#model input")).to_have_value("No model: quotes only")
    page.locator("#reset").click()
    api.expect(page.locator("#from input")).to_have_value("")
    page.get_by_role("tab", name="Chat").click()
    page.locator("#filters").wait_for(state="hidden")
    assert ask(page, HEADLINE).locator(".badge.quoted").is_visible()


def settings(page):
    page.get_by_role("tab", name="Settings").click()
    # What was chosen before is shown a moment after the tab.
    api.expect(page.locator("#model input")).not_to_have_value("")


def test_a_number_of_passages_is_kept_that_is_typed_or_chosen_by_keys(visit, until_chosen):
    page = visit()
    settings(page)
    with until_chosen(page):
        page.locator("#k input[type=number]").fill("7")
    slider = page.locator("#k input[type=range]")
    # It takes what was typed when that is left; a key moves it from where it stands.
    page.locator("#k input[type=number]").blur()
    api.expect(slider).to_have_value("7", timeout=10_000)
    with until_chosen(page):
        slider.press("ArrowRight")

    page.reload()

    page.get_by_role("tab", name="Settings").click()
    api.expect(page.locator("#k input[type=number]")).to_have_value("8")


def test_feedback_becomes_a_question_set(visit, ask, server, tmp_path):
    page = visit()
    ask(page, HEADLINE)
    page.get_by_role("button", name="Like", exact=True).click()
    page.locator("#comment textarea, #comment input").fill("exactly")
    page.locator("#comment button").click()
    page.get_by_text("Thank you.").wait_for()

    page.reload()
    page.locator("#chat .facts").wait_for()
    page.get_by_role("button", name="Liked").wait_for()

    file = tmp_path / "good.jsonl"
    exported = CliRunner().invoke(feedback, ["export", "--store", str(server.store), "-o", str(file)])
    assert exported.exit_code == 0, exported.output
    with Assistant(server.store) as assistant:
        articles = [assistant.article(summary.id) for summary in assistant.articles()]
    # Visitors of other tests have liked answers too.
    questions = [question for question in read_json_lines(file, articles).questions if question.text == HEADLINE]
    assert questions
    assert all(question.gold for question in questions)
    listed = CliRunner().invoke(feedback, ["list", "--store", str(server.store), "--json"])
    opinion = {"question": HEADLINE, "rating": "good", "comment": "exactly"}
    assert any(opinion.items() <= one.items() for one in json.loads(listed.output))


@pytest.mark.parametrize("command", ["list", "export"])
def test_a_mistyped_store_is_named_and_not_made(tmp_path, command):
    mistyped = tmp_path / "vectorstroe"

    refused = CliRunner().invoke(feedback, [command, "--store", str(mistyped)])

    assert isinstance(refused.exception, ConversationError)
    assert str(mistyped) in str(refused.exception)
    assert not mistyped.exists()
