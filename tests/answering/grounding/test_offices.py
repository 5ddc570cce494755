import pytest

from assistant.answering.grounding.offices import find_offices


@pytest.mark.parametrize(
    ("text", "language", "offices"),
    [
        ("رئيس الوزراء العراقي", "ar", {"prime minister"}),
        ("سيعين الرئيس وزراء في كل من الحزبين", "ar", {"president", "minister"}),
        ("رئيس البلدية و. هايدون بيرنز", "ar", {"mayor"}),
        ("the governor of the Ministry", "en", {"governor"}),
        ("Martin Luther King spoke at 3 PM", "en", set()),
        ("PM Modi met the king", "en", {"prime minister", "king"}),
        ("der Ministerpräsident im Königreich", "de", {"prime minister"}),
        ("Dışişleri Bakanı ve Başbakan", "tr", {"minister", "prime minister"}),
        ("министр иностранных дел и президент", "ru", {"minister", "president"}),
        ("总理和总统在大使馆", "zh", {"prime minister", "president"}),
        ("the minister", "xx", set()),
    ],
)
def test_the_offices_that_a_text_names(text, language, offices):
    assert find_offices(text, language) == offices
