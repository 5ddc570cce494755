import io
import struct
import tracemalloc
import zipfile
import zlib
from datetime import UTC, datetime

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from assistant.articles import archives


def saved(document):
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def rezipped(content, replace):
    """The same archive with some of its parts replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in replace:
                new.writestr(name, old.read(name))
        for name, data in replace.items():
            new.writestr(name, data)
    return buffer.getvalue()


def test_paragraphs_and_tables_come_in_order(read_one, arabic_paragraphs):
    document = docx.Document()
    document.core_properties.title = "قمة"
    document.core_properties.author = "Layla Haddad"
    document.core_properties.created = datetime(2020, 1, 2, tzinfo=UTC)
    document.add_heading("Heading", 1)
    document.add_paragraph(arabic_paragraphs[0])
    cells = document.add_table(2, 2).rows
    for row, words in zip(cells, (("place", "day"), ("Moscow", "11 November")), strict=True):
        row.cells[0].text, row.cells[1].text = words
    document.add_paragraph(arabic_paragraphs[-2])
    document.add_paragraph("")
    article = read_one("a.docx", saved(document))
    assert article.text == (
        f"Heading\n\n{arabic_paragraphs[0]}\n\nplace | day\nMoscow | 11 November\n\n{arabic_paragraphs[-2]}"
    )
    assert (article.title, article.language, article.published) == ("قمة", "ar", None)
    assert article.metadata == {"author": "Layla Haddad"}


def test_tracked_changes_controls_tabs_and_breaks(read_one):
    document = docx.Document()
    document.element.body.insert(
        0,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:pPr><w:tabs><w:tab w:val='left' w:pos='9'/></w:tabs></w:pPr>"
            "<w:ins w:id='1' w:author='a'><w:r><w:t>kept</w:t></w:r></w:ins>"
            "<w:del w:id='2' w:author='a'><w:r><w:delText>dropped</w:delText></w:r></w:del>"
            "<w:r><w:tab/><w:t>after tab</w:t><w:br/><w:t>next line</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )
    assert read_one("a.docx", saved(document)).text == "kept after tab\nnext line"


def test_placeholders_are_no_title_and_no_author(read_one):
    document = docx.Document()
    document.core_properties.title = "Word Document"
    document.add_paragraph("The first line.")
    article = read_one("a.docx", saved(document))
    assert article.title == "The first line."
    assert article.metadata == {}


def test_a_document_without_text_is_a_problem(read_problem):
    assert "empty" in read_problem("a.docx", saved(docx.Document()))


@pytest.mark.parametrize("content", [b"PK\x03\x04 not a zip", b"just text", b"PK\x05\x06" + b"\x00" * 18])
def test_what_is_not_a_document_is_a_problem(read_problem, content):
    assert "damaged or not a Word document" in read_problem("a.docx", content)


def test_every_cut_of_a_document_is_a_problem(read_bytes):
    document = docx.Document()
    document.add_paragraph("Text.")
    content = saved(document)
    for size in range(1, len(content), len(content) // 40):
        reading = read_bytes("a.docx", content[:size])
        assert len(reading.problems) == 1


def test_encrypted_and_old_documents_are_named_as_such(read_problem):
    assert "encrypted or of the older .doc format" in read_problem(
        "a.docx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600
    )


def test_a_zip_bomb_is_refused_unopened(read_problem, monkeypatch):
    monkeypatch.setattr(archives, "MOST_UNPACKED", 5 * 1024**2)
    bomb = rezipped(saved(docx.Document()), {"word/bomb.xml": b"\x00" * (6 * 1024**2)})
    assert len(bomb) < 1024**2
    assert "unpacks to more than 5 MiB" in read_problem("a.docx", bomb)


def test_entities_are_not_expanded_and_files_not_included(read_bytes):
    document = docx.Document()
    document.add_paragraph("Text.")
    xml = (
        '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        f"<w:document {nsdecls('w')}><w:body><w:p><w:r><w:t>safe &b; &f;</w:t></w:r></w:p></w:body></w:document>"
    )
    reading = read_bytes("a.docx", rezipped(saved(document), {"word/document.xml": xml}))
    for article in reading.articles:
        assert "root:" not in article.text
        assert "hahaha" not in article.text


def marked(content, place, value):
    """The archive with a byte of every entry of its directory changed."""
    changed = bytearray(content)
    entry = changed.find(b"PK\x01\x02")
    while entry >= 0:
        changed[entry + place] = value
        entry = changed.find(b"PK\x01\x02", entry + 4)
    return bytes(changed)


def test_an_encrypted_archive_is_named_as_such(read_problem):
    assert "encrypted; save it without" in read_problem("a.docx", marked(saved(docx.Document()), 8, 1))


@pytest.mark.parametrize(("place", "value"), [(10, 99), (10, 12), (6, 68)], ids=["method", "bzip2", "version"])
def test_archives_that_no_word_processor_writes_are_problems(read_problem, place, value):
    message = read_problem("a.docx", marked(saved(docx.Document()), place, value))
    assert "damaged or not a Word document" in message


def test_damaged_compression_is_a_problem(read_problem):
    content = bytearray(saved(docx.Document()))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = "word/document.xml"
        start = archive.getinfo(name).header_offset + 30 + len(name)
    content[start : start + 2] = b"\xff\xff"
    assert "damaged or not a Word document" in read_problem("a.docx", bytes(content))


def test_a_part_is_unpacked_no_further_than_it_says(read_problem, monkeypatch):
    """Its directory states a few bytes, and its checksum fits them."""
    monkeypatch.setattr(archives, "MOST_UNPACKED", 5 * 1024**2)
    size = 300 * 1024**2
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = bytes(1024**2)
    packed = b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()
    stated = struct.pack("<LLL", zlib.crc32(bytes(100)), len(packed), 100)
    name = b"[Content_Types].xml"
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0) + stated + struct.pack("<HH", len(name), 0)
    entry = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0) + stated
    entry += struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, 0, 0)
    body = local + name + packed
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(entry) + len(name), len(body), 0)
    tracemalloc.start()
    try:
        message = read_problem("a.docx", body + entry + name + end)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "damaged or not a Word document" in message
    assert most < 150 * 1024**2


def test_lists_notes_boxes_and_symbols_are_what_a_reader_sees(read_one):
    document = docx.Document()
    for text in ("Moor the boat.", "Pay the keeper."):
        document.add_paragraph(text, style="List Number")
    word = nsdecls("w")
    for xml in (
        (
            f"<w:p {word}><w:r><w:t xml:space='preserve'>Seen </w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>UNSEEN</w:t></w:r>"
            "<w:r><w:sym w:font='Symbol' w:char='F0B1'/></w:r><w:r><w:t>5</w:t></w:r></w:p>"
        ),
        (
            f"<w:p {word}><w:r><w:t xml:space='preserve'>Then </w:t></w:r>"
            "<m:oMath xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'><m:r><m:t>a=b</m:t></m:r>"
            "<m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></w:p>"
        ),
    ):
        document.element.body.insert(-1, parse_xml(xml))
    table = document.add_table(2, 3)
    for row, words in zip(table.rows, (("Fish", "2023", "2024"), ("Trout", "", "12")), strict=True):
        for cell, text in zip(row.cells, words, strict=True):
            cell.text = text
    assert read_one("a.docx", saved(document)).text == (
        "1. Moor the boat.\n2. Pay the keeper.\n\nSeen ±5\n\nThen a=bc²\n\nFish | 2023 | 2024\nTrout |  | 12"
    )


def numbered(document, text, number, level=0):
    paragraph = document.add_paragraph(text)
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val, properties.get_or_add_numId().val = level, number


def test_a_list_goes_on_counting_behind_an_ordinary_paragraph(read_one):
    document = docx.Document()
    document.add_paragraph("Moor the boat.", style="List Number")
    document.add_paragraph("Pay the keeper.", style="List Number")
    document.add_paragraph("Both take a while.")
    document.add_paragraph("", style="List Number")
    document.add_paragraph("غادر القفل.", style="List Number").runs[0].bold = True
    document.add_paragraph("Bring a rope.", style="List Bullet")
    assert read_one("a.docx", saved(document)).text == (
        "1. Moor the boat.\n2. Pay the keeper.\n\nBoth take a while.\n\n4. غادر القفل.\n\nBring a rope."
    )


def test_lists_begin_where_their_author_lets_them_and_deeper_levels_anew(read_one):
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f"<w:lvl w:ilvl='{level}'><w:start w:val='{start}'/><w:numFmt w:val='{form}'/></w:lvl>"
        for level, (start, form) in enumerate([(1, "decimal"), (1, "lowerLetter"), (4, "upperRoman")])
    )
    numbering.insert(0, parse_xml(f"<w:abstractNum {nsdecls('w')} w:abstractNumId='90'>{levels}</w:abstractNum>"))
    override = "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='7'/></w:lvlOverride>"
    for number, extra in ((90, ""), (91, ""), (92, override)):
        numbering.append(
            parse_xml(
                f"<w:num {nsdecls('w')} w:numId='{number}'><w:abstractNumId w:val='90'/>{extra}</w:num>",
            )
        )
    numbered(document, "One", 90)
    numbered(document, "Under one", 90, 1)
    document.add_paragraph("Between.")
    numbered(document, "Under one still", 90, 1)
    numbered(document, "Two", 91)
    numbered(document, "Under two", 91, 1)
    document.add_paragraph("And then.")
    numbered(document, "Seven", 92)
    numbered(document, "Eight", 92)
    text = read_one("a.docx", saved(document)).text
    assert [line for line in text.split("\n") if line] == [
        "1. One",
        "a. Under one",
        "Between.",
        "b. Under one still",
        "2. Two",
        "a. Under two",
        "And then.",
        "7. Seven",
        "8. Eight",
    ]
