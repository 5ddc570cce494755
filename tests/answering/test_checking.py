"""Which sentences of an answer the articles' sentences support, by the real embedding model."""

import pytest

from assistant.answering.checking import Checker
from assistant.answering.claims import Claim
from assistant.answering.prompting import Window


@pytest.fixture(scope="module")
def checker(encoder):
    return Checker(encoder)


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
