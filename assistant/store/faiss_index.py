"""`DenseIndex`: exact nearest passages by inner product, with FAISS.

The index holds nothing that the database does not. It is kept as a file only so that opening a store need not read
every vector from the database; `load` takes the file back only if it is whole and of the right generation.
"""

import io
import os
import re
import stat
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import faiss
import numpy as np

from assistant.embedding.encoder import Matrix, Vector
from assistant.errors import StoreError
from assistant.store.flat_index import Ids, bitmap, flat_index, ids_of, nearest, vectors_of
from assistant.store.passage_store import Candidate

# FAISS's type stubs describe its C++ signatures, not the Python ones that its wrappers put over them.
_faiss: Any = faiss

_NAME = re.compile(r"index-(?P<number>\d+)-(?P<stamp>[0-9a-f]+)-(?P<checksum>[0-9a-f]{8})\.(?P<kind>faiss|changes)")
_TEMPORARY = "index.faiss.tmp"
_FEW_CHANGES = 1000
_MOST_CHANGED = 0.1
"""A tenth as much beside the large part takes a tenth longer to search; more is put together with it."""
_LARGEST_CHANGES, _LARGEST_FILE = 2**31, 2**36
_READ_WHOLE = 2**26
"""Smaller indexes are read into memory: whoever cuts a mapped file off ends the processes that search it."""


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

    A later generation shares the large part with an earlier one, and has beside it what was added and removed since:
    changing one article of a large store costs no more than that. When too much has changed, all is put together anew.

    Attributes:
        generation: The state of the store that it was made from.
        ids: The passages, ascending.
        base: A flat FAISS index with ids. Exact, and fast enough far beyond a hundred thousand passages: see
            docs/performance.md.
        base_ids: The passages in `base`, ascending, in the order of its rows.
        base_file: The name of the file that holds `base` alone; None where there is none.
        added: As `base`, of the passages that are not in it.
        removed: The passages in `base` that are gone, ascending.
    """

    generation: Generation
    ids: Ids
    base: Any
    base_ids: Ids
    base_file: str | None
    added: Any
    removed: Ids

    @classmethod
    def build(cls, generation: Generation, ids: Ids, vectors: Matrix) -> "DenseIndex":
        """Make an index of `vectors`, shape `(passages, dimension)`."""
        return cls(generation, ids, flat_index(ids, vectors), ids, None, flat_index(ids[:0], vectors[:0]), ids[:0])

    def updated(self, generation: Generation, ids: Ids, fetch: Callable[[Ids], Matrix]) -> "DenseIndex":
        """Return the index of a later generation, taking what it shares with this one from here.

        Args:
            generation: The later generation.
            ids: Its passages, ascending.
            fetch: Gives the vectors of passages that this index lacks.
        """
        if np.array_equal(ids, self.ids):
            return replace(self, generation=generation, ids=self.ids)
        added_ids = ids_of(self.added)
        stays = np.isin(added_ids, ids, assume_unique=True)
        new = np.setdiff1d(ids, self.ids, assume_unique=True)
        removed = np.setdiff1d(self.base_ids, ids, assume_unique=True)
        numbers = np.concatenate([added_ids[stays], new])
        vectors = np.concatenate([vectors_of(self.added)[stays], fetch(new)])
        if len(numbers) + len(removed) <= max(_FEW_CHANGES, _MOST_CHANGED * len(self.base_ids)):
            return replace(self, generation=generation, ids=ids, added=flat_index(numbers, vectors), removed=removed)
        kept = np.isin(self.base_ids, ids, assume_unique=True)
        numbers = np.concatenate([self.base_ids[kept], numbers])
        vectors = np.concatenate([vectors_of(self.base)[kept], vectors])
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
        if allowed is None and not len(self.removed) and not self.added.ntotal:
            return nearest(self.base, vector, k, None)
        # Each selector refers to its parts without keeping them alive.
        chosen = None if allowed is None else _faiss.IDSelectorBitmap(bitmap(allowed))
        gone = _faiss.IDSelectorBitmap(bitmap(self.removed)) if len(self.removed) else None
        stays = None if gone is None else _faiss.IDSelectorNot(gone)
        both = _faiss.IDSelectorAnd(chosen, stays) if chosen is not None and stays is not None else chosen or stays
        found = [*nearest(self.base, vector, k, both), *nearest(self.added, vector, k, chosen)]
        return sorted(found, key=lambda candidate: -candidate.score)[:k]

    def save(self, folder: Path) -> "DenseIndex":
        """Write the index into `folder` in one step, and remove those of earlier generations that it does not need.

        Where its large part lies there already, what has changed since is written alone. The caller makes sure that no
        other process does so at the same time.

        Returns:
            The same index, knowing its file, so that the next generation's changes can be written beside that.

        Raises:
            StoreError: the folder cannot be written, or no space is left.
        """
        temporary = folder / _TEMPORARY
        is_whole = self.base_file is None or not (folder / self.base_file).is_file()
        try:
            temporary.unlink(missing_ok=True)
            # FAISS would not say in few words why it cannot.
            temporary.open("xb").close()
            if is_whole:
                saved = self if self._is_base_alone() else DenseIndex.build(self.generation, self.ids, self.vectors())
                _faiss.write_index(saved.base, str(temporary))
            else:
                saved = self
                self._write_changes(temporary)
            checksum = _checksum(temporary)
            kind = "faiss" if is_whole else "changes"
            final = folder / f"index-{self.generation.number}-{self.generation.stamp}-{checksum}.{kind}"
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
        needed = {final.name} if is_whole else {final.name, self.base_file}
        for path, match in index_files(folder):
            if path.name not in needed and int(match["number"]) <= self.generation.number:
                # Where a file in use cannot be removed, a later generation will.
                with suppress(OSError):
                    path.unlink()
        return replace(saved, base_file=final.name) if is_whole else self

    @staticmethod
    def load(folder: Path, generation: Generation, ids: Ids | None, dimension: int) -> "DenseIndex | None":
        """Open an index from its files.

        Args:
            folder: Where they lie.
            generation: The state that it must be of.
            ids: The passages of that state, ascending; None where they are not known.
            dimension: Length of a vector.

        Returns:
            The index; None if there is none, or it is damaged or does not fit.
        """
        for path, match in index_files(folder):
            if (int(match["number"]), match["stamp"]) != (generation.number, generation.stamp):
                continue
            try:
                if match["kind"] == "changes":
                    found = _with_changes(path, match, generation, dimension)
                else:
                    base = _opened(path, match, dimension, None if ids is None else len(ids))
                    found = None if base is None else _alone(base, generation, path.name)
            except (OSError, RuntimeError, ValueError, LookupError, TypeError, BadZipFile):
                # FAISS raises RuntimeError for files that are not its own; the others are NumPy's.
                continue
            if found is not None and (ids is None or np.array_equal(found.ids, ids)):
                return found
        return None

    def vectors(self) -> Matrix:
        """Return the vectors in the order of `ids`, shape `(passages, dimension)`."""
        if self._is_base_alone():
            return vectors_of(self.base)
        return vectors_of(self._put_together())

    def _is_base_alone(self) -> bool:
        return not len(self.removed) and not self.added.ntotal

    def _put_together(self) -> Any:
        kept = ~np.isin(self.base_ids, self.removed, assume_unique=True)
        numbers = np.concatenate([self.base_ids[kept], ids_of(self.added)])
        vectors = np.concatenate([vectors_of(self.base)[kept], vectors_of(self.added)])
        order = np.argsort(numbers)
        return flat_index(numbers[order], vectors[order])

    def _write_changes(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file,
                base=np.array(self.base_file),
                passages=np.array(len(self.base_ids)),
                removed=self.removed,
                ids=ids_of(self.added),
                vectors=vectors_of(self.added),
            )


def _alone(base: Any, generation: Generation, name: str) -> DenseIndex:
    ids = ids_of(base)
    none = np.empty((0, base.d), np.float32)
    return DenseIndex(generation, ids, base, ids, name, flat_index(ids[:0], none), ids[:0])


def _with_changes(path: Path, match: re.Match[str], generation: Generation, dimension: int) -> DenseIndex | None:
    """Return the index that a file of changes makes of the one it names; None where either is damaged."""
    if not stat.S_ISREG(path.stat().st_mode) or path.stat().st_size > _LARGEST_CHANGES:
        return None
    content = path.read_bytes()
    if f"{zlib.crc32(content):08x}" != match["checksum"]:
        return None
    with np.load(io.BytesIO(content)) as kept:
        name, passages = str(kept["base"]), int(kept["passages"])
        removed, numbers, vectors = (kept[part] for part in ("removed", "ids", "vectors"))
    named = _NAME.fullmatch(name)
    if named is None or vectors.shape != (len(numbers), dimension):
        return None
    base = _opened(path.with_name(name), named, dimension, passages)
    if base is None:
        return None
    whole = _alone(base, generation, name)
    ids = np.union1d(np.setdiff1d(whole.ids, removed, assume_unique=True), numbers)
    return replace(whole, ids=ids, added=flat_index(numbers, vectors), removed=removed)


def _opened(path: Path, match: re.Match[str], dimension: int, passages: int | None) -> Any:
    """Read a FAISS index from its file, a large one through the page tables; None where it is damaged or unfit."""
    status = path.stat()
    # Anything else, a link to a device, say, might never end.
    if not stat.S_ISREG(status.st_mode) or not _is_size(status.st_size, dimension, passages):
        return None
    if _checksum(path) != match["checksum"]:
        return None
    index = _faiss.read_index(str(path), _faiss.IO_FLAG_MMAP_IFC if status.st_size > _READ_WHOLE else 0)
    return index if index.d == dimension else None


def _checksum(path: Path) -> str:
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return f"{value:08x}"


def _is_size(size: int, dimension: int, passages: int | None) -> bool:
    """Return whether a file has the size of an index of so many passages, or of any that can be."""
    if passages is None:
        return size <= _LARGEST_FILE
    return size == _file_size(passages, dimension)


def _file_size(passages: int, dimension: int) -> int:
    """Return how many bytes an index has in a file."""
    blank = DenseIndex.build(Generation(0, ""), np.empty(0, np.int64), np.empty((0, dimension), np.float32))
    header: int = _faiss.serialize_index(blank.base).nbytes
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
