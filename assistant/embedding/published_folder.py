"""Folders that are either whole or not there: written aside, described by a manifest, and published by a rename."""

import contextlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from assistant.embedding.digests import sha256_of

MANIFEST = "manifest.json"
"""Written last: `{"name": {"size": …, "sha256": …}}` for every file of the folder."""

_ABANDONED_AFTER_SECONDS = 3600
_ASIDE = ".unpacking-"

_log = logging.getLogger(__name__)


def publish(folder: Path, write: Callable[[Path], None], *, verify_digests: bool = False) -> Path:
    """Return `folder`, having made it with `write` unless it is there and whole.

    Several processes may do this at once: each writes its own folder aside, and the first to finish gives its own the
    name. A process that dies leaves only a folder aside, which a later call removes.

    Args:
        folder: The folder to publish.
        write: Fills the empty folder it is given.
        verify_digests: Compare the content of the files with the manifest too, not only their sizes.

    Raises:
        OSError: the folder cannot be written.
    """
    damage = find_damage(folder, digests=verify_digests)
    if damage is None:
        return folder
    if folder.exists():
        _log.warning("%s is damaged (%s) and is made again.", folder, damage)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder.parent)
    aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder.parent))
    try:
        write(aside)
        _write_manifest(aside)
        _put_in_place(aside, folder, digests=verify_digests)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def find_damage(folder: Path, *, digests: bool) -> str | None:
    """Say what is wrong with a published folder; `None` if it is whole.

    Args:
        folder: The folder.
        digests: Read the files and compare their SHA-256 as well as their sizes.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        for name, expected in manifest.items():
            path = folder / name
            size = path.stat().st_size
            if size != expected["size"]:
                return f"{name} has {size} bytes instead of {expected['size']}"
            if digests and sha256_of(path) != expected["sha256"]:
                return f"{name} has another content"
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return f"{MANIFEST} cannot be read"
    return None


def _write_manifest(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": sha256_of(path)} for path in files
    }
    for path in files:
        _flush_to_disk(path)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    _flush_to_disk(folder / MANIFEST)


def _put_in_place(aside: Path, folder: Path, *, digests: bool) -> None:
    if folder.exists() and find_damage(folder, digests=digests) is not None:
        # A folder with content cannot be replaced by a rename: the damaged one steps aside first, to be removed.
        removed = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder.parent))
        with contextlib.suppress(FileNotFoundError):
            folder.rename(removed / folder.name)
        shutil.rmtree(removed, ignore_errors=True)
    try:
        aside.chmod(0o755)
        aside.rename(folder)
    except OSError:
        # Another process was first; what it published is the same.
        if find_damage(folder, digests=False) is not None:
            raise


def _remove_abandoned(parent: Path) -> None:
    for path in parent.glob(f"{_ASIDE}*"):
        try:
            old = time.time() - path.stat().st_mtime > _ABANDONED_AFTER_SECONDS
        except FileNotFoundError:
            continue
        if old:
            shutil.rmtree(path, ignore_errors=True)


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
