"""Hostile files for every reader: each is read, or refused in one line, within its time and memory.

    python benchmarks/torture/files.py --number 1000

Files of every format are made, damaged at random, and read as `assistant sync` reads them; beside them stand files that
are small and ask for much. Prints a JSON object.
"""

import argparse
import io
import json
import random
import resource
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any

import xlsxwriter
from docx import Document as Word
from fpdf import FPDF
from odfdo import Document as Odt
from odfdo import Paragraph, Table
from pptx import Presentation

from assistant.articles.limits import ReadingLimits
from assistant.articles.reading import AS_USUAL
from assistant.articles.registry import SUPPORTED_SUFFIXES, read_source

GRACE = 10.0
"""Seconds that a file may take beyond the limit that reading has."""

OPTIONS = replace(AS_USUAL, limits=ReadingLimits(seconds=20))
LINES = [f"In {1900 + number} the weir number {number} was opened by Ada Brisk." for number in range(30)]
TEXT = "\n\n".join(LINES)


def samples() -> dict[str, bytes]:
    """Return a sound file of each format, by its suffix."""
    html = f"<html><head><title>Weirs</title></head><body><h1>Weirs</h1>{''.join(f'<p>{line}</p>' for line in LINES)}"
    html += "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></body></html>"
    rows = [{"title": f"Weir {number}", "text": line, "date": "2026-01-02"} for number, line in enumerate(LINES)]
    table = "\n".join(["title,text", *(f'Weir {number},"{line}"' for number, line in enumerate(LINES))])
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Weirs", "ada@example.org"
    mail.set_content(TEXT)
    mail.add_alternative(html, subtype="html")
    return {
        ".txt": TEXT.encode(),
        ".md": f"---\ntitle: Weirs\n---\n# Weirs\n\n{TEXT}\n\n| a | b |\n| - | - |\n| 1 | 2 |".encode(),
        ".html": html.encode(),
        ".eml": bytes(mail),
        ".mhtml": bytes(mail),
        ".pdf": _pdf(),
        ".docx": _saved(_word()),
        ".odt": _saved(_odt()),
        ".rtf": ("{\\rtf1\\ansi{\\fonttbl\\f0 Arial;}\\f0 " + TEXT.replace("\n", "\\par ") + "}").encode(),
        ".epub": _epub(html),
        ".pptx": _saved(_slides()),
        ".xlsx": _xlsx(rows),
        ".ods": _saved(_ods(rows)),
        ".json": json.dumps({"articles": rows}).encode(),
        ".jsonl": "\n".join(map(json.dumps, rows)).encode(),
        ".csv": table.encode(),
        ".tsv": table.replace(",", "\t").encode("utf-16"),
    }


def demanding() -> list[tuple[str, bytes]]:
    """Return small files that ask for much, with their suffixes."""
    deep = 20_000
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><x>&e9;</x>'.encode()
    outside = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><html><p>&e;</p></html>'
    names = [b"a", *(b"b%d" % number for number in range(30))]
    aliases = b"".join(b"%s: &%s [*%s,*%s]\n" % (new, new, old, old) for old, new in pairwise(names))
    inner = b"--a\nContent-Type: multipart/mixed; boundary=a\n\n"
    pages = b"1 0 obj\n<</Kids [1 0 R]/Type/Pages/Count 999999999>>\nendobj\ntrailer<</Root 1 0 R>>"
    circle = b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj\n<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>endobj\n"
    nested = "<w:tbl><w:tr><w:tc>" * 60 + "<w:p><w:r><w:t>x</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 60
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = f"<w:document {space}><w:body>{nested}</w:body></w:document>".encode()
    return [
        (".html", b"<div>" * deep),
        (".html", b"<ul><li>" * deep),
        (".html", b"<p " + b"a=1 " * 200_000 + b">x</p>"),
        (".html", b"<table><tr><td rowspan=1000000 colspan=1000000>x</td></tr></table>"),
        (".html", bomb),
        (".xhtml", outside),
        (".xhtml", bomb),
        (".md", b"[" * 50_000 + b"x" + b"]" * 50_000),
        (".md", b">" * 50_000 + b"x"),
        (".md", b"*a " * 100_000),
        (".md", b"`" * 100_001),
        (".md", b"---\n" + b"a: &a [*a,*a]\n" * 20 + b"---\nText."),
        (".md", b"---\na: &a [x,x]\n" + aliases + b"---\nText."),
        (".txt", b"a\n" * 2_000_000),
        (".txt", bytes(4_000_000)),
        (".txt", "\u202e".encode() * 300_000),
        (".csv", b"text\n" + b"a\n" * 1_000_000),
        (".csv", b'text\n"' + b"a" * 5_000_000),
        (".csv", b"," * 3_000_000),
        (".json", b"[" * 200_000),
        (".json", b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
        (".json", b"9" * 1_000_000),
        (".jsonl", b'{"text":"a"}\n' * 400_000),
        (".rtf", b"{" * 200_000),
        (".rtf", b"{\\rtf1 " + b"\\u9999999999 " * 100_000),
        (".eml", inner[4:] + inner * 5000),
        (".eml", b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\nx"),
        (".docx", _zipped({"word/document.xml": document, "[Content_Types].xml": b"<Types/>"})),
        (".docx", _zipped({"word/document.xml": bytes(300_000_000)})),
        (".docx", _zipped({"word/document.xml": bomb})),
        (".epub", _zipped({"META-INF/container.xml": bomb})),
        (".odt", _zipped({"content.xml": bomb})),
        (".odt", _zipped({"content.xml": b"<a>" * 500_000})),
        (".xlsx", _zipped({f"xl/worksheets/sheet{n}.xml": bytes(20_000_000) for n in range(10)})),
        (".pptx", _zipped({"ppt/presentation.xml": bomb})),
        (".pdf", b"%PDF-1.7\n" + pages),
        (".pdf", b"%PDF-1.4\n" + b"<<" * 100_000),
        (".pdf", b"%PDF-1.4\n" + circle + b"trailer<</Root 1 0 R>>"),
    ]  # fmt: skip


def further_demanding() -> list[tuple[str, bytes]]:
    """Return more of them, of kinds that readers of one format meet alone."""
    quadratic = f'<!DOCTYPE x [<!ENTITY a "{"b" * 100_000}">]>'
    book = (
        b'<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="b.opf"/>'
    )
    container = "META-INF/container.xml"
    spine = b"<spine>" + b'<itemref idref="a"/>' * 5000 + b"</spine></package>"
    manifest = b'<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="%s"/></manifest>'
    cells = (
        '<table:table-row table:number-rows-repeated="999999"><table:table-cell table:number-columns-repeated="9999"/>'
    )
    xref = (
        b"<</Type/XRef/W[8 8 8]/Size 2000000000/Index[0 2000000000]/Root 1 0 R/Length 0>>stream\n\nendstream\nendobj\n"
    )
    deep_json = '{"a":' * 100_000
    return [
        (".epub", _zipped({container: book, "b.opf": manifest % b"a.html" + spine, "a.html": b"<p>Weir." * 99_999})),
        (".epub", _zipped({container: book, "b.opf": manifest % b"../../../../../etc/passwd" + spine})),
        (".ods", _zipped({"content.xml": f"<office:spreadsheet><table:table>{cells}".encode()})),
        (".odt", _zipped({"content.xml": bytes(300_000_000)})),
        (".pptx", _zipped({"ppt/presentation.xml": bytes(300_000_000)})),
        (".docx", _zipped({f"e{number}": b"" for number in range(40_000)})),
        (".docx", _zipped({"word/document.xml": f"{quadratic}<x>{'&a;' * 20_000}</x>".encode()})),
        (".html", b"<a><b><i><p>" * 20_000),
        (".html", b"<p>" + b'<a href="/x">y</a>' * 150_000),
        (".html", b'<meta name="date" content="2020-13-45">' * 80_000),
        (".html", b"<select>" + b"<option>a" * 300_000),
        (".html", b"<p " + b"a" * 4_000_000 + b'="1">x'),
        (".html", b"<!--" + b"-" * 4_000_000),
        (".html", f'<script type="application/ld+json">{deep_json}</script><p>Weir.</p>'.encode()),
        (".md", b"![" * 60_000),
        (".md", b"|a|b|\n|-|-|\n" + b"|x\n" * 200_000),
        (".md", b"".join(b"[^%d]: see [^%d]\n" % (number, number + 1) for number in range(20_000)) + b"\nText [^0]"),
        (".md", b"".join(b"[a%d]: /u\n" % number for number in range(60_000)) + b"\n" + b"[a1] " * 60_000),
        (".md", b"+++\na = " + b"[" * 100_000 + b"\n+++\nText."),
        (".eml", b"Content-Type: message/rfc822\n\n" * 3000),
        (".eml", b"Content-Type: text/plain; " + b"a*0*=x; " * 50_000 + b"\n\nText"),
        (".eml", b"Content-Type: text/plain; charset=punycode\n\na-" + b"b" * 300_000),
        (".eml", b"From: " + b"((" * 200_000 + b"\n\nText"),
        (".rtf", b"{\\rtf1 \\bin2147483647 x}"),
        (".rtf", b"{\\rtf1\\a" + b"9" * 300_000 + b" x}"),
        (".pdf", b"%PDF-1.5\n1 0 obj\n" + xref + b"startxref\n9\n%%EOF"),
        (".json", ("{" + ",".join(f'"k{number}":"v"' for number in range(300_000)) + "}").encode()),
        (".json", b'[{"text":"\\ud800 the weir","title":"\\udfff","date":1e999}]'),
        (".csv", (",".join(f"c{number}" for number in range(300_000)) + ",text\n").encode()),
        (".csv", b"text;a|b\tc,d\n" + b";|\t," * 1_000_000),
        (".txt", ("a" + "\u0301\u0316" * 400_000).encode()),
        (".txt", b"```\n" * 60_000),
        (".txt", b"U.S.A." * 500_000),
        (".txt", b"1/1/" * 800_000),
    ]  # fmt: skip


MEANING = (b"\x00", b"<", b'"', b"]]>", b"\xff\xfe", b"--", b"{{", b"\x1b", b"%s%n", b"&#0;", b"\r")
"""What parsers heed."""


def flip(data: bytearray, chance: random.Random) -> None:
    """Turn some bits."""
    for _ in range(chance.choice([1, 10, 100])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def truncate(data: bytearray, chance: random.Random) -> None:
    """Cut the end off."""
    del data[chance.randrange(1, len(data)) :]


def repeat(data: bytearray, chance: random.Random) -> None:
    """Write a part many times."""
    start = chance.randrange(len(data))
    part = data[start : start + chance.choice([1, 16, 300])]
    data[start:start] = part * chance.choice([2, 50, 3000])


def insert(data: bytearray, chance: random.Random) -> None:
    """Write what means something to parsers somewhere."""
    at = chance.randrange(len(data))
    data[at:at] = (
        chance.choice([b"\x00", b"<", b'"', b"]]>", b"\xff\xfe", b"--", b"{{", b"\x1b", b"%s%n", b"&#0;", b"\r"]) * 9
    )


def rewrite(data: bytearray, chance: random.Random) -> None:
    """Damage a part of an archive and pack it again; of any other file, bytes."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        flip(data, chance)
        return
    parts = _parts(bytes(data))
    name = chance.choice(sorted(name for name in parts if parts[name]))
    part = bytearray(parts[name])
    chance.choice([flip, truncate, repeat, insert])(part, chance)
    data[:] = _zipped({**parts, name: bytes(part)})


DAMAGES: list[Callable[[bytearray, random.Random], None]] = [flip, truncate, repeat, insert, rewrite, rewrite]


def run(number: int, seed: int = 1, *, further: bool = True) -> dict[str, object]:
    """Read so many files; those that ask for much are among them, of which some reach the limit of time."""
    chance = random.Random(seed)
    sound = samples()
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    unforeseen: list[str] = []
    longest = 0.0
    files = demanding() + (further_demanding() if further else [])
    while len(files) < number:
        suffix = sorted(sound)[len(files) % len(sound)]
        data = bytearray(sound[suffix])
        chance.choice(DAMAGES)(data, chance)
        files.append((suffix, bytes(data)))
    with tempfile.TemporaryDirectory() as name:
        for place, (suffix, data) in enumerate(files):
            path = Path(name) / f"{place}{suffix}"
            path.write_bytes(data)
            started = time.monotonic()
            try:
                reading = read_source(path, options=OPTIONS)
                counts["read" if reading.articles else "refused"] += 1
                said = [str(problem) for problem in reading.problems]
                wrong += [f"{place}{suffix}: several lines: {line}" for line in said if "\n" in line]
                unforeseen += [f"{suffix}: {line.partition(': ')[2]}" for line in said if "its reader failed" in line]
                if any("root:" in article.text for article in reading.articles):
                    wrong.append(f"{place}{suffix}: it has read another file")
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                wrong.append(f"{place}{suffix}: {type(error).__name__}: {error}")
            taken = time.monotonic() - started
            longest = max(longest, taken)
            if taken > OPTIONS.limits.seconds_for(len(data)) + GRACE:
                wrong.append(f"{place}{suffix}: it took {taken:.0f} s")
            path.unlink()
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
    return {
        "trials": len(files),
        **counts,
        "longest seconds": round(longest, 1),
        "most MiB": most,
        "unforeseen": unforeseen,
        "wrong": wrong,
    }


def _zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _word() -> Any:
    document = Word()
    document.add_heading("Weirs", 1)
    for line in LINES:
        document.add_paragraph(line)
    document.add_table(2, 2).cell(0, 0).text = "cell"
    return document


def _odt() -> Any:
    document = Odt("text")
    for line in LINES:
        document.body.append(Paragraph(line))
    return document


def _ods(rows: list[dict[str, str]]) -> Any:
    document = Odt("spreadsheet")
    table = Table("Weirs")
    table.set_values([list(rows[0]), *(list(row.values()) for row in rows)])
    document.body.clear()
    document.body.append(table)
    return document


def _slides() -> Any:
    slides = Presentation()
    for line in LINES[:5]:
        slide = slides.slides.add_slide(slides.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = "Weirs", line
    return slides


def _xlsx(rows: list[dict[str, str]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate([dict.fromkeys(rows[0]), *rows]):
        sheet.write_row(number, 0, list(row) if not number else list(row.values()))
    book.close()
    return buffer.getvalue()


def _epub(html: str) -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="book.opf"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        '<dc:title>Weirs</dc:title></metadata><manifest><item id="a" href="a.xhtml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    return _zipped(
        {"META-INF/container.xml": container.encode(), "book.opf": package.encode(), "a.xhtml": html.encode()}
    )


def _pdf() -> bytes:
    document = FPDF()
    document.set_font("helvetica", size=12)
    for start in range(0, len(LINES), 10):
        document.add_page()
        for line in LINES[start : start + 10]:
            document.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def main() -> None:
    """Print what was found."""
    assert {*samples()} <= {*SUPPORTED_SUFFIXES}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--further", action=argparse.BooleanOptionalAction, default=True, help="the slow ones too")
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.number, arguments.seed, further=arguments.further), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
