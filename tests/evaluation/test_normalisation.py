"""Fixed examples follow the published behaviour of the SQuAD 1.1 and MLQA scoring scripts."""

import pytest

from assistant.evaluation.normalisation import answer_words


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "  The  quick, brown FOX's tail. ", ["quick", "brown", "foxs", "tail"]),
        ("en", "a-la-carte", ["alacarte"]),
        ("en", "theatre and anthem", ["theatre", "and", "anthem"]),
        ("en", "$1,000 + 5%", ["1000", "5"]),
        ("ar", "الطائرات من دون طيار", ["طائرات", "من", "دون", "طيار"]),
        ("ar", "محطة طاقة نووية صغيرة، مع قرغيزستان؟", ["محطة", "طاقة", "نووية", "صغيرة", "مع", "قرغيزستان"]),
        ("ar", "والقمة بالعاصمة", ["و", "قمة", "ب", "عاصمة"]),
        ("ar", "مال", ["م"]),  # the MLQA script takes every "ال" as an article
        ("ar", "«عنصر استقرار»", ["عنصر", "استقرار"]),
        ("de", "Der 11. November", ["11", "november"]),
        ("de", "die Wiederkehr", ["wiederkehr"]),
        ("es", "la próxima cumbre de las naciones", ["próxima", "cumbre", "de", "naciones"]),
        ("vi", "Những người của làng", ["người", "làng"]),
        ("hi", "मॉस्को, रूस।", ["मॉस्को", "रूस"]),
        ("zh", "2026年11月11日，在莫斯科", ["2026", "年", "11", "月", "11", "日", "在", "莫", "斯", "科"]),
        ("zh", "AI 技术", ["ai", "技", "术"]),
        ("fr", "la Russie", ["la", "russie"]),  # MLQA knows no French; its articles stay
        ("en", "¿¡“quoted”—dash…!", ["quoteddash"]),
        ("en", "", []),
    ],
)
def test_follows_mlqa(language, text, words):
    assert answer_words(text, language) == words


@pytest.mark.parametrize("digits", ["١١", "۱۱", "११", "１１"])
def test_takes_digits_of_any_script_alike(digits):
    assert answer_words(f"{digits} 2026", "ar") == ["11", "2026"]


def test_splits_other_scripts_without_spaces_into_characters():
    assert answer_words("モスクワ", "ja") == ["モ", "ス", "ク", "ワ"]
    assert answer_words("มอสโก", "th") == list("มอสโก")


def test_knows_a_language_by_its_first_subtag():
    assert answer_words("the summit", "en-GB") == ["summit"]
