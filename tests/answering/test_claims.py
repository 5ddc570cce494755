import pytest

from assistant.answering.claims import Claim, split_claims, without_insertions


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
    assert [(claim.text, claim.numbers) for claim in split_claims(written, "en", 2)] == claims


def test_a_number_that_does_not_count_up_stays_where_a_list_is_numbered():
    written = "1. A mill burnt.\n2. A dam broke.\n11. November is the first day.\n12. November is the last day."
    assert [claim.text for claim in split_claims(written, "de", 0)] == [
        "A mill burnt.",
        "A dam broke.",
        "11. November is the first day.",
        "12. November is the last day.",
    ]


def test_arabic_sentences_and_digits():
    assert split_claims("تعقد القمة في موسكو [١]. وستكون في نوفمبر؟ [٢]", "ar", 2) == [
        Claim("تعقد القمة في موسكو.", (1,)),
        Claim("وستكون في نوفمبر؟", (2,)),
    ]


@pytest.mark.parametrize(
    ("sentence", "shorter"),
    [
        ("It is in Boston, Massachusetts.", ["It is in Boston."]),
        (
            "Fresno, California, is the largest, by far.",
            ["Fresno, California, is the largest.", "Fresno is the largest, by far."],
        ),
        ("It had 711,988 people, as of 1901", ["It had 711,988 people"]),
        ("وصل الرئيس، وهو في زيارة، إلى بيشكيك.", ["وصل الرئيس إلى بيشكيك."]),
        ("会议在莫斯科，俄罗斯首都，举行。", ["会议在莫斯科举行。"]),
        ("It had 711,988 people.", []),
        ("In good times, they do not eat ten times their weight in a day.", []),
        ("In Moscow.", []),
    ],
)
def test_what_commas_set_apart_can_be_left_out(sentence, shorter):
    assert without_insertions(sentence) == shorter


def test_a_claim_knows_whether_it_begins_a_line():
    claims = split_claims("Two mills burnt. One stands.\n- The third [1]\nThe fourth, too.", "en", 1)
    assert [claim.begins_line for claim in claims] == [False, False, True, True]
