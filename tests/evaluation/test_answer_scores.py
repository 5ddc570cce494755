import pytest

from assistant.evaluation.answer_scores import contains, exact_match, f1, without_citation_marks
from assistant.evaluation.question_set import GoldAnswer


def gold(*texts: str, language: str = "en") -> list[GoldAnswer]:
    return [GoldAnswer(text, language) for text in texts]


@pytest.mark.parametrize(
    ("answer", "golds", "exact", "overlap"),
    [
        ("Denver Broncos", gold("the Denver Broncos"), 1, 1),
        ("the Carolina Panthers", gold("Denver Broncos"), 0, 0),
        ("Santa Clara, California", gold("Santa Clara"), 0, 0.8),
        ("in the city of Moscow", gold("Moscow", "Moscow city"), 0, 2 * (2 / 4) * 1 / (2 / 4 + 1)),
        ("Moscow Moscow", gold("Moscow"), 0, 2 / 3),
        ("", gold("Moscow"), 0, 0),
    ],
)
def test_scores_as_squad_does(answer, golds, exact, overlap):
    assert exact_match(answer, golds) == exact
    assert f1(answer, golds) == pytest.approx(overlap)


@pytest.mark.parametrize(
    ("answer", "golds", "exact", "overlap"),
    [
        ("القمة المقبلة", gold("قمة مقبلة", language="ar"), 1, 1),
        ("١١ نوفمبر ٢٠٢٦", gold("11 نوفمبر 2026", language="ar"), 1, 1),
        ("في 11 نوفمبر", gold("11 نوفمبر 2026", language="ar"), 0, 2 / 3),
        ("بالعاصمة موسكو", gold("العاصمة", language="ar"), 0, 0.5),
        ("在莫斯科", gold("莫斯科", language="zh"), 0, 6 / 7),
    ],
)
def test_scores_as_mlqa_does(answer, golds, exact, overlap):
    assert exact_match(answer, golds) == exact
    assert f1(answer, golds) == pytest.approx(overlap)


def test_each_gold_answer_is_compared_by_the_rules_of_its_own_language():
    both = [GoldAnswer("the summit", "en"), GoldAnswer("القمة", "ar")]
    assert exact_match("summit", both) == 1
    assert exact_match("قمة", both) == 1
    assert exact_match("قمة", [GoldAnswer("القمة", "en")]) == 0


@pytest.mark.parametrize(
    ("answer", "gold_answer", "held"),
    [
        ("The summit is on 11 November 2026, in Moscow.", GoldAnswer("11 November 2026", "en"), 1),
        ("ستعقد في ١١ نوفمبر ٢٠٢٦ بموسكو", GoldAnswer("موسكو", "ar"), 1),
        ("ستعقد في 11 نوفمبر 2026", GoldAnswer("11 نوفمبر 2026", "ar"), 1),
        ("Zirve Moskova'da yapılacak", GoldAnswer("Moskova", "tr"), 1),
        ("峰会将在莫斯科举行", GoldAnswer("莫斯科", "zh"), 1),
        ("In 2026", GoldAnswer("20", "en"), 0),
        ("In 1911", GoldAnswer("11", "en"), 0),
        ("the party", GoldAnswer("art", "en"), 0),
        ("November 11, 2026", GoldAnswer("11 November 2026", "en"), 0),
        ("anything", GoldAnswer("the", "en"), 0),
    ],
)
def test_contains(answer, gold_answer, held):
    assert contains(answer, [gold_answer]) == held


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("On 11 November [1].", "On 11 November."),
        ("في ١١ نوفمبر [١].", "في ١١ نوفمبر."),
        ("Here [1][2] and there [3, 4]", "Here and there"),
        ("The array a[0x] stays", "The array a[0x] stays"),
    ],
)
def test_takes_citation_marks_out(text, words):
    assert without_citation_marks(text) == words
