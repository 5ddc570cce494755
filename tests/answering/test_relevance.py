"""What the library only nearly answers is refused; what it does answer is not. Real articles, real encoder."""

from dataclasses import replace

import pytest

from assistant import Assistant
from assistant.answering.answer import Status
from assistant.answering.relevance import judged_by_subject

BEES = (
    "Fire among the hives\n\n"
    "A fire at an apiary near Uppsala destroyed 312 beehives. Its owner, Karin Bergström, said that a neighbour had "
    "burned garden waste. Firefighters from Uppsala fought the flames with water from the river. "
    "The Swedish Beekeepers' Association will give her new swarms.\n"
)
BRIDGE = (
    "A bridge for Tartu\n\n"
    "The city of Tartu will build a bridge for cyclists over the Emajõgi. The bridge costs nine million euros, and "
    "work on it begins in 2031. Estonia's government pays half of it.\n"
)
HARBOUR = (
    "مرفأ جديد في وهران\n\n"
    "أعلنت السلطات في وهران بناء مرفأ جديد للصيادين. وتبلغ تكلفة المرفأ تسعة ملايين يورو، وتدفع الجزائر نصف المبلغ. "
    "وقال مدير المشروع إن الأعمال تبدأ في عام 2031.\n"
)

ANSWERED = [
    "How many beehives did the fire destroy near Uppsala?",
    "how many beehives burned near uppsala?",
    "How many beehives burned near Upsala?",
    "Who gives Karin Bergstrom new swarms?",
    "In which year does work on the bridge in Tartu begin?",
    "When does work on the bridge of Tartu begin?",
    "What does the bridge in Estonia cost?",
    "How much does the new harbour in Algeria cost?",
    "كم تبلغ تكلفة المرفأ الجديد في الجزائر؟",
    "Wie viel kostet die Brücke in Estland?",
    "Сколько стоит новый порт в Алжире?",
    "When will the fighting in Ukraine stop, according to Putin?",
    "What did Putin do in Bishkek?",
    "On what dates did Putin visit Bishkek?",
    "Welches Land baut laut Putin als einziges der Welt solche kleinen Kernkraftwerke?",
    "Which country does Putin plan a power plant with?",
]
REFUSED = [
    "How many beehives burned in Cairo?",
    "how many beehives burned in cairo?",
    "How many beehives did Ingrid Halvorsen lose in the fire?",
    "What does the bridge in Portugal cost?",
    "How much does the new harbour in Portugal cost?",
    "كم تبلغ تكلفة المرفأ الجديد في البرتغال؟",
    "Сколько стоит новый порт в Португалии?",
    "What power plant is planned with Brazil?",
    "رئیس‌جمهور قزاقستان در این نشست چه گفت؟",
]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    from pathlib import Path

    folder = tmp_path_factory.mktemp("articles")
    for name, text in (("bees", BEES), ("bridge", BRIDGE), ("harbour", HARBOUR)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    with Assistant(tmp_path_factory.mktemp("store"), chat_model="extractive") as assistant:
        report = assistant.sync([folder, Path(__file__).parents[2] / "seeds"])
        assert not report.problems
        yield assistant


@pytest.mark.parametrize("question", ANSWERED)
def test_what_an_article_says_is_answered(library, question):
    assert library.ask(question).status is Status.ANSWERED


@pytest.mark.parametrize("question", REFUSED)
def test_what_no_article_says_is_refused(library, question):
    answer = library.ask(question)

    assert answer.status is Status.NOT_FOUND
    assert answer.closest


@pytest.mark.parametrize(("aboutness", "score"), [(0.9, 0.9), (0.1, 0.3)])
def test_an_explanation_is_as_relevant_as_its_article_speaks_of_what_is_asked(hit, result, aboutness, score):
    judged = judged_by_subject(result(replace(hit(["It rains."], score=0.3), aboutness=aboutness))).hits[0]
    assert judged.score == score
    assert judged.sentence_score >= score
