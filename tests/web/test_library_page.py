"""The library in a real browser."""

import pytest

api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

LYON = "The Lyon observatory\n\nThe observatory in Lyon was founded in 1878. Its telescope weighs nine tonnes.\n"


@pytest.fixture
def library(visit):
    page = visit("/#/library")
    page.locator("#articles li").first.wait_for()
    return page


def upload(page, name, content):
    data = content.encode() if isinstance(content, str) else content
    page.locator("#files").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
    job = page.locator("#jobs li").first
    page.locator("#jobs li.done, #jobs li.failed").first.wait_for()
    return job


def remove(page, title):
    page.get_by_role("button", name=f"Remove: {title}").click()
    page.locator("#confirm-yes").click()
    page.get_by_role("button", name=title, exact=True).wait_for(state="detached")


def test_an_uploaded_article_answers_and_is_gone_when_removed(library, visit, ask, server):
    job = upload(library, "lyon.txt", LYON)
    assert "Added" in job.inner_text()
    library.get_by_role("button", name="The Lyon observatory", exact=True).wait_for()

    # Somebody else sees it as well.
    page = visit()
    turn = ask(page, "When was the observatory in Lyon founded?")
    assert "1878" in turn.locator(".said").inner_text()
    assert "lyon.txt" in page.locator(".source .about").first.inner_text()
    assert str(server.store) not in page.content()

    remove(library, "The Lyon observatory")
    turn = ask(page, "How many tonnes does the telescope of the Lyon observatory weigh?")
    assert turn.locator(".badge.not_found").is_visible()
    # What was said before can still be checked.
    page.locator(".turn").first.locator(".said").click()
    page.get_by_role("button", name="Show in article").first.click()
    assert "1878" in page.locator("#reader mark").inner_text()
    assert not list((server.store / "uploads").glob("*/lyon.txt"))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", "", "it is empty"),
        ("broken.pdf", b"%PDF-1.7 nothing more", "it is damaged or not a PDF"),
        ("program.exe", "MZ", "its format is not known"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_reason(library, server, name, content, reason):
    job = upload(library, name, content)

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


@pytest.mark.parametrize(("path", "place"), [("/#/library", "#drop"), ("/#/library", ".listing"), ("/", "#thread")])
def test_files_are_dropped_anywhere_on_the_page(visit, tmp_path, path, place):
    (tmp_path / "lyon.txt").write_text(LYON, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    page = visit(path)
    page.locator(place).wait_for()

    drag(page, place, tmp_path / "lyon.txt", tmp_path / "folder")

    page.locator("#jobs li.done", has_text="lyon.txt").wait_for()
    assert "It is a folder" in page.locator("#jobs li.failed", has_text="folder").locator(".reason").inner_text()
    page.get_by_role("button", name="The Lyon observatory", exact=True).wait_for()
    assert not page.locator("#drop.over").count()
    remove(page, "The Lyon observatory")


# What a page does of itself with a file that it has made.
DROP = """(drop, [name, text]) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([text], name, { type: "text/plain" }));
    const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: dropped });
    drop.dispatchEvent(event);
    return event.defaultPrevented;
}"""


def test_a_file_from_elsewhere_in_the_browser_is_dropped(library):
    assert library.locator("#drop").evaluate(DROP, ["lyon.txt", LYON])

    library.locator("#jobs li.done", has_text="lyon.txt").wait_for()
    remove(library, "The Lyon observatory")


def test_a_dropped_name_that_reorders_text_is_written_out(library):
    library.locator("#drop").evaluate(DROP, ["evil\u202etxt.exe", LYON])

    job = library.locator("#jobs li.failed", has_text="evil").locator(".name")
    assert job.inner_text() == "evil\\u202etxt.exe"


def test_what_cannot_be_read_is_named_in_the_language_of_the_page(visit):
    page = visit("/#/library", locale="ar")
    page.locator("#articles li").first.wait_for()

    assert "إنه فارغ" in upload(page, "empty.txt", "").locator(".reason").inner_text()
    assert "صيغته غير معروفة" in upload(page, "program.exe", "MZ").locator(".reason").inner_text()
    page.locator("#url").fill("http://127.0.0.1:9/")
    page.locator("#address button").click()
    page.locator(".reason", has_text="شبكته المحلية").wait_for()


def test_a_web_address_on_this_machine_is_refused(library, server):
    library.locator("#url").fill(server.url)
    library.locator("#address button").click()

    job = library.locator("#jobs li.failed")
    assert job.locator(".name").inner_text().startswith(server.url)
    assert job.locator(".reason").inner_text() == (
        "its host is on the server's own machine or local network, from which nothing is read."
    )


def test_articles_are_found_by_words_of_their_title_in_any_spelling(library):
    library.locator("#find").fill("no such article")
    library.get_by_text("No article here.").wait_for()
    api.expect(library.locator("#found")).to_have_text("0 of 1")

    # The title has it with a dotted yeh.
    library.locator("#find").fill("الرئيس الروسى")
    api.expect(library.locator("#found")).to_have_text("1 of 1")


def test_the_library_is_rebuilt_while_it_answers(library, visit, ask):
    library.locator("#rebuild").click()
    library.locator("#confirm-yes").click()

    turn = ask(visit(), "when is the next CSTO summit?")

    assert turn.locator(".badge.quoted").is_visible()
    assert "Rebuilt" in library.locator("#jobs li.done .state").inner_text()


def test_others_see_the_library_change(visit):
    page = visit("/#/library")
    page.locator("#articles li").first.wait_for()
    page.clock.install()
    page.reload()
    page.locator("#articles li").first.wait_for()
    other = visit("/#/library")
    upload(other, "lyon.txt", LYON)
    assert page.get_by_role("button", name="The Lyon observatory", exact=True).count() == 0

    page.clock.fast_forward(6000)

    page.get_by_role("button", name="The Lyon observatory", exact=True).wait_for()
    remove(other, "The Lyon observatory")


def test_an_article_is_read_whole(library):
    library.locator("#articles .title").first.click()

    library.locator("#reader p").first.wait_for()
    assert library.locator("#reader mark").count() == 0
    library.keyboard.press("Escape")
    assert not library.locator("#reader").is_visible()
