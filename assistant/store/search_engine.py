"""The `SearchEngine` protocol: what a store in PostgreSQL asks of an engine that is derived from it."""

import importlib.util
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.embedding.encoder import Vector
from assistant.errors import StoreError
from assistant.settings import EngineUrl
from assistant.store.passage_store import Filters

NO_DAY = -(2**31)
"""The day of articles without one."""


@dataclass(frozen=True, slots=True)
class EngineRow:
    """What an engine holds of a passage.

    Attributes:
        key: Made of all the rest, so that no row ever changes.
        vector: The pooled vector, of unit length.
        words: What each word weighs in BM25, by the word's number.
        language: The article's language; empty where it is no BCP 47 code.
        day: The day of publication, counted from 1970-01-01; `NO_DAY` where there is none.
    """

    key: int
    vector: Vector
    words: Mapping[int, float]
    language: str
    day: int


class SearchEngine(Protocol):
    """Finds candidates among rows, by their keys; the database knows which of them exist, and scores them.

    Every method raises `StoreError` where the engine cannot be reached or fails.
    """

    most: int
    """How many candidates may be asked for at once."""
    has_words: bool
    """Whether it finds by words; another one finds by vectors alone."""

    def exists(self) -> bool:
        """Return whether the rows of this store have a place there."""
        ...

    def create(self) -> None:
        """Make that place, where there is none."""
        ...

    def dense_candidates(self, vector: Vector, k: int, filters: Filters | None, *, fresh: bool) -> list[int]:
        """Return the keys of the `k` rows whose vectors have the largest inner products with `vector`, best first.

        Of `filters`, languages and days are heeded. With `fresh`, whatever was upserted before is found.
        """
        ...

    def lexical_candidates(
        self, words: Mapping[int, float], k: int, filters: Filters | None, *, fresh: bool
    ) -> list[int]:
        """Return the keys of the `k` rows whose words have the largest inner products with `words`, best first."""
        ...

    def upsert(self, rows: Sequence[EngineRow]) -> None:
        """Put rows, or put them again."""
        ...

    def delete(self, keys: Sequence[int]) -> None:
        """Delete rows; keys that are not there are passed over."""
        ...

    def all_keys(self) -> Iterator[list[int]]:
        """Give the keys of all rows."""
        ...

    def drop_others(self) -> None:
        """Delete what rows of other fingerprints of this store had as their place."""
        ...

    def close(self) -> None:
        """Release connections."""
        ...


def open_engine(address: EngineUrl, store: str, fingerprint: str, dimension: int) -> SearchEngine:
    """Connect to a search engine.

    Args:
        address: Its address.
        store: A name of the store, which keeps several stores apart.
        fingerprint: What its vectors and words were made with, in any form.
        dimension: Length of a vector.

    Raises:
        StoreError: it cannot be reached, or its client is not installed.
    """
    if importlib.util.find_spec("pymilvus") is None:
        raise StoreError(
            "The search engine {engine} needs a package that is not installed: pip install "
            "'article-assistant[milvus]'.",
            engine=address,
        )
    # Before it is imported; it tells of each process that is started beside it.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    from assistant.store.milvus_engine import MilvusEngine  # noqa: PLC0415 - in an extra

    return MilvusEngine(address, store, fingerprint, dimension)
