import pytest

from assistant.answering.claims import Claim, split_claims


@pytest.mark.parametrize(
    ("written", "claims"),
    [
        ("It is in Moscow [1].", [("It is in Moscow.", (1,))]),
        ("It is in Moscow. [1] It is in November. [2]", [("It is in Moscow.", (1,)), ("It is in November.", (2,))]),
        ("It is in Moscow [1][2]. And in November.", [("It is in Moscow.", (1, 2)), ("And in November.", ())]),
        ("[2] It is in Moscow.", [("It is in Moscow.", (2,))]),
        ("[1] It is in Moscow.\n[2] It is in November.", [("It is in Moscow.", (1,)), ("It is in November.", (2,))]),
        ("1. In Moscow [1]\n2. In November [2]", [("In Moscow", (1,)), ("In November", (2,))]),
        ("- **In Moscow** [1]", [("In Moscow", (1,))]),
        ("In Moscow [7].", [("In Moscow.", ())]),
        ("In Moscow [1] [1].", [("In Moscow.", (1,))]),
        ("[1]", []),
        ("", []),
    ],
)
def test_each_sentence_has_its_own_marks(written, claims):
    assert split_claims(written, "en", 2) == [Claim(*claim) for claim in claims]


def test_arabic_sentences_and_digits():
    assert split_claims("تعقد القمة في موسكو [١]. وستكون في نوفمبر؟ [٢]", "ar", 2) == [
        Claim("تعقد القمة في موسكو.", (1,)),
        Claim("وستكون في نوفمبر؟", (2,)),
    ]
