import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.normalise import clean, fold, normalise


@pytest.mark.parametrize(
    "spellings",
    [
        ("الأُمَّة", "الامه", "الأمة", "الأمـــة"),
        ("إسلام", "أسلام", "اسلام", "ٱسلام"),
        ("موسى", "موسي", "موسی"),
        ("كتاب", "کتاب", "ﻛﺘﺎﺏ"),
        ("لا", "ﻻ"),
        ("شَهْر", "شهر"),
        ("שָׁלוֹם", "שלום"),
        ("café", "cafe\u0301", "CAFÉ", "Cafe", "ｃａｆｅ"),
        ("Erdoğan", "ERDOGAN", "erdoğan"),
        ("İstanbul", "istanbul"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδός"),
        ("Ёлка", "елка"),
        ("l’ONU", "l'onu"),
        ("co\u00adoperate", "cooperate"),
        ("می\u200cشود", "میشود"),
        ("ﬁnance", "finance"),
    ],
)
def test_spellings_of_one_word_are_equal(spellings):
    assert len({normalise(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize("words", [("мои", "мой"), ("कि", "की"), ("か", "が"), ("شعر", "شهر"), ("پدر", "بدر")])
def test_marks_that_make_letters_of_their_own_stay(words):
    assert len({normalise(word) for word in words}) == len(words)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,190", "1190"),
        ("1.190", "1190"),
        ("1\u202f190", "1190"),
        ("1\u00a0190\u00a0000", "1190000"),
        ("1'190", "1190"),
        ("١٬١٩٠", "1190"),
        ("۱۹۹۰", "1990"),
        ("२०२६", "2026"),
        ("３．５", "3.5"),
        ("3,5", "3.5"),
        ("٣٫٥", "3.5"),
        ("1,190.75", "1190.75"),
        ("11.11.2026", "11.11.2026"),
        ("2,5,7", "2.5.7"),
        ("1.190,75", "1190.75"),
        ("0.125", "0.125"),
        ("1,1900", "1.1900"),
        ("1 190", "1 190"),
    ],
)
def test_numbers_take_one_form(written, number):
    assert normalise(written) == number


def test_every_decimal_digit_becomes_ascii():
    digits = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Nd"]
    assert len(digits) > 600
    assert all(clean(digit) == str(unicodedata.decimal(digit)) for digit in digits)


@given(st.text())
def test_anything_normalises(text):
    assert normalise(text) == " ".join(normalise(text).split())


@pytest.mark.parametrize(
    "spellings",
    [
        ("أُنجز", "انجز", "أنجـز"),
        ("مسؤول", "مسوول"),
        ("Łódź", "LODZ", "lodz"),
        ("København", "kobenhavn"),
        ("ایران", "ايران"),
        ("Kazan′", "kazan'"),
        ("co\u00adoperate", "cooperate"),
    ],
)
def test_spellings_fold_into_one_form(spellings):
    assert len({fold(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("١٬١٩٠", "1٬190"),
        ("3,5", "3,5"),
        ("1\u00a0190", "1\u202f190"),
        ("1\u202f190", "1\u202f190"),
        ("1 190", "1 190"),
    ],
)
def test_folding_leaves_separators_to_whoever_reads_the_number(written, folded):
    assert fold(written) == folded


@given(st.text())
def test_anything_folds_once_and_for_all(text):
    assert fold(fold(text)) == fold(text)
