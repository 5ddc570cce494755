import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.terms import index_terms


@pytest.mark.parametrize(
    ("question", "asked_in", "passage", "written_in", "shared"),
    [
        ("CSTO in 2026?", "en", "قمة CSTO عام ٢٠٢٦", "ar", {"csto", "2026"}),
        ("who owns reuters", "en", "نقلت Reuters الخبر", "ar", {"reuters", "reuter"}),
        ("من يملك Reuters", "ar", "Reuters is owned by a trust.", "en", {"reuters", "reuter"}),
        ("Obama’s visit", "en", "La visite d’Obama", "fr", {"obama"}),
        ("erdogan", "en", "Erdoğan'ın ziyareti", "tr", {"erdogan"}),
        ("wie viele sind 1.190?", "de", "1,190 questions", "en", {"1190"}),
        ("٣٫٥ مليون", "ar", "3,5 Millionen", "de", {"3.5"}),
        ("F-16", "en", "صفقة F-16 الجديدة", "ar", {"f", "16"}),
        ("what is منظمة الأمن الجماعي?", "en", "قمة منظمة الأمن الجماعي", "ar", {"منظم", "امن", "جماع"}),
        ("iPhone 15的价格", "zh", "the iPhone 15", "en", {"iphone", "15"}),
        ("بين 25و27 نوفمبر", "ar", "25 to 27 November", "en", {"25", "27"}),
    ],
)
def test_names_and_numbers_match_across_languages(question, asked_in, passage, written_in, shared):
    assert shared <= set(index_terms(question, asked_in)) & set(index_terms(passage, written_in))


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("ar", ["الأمن", "والأمن", "بالأمن", "للأمن", "فالأمن", "كالأمن", "أمن"]),
        ("ar", ["المنظمة", "منظمة", "والمنظمة", "منظمه"]),
        ("ar", ["الاجتماع", "اجتماع", "وبالاجتماع"]),
        ("en", ["summit", "summits", "Summit's"]),
        ("ru", ["саммит", "саммита", "Саммиту"]),
        ("fr", ["usine", "usines", "l’usine"]),
        ("de", ["Gipfel", "Gipfels"]),
        ("fa", ["کتاب", "کتاب\u200cها", "كتابها"]),
        ("tr", ["Moskova", "MOSKOVA'DA"]),
    ],
)
def test_inflected_words_share_a_term(language, forms):
    assert set.intersection(*(set(index_terms(form, language)) for form in forms))


@pytest.mark.parametrize(
    ("language", "text", "terms"),
    [
        ("zh", "峰会将于11月举行", ["峰会", "会将", "将于", "11", "月举", "举行"]),
        ("ja", "サミットは", ["サミ", "ミッ", "ット", "トは"]),
        ("th", "ที่ไหน", ["ที่ไ", "ไห", "หน"]),
        ("ko", "정상회의", ["정상", "상회", "회의"]),
        ("zh", "山", ["山"]),
        ("und", "Zürich 7", ["zurich", "7"]),
        ("sw", "Ni nyumba", ["ni", "nyumba"]),
        ("he", "צה״ל", ["צה", "ל"]),
        ("en", "B2B in the 2010s", ["b2b", "in", "the", "2010s", "2010"]),
        ("en", "... 😀 — !", []),
    ],
)
def test_terms_in_reading_order(language, text, terms):
    assert index_terms(text, language) == terms


def test_a_word_over_the_longest_comes_in_parts():
    assert max(map(len, index_terms("a" * 1000 + " " + "ب" * 1000, "en"))) <= 65


@given(st.text(st.characters()), st.sampled_from(["ar", "en", "fa", "hi", "ja", "th", "tr", "und", "zz"]))
def test_terms_are_words_without_white_space(text, language):
    assert all(term and not any(character.isspace() for character in term) for term in index_terms(text, language))


@pytest.mark.parametrize("unit", ["a", "\u0301", "ا", "1,", "1.", "中", "'", "é'", "٣٬٣٣٣", "a'", "ا\u064b"])
@pytest.mark.timeout(120)  # a quadratic step would take an hour
def test_hostile_repetition_ends_soon(unit):
    assert all(len(term) <= 65 for term in index_terms(unit * 100_000, "en"))
