import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.embedding.token_spans import text_tokens


def test_prompt_and_special_tokens_are_left_out():
    kept, spans = text_tokens("two words", 7, [(0, 0), (0, 6), (6, 10), (10, 16), (0, 0)], [1, 0, 0, 0, 1])
    assert kept.tolist() == [2, 3]
    assert spans.tolist() == [[0, 3], [4, 9]]


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u200f", "\u200d", "\ufeff", "\n \t"])
def test_tokens_of_blanks_alone_are_left_out(blank):
    kept, spans = text_tokens(
        f"a{blank}b", 0, [(0, 1), (1, 1 + len(blank)), (1 + len(blank), 2 + len(blank))], [0, 0, 0]
    )
    assert kept.tolist() == [0, 2]
    assert spans.tolist()[1] == [1 + len(blank), 2 + len(blank)]


def test_no_tokens_give_empty_arrays_of_the_right_shape():
    kept, spans = text_tokens("", 0, [], [])
    assert (kept.shape, spans.shape) == ((0,), (0, 2))


AWKWARD = st.sampled_from(
    [
        "ﷺ",
        "ﻣﺮﺣﺒﺎ",
        "ـــ",
        "مُحَمَّد",
        "ｗｏｒｌｄ",
        "e\u0301",
        "é",
        "ﬁ",
        "½",
        "👩‍👩‍👧",
        "🇸🇦",
        "\u00a0",
        "\u200f",
        "\u200b",
        "北京。",
        "  ",
        "\n",
        "\t",
        "\x00",
        "\x07",
        "<s>",
        "</s>",
        "<mask>",
        "▁",
        "～",
        "word",
        "قمة",
        "\ud800",
        "11 نوفمبر",
        "5%",
        "İ",
        "ǅ",
        "\u0301",
        "한국",
    ]
)
TEXTS = st.one_of(st.lists(AWKWARD, max_size=12).map("".join), st.text(max_size=60))


@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_offsets_lie_in_the_text_in_order_and_hold_what_the_token_says(encoder, text):
    for encoding, prompt in (
        (encoder.encode_questions([text])[0], encoder.question_prompt),
        (encoder.encode_passages([text])[0], encoder.passage_prompt),
    ):
        spans = encoding.offsets
        assert len(encoding.tokens) == len(encoding.token_ids) == len(spans)
        assert (spans[:, 0] >= 0).all()
        assert (spans[:, 1] <= len(text)).all()
        assert (spans[:, 0] < spans[:, 1]).all(), prompt
        assert (np.diff(spans[:, 0]) >= 0).all()
        assert np.isfinite(encoding.tokens).all()
        assert np.linalg.norm(encoding.pooled) == pytest.approx(1, abs=1e-5)
        for start, end in spans:
            assert text[start:end] == text[start:end].strip()


@settings(max_examples=40, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(["قمة", "summit", "Москва", "5%", "2026", "ـــ", "ﻣﺮﺣﺒﺎ", "ｗｏｒｌｄ", "مُدَرِّس"]),
        min_size=1,
        max_size=8,
    )
)
def test_every_visible_character_of_plain_words_belongs_to_a_token(encoder, words):
    text = "  ".join(words)
    covered = set()
    for start, end in encoder.encode_passages([f" {text}\n"])[0].offsets.tolist():
        covered.update(range(start - 1, end - 1))
    assert {place for place, character in enumerate(text) if not character.isspace()} <= covered
