"""Books, presentations, spreadsheets, e-mails and JSON: what is in them comes out in order, and damage is told."""

import io
import json
import zipfile
from datetime import date

import pytest
import xlsxwriter
from odfdo import Document, Header, List, Note, Paragraph, Table
from pptx import Presentation
from pptx.util import Inches

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
    "<dc:title>منارة الميناء</dc:title><dc:creator>Rana Said</dc:creator><dc:language>ar</dc:language>"
    "<dc:date>1988-03-02</dc:date></metadata><manifest>"
    '<item id="a" href="the%20end.xhtml"/><item id="b" href="b.xhtml"/></manifest>'
    '<spine><itemref idref="b"/><itemref idref="a"/></spine></package>'
)


def zipped(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/the end.xhtml": '<?xml version="1.0" encoding="utf-8"?><html><body><p>بنيت المنارة عام 1874.</p></body></html>',
    "OEBPS/b.xhtml": "<html><body><h1>الفصل الأول</h1><ol><li>البحر</li><li>الضوء</li></ol></body></html>",
}


def test_a_books_chapters_come_in_the_order_of_reading(read_one):
    article = read_one("a.epub", zipped(BOOK))
    assert article.text == "الفصل الأول\n\n1. البحر\n2. الضوء\n\nبنيت المنارة عام 1874."
    assert (article.title, article.published, article.language) == ("منارة الميناء", date(1988, 3, 2), "ar")
    assert article.metadata == {"author": "Rana Said"}


def test_a_protected_book_is_named_as_such(read_problem):
    rights = '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
    assert "DRM" in read_problem("a.epub", zipped({**BOOK, "META-INF/encryption.xml": rights}))


def test_an_opendocument_text_keeps_lists_notes_and_empty_cells(read_one):
    document = Document("text")
    document.body.clear()
    document.body.append(Header(1, "Report on the weir"))
    paragraph = Paragraph("The weir cost 3 million")
    paragraph.append(Note(note_class="footnote", note_id="n1", citation="1", body="A third was lent."))
    document.body.append(paragraph)
    document.body.append(List(["Gate", "Ladder"]))
    table = Table("T")
    table.set_values([["Fish", 2023, 2024], ["Trout", None, 12]])
    document.body.append(table)
    buffer = io.BytesIO()
    document.save(buffer)
    text = read_one("a.odt", buffer.getvalue()).text
    assert text.startswith("Report on the weir\n\nThe weir cost 3 million[1]\n\nGate\nLadder\n\n")
    assert "Fish | 2023 | 2024\nTrout |  | 12" in text
    assert "A third was lent." in text


def test_rich_text_has_its_letters_and_tables(read_one):
    markup = (
        r"{\rtf1\ansi\ansicpg1252{\info{\title The caf\'e9}}{\pard It cost \'80 5 and \u1605?\u1585?\u1581?.\par}"
        r"\trowd\cellx1\cellx2\intbl Fish\cell 2024\cell\row\trowd\cellx1\cellx2\intbl Trout\cell \cell\row"
        r"{\pard The end.\par}}"
    )
    article = read_one("a.rtf", markup)
    assert article.title == "The café"
    assert article.text == "It cost € 5 and مرح.\n\nFish | 2024\nTrout | \n\nThe end."


def test_slides_come_with_tables_and_notes(read_one):
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Works on the weir"
    slide.placeholders[1].text = "Two gates\nOne ladder"
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(4), Inches(4), Inches(1)).table
    for place, text in {(0, 0): "Fish", (0, 1): "2024", (1, 1): "12"}.items():
        table.cell(*place).text = text
    slide.notes_slide.notes_text_frame.text = "Mention the loan."
    buffer = io.BytesIO()
    presentation.save(buffer)
    text = read_one("a.pptx", buffer.getvalue()).text
    assert text == "Works on the weir\n\nTwo gates\nOne ladder\n\nFish | 2024\n | 12\n\nMention the loan."


def workbook(**sheets):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(number, column, cell)
    book.close()
    return buffer.getvalue()


def test_a_sheet_with_a_column_of_text_is_an_article_a_row(read_bytes):
    rows = [["العنوان", "النص", "التاريخ"], ["السد", "اكتمل السد.", date(2024, 5, 6)], ["ب", "نص ثان.", ""]]
    first, second = read_bytes("a.xlsx", workbook(S=rows)).articles
    assert (first.title, first.text, first.published) == ("السد", "اكتمل السد.", date(2024, 5, 6))
    assert second.source.endswith("a.xlsx#2")


def test_other_sheets_are_tables_of_one_article(read_one):
    content = workbook(Fares=[["Town", "Pass"], ["Ulm", 41.0], ["Brack", None]], Days=[["Day"], [date(2024, 5, 6)]])
    assert read_one("a.xlsx", content).text == "Fares\n\nTown | Pass\nUlm | 41\nBrack | \n\nDays\n\nDay\n2024-05-06"


MAIL = (
    "Subject: =?utf-8?b?2YLZhdip?=\nFrom: Rana Said <rana@example.org>\nDate: Mon, 06 May 2024 10:00:00 +0000\n"
    "MIME-Version: 1.0\nContent-Type: {kind}; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n{body}"
)


def test_an_email_has_its_subject_sender_and_day(read_one):
    body = "<p>The weir <b>opened</b>.</p><script>x()</script>"
    article = read_one("a.eml", MAIL.format(kind="text/html", charset="utf-8", body=body))
    assert (article.title, article.published, article.text) == ("قمة", date(2024, 5, 6), "The weir opened.")
    assert article.metadata == {"author": "Rana Said <rana@example.org>"}
    assert read_one("b.eml", MAIL.format(kind="text/plain", charset="cp1256", body="سد").encode("cp1256")).text == "سد"


def test_a_saved_page_is_read_as_a_page(read_one):
    page = (
        "<html><head><title>Weir opens</title></head><body><nav><a href='/'>Home</a></nav><article><h1>Weir opens</h1>"
        "<p>The weir at Ulm opened on Tuesday after eleven weeks of repairs to its gates, the town said.</p></article>"
    )
    content = (
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://example.org/a\nDate: Mon, 06 Jan 2025 10:00:00 -0000\n"
        'MIME-Version: 1.0\nContent-Type: multipart/related; type="text/html"; boundary=B\n\n--B\n'
        f"Content-Type: text/html; charset=utf-8\n\n{page}\n--B--\n"
    )
    article = read_one("a.mhtml", content)
    assert article.text.startswith("Weir opens\n\nThe weir at Ulm opened")
    assert "Home" not in article.text
    assert article.published is None


@pytest.mark.parametrize(
    "document",
    [
        [{"headline": "Weir", "body": "It opened."}],
        {"status": "ok", "result": {"articles": [{"title": "Weir", "content": "It opened."}]}},
        {"title": "Weir", "text": "It opened."},
    ],
)
def test_articles_are_found_in_json_of_any_shape(read_one, document):
    article = read_one("a.json", json.dumps(document))
    assert (article.title, article.text) == ("Weir", "It opened.")


def test_json_lines_under_the_name_of_json_are_read(read_bytes):
    assert len(read_bytes("a.json", b'{"text": "One."}\n{"text": "Two."}\n').articles) == 2


def test_json_without_an_article_says_what_it_needs(read_problem):
    assert "a key such as text" in read_problem("a.json", '{"a": [1, 2]}')
    assert "line 2: it is not JSON" in read_problem("a.json", "[\n,]")


@pytest.mark.parametrize("suffix", ["epub", "odt", "rtf", "pptx", "xlsx", "ods"])
@pytest.mark.parametrize("content", [b"PK\x03\x04 not a zip", b"just text", zipped({"a.txt": "x"})])
def test_what_is_not_of_its_format_is_a_problem(read_problem, suffix, content):
    assert "save it" in read_problem(f"a.{suffix}", content)
