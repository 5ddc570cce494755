"""Which sentences of an answer the articles' sentences support, by the real embedding model."""

import pytest

from assistant.answering.checking import Checker
from assistant.answering.claims import Claim
from assistant.answering.prompting import Window


@pytest.fixture(scope="module")
def checker(retriever):
    return Checker(retriever)


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
    checked = checker.check(
        [Claim(claim, (1,))], question, spoken, [Window(found.article, found.passage, found.passage.sentences)]
    )
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
    windows = [Window(found.article, found.passage, found.passage.sentences)]
    assert checker.check([Claim(claim, (1,))], question, spoken, windows) == [None]


GLASS = [
    "The Ostrava Glass Museum is open until nine on Fridays.",
    "Curator Lena Dvorak said that people who work had asked for it.",
    "Entry costs 7 euros, and children pay nothing.",
    "The building was put up by the architect Otto Hahn in 1931.",
]
GLASS_TITLE = "Ostrava Glass Museum extends its hours"
BRIDGE = ["В Томске в среду открыли новый мост через реку.", "Его длина — 640 метров.", "Работы шли четыре года."]
BRIDGE_TITLE = "В Томске открыли новый мост"
METRO = ["The trains run from Monday on.", "It is 23 kilometres long and has 15 stations.", "The mayor took the first."]
METRO_TITLE = "Metro line 7 reaches the airport"


@pytest.mark.parametrize(
    ("sentences", "title", "language", "question", "claim", "supporting"),
    [
        (GLASS, GLASS_TITLE, "en", "Who is the curator of the Ostrava museum?", "The curator of the Ostrava Glass Museum is Lena Dvorak.", 1),
        (GLASS, GLASS_TITLE, "en", "Who is the curator of the Ostrava museum?", "The curator of the Ostrava Glass Museum is Otto Hahn.", None),
        (GLASS, GLASS_TITLE, "en", "Who is the curator of the Ostrava museum?", "The curator of the Ostrava Glass Museum is Petr Novak.", None),
        (GLASS, GLASS_TITLE, "en", "What does entry to the Ostrava museum cost?", "Entry to the Ostrava Glass Museum costs 7 euros.", 2),
        (GLASS, GLASS_TITLE, "en", "What does entry to the Ostrava museum cost?", "Entry to the Ostrava Glass Museum costs 9 euros.", None),
        (BRIDGE, BRIDGE_TITLE, "ru", "How long is the new bridge in Tomsk?", "The new bridge in Tomsk is 640 metres long.", 1),
        (BRIDGE, BRIDGE_TITLE, "ru", "How long is the new bridge in Tomsk?", "The new bridge in Tomsk is 460 metres long.", None),
        (METRO, METRO_TITLE, "en", "How long is metro line 7?", "Metro line 7 is 23 kilometres long.", 1),
        (METRO, METRO_TITLE, "en", "How long is metro line 7?", "Metro line 7 is 7 kilometres long.", None),
    ],
)  # fmt: skip
def test_a_sentence_is_read_in_the_light_of_its_title(
    checker, hit, sentences, title, language, question, claim, supporting
):
    found = hit(sentences, title=title, language=language)
    [support] = checker.check(
        [Claim(claim, (1,))], question, "en", [Window(found.article, found.passage, found.passage.sentences)]
    )
    assert (support and support.sentence) == (None if supporting is None else found.passage.sentences[supporting])


def test_a_name_in_the_title_is_no_evidence_for_an_answer(checker, hit):
    found = hit(["The library opened in 1998.", "It has 40,000 books."], title="Ines Moll writes about a library")
    claim = Claim("The library was designed by Ines Moll in 1998.", (1,))
    windows = [Window(found.article, found.passage, found.passage.sentences)]
    assert checker.check([claim], "Who designed the library?", "en", windows) == [None]
