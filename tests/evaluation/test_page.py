import re
from html.parser import HTMLParser

import pytest

from assistant.errors import AssistantError
from assistant.evaluation.comparison import compare
from assistant.evaluation.page import render_page, write_page

HOSTILE = (
    '</script><script>document.title="owned"</script><img src=x onerror="document.title=1"> {{ 7 * 7 }} \u202egnp.exe'
)


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []
        self.attributes = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


def parsed(page: str) -> Elements:
    elements = Elements()
    elements.feed(page)
    return elements


def test_the_page_shows_figures_plots_and_failures(make_report):
    report = make_report(right=0.5)
    page = render_page(report, compare(report, make_report(right=0.9)))
    assert page.count("<svg") >= 4
    assert f"{report.retrieval['recall@1'].value:.3f}" in page
    assert page.count("data-failure") == sum(outcome.failed for outcome in report.per_question) + page.count(
        "details[data-failure]"
    )
    assert "متى القمة" in page


def test_the_page_shows_unstated_numbers_and_marks_more_of_them_as_worse(make_report):
    report = make_report(right=0.5)
    page = render_page(report, compare(report, make_report(right=0.9)))
    assert re.search(r"<th>citations unstated_numbers</th>\s*<td class=\"number worse\">\+", page)
    assert re.search(r"<th>citations precision</th>\s*<td class=\"number worse\">-", page)
    assert "<bdi>711,988</bdi>" in page
    assert "unstated number</span>" in page
    assert "contains_asked" in page
    again = render_page(report, compare(report, make_report(right=0.1)))
    assert re.search(r"<th>citations unstated_numbers</th>\s*<td class=\"number better\">-", again)


def test_the_page_asks_nothing_of_the_network(make_report):
    elements = parsed(render_page(make_report()))
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(elements.tags)
    assert not [name for name, _ in elements.attributes if name in {"src", "href", "srcset", "action"}]
    contents = [value for name, value in elements.attributes if name == "content"]
    assert [value for value in contents if value.startswith("default-src 'none'")]


def test_hostile_text_stays_text(make_report):
    page = render_page(make_report(text=HOSTILE))
    elements = parsed(page)
    assert elements.tags.count("script") == 1
    assert "img" not in elements.tags
    assert not [name for name, _ in elements.attributes if name.startswith("on")]
    assert "{{ 7 * 7 }}" in page
    assert re.search(r"&lt;/script&gt;&lt;script&gt;", page)


def test_a_report_of_perfect_answers_renders(make_report):
    assert "None." in render_page(make_report(right=1.0, unanswerable=0))


def test_a_page_that_cannot_be_written_is_an_error(make_report, tmp_path):
    with pytest.raises(AssistantError, match="cannot be written"):
        write_page(make_report(), tmp_path / "missing" / "report.html")
