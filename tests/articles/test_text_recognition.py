"""Scanned pages, read by Tesseract where it is installed."""

import io
import os
from contextlib import contextmanager
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont, features

from assistant.articles.layout import scanned_pages
from assistant.articles.reading import AUTOMATIC, OFF, ReadOptions
from assistant.articles.registry import read_source
from assistant.articles.text_recognition import PROGRAM, installed_languages, languages_for, recognise
from assistant.embedding.token_codec import load_codec
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.settings import Settings
from assistant.store.local_store import LocalStore

LATIN = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
ARABIC = Path("/usr/share/fonts/opentype/fonts-hosny-amiri/Amiri-Regular.ttf")
ENGLISH_LINES = (
    "The lock at Lindmoor was closed for repairs in March.",
    "The keeper expects the first boat on 14 April,",
    "when the new gates have been hung and tested.",
)
ARABIC_LINES = ("تفتح المكتبة الجديدة أبوابها في الصباح", "ويستقبل المدير الزوار في القاعة الكبيرة")


def needs(*languages):
    missing = set(languages) - set(installed_languages())
    if missing:
        pytest.skip(f"needs Tesseract with {', '.join(sorted(missing))} (Debian: tesseract-ocr, tesseract-ocr-ara)")


def scan(lines, font, *, right_to_left=False):
    """A picture of a page, as a scanner makes it: grey, and of 200 dots per inch."""
    if not font.is_file():
        pytest.skip(f"needs the font {font.name} (Debian: fonts-dejavu-core, fonts-hosny-amiri)")
    if right_to_left and not features.check("raqm"):
        pytest.skip("needs Pillow with raqm, which shapes Arabic")
    picture = Image.new("L", (1654, 2339), 250)
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        where, anchor = ((1500, 200 + 70 * number), "ra") if right_to_left else ((150, 200 + 70 * number), "la")
        options = {"direction": "rtl", "language": "ar"} if right_to_left else {}
        draw.text(where, line, 20, ImageFont.truetype(font, 40), anchor=anchor, **options)
    return picture


@pytest.fixture
def scanned(tmp_path):
    """A PDF with a page of print, a scanned one in English, one in Arabic, and a photograph."""
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.add_page()
    pdf.multi_cell(0, 6, "The first page is print.")
    for picture in (
        scan(ENGLISH_LINES, LATIN),
        scan(ARABIC_LINES, ARABIC, right_to_left=True),
        Image.radial_gradient("L"),
    ):
        pdf.add_page()
        pdf.image(picture, 0, 0, pdf.w, pdf.h)
    path = tmp_path / "scanned.pdf"
    path.write_bytes(bytes(pdf.output()))
    return path


def on(article, page):
    ends = (*article.pages[1:], len(article.text))
    return article.text[article.pages[page - 1] : ends[page - 1]].split()


def test_scanned_pages_are_read_in_their_place(scanned):
    needs("eng", "ara")
    reading = read_source(scanned, options=ReadOptions(text_recognition=AUTOMATIC))
    (article,) = reading.articles
    assert on(article, 1) == "The first page is print.".split()
    assert on(article, 2) == " ".join(ENGLISH_LINES).split()
    arabic = " ".join(ARABIC_LINES).split()
    alike = SequenceMatcher(None, on(article, 3), arabic, autojunk=False)  # in the order of reading
    assert alike.ratio() >= 0.8
    assert article.page_at(article.text.index("14 April")) == 2
    assert article.metadata["recognised_pages"] == "2, 3"


def test_a_photograph_is_named_and_not_read_again_at_each_sync(scanned):
    needs("eng")
    reading = read_source(scanned, options=ReadOptions(text_recognition="eng"))
    (problem,) = reading.problems
    assert "it has no text on page " in str(problem)
    assert str(problem).endswith("4, perhaps because it was scanned; Tesseract recognised none.")
    assert reading.is_final


def test_it_can_be_switched_off_and_says_how_to_read_the_pages(scanned):
    reading = read_source(scanned, options=ReadOptions(text_recognition=OFF))
    assert [article.text for article in reading.articles] == ["The first page is print."]
    assert str(reading.problems[0]).endswith(
        "it has no text on page 2, 3, 4, perhaps because it was scanned; run text recognition (OCR) on the file."
    )
    assert not reading.is_final


@pytest.mark.parametrize("setting", [AUTOMATIC, "xyz"])
def test_without_tesseract_or_its_language_each_page_is_named(scanned, monkeypatch, setting):
    installed_languages.cache_clear()
    if setting == AUTOMATIC:
        monkeypatch.setenv("PATH", os.devnull)
    reading = read_source(scanned, options=ReadOptions(text_recognition=setting))
    installed_languages.cache_clear()
    assert str(reading.problems[0]).endswith(
        "it has no text on page 2, 3, 4, perhaps because it was scanned; "
        "install Tesseract, and its data for the language, to read scanned pages."
    )


def test_a_tesseract_that_fails_costs_its_pages_alone(scanned, tmp_path, monkeypatch):
    """Stands in for a program that is broken, which cannot be had otherwise."""
    program = tmp_path / "bin" / PROGRAM
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n[ "$1" = --list-langs ] && printf "List:\\neng\\n" && exit 0\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    installed_languages.cache_clear()
    reading = read_source(scanned, options=ReadOptions(text_recognition=AUTOMATIC))
    installed_languages.cache_clear()
    assert [article.text for article in reading.articles] == ["The first page is print."]
    assert str(reading.problems[0]).endswith("text recognition failed on page 2, 3, 4; sync again.")
    assert not reading.is_final


def test_more_pages_than_are_read_are_named(scanned, monkeypatch):
    needs("eng")
    monkeypatch.setattr(scanned_pages, "MOST_PAGES", 1)
    read = scanned_pages.read_scanned(scanned.read_bytes(), [2, 3, 4], ["eng"])
    assert read.failed == [3, 4]
    assert {line.page for line in read.lines} == {1}


def test_languages_are_those_that_are_installed():
    needs("eng")
    assert "osd" not in languages_for(AUTOMATIC)
    assert languages_for("eng+xyz") == ("eng",)


def test_a_picture_s_lines_have_their_places():
    needs("eng")
    buffer = io.BytesIO()
    scan(ENGLISH_LINES, LATIN).save(buffer, "png")
    first, second, third = recognise(buffer.getvalue(), ["eng"], 200)
    assert first.text == ENGLISH_LINES[0]
    assert first.top < second.top < third.top
    assert abs(first.left - 150 * 72 / 200) < 5
    assert abs(first.top - 200 * 72 / 200) < 10


def test_a_sync_reads_scanned_pages_unless_a_setting_says_no(scanned, tmp_path, store_with):
    needs("eng")
    for setting, expected in (("off", False), ("eng", True)):
        with store_with(setting) as (indexer, store):
            indexer.sync([scanned])
            (summary,) = store.summaries()
            assert ("Lindmoor" in store.article(summary.id).text) is expected


@pytest.fixture
def store_with(tmp_path, encoder):
    """Opens a store of its own with a setting of text recognition."""

    @contextmanager
    def opened(setting):
        settings = Settings(store=tmp_path / setting, text_recognition=setting)
        codec = load_codec(encoder)
        with LocalStore.open(settings.store, fingerprint_of(encoder, codec, settings)) as store:
            yield Indexer(store, encoder, codec, settings), store

    return opened
