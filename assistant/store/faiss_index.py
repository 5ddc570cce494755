"""`DenseIndex`: nearest passages by inner product, with FAISS: exact, and from a size on nearly so.

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
from dataclasses import astuple, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import faiss
import numpy as np

from assistant.embedding.encoder import Matrix, Vector
from assistant.errors import StoreError
from assistant.store.flat_index import FlatIndex, file_checksum
from assistant.store.inverted_lists import InvertedLists
from assistant.store.passage_store import Candidate
from assistant.store.selection import Allowed, Ids, Selection

# FAISS's type stubs describe its C++ signatures, not the Python ones that its wrappers put over them.
_faiss: Any = faiss

_NAME = re.compile(
    r"index-(?P<number>\d+)-(?P<stamp>[0-9a-f]+)-(?P<checksum>[0-9a-f]{8})\.(?P<kind>faiss|lists|changes)"
)
_TEMPORARY = "index.faiss.tmp"
_NO_STAMP = "0"
"""Of a base that alone is the index of no generation."""
_FEW_CHANGES = 1000
_MOST_CHANGED = 0.1
"""A tenth as much beside the large part takes a tenth longer to search; more is put together with it."""
_LARGEST_CHANGES, _LARGEST_FILE = 2**31, 2**36
LISTS_FROM = 150_000
"""From so many passages on, they are put into lists: comparing all of them takes longer than encoding a question."""
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
        base: Where most of them are.
        base_ids: The passages in `base`, ascending.
        base_file: The name of the file that holds `base` alone; None where there is none.
        added: The passages that are not in `base`.
        removed: The passages in `base` that are gone, ascending.
    """

    generation: Generation
    ids: Ids
    base: FlatIndex | InvertedLists
    base_ids: Ids
    base_file: str | None
    added: FlatIndex
    removed: Ids

    @classmethod
    def build(cls, generation: Generation, ids: Ids, vectors: Matrix) -> "DenseIndex":
        """Make an exact index of `vectors`, shape `(passages, dimension)`."""
        return _alone(FlatIndex.build(ids, vectors), generation, None)

    def updated(self, generation: Generation, ids: Ids, fetch: Callable[[Ids], Matrix]) -> "DenseIndex":
        """Return the index of a later generation, taking what it shares with this one from here.

        Args:
            generation: The later generation.
            ids: Its passages, ascending.
            fetch: Gives the vectors of passages that this index lacks.
        """
        if np.array_equal(ids, self.ids):
            return replace(self, generation=generation, ids=self.ids)
        added_ids = self.added.ids
        stays = np.isin(added_ids, ids, assume_unique=True)
        new = np.setdiff1d(ids, self.ids, assume_unique=True)
        removed = np.setdiff1d(self.base_ids, ids, assume_unique=True)
        numbers = np.concatenate([added_ids[stays], new])
        vectors = np.concatenate([self.added.vectors()[stays], fetch(new)])
        after = replace(self, generation=generation, ids=ids, added=FlatIndex.build(numbers, vectors), removed=removed)
        # Lists take minutes to make: see `reorganised`.
        if _is_scattered(after) and not _is_large(ids):
            return DenseIndex.build(generation, ids, after.vectors())
        return after

    def is_replaced(self, folder: Path) -> bool:
        """Return whether another process has put all together anew and written it into `folder`."""
        bases = {path.name for path, match in index_files(folder) if match["kind"] != "changes"}
        return bool(bases) and self.base_file is not None and self.base_file not in bases

    def is_disordered(self) -> bool:
        """Return whether a search would be faster in what `reorganised` returns."""
        return _is_large(self.ids) and (_is_scattered(self) or isinstance(self.base, FlatIndex))

    def reorganised(self) -> "DenseIndex":
        """Return the index with all its passages in lists made anew, which takes minutes; this one stays as it is.

        Raises:
            DamagedListError: a list is not as it was written.
        """
        # Half of the processors are left to those who search meanwhile. The setting is the calling thread's own.
        _faiss.omp_set_num_threads(max(1, (os.cpu_count() or 1) // 2))
        return _alone(InvertedLists.build(self.ids, self.vectors_of, self.base.dimension), self.generation, None)

    def search(self, vector: Vector, k: int, allowed: Allowed | None = None) -> list[Candidate]:
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
        if len(self.removed) == len(self.base_ids):
            return self.added.nearest(vector, k, Selection(allowed, self.ids[:0]))
        found = self.base.nearest(vector, k, Selection(allowed, self.removed))
        if not self.added.index.ntotal:
            return found
        found += self.added.nearest(vector, k, Selection(allowed, self.ids[:0]))
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
        saved = self
        if self.base_file is None or not (folder / self.base_file).is_file():
            if isinstance(self.base, FlatIndex) and not _is_base_alone(self):
                saved = DenseIndex.build(self.generation, self.ids, self.vectors())
            stamp = self.generation.stamp if _is_base_alone(saved) else _NO_STAMP
            kind = "faiss" if isinstance(saved.base, FlatIndex) else "lists"
            name = self._write(folder, stamp, kind, saved.base.write)
            saved = replace(saved, base=_mapped(folder / name, saved.base), base_file=name)
        needed = {saved.base_file}
        if not _is_whole(str(saved.base_file), self.generation):
            needed.add(self._write(folder, self.generation.stamp, "changes", partial(_write_changes, saved)))
        for path, match in index_files(folder):
            if path.name not in needed and int(match["number"]) <= self.generation.number:
                # Where a file in use cannot be removed, a later generation will.
                with suppress(OSError):
                    path.unlink()
        return saved

    def _write(self, folder: Path, stamp: str, kind: str, write: Callable[[Path], int]) -> str:
        """Write a file into `folder` in one step and return its name."""
        temporary = folder / _TEMPORARY
        try:
            temporary.unlink(missing_ok=True)
            # FAISS would not say in few words why it cannot.
            temporary.open("xb").close()
            checksum = write(temporary)
            final = folder / f"index-{self.generation.number}-{stamp}-{checksum:08x}.{kind}"
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
        return final.name

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
            if (int(match["number"]), match["stamp"]) != astuple(generation):
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
        """Return the vectors in the order of `ids`, shape `(passages, dimension)`; raises as `vectors_of`."""
        return self.vectors_of(self.ids)

    def vectors_of(self, ids: Ids) -> Matrix:
        """Return the vectors of some of the passages, in the order asked for.

        Raises:
            DamagedListError: a list is not as it was written.
        """
        found = np.empty((len(ids), self.base.dimension), np.float32)
        is_added = np.isin(ids, self.added.ids)
        found[is_added] = self.added.vectors_of(ids[is_added])
        found[~is_added] = self.base.vectors_of(ids[~is_added])
        return found


def _is_base_alone(index: DenseIndex) -> bool:
    return not len(index.removed) and not len(index.added.ids)


def _is_scattered(index: DenseIndex) -> bool:
    changed = len(index.added.ids) + len(index.removed)
    return changed > max(_FEW_CHANGES, _MOST_CHANGED * len(index.base_ids))


def _is_whole(name: str, generation: Generation) -> bool:
    """Return whether a base's file is named as the whole index of a generation."""
    match = _NAME.fullmatch(name)
    return match is not None and (int(match["number"]), match["stamp"]) == astuple(generation)


def _write_changes(index: DenseIndex, path: Path) -> int:
    with path.open("wb") as file:
        np.savez(
            file,
            base=np.array(index.base_file),
            passages=np.array(len(index.base_ids)),
            removed=index.removed,
            ids=index.added.ids,
            vectors=index.added.vectors(),
        )
    return file_checksum(path)


def _alone(base: FlatIndex | InvertedLists, generation: Generation, name: str | None) -> DenseIndex:
    ids = base.ids
    none = FlatIndex.build(ids[:0], np.empty((0, base.dimension), np.float32))
    return DenseIndex(generation, ids, base, ids, name, none, ids[:0])


def _is_large(ids: Ids) -> bool:
    return len(ids) >= LISTS_FROM


def _mapped(path: Path, base: FlatIndex | InvertedLists) -> FlatIndex | InvertedLists:
    """Return lists as they are in the file that they were just written to, which takes no memory."""
    match = _NAME.fullmatch(path.name)
    if isinstance(base, FlatIndex) or match is None:
        return base
    try:
        return InvertedLists.read(path, int(match["checksum"], 16), base.dimension) or base
    except (OSError, RuntimeError):
        # Another process may have written a later one meanwhile, and removed this.
        return base


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
    return replace(whole, ids=ids, added=FlatIndex.build(numbers, vectors), removed=removed)


def _opened(path: Path, match: re.Match[str], dimension: int, passages: int | None) -> FlatIndex | InvertedLists | None:
    """Read a base from its file, a large one through the page tables; None where it is damaged or unfit."""
    status = path.stat()
    # Anything else, a link to a device, say, might never end.
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_FILE:
        return None
    checksum = int(match["checksum"], 16)
    if match["kind"] == "lists":
        lists = InvertedLists.read(path, checksum, dimension)
        return lists if lists is not None and passages in {None, len(lists.ids)} else None
    if passages is not None and status.st_size != FlatIndex.file_size(passages, dimension):
        return None
    flat = None if file_checksum(path) != checksum else FlatIndex.read(path, mapped=status.st_size > _READ_WHOLE)
    return flat if flat is not None and flat.dimension == dimension else None


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
