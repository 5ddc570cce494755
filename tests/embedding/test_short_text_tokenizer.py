import random
import shutil
import sqlite3

import numpy as np
import pytest
from tokenizers import Tokenizer

from assistant.embedding import bundled
from assistant.embedding.short_text_tokenizer import ShortTextTokenizer
from assistant.embedding.tokenizing import Tokenizing, _loaded
from assistant.errors import ModelError

TEXTS = [
    "", " ", "When does the ferry leave?", "متى تغادر العبّارة إلى تينوس؟", "渡轮什么时候离开？", "เรือออกกี่โมง", "ﬁ № ½ Å",
    "a</s>b <s>c", "<<s>/s>", "<s</s>>", "<unk> <pad>", "x\u2581y", "\x00\x0b\ufeff", "👩‍👩‍👧 ok", "\ud800 lone",
    "word " * 700,
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(cache):
    return bundled.unpack(cache, "int8")[0]


@pytest.fixture(scope="module")
def short(folder):
    return ShortTextTokenizer(bundled.pieces_of(folder), 512)


@pytest.fixture(scope="module")
def whole(folder):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(512)
    return tokenizer


def scribbles(count):
    choice = random.Random(5)
    blocks = [(32, 127), (0x600, 0x700), (0x4E00, 0x5000), (0x1F300, 0x1F700), (32, 0x3000)]
    for _ in range(count):
        yield "".join(chr(choice.randrange(*choice.choice(blocks))) for _ in range(choice.randrange(60)))


def test_tokens_are_those_of_the_whole_tokenizer(short, whole):
    for text in [text.encode("utf-8", "replace").decode() for text in TEXTS] + list(scribbles(300)):
        [(ids, encoding)] = short.encode([text])
        expected = whole.encode(text)
        assert ids == expected.ids, ascii(text)
        assert encoding.offsets == expected.offsets, ascii(text)
        assert encoding.special_tokens_mask == expected.special_tokens_mask, ascii(text)


def test_several_texts_at_once_are_as_each_by_itself(short):
    together = [ids for ids, _ in short.encode(TEXTS[:6])]
    assert together == [short.encode([text])[0][0] for text in TEXTS[:6]]


def test_counts_are_uncut_and_without_special_tokens(short):
    assert short.count(["Hello world", "", "word " * 2000]) == [2, 0, 2000]


def test_few_short_texts_do_not_load_the_vocabulary_and_many_or_long_ones_do(folder, monkeypatch):
    def tokenizing():
        return Tokenizing(folder / "tokenizer.json", 512, bundled.pieces_of(folder))

    _loaded.cache_clear()
    loads = []
    load = Tokenizer.from_buffer
    monkeypatch.setattr(
        "assistant.embedding.tokenizing.Tokenizer.from_buffer", lambda data: loads.append(1) or load(data)
    )
    few = tokenizing()
    first = few.encode(TEXTS[2:5])
    assert few.count(["Hello world"]) == [2]
    assert not loads
    for _ in range(-(-20_000 // sum(map(len, TEXTS[2:5])))):
        again = few.encode(TEXTS[2:5])
    assert len(loads) == 1
    assert [ids for ids, _ in again] == [ids for ids, _ in first]
    # All that use the same vocabulary share it.
    tokenizing().encode([TEXTS[-1]])
    assert len(loads) == 1


def test_the_vectors_of_a_question_are_the_same_either_way(folder, encoder):
    from assistant.embedding.onnx_encoder import OnnxEncoder

    graph = bundled.unpack(folder.parent, "int8")[1]
    questions = ["When does the ferry leave?", "متى تغادر العبّارة؟"]
    without = OnnxEncoder(folder, graph=graph).encode_questions(questions)
    for one, other in zip(without, encoder.encode_questions(questions), strict=True):
        np.testing.assert_array_equal(one.token_ids, other.token_ids)
        np.testing.assert_array_equal(one.pooled, other.pooled)


@pytest.mark.parametrize("content", [b"", b"not a database", None])
def test_a_damaged_file_is_named(tmp_path, content):
    file = tmp_path / "pieces.sqlite"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError, match=r"pieces\.sqlite is damaged .*: remove it"):
        ShortTextTokenizer(file, 512)


def test_damage_found_later_is_named_too(tmp_path, folder):
    file = tmp_path / "pieces.sqlite"
    shutil.copy(bundled.pieces_of(folder), file)
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE pieces")
    with pytest.raises(ModelError, match="remove it"):
        ShortTextTokenizer(file, 512).encode(["When?"])
