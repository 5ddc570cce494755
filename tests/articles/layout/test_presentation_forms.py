import unicodedata

import pytest

from assistant.articles.layout.presentation_forms import ordinary_letters


@pytest.mark.parametrize(
    ("drawn", "letters"),
    [
        ("ﻗﻤﺔ ﻣﻮﺳﻜﻮ", "قمة موسكو"),
        ("ﻻ ﻷ", "لا لأ"),
        ("ﷲ", "الله"),
        ("ﬁne oﬃce", "fine office"),
        ("שׁ", unicodedata.normalize("NFKC", "שׁ")),
    ],
)
def test_shapes_become_letters(drawn, letters):
    assert ordinary_letters(drawn) == letters


def test_nothing_else_changes():
    text = "m² ½ ① Ａ ﾊ x\u00a0y قِمّة …"
    assert ordinary_letters(text) == text


def test_no_shape_is_left_and_vowel_signs_bring_no_space():
    shapes = "".join(chr(code) for code in range(0xFE70, 0xFEFD) if unicodedata.decomposition(chr(code)))
    letters = ordinary_letters(shapes)
    assert not any(0xFE70 <= ord(character) <= 0xFEFC for character in letters)
    assert " " not in letters
