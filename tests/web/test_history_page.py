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


def test_conversations_are_renamed_reopened_and_deleted(visit, ask):
    page = visit()
    ask(page, HEADLINE)
    page.locator("#new-chat").click()
    page.locator(".welcome").wait_for()
    ask(page, "Which Kyrgyz leader did Putin meet in Bishkek?")
    titles = page.locator("#conversations li > a")
    titles.nth(1).wait_for()
    assert titles.count() == 2

    titles.nth(1).click()
    page.get_by_text(HEADLINE, exact=True).and_(page.locator(".asked p")).wait_for()
    page.locator("#conversations li.current").get_by_role("button", name="Rename").click()
    page.locator("#confirm-input").fill("Nothing")
    page.locator("#confirm-no").click()
    page.locator("#conversations li.current").get_by_role("button", name="Rename").click()
    page.locator("#confirm-input").fill("The summit")
    page.keyboard.press("Enter")
    page.locator("#conversations").get_by_text("The summit", exact=True).wait_for()

    page.locator("#conversations li.current").get_by_role("button", name="Delete").click()
    page.locator("#confirm-yes").click()
    page.locator(".welcome").wait_for()
    page.reload()
    page.locator(".welcome").wait_for()
    assert page.locator("#conversations li > a").all_inner_texts() == ["Which Kyrgyz leader did Putin meet in Bishkek?"]


GONE = {"en-GB": "That conversation was deleted", "ar": "حُذفت تلك المحادثة"}


def delete_elsewhere(page):
    """Delete the open conversation as another tab does."""
    conversation = page.evaluate("location.hash").rpartition("/")[2]
    status = page.evaluate(
        "id => fetch(`page/conversations/${id}`, {method: 'DELETE', headers: {'X-Assistant-Page': '1'}})"
        ".then(response => response.status)",
        conversation,
    )
    assert status == 204
    return conversation


@pytest.mark.parametrize("locale", GONE)
def test_a_question_in_a_conversation_that_another_tab_deleted_begins_a_new_one(visit, ask, locale):
    page = visit(locale=locale)
    ask(page, HEADLINE)
    gone = delete_elsewhere(page)

    page.locator("#question").fill("What is said about Armenia?")
    page.keyboard.press("Enter")
    page.locator(".notice", has_text=GONE[locale]).wait_for()
    page.locator(".turn .facts").wait_for()
    assert page.locator(".asked p").all_inner_texts() == ["What is said about Armenia?"]
    assert page.locator("#question").input_value() == ""
    assert page.locator(".outage, .failure").count() == 0
    assert gone not in page.url
    page.reload()
    page.locator(".turn .facts").wait_for()
    assert page.locator(".notice").count() == 0


def test_who_comes_back_to_a_conversation_that_was_deleted_keeps_what_they_typed(visit, ask):
    page = visit()
    ask(page, HEADLINE)
    page.locator("#question").fill("And where")
    gone = delete_elsewhere(page)

    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.locator(".notice", has_text=GONE["en-GB"]).wait_for()
    page.locator(".welcome").wait_for()
    assert page.locator("#question").input_value() == "And where"
    page.wait_for_url("**/#/chat")
    assert page.locator(".turn, .outage").count() == 0

    page.goto(f"{page.url}/{gone}")
    page.locator(".notice").wait_for()
    page.wait_for_url("**/#/chat")
    assert page.locator(".welcome").count() == 1
    page.reload()
    page.locator(".welcome").wait_for()
    assert page.locator(".notice").count() == 0


def test_a_conversation_is_exported_as_markdown_and_json(visit, ask, server):
    page = visit()
    ask(page, HEADLINE)
    current = page.locator("#conversations li.current")

    with page.expect_download() as markdown:
        current.get_by_role("link", name="Export: Markdown").click()
    with page.expect_download() as document:
        current.get_by_role("link", name="Export: JSON").click()

    assert "11 نوفمبر 2026" in markdown.value.path().read_text(encoding="utf-8")
    [answer] = json.loads(document.value.path().read_text(encoding="utf-8"))
    assert answer["question"] == HEADLINE
    assert answer["citations"][0]["quote"] in markdown.value.path().read_text(encoding="utf-8").replace("\\", "")
    for exported in (markdown, document):
        assert str(server.store.parent) not in exported.value.path().read_text(encoding="utf-8").replace("\\", "")
    assert "/" not in answer["citations"][0]["article"]["source"]


def test_settings_are_kept_and_filter_what_answers(visit, ask):
    page = visit()
    page.locator("#open-settings").click()
    api.expect(page.locator("#k")).to_have_attribute("placeholder", "5")
    page.locator("#model").select_option("extractive")
    page.locator("#from").fill("2020-01-01")
    page.locator("#from").blur()
    page.locator("#settings-close").click()

    # The sample article bears no date.
    turn = ask(page, HEADLINE)
    assert turn.locator(".badge.not_found").is_visible()
    assert page.locator("#filters").inner_text() == "Published from: January 1, 2020"

    page.reload()
    page.locator("#filters").click()
    api.expect(page.locator("#from")).to_have_value("2020-01-01")
    assert page.locator("#model").input_value() == "extractive"
    page.locator("#reset").click()
    page.locator("#settings-close").click()
    assert not page.locator("#filters").is_visible()
    assert ask(page, HEADLINE).locator(".badge.quoted").is_visible()


def test_feedback_becomes_a_question_set(visit, ask, server, tmp_path):
    page = visit()
    turn = ask(page, HEADLINE)
    turn.get_by_role("button", name="Good answer").click()
    turn.locator(".feedback input").fill("exactly")
    turn.locator(".feedback button").click()
    turn.get_by_text("Thank you.").wait_for()

    page.reload()
    assert page.get_by_role("button", name="Good answer").get_attribute("aria-pressed") == "true"

    file = tmp_path / "good.jsonl"
    exported = CliRunner().invoke(feedback, ["export", "--store", str(server.store), "-o", str(file)])
    assert exported.exit_code == 0, exported.output
    with Assistant(server.store) as assistant:
        articles = [assistant.article(summary.id) for summary in assistant.articles()]
    questions = read_json_lines(file, articles).questions
    assert [question.text for question in questions] == [HEADLINE]
    assert questions[0].gold
    listed = CliRunner().invoke(feedback, ["list", "--store", str(server.store), "--json"])
    assert {"rating": "good", "comment": "exactly"}.items() <= json.loads(listed.output)[0].items()


@pytest.mark.parametrize("command", ["list", "export"])
def test_a_mistyped_store_is_named_and_not_made(tmp_path, command):
    mistyped = tmp_path / "vectorstroe"

    refused = CliRunner().invoke(feedback, [command, "--store", str(mistyped)])

    assert isinstance(refused.exception, ConversationError)
    assert str(mistyped) in str(refused.exception)
    assert not mistyped.exists()


def test_stop_ends_a_question_and_asking_goes_on(visit, ask, server):
    page = visit()
    # Hold the answer back at the network, so that there is something to stop.
    page.route("**/page/ask", lambda route: None)
    page.locator("#question").fill(HEADLINE)
    page.keyboard.press("Enter")
    page.locator("#stop").click()

    page.get_by_text("Stopped.").wait_for()
    page.unroute("**/page/ask")
    page.get_by_role("button", name="Ask again").click()
    page.locator(".turn .badge.quoted").wait_for()
    assert page.locator(".turn").count() == 1
