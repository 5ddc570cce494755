"""Pages and sections: where a citation can say that its quote stands."""

import io

import docx
import pytest
import xlsxwriter
from fpdf import FPDF
from pptx import Presentation

from assistant.articles.article import Section
from assistant.articles.reading import build_article
from assistant.articles.structure import StructuredText, joined

SENTENCE = "The lock keeper writes down every boat that passes the weir on its way to the upper lake. "


def place(article, words):
    assert article.text.count(words) == 1
    offset = article.text.index(words)
    return article.page_at(offset), article.section_at(offset)


def saved(document):
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def report():
    """Four pages, of which the third is a picture; a paragraph goes on from the first to the second."""
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.set_title("The weir")
    pdf.add_page()
    pdf.multi_cell(0, 6, "The weir", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)
    pdf.start_section("Traffic")
    pdf.multi_cell(0, 6, "1.  Traffic", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)
    pdf.multi_cell(0, 6, SENTENCE * 45 + "In winter it is closed.", new_x="LMARGIN", new_y="NEXT")
    pdf.add_page()
    pdf.rect(20, 20, 100, 100, style="F")
    pdf.add_page()
    pdf.multi_cell(0, 6, "Each boat pays four crowns.", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)
    pdf.start_section("Costs of\nupkeep")
    pdf.multi_cell(0, 6, "Costs of upkeep", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)
    pdf.multi_cell(0, 6, "The gates cost nine thousand.", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def test_a_pdf_tells_its_pages_and_the_headings_of_its_outline(read_one, report):
    article = read_one("a.pdf", report)
    assert len(article.pages) == 4
    assert article.text[: article.pages[1]].rstrip().startswith("The weir\n\n1. Traffic\n\nThe lock keeper")
    # A paragraph's second page begins within it, at a word.
    assert "\n\n" not in article.text[article.pages[1] - 200 : article.pages[1]]
    assert article.text[article.pages[1] - 1] == " "
    assert place(article, "The weir\n") == (1, None)
    assert place(article, "In winter") == (2, "Traffic")
    assert place(article, "Each boat") == (4, "Traffic")
    assert place(article, "The gates") == (4, "Costs of upkeep")


def test_an_outline_that_goes_round_in_circles_costs_no_page(read_one, report):
    round_and_round = report.replace(b"/Prev", b"/Next")
    assert round_and_round != report
    assert read_one("a.pdf", round_and_round).pages == read_one("b.pdf", report).pages


PAGE = """<html><head><title>The weir | Ferry news</title></head><body><article><h1>The weir is to be mended</h1>
<p>The council has decided to mend the weir below the mill before the winter comes.</p>
<h2>Costs &amp; <i>fees</i></h2><p>The gates cost nine thousand crowns, and the ladder for fish two thousand more.</p>
<h3>Loans</h3><p>A third of that was lent by the bank of the town, for eleven years without interest.</p>
<h2>&lt;script&gt;alert(1)&lt;/script&gt; \u202eevil</h2><p>Whoever objects may write to the council until May.</p>
</article></body></html>"""


def test_a_web_page_tells_the_heading_nearest_above(read_one):
    article = read_one("a.html", PAGE)
    assert place(article, "The council has") == (None, None)
    assert place(article, "nine thousand") == (None, "Costs & fees")
    assert place(article, "A third") == (None, "Loans")
    assert place(article, "Whoever") == (None, "<script>alert(1)</script> \u202eevil")


@pytest.mark.parametrize("name", ["a.md", "a.markdown"])
def test_markdown_tells_its_headings_without_their_markup(read_one, name):
    markdown = "# The weir\n\nIt is old.\n\n## Costs of *upkeep*\n\nNine.\n\nLoans\n-----\n\n- One."
    article = read_one(name, markdown)
    assert [place(article, words) for words in ("It is old", "Nine", "One")] == [
        (None, None),
        (None, "Costs of upkeep"),
        (None, "Loans"),
    ]


def test_a_heading_over_the_whole_text_is_no_section_whatever_the_front_matter_calls_it(read_one):
    article = read_one("a.md", "---\ntitle: Mending\n---\n# The weir\n\nIt is old.\n\n## Costs\n\nNine.")
    assert place(article, "It is old") == (None, None)
    assert place(article, "Nine") == (None, "Costs")


def test_word_tells_the_paragraphs_that_are_styled_as_headings(read_one):
    document = docx.Document()
    document.add_heading("تقرير السد", 0)
    document.add_paragraph("بني السد قبل مئة عام.")
    document.add_heading("التكاليف", 1)
    document.add_paragraph("كلّفت البوابات تسعة آلاف.")
    document.add_heading("القروض", 2)
    document.add_paragraph("أقرض المصرف الثلث.")
    article = read_one("a.docx", saved(document))
    assert place(article, "بني السد") == (None, None)
    assert place(article, "كلّفت") == (None, "التكاليف")
    assert place(article, "أقرض") == (None, "القروض")


def test_each_slide_is_a_page_and_its_title_its_section(read_one):
    presentation = Presentation()
    for title, body in (("Works on the weir", "Two gates."), ("", "One ladder."), ("Costs", "Nine thousand.")):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1 if title else 5])
        if title:
            slide.shapes.title.text = title
            slide.placeholders[1].text = body
        else:
            slide.shapes.add_textbox(0, 0, 100, 100).text_frame.text = body
    article = read_one("a.pptx", saved(presentation))
    assert place(article, "Two gates") == (1, None)  # its title is the presentation's too
    assert place(article, "One ladder") == (2, None)
    assert place(article, "Nine thousand") == (3, "Costs")


def test_the_sheets_of_a_workbook_are_its_sections(read_bytes, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        for name, value in (("Fish", "Trout"), ("Boats", "Ferry")):
            workbook.add_worksheet(name).write_column(0, 0, ["kind", value])
    (article,) = read_bytes("a.xlsx", (tmp_path / "a.xlsx").read_bytes()).articles
    assert place(article, "Trout") == (None, None)  # the first is what the article is called by
    assert place(article, "Ferry") == (None, "Boats")


def test_plain_text_has_neither(read_one):
    article = read_one("a.txt", "The weir\n\nIt is old.")
    assert place(article, "It is old") == (None, None)


def test_offsets_stay_true_where_the_text_is_brought_into_canonical_form():
    parts = [
        StructuredText("Caf\u0065\u0301\r\n\r\n\ufeffIt opens.", sections=(Section(0, "Caf\u0065\u0301"),)),
        StructuredText("Pric\u0065\u0301s\r\nFour\x00teen.", sections=(Section(0, "Pric\u0065\u0301s"),)),
        StructuredText("The end."),
    ]
    article = build_article("/a.pdf", joined(parts, separator="\r\n\r\n", are_pages=True))
    assert article.title == "Café"
    assert [article.text[page:].split("\n")[0] for page in article.pages] == ["Café", "Pricés", "The end."]
    assert place(article, "It opens") == (1, None)
    assert place(article, "Fourteen") == (2, "Pricés")
    assert place(article, "The end") == (3, None)


def test_long_headings_are_shortened_and_stand_in_one_line():
    heading = "A heading\nthat goes on " + "and on " * 40
    article = build_article("/a.html", StructuredText("One. Two.", sections=(Section(5, heading),)))
    section = article.section_at(6)
    assert section.startswith("A heading that goes on and on")
    assert len(section) <= 120
    assert section.endswith("…")
