"""The library in a real browser."""

import pytest

api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

LYON = "The Lyon observatory\n\nThe observatory in Lyon was founded in 1878. Its telescope weighs nine tonnes.\n"


CELL = "#articles [role=gridcell]"


@pytest.fixture
def library(visit):
    return at_library(visit())


def at_library(page):
    page.get_by_role("tab").nth(1).click()
    page.locator(CELL).first.wait_for()
    return page


def upload(page, *files):
    """Bring files, and return the list of how far they are when the last is done."""
    page.locator("#jobs").evaluate("jobs => jobs.querySelector('.jobs')?.classList.add('before')")
    page.locator("#upload input[type=file]").set_input_files(
        [
            {
                "name": name,
                "mimeType": "application/octet-stream",
                "buffer": content.encode() if isinstance(content, str) else content,
            }
            for name, content in files
        ]
    )
    api.expect(page.locator(".jobs:not(.before) li:is(.done, .failed)")).to_have_count(len(files))
    return page.locator("#jobs li")


def choose(page, title):
    page.locator(CELL, has_text=title).click()
    page.locator("#chosen", has_text=title).wait_for()


def remove(page, title):
    # Choosing once more closes the question whether to remove it, sooner or later.
    if not page.locator("#chosen", has_text=title).is_visible():
        choose(page, title)
    page.locator("#remove").click()
    page.locator("#confirm-remove", has_text=title).wait_for()
    page.locator("#remove-yes").click()
    page.locator(CELL, has_text=title).wait_for(state="detached")


def test_an_uploaded_article_answers_and_is_gone_when_removed(library, visit, ask, server):
    jobs = upload(library, ("lyon.txt", LYON))
    assert "Added" in jobs.inner_text()
    library.locator(CELL, has_text="The Lyon observatory").wait_for()

    # Somebody else sees it as well.
    page = visit()
    answer = ask(page, "When was the observatory in Lyon founded?")
    assert "1878" in answer.locator(".said").inner_text()
    assert "lyon.txt" in page.locator(".source .about").first.inner_text()
    assert str(server.store) not in page.content()

    choose(library, "The Lyon observatory")
    library.locator("#ask-only").click()
    library.get_by_role("tab", name="Chat").click()
    library.get_by_text("Articles in the library: 2").wait_for()
    library.locator("#filters", has_text="Only: The Lyon observatory").wait_for()
    library.get_by_role("tab", name="Library").click()

    remove(library, "The Lyon observatory")
    # Else nothing could answer.
    library.get_by_role("tab", name="Chat").click()
    library.locator("#filters").wait_for(state="hidden")
    answer = ask(page, "How many tonnes does the telescope of the Lyon observatory weigh?")
    assert answer.locator(".badge.not_found").is_visible()
    # What was said before can still be checked.
    page.locator("#chat .cite").first.click()
    page.locator(".source.highlight").get_by_role("button", name="Show in article").click()
    page.locator("#reader mark", has_text="1878").wait_for()
    assert not list((server.store / "uploads").glob("*/lyon.txt"))


def test_several_files_are_added_together_and_one_that_fails_holds_up_no_other(library, server):
    jobs = upload(library, ("program.exe", "MZ"), ("lyon.txt", LYON), ("empty.txt", ""))

    assert [job.split("\n")[0] for job in jobs.all_inner_texts()] == ["program.exe", "lyon.txt", "empty.txt"]
    assert [job.get_attribute("class") for job in jobs.all()] == ["failed", "done", "failed"]
    # Gradio's own copies are gone by then.
    assert not list(server.uploads.rglob("*.exe"))
    assert not list(server.uploads.rglob("lyon.txt"))
    remove(library, "The Lyon observatory")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", "", "it is empty"),
        ("broken.pdf", b"%PDF-1.7 nothing more", "it is damaged or not a PDF"),
        ("program.exe", "MZ", "its format is not known"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(library, server, name, content, reason):
    job = upload(library, (name, content))

    assert name in job.locator(".name").inner_text()
    assert reason in job.locator(".reason").inner_text()
    assert str(server.store) not in job.inner_text()


def drag(page, place, *paths):
    """Drag files from the file manager onto the page, as the browser's own input events."""
    box = page.locator(place).bounding_box()
    devtools = page.context.new_cdp_session(page)
    data = {"items": [], "files": list(map(str, paths)), "dragOperationsMask": 1}
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "data": data, **at})


@pytest.mark.parametrize(("tab", "place"), [(1, "#upload"), (1, "#articles"), (0, "#chat")])
def test_files_are_dropped_anywhere_on_the_page(visit, tmp_path, tab, place):
    (tmp_path / "lyon.txt").write_text(LYON, encoding="utf-8")
    page = visit()
    page.get_by_role("tab").nth(tab).click()
    page.locator(place).wait_for()

    drag(page, place, tmp_path / "lyon.txt")

    page.locator("#jobs li.done", has_text="lyon.txt").wait_for()
    page.locator(CELL, has_text="The Lyon observatory").wait_for()
    remove(page, "The Lyon observatory")


def test_a_name_that_reorders_text_is_written_out(library):
    job = upload(library, ("evil\u202etxt.exe", LYON)).locator(".name")

    assert "\u202e" not in job.inner_text()


def test_what_cannot_be_read_is_named_in_the_language_of_the_page(visit):
    page = at_library(visit(locale="ar"))

    assert "إنه فارغ" in upload(page, ("empty.txt", "")).locator(".reason").inner_text()
    assert "صيغته غير معروفة" in upload(page, ("program.exe", "MZ")).locator(".reason").inner_text()
    page.locator("#url textarea, #url input").fill("http://127.0.0.1:9/")
    page.locator("#url button").click()
    page.locator(".reason", has_text="شبكته المحلية").wait_for()


def test_a_web_address_on_this_machine_is_refused(library, server):
    library.locator("#url textarea, #url input").fill(server.url)
    library.locator("#url button").click()

    job = library.locator("#jobs li.failed")
    assert job.locator(".name").inner_text().startswith(server.url)
    assert job.locator(".reason").inner_text() == (
        "its host is on the server's own machine or local network, from which nothing is read."
    )
    library.locator("#url textarea, #url input").fill("ftp://example.org/a")
    library.locator("#url button").click()
    library.locator(".reason", has_text="That is no web address").wait_for()


def test_a_change_is_cancelled_and_what_is_typed_meanwhile_is_kept(library):
    long = "\n\n".join(f"Observatory number {number} stands on hill {number} of the valley." for number in range(4000))
    library.locator("#upload input[type=file]").set_input_files(
        [{"name": "long.txt", "mimeType": "text/plain", "buffer": long.encode()}]
    )
    library.locator("#jobs li", has_text="long.txt").wait_for()
    address = library.locator("#url textarea, #url input")
    address.fill("http://127.0.0.1:9/")
    library.locator("#url button").click()
    api.expect(address).to_have_value("")
    address.fill("ftp://example.org/a")
    library.locator("#url button").click()
    library.locator("#jobs li.failed", has_text="ftp://").wait_for()
    api.expect(library.locator("#jobs li")).to_have_count(3)
    address.fill("https://example.org/next")

    library.locator("#cancel-changes").click()

    library.locator("#cancel-changes").wait_for(state="hidden")
    api.expect(address).to_have_value("https://example.org/next")
    api.expect(library.locator(CELL, has_text="Observatory number")).to_have_count(0)


def test_articles_are_found_by_words_of_their_title_in_any_spelling(library):
    library.locator("#find input").fill("no such article")
    api.expect(library.locator("#found")).to_have_text("0 of 1")
    api.expect(library.locator("#articles [role=row]", has=library.get_by_role("gridcell"))).to_have_count(0)

    # The title has it with a dotted yeh.
    library.locator("#find input").fill("الرئيس الروسى")
    api.expect(library.locator("#found")).to_have_text("1 of 1")
    library.locator(CELL).first.wait_for()


def test_articles_are_found_by_language(library):
    upload(library, ("lyon.txt", LYON))
    library.locator(CELL, has_text="The Lyon observatory").wait_for()
    library.locator("#find-language input").click()
    library.get_by_role("option", name="Arabic").click()

    api.expect(library.locator("#found")).to_have_text("1 of 2")
    library.locator(CELL, has_text="The Lyon observatory").wait_for(state="detached")
    library.locator("#find-language input").click()
    library.get_by_role("option", name="Any language").click()
    remove(library, "The Lyon observatory")


def test_the_library_is_rebuilt_while_it_answers(library, visit, ask):
    library.locator("#rebuild").click()

    answer = ask(visit(), "when is the next CSTO summit?")

    assert answer.locator(".badge.quoted").is_visible()
    library.locator("#jobs li.done .state", has_text="Rebuilt").wait_for()


def test_others_see_the_library_change(visit):
    page = at_library(visit())
    other = at_library(visit())
    upload(other, ("lyon.txt", LYON))

    page.locator(CELL, has_text="The Lyon observatory").wait_for()
    remove(other, "The Lyon observatory")
    page.locator(CELL, has_text="The Lyon observatory").wait_for(state="detached")


def test_an_article_is_read_whole(library):
    library.locator(CELL).first.click()
    library.locator("#read").click()

    library.locator("#reader p").first.wait_for()
    assert library.locator("#reader mark").count() == 0
    library.keyboard.press("Escape")
    library.locator("#reader dialog").wait_for(state="hidden")
    # Closed, it can be opened again.
    library.locator("#read").click()
    library.locator("#reader dialog").wait_for()


def test_a_question_is_asked_of_chosen_articles_alone(library, ask):
    upload(library, ("lyon.txt", LYON))
    choose(library, "The Lyon observatory")
    library.locator("#ask-only").click()
    library.get_by_text("Questions are now answered from the chosen articles alone (1)").wait_for()
    library.get_by_role("tab", name="Chat").click()
    api.expect(library.locator("#filters")).to_have_text("Only: The Lyon observatory")

    assert ask(library, "when is the next CSTO summit?").locator(".badge.not_found").is_visible()
    assert ask(library, "When was the observatory in Lyon founded?").locator(".badge.quoted").is_visible()

    library.get_by_role("tab", name="Library").click()
    remove(library, "The Lyon observatory")


def test_an_article_that_another_removed_is_told_of_and_nothing_is_covered(library, visit):
    upload(library, ("lyon.txt", LYON))
    choose(library, "The Lyon observatory")
    other = at_library(visit())
    remove(other, "The Lyon observatory")

    library.locator("#read").click()

    library.locator(".toast-body.error").wait_for()
    assert library.locator("[data-testid=status-tracker] .error:visible").count() == 0
    library.locator("#find input").click(trial=True)
    library.locator("#upload button").click(trial=True)
