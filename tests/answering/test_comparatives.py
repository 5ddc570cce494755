"""What a question for one of two things asks for, in every language that has the words."""

import pytest

from assistant.answering.parts import things_compared
from assistant.answering.superlatives import Superlative, comparative_of

ENDS = [
    Superlative.CHEAPEST,
    Superlative.DEAREST,
    Superlative.EARLIEST,
    Superlative.LATEST,
    Superlative.LEAST,
    Superlative.MOST,
]

QUESTIONS = {
    "ar": [
        "أيهما أرخص، الفندق أم النزل؟",
        "أيهما أغلى، الفندق أم النزل؟",
        "أيهما أقدم، الفندق أم النزل؟",
        "أيهما أحدث، الفندق أم النزل؟",
        "أيهما أقصر، النفق أم الجسر؟",
        "أيهما أطول، النفق أم الجسر؟",
    ],
    "de": [
        "Was ist billiger, das Hotel oder die Hütte?",
        "Was ist teurer, das Hotel oder die Hütte?",
        "Was ist älter, das Hotel oder die Hütte?",
        "Was ist neuer, das Hotel oder die Hütte?",
        "Was ist kürzer, der Tunnel oder die Brücke?",
        "Was ist länger, der Tunnel oder die Brücke?",
    ],
    "en": [
        "Which is cheaper, the hotel or the hut?",
        "Which is more expensive, the hotel or the hut?",
        "Which is older, the hotel or the hut?",
        "Which is newer, the hotel or the hut?",
        "Which is shorter, the tunnel or the bridge?",
        "Which is longer, the tunnel or the bridge?",
    ],
    "es": [
        "¿Qué es más barato, el hotel o el refugio?",
        "¿Qué es más caro, el hotel o el refugio?",
        "¿Qué es más antiguo, el hotel o el refugio?",
        "¿Qué es más nuevo, el hotel o el refugio?",
        "¿Qué es más corto, el túnel o el puente?",
        "¿Qué es más largo, el túnel o el puente?",
    ],
    "fr": [
        "Lequel est moins cher, l'hôtel ou le refuge ?",
        "Lequel est plus cher, l'hôtel ou le refuge ?",
        "Lequel est plus ancien, l'hôtel ou le refuge ?",
        "Lequel est plus récent, l'hôtel ou le refuge ?",
        "Lequel est plus court, le tunnel ou le pont ?",
        "Lequel est plus long, le tunnel ou le pont ?",
    ],
    "ru": [
        "Что дешевле, отель или хижина?",
        "Что дороже, отель или хижина?",
        "Что старше, отель или хижина?",
        "Что новее, отель или хижина?",
        "Что короче, тоннель или мост?",
        "Что длиннее, тоннель или мост?",
    ],
    "tr": [
        "Hangisi daha ucuz, otel veya kulübe?",
        "Hangisi daha pahalı, otel veya kulübe?",
        "Hangisi daha eski, otel veya kulübe?",
        "Hangisi daha yeni, otel veya kulübe?",
        "Hangisi daha kısa, tünel veya köprü?",
        "Hangisi daha uzun, tünel veya köprü?",
    ],
    "zh": [
        "哪个更便宜，酒店还是小屋？",
        "哪个更贵，酒店还是小屋？",
        "哪个更早，酒店还是小屋？",
        "哪个更晚，酒店还是小屋？",
        "哪个更短，隧道还是桥？",
        "哪个更长，隧道还是桥？",
    ],
}


@pytest.mark.parametrize(
    ("language", "question", "end"),
    [
        (language, question, end)
        for language, questions in QUESTIONS.items()
        for question, end in zip(questions, ENDS, strict=True)
    ],
)
def test_the_end_that_is_asked_for_is_told(language, question, end):
    compared = things_compared(question, language)
    assert compared is not None
    assert comparative_of(compared.asked, language) is end
