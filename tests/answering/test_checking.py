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


def test_the_office_of_somebody_may_stand_in_the_sentence_before(checker, hit):
    found = hit(["President Putin came to Bishkek.", "Putin met the foreign minister there."], best=1)
    claim = Claim("President Putin met the foreign minister.", (1,))
    assert checker.check([claim], "Who met whom?", "en", [Window(found, found.passage.sentences)])[0] is not None
