"""`Tokenizing`: tokenizes the first texts without loading the whole vocabulary."""

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from tokenizers import Encoding, Tokenizer

from assistant.embedding.short_text_tokenizer import ShortTextTokenizer
from assistant.errors import ModelError
from assistant.text.controls import without_surrogates

_WITHOUT_LOADING = 20_000
"""So many characters, of all texts together, are tokenized by `ShortTextTokenizer`. They take a third of the time that
loading the vocabulary takes. After them more texts are to be expected, and loading pays."""

_PADDING = ("<pad>", "[PAD]")

_Result = TypeVar("_Result")


class Tokenizing:
    """Tokenizes with a model's `tokenizer.json`. May be used from several threads.

    Args:
        file: The `tokenizer.json`.
        max_tokens: Where texts are cut off, special tokens counted.
        pieces: The vocabulary on disk, used for short texts before the full tokenizer is loaded (`ShortTextTokenizer`).
            Without it, `file` is loaded at once.

    Raises:
        ModelError: a file is missing or damaged. With `pieces`, later calls may raise it for `file`.
    """

    def __init__(self, file: Path, max_tokens: int, pieces: Path | None) -> None:
        self._file = file
        self._max_tokens = max_tokens
        self._loading = threading.Lock()
        self._whole = None if pieces else _load(file, max_tokens)
        self._short = ShortTextTokenizer(pieces, max_tokens) if pieces else None
        self._read = 0

    def encode(self, texts: Sequence[str]) -> list[tuple[list[int], Encoding]]:
        """Return each text's token ids, cut off at `max_tokens`, and the library's encoding with its offsets."""

        def encode(whole: Tokenizer, texts: Sequence[str]) -> list[tuple[list[int], Encoding]]:
            return [(encoding.ids, encoding) for encoding in whole.encode_batch(texts)]

        return self._done(texts, encode, ShortTextTokenizer.encode)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has by itself, without special tokens, and uncut."""

        def count(whole: Tokenizer, texts: Sequence[str]) -> list[int]:
            encoded = whole.encode_batch_fast(texts, add_special_tokens=False)
            return [len(tokens) + sum(map(len, tokens.overflowing)) for tokens in encoded]

        return self._done(texts, count, ShortTextTokenizer.count)

    @property
    def pad_id(self) -> int:
        """Id of the token that pads shorter texts of a batch; 0 for models without one, which ignore it."""
        with self._loading:
            if self._whole is None:
                self._whole = _load(self._file, self._max_tokens)
        known = (self._whole.token_to_id(token) for token in _PADDING)
        return next((found for found in known if found is not None), 0)

    def _done(
        self,
        texts: Sequence[str],
        with_whole: Callable[[Tokenizer, Sequence[str]], _Result],
        with_short: Callable[[ShortTextTokenizer, Sequence[str]], _Result],
    ) -> _Result:
        writable = [without_surrogates(text) for text in texts]
        if self._whole is None and self._short:
            self._read += sum(map(len, writable))
            if self._read <= _WITHOUT_LOADING:
                return with_short(self._short, writable)
        with self._loading:
            if self._whole is None:
                self._whole = _load(self._file, self._max_tokens)
        return with_whole(self._whole, writable)


def _load(path: Path, max_tokens: int) -> Tokenizer:
    try:
        return _loaded(path, path.stat().st_mtime_ns, max_tokens)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}): copy the model's folder again.") from error


@lru_cache(maxsize=1)
def _loaded(path: Path, _changed: int, max_tokens: int) -> Tokenizer:
    """Load a tokenizer once for all its users: the embedding model and the QA model share one, which takes 0.1 GB."""
    content = path.read_bytes()
    try:
        tokenizer = Tokenizer.from_buffer(content)
    except ValueError as error:
        raise ModelError(f"{path} is not a tokenizer ({error}): copy the model's folder again.") from error
    # Set once and never again: a tokenizer that other threads are using may not be changed.
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer
