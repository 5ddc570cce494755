import pytest

from assistant.answering.answer_type.quantity import asks_for_quantity, states_quantity


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How many drones does Russia produce each year?", "en"),
        ("كم تبلغ مساحة الأراضي؟", "ar"),
        ("Сколько стран входит в ОДКБ?", "ru"),
        ("Combien d'experts participeront au forum ?", "fr"),
        ("¿Cuántos puntos tiene el plan?", "es"),
        ("रूस ने कितने सैनिकों को बंदी बनाया है?", "hi"),
        ("这个组织有多少成员国？", "zh"),
        ("Bu örgütün kaç üyesi var?", "tr"),
    ],
)
def test_how_many_is_recognised(question, language):
    assert asks_for_quantity(question, language)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("When is the next CSTO summit?", "en"),
        ("متى تعقد القمة المقبلة؟", "ar"),
        ("Wie oft wächst das Gebiet?", "de"),
        ("How do they describe it?", "en"),
        ("Anything at all?", "xx"),
    ],
)
def test_other_questions_are_not(question, language):
    assert not asks_for_quantity(question, language)


@pytest.mark.parametrize(
    ("sentence", "language", "states"),
    [
        ("It has six members.", "en", True),
        ("The plan has 28 points.", "en", True),
        ("The next summit is on 11 November 2026.", "en", False),
        ("القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو.", "ar", False),
        ("زيارته التي استمرت بين 25 و27 نوفمبر", "ar", False),
        ("تضم المنظمة ست دول.", "ar", True),
        ("Russia exports weapons.", "en", False),
    ],
)
def test_dates_are_no_quantities(sentence, language, states):
    assert states_quantity(sentence, language) is states


def test_a_language_whose_number_words_are_unknown_may_always_state_one():
    assert states_quantity("Mji una wakazi wengi.", "sw")
