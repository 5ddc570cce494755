"""Articles in twelve scripts, each line of which is laid out by its own direction, on a page of either direction."""

import json

import pytest

api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

CELL = "#articles [role=gridcell]"
# A title and a sentence in each script, and whether it is read from the right.
SCRIPTS = {
    "arab": ("جسر الميناء القديم", "افتتح الجسر عام 1931 بحضور أهل المدينة.", True),
    "hebr": ("גשר הנמל הישן", "הגשר נפתח בשנת 1931 בנוכחות תושבי העיר.", True),
    "syrc": ("ܓܫܪܐ ܕܠܡܐܢܐ ܥܬܝܩܐ", "ܓܫܪܐ ܐܬܦܬܚ ܒܫܢܬ 1931 ܩܕܡ ܒܢܝ ܡܕܝܢܬܐ.", True),
    "latn": ("The old harbour bridge", "The bridge was opened in 1931 before the townspeople.", False),
    "cyrl": ("Старый портовый мост", "Мост открыли в 1931 году при жителях города.", False),
    "grek": ("Η παλιά γέφυρα του λιμανιού", "Η γέφυρα άνοιξε το 1931 μπροστά στους κατοίκους.", False),
    "armn": ("Հին նավահանգստի կամուրջը", "Կամուրջը բացվեց 1931 թվականին քաղաքացիների ներկայությամբ։", False),
    "geor": ("ძველი ნავსადგურის ხიდი", "ხიდი გაიხსნა 1931 წელს ქალაქელების თანდასწრებით.", False),
    "deva": ("पुराना बंदरगाह पुल", "पुल 1931 में नगरवासियों के सामने खोला गया।", False),
    "thai": ("สะพานท่าเรือเก่า", "สะพานเปิดใช้ในปี 1931 ต่อหน้าชาวเมือง", False),
    "hang": ("옛 항구의 다리", "다리는 1931년에 시민들 앞에서 개통되었다.", False),
    "hani": ("旧港口大桥", "大桥于1931年在市民面前开通。", False),
}


@pytest.fixture(scope="module")
def twelve(tmp_path_factory, serving, encoder):
    """A server whose library holds an article of each script, with a line of the other direction in it."""
    del encoder
    folder = tmp_path_factory.mktemp("scripts")
    rows = [
        {"id": script, "title": title, "text": f"{sentence}\n\n{SCRIPTS['latn' if is_right else 'arab'][1]}"}
        for script, (title, sentence, is_right) in SCRIPTS.items()
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with serving(folder / "store") as running:
        yield running, lines.encode()


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_each_line_is_laid_out_by_its_own_direction(visit_at, visitor_at, twelve, ask, stands_right, locale):
    running, lines = twelve
    visitor_at(running.url).upload("scripts.jsonl", lines)
    page = visit_at(running.url, locale=locale)
    page.get_by_role("tab").nth(1).click()
    for title, sentence, is_right in SCRIPTS.values():
        page.locator("#find input").fill(title)
        api.expect(page.locator("#articles .virtual-row")).to_have_count(1)
        cell = page.locator(CELL, has_text=title)
        assert stands_right(cell) == is_right, title
        cell.click()
        page.locator("#chosen .title", has_text=title).wait_for()
        assert stands_right(page.locator("#chosen .title")) == is_right, title
        page.locator("#read").click()
        line = page.locator("#reader .reading p", has_text=sentence)
        line.wait_for()
        assert stands_right(page.locator("#reader h2")) == is_right, title
        assert stands_right(line) == is_right, title
        other = page.locator("#reader .reading p").nth(1)
        assert stands_right(other) != is_right, title
        # From the edge at which it begins to be read.
        assert begins_at_its_edge(line), title
        assert begins_at_its_edge(other), title
        page.keyboard.press("Escape")


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_each_question_and_answer_is_laid_out_by_its_own_direction(
    visit_at, visitor_at, twelve, ask, stands_right, locale
):
    running, lines = twelve
    visitor_at(running.url).upload("scripts.jsonl", lines)
    page = visit_at(running.url, locale=locale)
    page.locator("#question textarea").wait_for()
    for number, (_, sentence, is_right) in enumerate(SCRIPTS.values()):
        ask(page, sentence)
        asked = page.locator("#chat .user-row .message-content").nth(number)
        assert stands_right(asked) == is_right, sentence
    for line in page.locator("#chat .said p, .source .reading p").all():
        assert begins_at_its_edge(line)


def begins_at_its_edge(line):
    """Return whether the first letter of a line is drawn at the edge of the side that its text is read from."""
    return line.evaluate(
        """element => {
            const box = element.getBoundingClientRect();
            const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
            const range = document.createRange();
            range.setStart(words, 0);
            range.setEnd(words, 1);
            const letter = range.getBoundingClientRect();
            return Math.min(Math.abs(letter.left - box.left), Math.abs(box.right - letter.right)) < 3;
        }"""
    )
