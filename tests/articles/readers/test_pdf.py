import contextlib
import random
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image

from assistant.articles.layout import child
from assistant.articles.layout.pdf_lines import PdfError, extract_lines

FONTS = [
    Path("/usr/share/fonts/opentype/fonts-hosny-amiri/Amiri-Regular.ttf"),
    Path("/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf"),
    Path("/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf"),
]


def english(*paragraphs, **info):
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.add_page()
    for paragraph in paragraphs:
        pdf.multi_cell(0, 6, paragraph)
        pdf.ln(4)
    if "title" in info:
        pdf.set_title(info["title"])
    if "author" in info:
        pdf.set_author(info["author"])
    pdf.set_creation_date(datetime(2020, 1, 2, tzinfo=UTC))
    return pdf


def saved(pdf):
    return bytes(pdf.output())


def arabic(font, paragraphs, width=0):
    """A PDF of the paragraphs, and what of them the font has glyphs for."""
    pytest.importorskip("uharfbuzz", reason="fpdf2 shapes Arabic with uharfbuzz")
    if not font.is_file():
        pytest.skip(f"needs the font {font.name} (Debian: fonts-hosny-amiri, fonts-noto-core)")
    pdf = FPDF()
    pdf.add_page()
    pdf.add_font("arabic", fname=font)
    pdf.set_font("arabic", size=13)
    glyphs = pdf.fonts["arabic"].cmap
    paragraphs = [" ".join("".join(c for c in text if ord(c) in glyphs).split()) for text in paragraphs]
    pdf.set_text_shaping(use_shaping_engine=True, direction="rtl", script="arab", language="ar")
    for paragraph in paragraphs:
        pdf.multi_cell(width, 8, paragraph, align="R")
        pdf.ln(5)
    return saved(pdf), paragraphs


@pytest.mark.parametrize("font", FONTS, ids=lambda font: font.stem)
@pytest.mark.parametrize("width", [0, 90])
def test_arabic_comes_back_letter_for_letter(read_one, arabic_paragraphs, font, width):
    content, paragraphs = arabic(font, arabic_paragraphs[:-1], width)
    article = read_one("a.pdf", content)
    assert article.text.split("\n\n") == paragraphs
    assert article.language == "ar"
    assert "11 نوفمبر 2026 في موسكو." in article.text


def test_shapes_stored_in_the_order_they_are_drawn_become_letters(read_one):
    """What older programs write: presentation forms from left to right."""
    font = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not font.is_file():
        pytest.skip("needs the font DejaVuSans.ttf (Debian: fonts-dejavu-core)")
    pdf = FPDF()
    pdf.add_page()
    pdf.add_font("shapes", fname=font)
    pdf.set_font("shapes", size=13)
    pdf.cell(0, 8, "ﻮﻜﺳﻮﻣ ﻲﻓ 2026 ﺮﺒﻤﻓﻮﻧ 11 ﻲﻓ ﺔﻠﺒﻘﻤﻟﺍ ﺔﻤﻘﻟﺍ", align="R")
    assert read_one("a.pdf", saved(pdf)).text == "القمة المقبلة في 11 نوفمبر 2026 في موسكو"


def test_wrapped_lines_are_paragraphs_again(read_one):
    first = "The next summit of the organisation will be held in Moscow on 11 November 2026. " * 4
    second = "Another paragraph, shorter."
    article = read_one("a.pdf", saved(english(first, second)))
    assert article.text == f"{first.strip()}\n\n{second}"


def test_the_day_it_was_made_is_not_when_it_was_published(read_one):
    article = read_one("a.pdf", saved(english("Some text of an article.", title="The summit", author="Layla Haddad")))
    assert (article.title, article.published) == ("The summit", None)
    assert article.metadata == {"author": "Layla Haddad"}


@pytest.mark.parametrize("title", ["untitled", "Microsoft Word - draft.doc", ""])
def test_placeholders_are_no_title(read_one, title):
    assert read_one("a.pdf", saved(english("The first line.", title=title))).title == "The first line."


def test_an_encrypted_file_is_named_as_such(read_problem):
    pdf = english("Secret.")
    pdf.set_encryption(owner_password="owner", user_password="user")
    assert "encrypted; save it without a password" in read_problem("a.pdf", saved(pdf))


def test_a_file_that_only_forbids_printing_is_read(read_one):
    pdf = english("Open to read.")
    pdf.set_encryption(owner_password="owner", permissions=0)
    assert read_one("a.pdf", saved(pdf)).text == "Open to read."


def test_a_page_without_text_asks_for_text_recognition(read_problem):
    pdf = FPDF()
    pdf.add_page()
    pdf.rect(10, 10, 50, 50)
    assert "no text" in read_problem("a.pdf", saved(pdf))


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7\ngarbage\n%%EOF", b"not a pdf at all", b"\x00" * 100])
def test_what_is_not_a_pdf_is_a_problem(read_problem, content):
    assert "a.pdf" in read_problem("a.pdf", content)


def with_content(stream, filters):
    """A page whose content goes through `filters`."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F %s >> >> >>"
        % font,
        b"<< /Length %d /Filter [%s] >>\nstream\n%s\nendstream" % (len(stream), filters, stream),
    ]
    return whole(objects)


def whole(objects):
    out = b"%PDF-1.4\n"
    starts = []
    for number, body in enumerate(objects, start=1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    count = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (count, table, count, len(out))
    )


def packed_zeros(size):
    packer = zlib.compressobj(9)
    piece = bytes(1024**2)
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


TEXT = b"BT /F 12 Tf 50 700 Td (Hello, text.) Tj ET"


@pytest.mark.parametrize(
    ("stream", "filters"),
    [
        (zlib.compress(zlib.compress(TEXT)), b"/FlateDecode /FlateDecode"),
        (zlib.compress(TEXT).hex().encode() + b">", b"/ASCIIHexDecode /FlateDecode"),
    ],
)
def test_filters_on_filters_are_read(read_one, stream, filters):
    assert read_one("a.pdf", with_content(stream, filters)).text == "Hello, text."


def test_a_part_that_unpacks_beyond_measure_is_refused(read_problem):
    bomb = with_content(packed_zeros(201 * 1024**2), b"/FlateDecode")
    assert len(bomb) < 1024**2
    assert "unpacks to more than 200 MiB" in read_problem("a.pdf", bomb)


@pytest.mark.parametrize("outer", ["/FlateDecode", "/ASCIIHexDecode"])
def test_a_bomb_behind_another_filter_ends_at_the_limit_of_memory(read_problem, monkeypatch, outer):
    if sys.platform != "linux":
        pytest.skip("the system cannot limit a process's memory reliably")
    monkeypatch.setattr(child, "_MOST_MEMORY", 300 * 1024**2)
    packed = packed_zeros(320 * 1024**2)
    packed = zlib.compress(packed, 9) if outer == "/FlateDecode" else packed.hex().encode() + b">"
    message = read_problem("a.pdf", with_content(packed, outer.encode() + b" /FlateDecode"))
    assert "it needs more than 300 MiB of memory" in message


def test_endless_drawing_ends_at_the_limit_of_time(read_problem, monkeypatch):
    """Some kilobytes that unpack to twelve million operators."""
    monkeypatch.setattr(child, "_SECONDS", 1.0)
    slow = with_content(zlib.compress(b"q Q " * 6_000_000), b"/FlateDecode")
    assert "it took longer than 1 seconds to read" in read_problem("a.pdf", slow)


def test_a_reader_that_dies_is_a_problem(read_problem, monkeypatch, tmp_path):
    dying = tmp_path / "python"
    dying.write_text("#!/bin/sh\nkill -9 $$\n")
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    assert "its reader failed" in read_problem("a.pdf", saved(english("Text.")))


def test_damaged_files_are_refused_or_read_but_nothing_else():
    content = bytearray(saved(english("The next summit will be held in Moscow. " * 20, title="T")))
    choose = random.Random(3)
    for trial in range(150):
        damaged = bytearray(content)
        for _ in range(choose.choice((1, 5, 50))):
            damaged[choose.randrange(len(damaged))] = choose.randrange(256)
        if trial % 3 == 0:
            damaged = damaged[: choose.randrange(len(damaged))]
        with contextlib.suppress(PdfError):
            assert isinstance(extract_lines(bytes(damaged)).lines, list)


def test_rows_of_a_ruled_table_keep_their_empty_cells(read_one):
    pdf = english("The catch of both years.")
    with pdf.table() as table:
        for cells in (("Fish", "2023", "2024"), ("Trout", "", "12"), ("Perch and pike", "7", "8")):
            row = table.row()
            for cell in cells:
                row.cell(cell)
    text = read_one("a.pdf", saved(pdf)).text
    assert text == "The catch of both years.\n\nFish | 2023 | 2024\nTrout |  | 12\nPerch and pike | 7 | 8"


def test_columns_of_prose_are_no_table(read_one):
    pdf = english()
    left, right = (
        "The weir on the left is old and needs repair soon. " * 9,
        "The lock on the right is new and much used. " * 9,
    )
    with pdf.text_columns(ncols=2, gutter=10) as columns:
        columns.write(f"{left}\n{right}")
    text = read_one("a.pdf", saved(pdf)).text
    assert " | " not in text
    assert " ".join(text.split()) == " ".join(f"{left}{right}".split())


def test_numbers_that_are_raised_or_lowered_stay_so(read_one):
    pdf = english()
    for place, text in (
        ("LINE", "It holds 10"),
        ("SUP", "6"),
        ("LINE", " litres of H"),
        ("SUB", "2"),
        ("LINE", "O in all."),
    ):
        pdf.char_vpos = place
        pdf.write(6, text)
    assert read_one("a.pdf", saved(pdf)).text == "It holds 10⁶ litres of H₂O in all."


def test_text_that_is_printed_sideways_is_read_upright(read_one):
    pdf = english()
    with pdf.rotation(90, x=100, y=150):
        pdf.text(100, 150, "The weir was built in 1931 by the town.")
        pdf.text(100, 158, "It was repaired twice.")
    assert (
        " ".join(read_one("a.pdf", saved(pdf)).text.split())
        == "The weir was built in 1931 by the town. It was repaired twice."
    )


def test_headers_and_page_numbers_do_not_interrupt_sentences(read_one):
    class Report(FPDF):
        def header(self):
            self.set_font("Helvetica", size=9)
            self.cell(0, 6, "Annual report of the lock keepers", new_x="LMARGIN", new_y="NEXT")
            self.set_font("Helvetica", size=12)

        def footer(self):
            self.set_y(-15)
            self.cell(0, 6, f"Page {self.page_no()}")

    pdf = Report()
    pdf.add_page()
    sentence = "the keepers opened the lock for the boats that had waited since the morning and "
    pdf.multi_cell(0, 6, f"In spring {sentence * 70}then went home.")
    assert pdf.page_no() > 1
    text = read_one("a.pdf", saved(pdf)).text
    assert text.count("Annual report") == 1
    assert "Page 1" not in text
    assert "".join(f"In spring {sentence * 70}then went home.".split()) in "".join(text.split())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("The har-", "bour is old."), "The harbour is old."),
        (("A self-", "taught man."), "A self-taught man."),
        (("Twenty-", "two boats."), "Twenty-two boats."),
        (("In 2024-", "2025 it froze."), "In 2024-2025 it froze."),
        (("The long-term plan is a long-", "term plan."), "The long-term plan is a long-term plan."),
    ],
)
def test_hyphens_at_line_ends_stay_where_they_belong_to_the_word(read_one, lines, expected):
    assert read_one("a.pdf", saved(english("\n".join(lines)))).text == expected


def test_pages_that_are_pictures_are_named_and_the_others_read(read_bytes):
    pdf = english("The first page has words.")
    for _ in range(2):
        pdf.add_page()
        pdf.image(Image.new("RGB", (20, 20)))
    reading = read_bytes("a.pdf", saved(pdf))
    assert [article.text for article in reading.articles] == ["The first page has words."]
    assert "it has no text on page 2, 3, perhaps because it was scanned" in str(reading.problems[0])
