"""Which sentences of an answer the articles' sentences support, by the real embedding model."""

import pytest

from assistant.answering.checking import Checker
from assistant.answering.claims import Claim
from assistant.answering.prompting import Window


@pytest.fixture(scope="module")
def checker(encoder):
    return Checker(encoder)


@pytest.mark.parametrize(
    ("question", "claim", "sentence", "language", "supported"),
    [
        (
            "Who signed the agreement?",
            "The prime minister signed it.",
            "وقع رئيس الوزراء الاتفاق في بغداد.",
            "ar",
            True,
        ),
        ("Who signed the agreement?", "The president signed it.", "وقع رئيس الوزراء الاتفاق في بغداد.", "ar", False),
        (
            "Who signed the agreement?",
            "The minister signed it.",
            "The minister signed the agreement in Bonn.",
            "en",
            True,
        ),
        (
            "Who signed the agreement?",
            "The governor signed it.",
            "The minister signed the agreement in Bonn.",
            "en",
            False,
        ),
        ("Who signed the agreement?", "The minister signed it.", "Der Minister unterschrieb das Abkommen.", "de", True),
        ("Who signed the agreement?", "The mayor signed it.", "Der Minister unterschrieb das Abkommen.", "de", False),
        ("من وقع الاتفاق؟", "وقعه الرئيس.", "Президент подписал соглашение в Москве.", "ru", True),
        ("من وقع الاتفاق؟", "وقعه السفير.", "Президент подписал соглашение в Москве.", "ru", False),
        ("谁签署了协议？", "总理签署了协议。", "The prime minister signed the agreement.", "en", True),
        ("谁签署了协议？", "总统签署了协议。", "The prime minister signed the agreement.", "en", False),
    ],
)
def test_another_office_is_no_support(checker, hit, question, claim, sentence, language, supported):
    found = hit([sentence], language=language)
    spoken = "ar" if question.startswith("من") else "zh" if question.startswith("谁") else "en"
    checked = checker.check([Claim(claim, (1,))], question, spoken, [Window(found, found.passage.sentences)])
    assert (checked[0] is not None) == supported


PLANT = "وكشف عن خطة لبناء محطة طاقة نووية صغيرة مع قرغيزستان في موسكو."
PLANT_EN = "He revealed a plan to build a small nuclear power plant with Kyrgyzstan in Moscow."


@pytest.mark.parametrize(
    ("question", "claim", "sentence", "language", "spoken", "supported"),
    [
        ("What is to be built?", "A small nuclear power plant is to be built.", PLANT_EN, "en", "en", True),
        ("What is to be built?", "A small solar power plant is to be built.", PLANT_EN, "en", "en", False),
        ("What is to be built?", "A small nuclear power plant is to be built.", PLANT, "ar", "en", True),
        ("What is to be built?", "A small wooden power plant is to be built.", PLANT, "ar", "en", False),
    ],
)
def test_one_wrong_word_among_right_ones_is_no_support(
    checker, hit, question, claim, sentence, language, spoken, supported
):
    found = hit([sentence], language=language)
    checked = checker.check([Claim(claim, (1,))], question, spoken, [Window(found, found.passage.sentences)])
    assert (checked[0] is not None) == supported


@pytest.mark.parametrize(
    ("claim", "spoken", "supported"),
    [
        ("Será en Moscú.", "es", True),
        ("Será en Músico.", "es", False),
        ("Он будет в Москве.", "ru", True),
        ("Он будет в Муску.", "ru", False),
    ],
)
def test_a_place_is_called_by_its_name(checker, hit, claim, spoken, supported):
    question = {"es": "¿Dónde será?", "ru": "Где он будет?"}[spoken]
    found = hit(["ستعقد القمة المقبلة في موسكو."], language="ar")
    checked = checker.check([Claim(claim, (1,))], question, spoken, [Window(found, found.passage.sentences)])
    assert (checked[0] is not None) == supported


ONLY = "Russia is the only country that builds such plants."


@pytest.mark.parametrize(
    ("question", "claim", "spoken"),
    [
        (
            "Which country is the only one that builds such plants?",
            "The only one that builds such plants is the country that builds such plants.",
            "en",
        ),
        (
            "Welches Land baut laut Putin als einziges der Welt solche kleinen Kernkraftwerke?",
            "Laut Putin baut laut Putin als einziges der Welt solche kleinen Kernkraftwerke.",
            "de",
        ),
        ("Which country is the only one that builds such plants?", "Which country is Russia?", "en"),
    ],
)
def test_what_repeats_the_question_or_asks_one_states_nothing(checker, hit, question, claim, spoken):
    found = hit([ONLY], language="en")
    windows = [Window(found, found.passage.sentences)]
    assert checker.check([Claim(claim, (1,))], question, spoken, windows) == [None]


def test_the_office_of_somebody_may_stand_in_the_sentence_before(checker, hit):
    found = hit(["President Putin came to Bishkek.", "Putin met the foreign minister there."], best=1)
    claim = Claim("President Putin met the foreign minister.", (1,))
    assert checker.check([claim], "Who met whom?", "en", [Window(found, found.passage.sentences)])[0] is not None
