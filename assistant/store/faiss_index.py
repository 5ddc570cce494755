"""`DenseIndex`: exact nearest passages by inner product, with FAISS.

The index holds nothing that the database does not. It is kept as a file only so that opening a store need not read
every vector from the database; `load` takes the file back only if it is whole and of the right generation.
"""

import os
import re
import stat
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.errors import StoreError
from assistant.store.passage_store import Candidate

# FAISS's type stubs describe its C++ signatures, not the Python ones that its wrappers put over them.
_faiss: Any = faiss

Ids = NDArray[np.int64]
"""Passage numbers, shape `(passages,)`."""

_NAME = re.compile(r"index-(?P<number>\d+)-(?P<stamp>[0-9a-f]+)-(?P<checksum>[0-9a-f]{8})\.faiss")
_TEMPORARY = "index.faiss.tmp"


@dataclass(frozen=True, slots=True)
class Generation:
    """One committed state of a store.

    Attributes:
        number: How many transactions the store has seen.
        stamp: Drawn anew by each transaction, so that two copies of a store that went different ways differ.
    """

    number: int
    stamp: str


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """The vectors of one generation of a store. It never changes, so any number of threads can search it.

    Attributes:
        generation: The state of the store that it was made from.
        ids: The passages, ascending, in the order of the index's rows.
        index: A flat FAISS index with ids. Exact, and fast enough far beyond a hundred thousand passages: see
            docs/performance.md.
    """

    generation: Generation
    ids: Ids
    index: Any

    @classmethod
    def build(cls, generation: Generation, ids: Ids, vectors: Matrix) -> "DenseIndex":
        """Make an index of `vectors`, shape `(passages, dimension)`."""
        index = _faiss.IndexIDMap2(_faiss.IndexFlatIP(vectors.shape[1]))
        index.add_with_ids(vectors, ids)
        return cls(generation, ids, index)

    def updated(self, generation: Generation, ids: Ids, fetch: Callable[[Ids], Matrix]) -> "DenseIndex":
        """Return the index of a later generation, taking what it shares with this one from here.

        Args:
            generation: The later generation.
            ids: Its passages.
            fetch: Gives the vectors of passages that this index lacks.
        """
        kept = np.isin(self.ids, ids, assume_unique=True)
        added = np.setdiff1d(ids, self.ids, assume_unique=True)
        if kept.all() and not len(added):
            return DenseIndex(generation, self.ids, self.index)
        vectors = np.concatenate([self.vectors()[kept], fetch(added)])
        numbers = np.concatenate([self.ids[kept], added])
        order = np.argsort(numbers)
        return DenseIndex.build(generation, numbers[order], vectors[order])

    def search(self, vector: Vector, k: int, allowed: Ids | None = None) -> list[Candidate]:
        """Return the `k` passages with the largest inner products, best first.

        Args:
            vector: Shape `(dimension,)`.
            k: How many are wanted.
            allowed: The passages to choose among, all of them in the index; None for all.
        """
        k = min(k, len(self.ids) if allowed is None else len(allowed))
        if k < 1:
            return []
        # One question gains nothing from threads, and on a busy machine waits tens of milliseconds for them. The
        # setting is the calling thread's own.
        _faiss.omp_set_num_threads(1)
        options = {} if allowed is None else {"params": _faiss.SearchParameters(sel=_selector(allowed))}
        scores, ids = self.index.search(vector[np.newaxis], k, **options)
        return [Candidate(int(number), float(score)) for number, score in zip(ids[0], scores[0], strict=True)]

    def save(self, folder: Path) -> None:
        """Write the index into `folder` in one step, and remove those of earlier generations.

        The caller makes sure that no other process does so at the same time.

        Raises:
            StoreError: the folder cannot be written, or no space is left.
        """
        temporary = folder / _TEMPORARY
        try:
            temporary.unlink(missing_ok=True)
            # FAISS would not say in few words why it cannot.
            temporary.open("xb").close()
            _faiss.write_index(self.index, str(temporary))
            checksum = _checksum(temporary)
            final = folder / f"index-{self.generation.number}-{self.generation.stamp}-{checksum}.faiss"
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(final)
        except (OSError, RuntimeError) as error:
            with suppress(OSError):
                temporary.unlink()
            reason = (isinstance(error, OSError) and error.strerror) or "writing stopped"
            raise StoreError(
                "It could not be written into {folder} ({reason}): free some space or check the folder's permissions.",
                folder=folder,
                reason=reason,
            ) from error
        for path, match in index_files(folder):
            if path != final and int(match["number"]) <= self.generation.number:
                # Where a file in use cannot be removed, a later generation will.
                with suppress(OSError):
                    path.unlink()

    @staticmethod
    def load(folder: Path, generation: Generation, ids: Ids, dimension: int) -> "DenseIndex | None":
        """Read the index of `generation` from its file; None if there is none, or it is damaged or does not fit."""
        size = _file_size(len(ids), dimension)
        for path, match in index_files(folder):
            if (int(match["number"]), match["stamp"]) != (generation.number, generation.stamp):
                continue
            try:
                status = path.stat()
                # Anything else, a link to a device, say, might never end.
                if not stat.S_ISREG(status.st_mode) or status.st_size != size:
                    continue
                if _checksum(path) != match["checksum"]:
                    continue
                # Not mapped: a file that somebody cuts off would end every process that has it mapped (SIGBUS).
                index = _faiss.read_index(str(path))
            except (OSError, RuntimeError):
                # FAISS raises RuntimeError for files that are not its own.
                continue
            if index.d == dimension and np.array_equal(_faiss.vector_to_array(index.id_map), ids):
                return DenseIndex(generation, ids, index)
        return None

    def vectors(self) -> Matrix:
        """Return the vectors, shape `(passages, dimension)`."""
        vectors: Matrix = self.index.index.reconstruct_n(0, len(self.ids))
        return vectors


def _selector(allowed: Ids) -> Any:
    chosen = np.zeros(int(allowed.max()) + 1, dtype=bool)
    chosen[allowed] = True
    return _faiss.IDSelectorBitmap(np.packbits(chosen, bitorder="little"))


def _checksum(path: Path) -> str:
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return f"{value:08x}"


def _file_size(passages: int, dimension: int) -> int:
    """Return how many bytes an index has in a file."""
    blank = DenseIndex.build(Generation(0, ""), np.empty(0, np.int64), np.empty((0, dimension), np.float32))
    header: int = _faiss.serialize_index(blank.index).nbytes
    return header + passages * (dimension * np.dtype(np.float32).itemsize + np.dtype(np.int64).itemsize)


def index_files(folder: Path) -> list[tuple[Path, re.Match[str]]]:
    """Return the files in `folder` that are named as indexes are, with the parts of their names."""
    return [(path, match) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]


def remove_index_files(folder: Path) -> None:
    """Remove the indexes in `folder`, from which the next one is made anew; raises `StoreError` if one cannot be."""
    for path, _ in index_files(folder):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                "The search index {path} cannot be removed ({reason}): remove it, then do this again.",
                path=path,
                reason=error.strerror,
            ) from error
