"""What the product is for: questions in many languages about the one Arabic article in `seeds/`."""

from pathlib import Path

import pytest

from assistant import Assistant
from assistant.answering.answer import Status

SUMMIT_DATE = "11 نوفمبر 2026"

HEADLINE = {
    "en": "when is the next CSTO summit?",
    "ar": "متى تعقد القمة المقبلة لمنظمة معاهدة الأمن الجماعي؟",
    "ru": "Когда состоится следующий саммит ОДКБ?",
    "fr": "Quand aura lieu le prochain sommet de l'OTSC ?",
    "zh": "集体安全条约组织下一次峰会什么时候举行?",
    "tr": "Bir sonraki KGAÖ zirvesi ne zaman?",
}

RIGHT_SENTENCE = {
    "Where will the next CSTO summit be held?": "11 نوفمبر 2026 في موسكو",
    "On which dates did Putin visit Bishkek?": "بين 25 و27 نوفمبر",
    "Which president did Putin meet in Bishkek?": "صادر جباروف",
    "What power plant is planned with Kyrgyzstan?": "محطة طاقة نووية صغيرة",
    "What did Putin say about Armenia's participation in the organization?": "أرمينيا",
    "How did Putin describe the claims that Russia intends to attack Europe?": "هراء وكذب صريح",
}

UNANSWERABLE = ["who won the 2022 World Cup?", "What is the capital of France?", "من فاز بكأس العالم 2022؟"]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    seeds = Path(__file__).parents[1] / "seeds"
    with Assistant(tmp_path_factory.mktemp("store"), chat_model="extractive") as assistant:
        report = assistant.sync(seeds)
        assert not report.problems
        yield assistant


NAMED_IN_FULL = pytest.mark.xfail(
    reason="the sentence about the summit that was comes first: it names the organisation in full", strict=True
)


@pytest.mark.parametrize("language", [*sorted(HEADLINE.keys() - {"zh"}), pytest.param("zh", marks=NAMED_IN_FULL)])
def test_the_next_summit_is_found_in_every_question_language(library, language):
    answer = library.ask(HEADLINE[language])

    assert answer.status is Status.ANSWERED
    assert answer.language == language
    assert any(SUMMIT_DATE in citation.quote for citation in answer.citations)
    for citation in answer.citations:
        assert citation.quote == library.article(citation.article.id).text[citation.start : citation.end]
        assert f"[{citation.number}]" in answer.text


@pytest.mark.parametrize(
    "language",
    [
        *sorted(HEADLINE.keys() - {"tr", "zh"}),
        pytest.param("tr", marks=NAMED_IN_FULL),
        pytest.param("zh", marks=NAMED_IN_FULL),
    ],
)
def test_the_next_summit_comes_first(library, language):
    assert SUMMIT_DATE in library.ask(HEADLINE[language]).citations[0].quote


@pytest.mark.parametrize("question", RIGHT_SENTENCE)
def test_each_question_cites_the_right_sentence(library, question):
    answer = library.ask(question)

    assert answer.status is Status.ANSWERED
    assert any(RIGHT_SENTENCE[question] in citation.quote for citation in answer.citations)


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_what_the_article_does_not_say_is_not_found(library, question):
    answer = library.ask(question)

    assert answer.status is Status.NOT_FOUND
    assert not answer.citations
    assert answer.closest
