"""The same number written otherwise is the same, and another number is not, whichever of the two texts is the answer."""

import pytest

from assistant.answering.grounding.facts import FactKind, Premise, unsupported_facts
from assistant.answering.grounding.lexicon import lexicon
from assistant.answering.grounding.numerals import find_numbers
from assistant.language.word_lists import load_word_list


def exact(sentence, language, evidence, evidence_language):
    facts = unsupported_facts(sentence, language, Premise(evidence, evidence_language))
    return [fact.text for fact in facts if fact.kind is not FactKind.NAME]


def values(text, language):
    return [sorted(map(float, number.values)) for number in find_numbers(text, lexicon(language), language=language)]


# The last text of each states another value than the two before it.
READINGS = [
    # Arabic commas between groups of three.
    ("a crowd of 22,338,618", "en", "حشد من 22،338،618", "ar", "حشد من 22،338،619"),
    ("a crowd of 121,154", "en", "حشد من ١٢١،١٥٤", "ar", "حشد من ١٢١،١٥٥"),
    # Large numbers and what they are shortened to.
    ("some 390 billion trees", "en", "نحو 390 بليون شجرة", "ar", "نحو 390 مليون شجرة"),
    ("some 5 billion trees", "en", "نحو 5 مليارات شجرة", "ar", "نحو 5 ملايين شجرة"),
    ("some 5 trillion trees", "en", "نحو 5 تريليونات شجرة", "ar", "نحو 5 مليارات شجرة"),
    ("some 2,000,000 trees", "en", "نحو مليوني شجرة", "ar", "نحو مليون شجرة"),
    ("some 2,000 trees", "en", "نحو ألفي شجرة", "ar", "نحو ألف شجرة"),
    ("worth 162,584 mln of them", "en", "بقيمة 162,584 مليون", "ar", "بقيمة 162,585 مليون"),
    ("rund 12 Mrd. Euro", "de", "12 billion euros", "en", "12 million euros"),
    ("около 12 млн человек", "ru", "12 million people", "en", "12 billion people"),
    # Sums of money.
    ("worth £30 million", "en", "im Wert von 30 Millionen Pfund", "de", "im Wert von 30 Millionen Dollar"),
    ("worth 30 million pounds", "en", "a 30-million-pound plan", "en", "a 30-million-euro plan"),
    ("a rise of 25%", "en", "a twenty-five-percent rise", "en", "a twenty-six-percent rise"),
    # Decades.
    ("in the 1970s", "en", "في السبعينيات", "ar", "في الثمانينيات"),
    ("in the 1970s", "en", "في سبعينات القرن الماضي", "ar", "في ستينات القرن الماضي"),
    # Years of two digits at the end of a range.
    ("from 1998–1999", "en", "from 1998–99", "en", "from 1998–97"),
    ("from 2001 to 2002", "en", "للفترة 2001–02", "ar", "للفترة 2001–03"),
    ("from 1635 to 1636", "en", "from 1635-36", "en", "from 1635-37"),
    # A word that only begins like a magnitude.
    ("the film of 2010", "en", "في عام 2010 الفيلم", "ar", "في عام 2011 الفيلم"),
]


@pytest.mark.parametrize(("one", "language", "two", "other_language", "another"), READINGS)
def test_a_number_is_the_same_in_another_form_and_another_is_not(one, language, two, other_language, another):
    assert exact(one, language, two, other_language) == []
    assert exact(two, other_language, one, language) == []
    assert exact(one, language, another, other_language)
    assert exact(another, other_language, one, language)


@pytest.mark.parametrize(
    ("sentence", "language", "evidence"),
    [
        ("a 20-storey tower", "en", "a twenty-storey tower"),
        ("a tower of 20 storeys", "en", "a twenty-storey tower"),
        ("برج من عشرين طابقا", "ar", "a twenty-storey tower"),
        ("25 members", "en", "a twenty-five-member board"),
        ("a five-year plan", "en", "a 5-year plan"),
        ("a 5-year plan", "en", "a five-year plan"),
        ("a three-dimensional map", "en", "a map in relief"),
    ],
)
def test_a_number_written_onto_what_it_counts_supports_the_same_in_digits(sentence, language, evidence):
    assert exact(sentence, language, evidence, "en") == []


@pytest.mark.parametrize(
    ("sentence", "evidence", "unsupported"),
    [
        ("a tower of 21 storeys", "a twenty-storey tower", "21"),
        ("a 4-year plan", "a five-year plan", "4"),
        ("it weighs 5 pounds", "it weighs 5 kilograms", "pounds"),
        ("it took 30 months", "a thirty-year-old house", "months"),
    ],
)
def test_and_not_another(sentence, evidence, unsupported):
    assert exact(sentence, "en", evidence, "en") == [unsupported]


@pytest.mark.parametrize(
    ("text", "language", "read"),
    [
        # Arabic commas of a list.
        ("الأعوام 1990،1991", "ar", [[1990], [1991]]),
        ("10،20،30", "ar", [[10], [20], [30]]),
        ("1990،200،300", "ar", [[1990], [200], [300]]),
        ("10،200،3000", "ar", [[10], [200], [3000]]),
        ("0،500", "ar", [[0], [500]]),
        # No ranges of years.
        ("on 2008-09-12", "en", [[2008], [9], [12]]),
        ("2008-09", "en", [[2008], [9]]),
        ("1998, 99 of them", "en", [[1998], [99]]),
        # No money.
        ("30m of rope", "en", [[30]]),
        ("$30 m", "en", [[30]]),
        # Spelt numbers that end where a word counts something.
        ("twenty seven-day trips", "en", [[20], [7]]),
        ("a two-hundred-year-old house", "en", [[200]]),
        ("three-dimensional", "en", []),
        # Plurals count nothing by themselves.
        ("ملايين الناس", "ar", []),
        ("مليارات الدولارات", "ar", []),
        ("ثلاثة آلاف", "ar", [[3000]]),
        ("des millions de voix", "fr", []),
        ("deux millions de voix", "fr", [[2_000_000]]),
    ],
)
def test_what_only_looks_alike_is_read_as_it_stands(text, language, read):
    assert values(text, language) == read


def test_vague_plurals_agree():
    assert exact("آلاف الناس", "ar", "thousands of people", "en") == []


@pytest.mark.parametrize(
    ("language", "texts", "read"),
    [
        ("ar", "سبعة رجال;وخمسة وعشرون;وثلاثمئة;ثالث", [7, 25, 300, 3]),
        ("de", "sieben Männer;fünfundzwanzig;dreihundert;zweitausend;zum dritten", [7, 25, 300, 2000, 3]),
        ("en", "seven men;twenty-five;three hundred and twenty;the third", [7, 25, 320, 3]),
        ("es", "siete hombres;veinticinco;trescientos veinte;tercero", [7, 25, 320, 3]),
        ("fa", "هفت نفر;بیست و پنج;سیصد;سومین", [7, 25, 300, 3]),
        ("fr", "sept hommes;vingt-cinq;trois cent vingt;le troisième", [7, 25, 320, 3]),
        ("hi", "सात लोग;सोलह घर;तीन सौ बीस;तीसरा", [7, 16, 320, 3]),
        ("id", "tujuh orang;dua puluh lima;tiga ratus dua puluh;ketiga", [7, 25, 320, 3]),
        ("it", "sette uomini;venticinque;ventotto;trecento;duemila;il terzo", [7, 25, 28, 300, 2000, 3]),
        ("nl", "zeven mannen;vijfentwintig;tweehonderd;de derde", [7, 25, 200, 3]),
        ("pt", "sete homens;vinte e cinco;trezentos e vinte;terceiro", [7, 25, 320, 3]),
        ("ru", "семь человек;двадцати пяти;триста двадцать;третий", [7, 25, 320, 3]),
        ("tr", "yedi adam;yirmi beş;üç yüz yirmi;üçüncü", [7, 25, 320, 3]),
        ("uk", "сім людей;двадцять п'ять;триста двадцять;третій", [7, 25, 320, 3]),
    ],
)
def test_spelt_numbers_are_read_in_every_language_that_has_them(language, texts, read):
    assert [values(text, language) for text in texts.split(";")] == [[[value]] for value in read]


def test_every_language_with_number_words_is_among_these():
    listed = load_word_list("assistant.answering.grounding", "number_words.json")
    spelt = {language for language, known in listed.items() if "cardinals" in known}
    assert spelt == {"ar", "de", "en", "es", "fa", "fr", "hi", "id", "it", "nl", "pt", "ru", "tr", "uk"}


def test_a_buddhist_year_is_known_where_the_language_has_a_region():
    assert exact("ในปี 2569", "th-TH", "in 2026", "en") == []
    assert exact("in 2026", "en", "ในปี 2569", "th-TH") == []
    assert exact("in 2569", "en", "in 2026", "en") == ["2569"]
