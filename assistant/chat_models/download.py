"""`pull`: download a local chat model, verified."""

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.chat_models import hub
from assistant.chat_models.address import at_address
from assistant.chat_models.catalogue import HUB, LOCAL, HubEntry, ModelEntry, ModelFile, load_catalogue
from assistant.chat_models.pulled import find_pulled, is_address, note_pulled
from assistant.chat_models.sources import CHUNK_BYTES, Source, SourceError, sources_of
from assistant.errors import Message, ModelError, message_of
from assistant.progress import Progress, no_progress
from assistant.settings import Settings

LOCK_POLL_SECONDS = 0.5

log = logging.getLogger(__name__)


def pull(name: str, settings: Settings, progress: Progress = no_progress, *, sha256: str = "") -> Path:
    """Download a model into the cache, unless it is there already.

    Each source of the model is tried in turn. What has arrived is kept, also over an interruption, and the next
    try or source goes on from there. The file gets its final name only after its SHA-256 digest was checked.

    Args:
        name: A name in the catalogue; "local"; "hf:OWNER/REPOSITORY:QUANT"; or the web address of a GGUF file. "" is
            the model that the catalogue recommends, or, where the model hub cannot be reached, its default.
        settings: `cache` says where the model goes.
        progress: Told of the stages "downloading" and "verifying", in bytes.
        sha256: The digest of the file of a web address, in hexadecimal.

    Returns:
        The model's file.

    Raises:
        ModelError: the name is unknown, the disk is too full, no source answers, or the digest is wrong.

    Example:
        >>> pull("local", load_settings())  # doctest: +SKIP
        PosixPath('/home/me/.cache/article-assistant/models/cc324af070c2ecbf/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf')
    """
    return download(_model_of(name, settings, sha256), settings, progress)


def _model_of(name: str, settings: Settings, sha256: str) -> ModelFile:
    if sha256 and not is_address(name):
        raise ModelError(
            "A digest is for a web address, and {name} declares its own: leave it out.", name=name or LOCAL
        )
    if is_address(name):
        return at_address(name, sha256)
    if name.startswith(HUB):
        return find_pulled(name, settings) or hub.find_on_hub(name)
    if name == LOCAL:
        return load_catalogue().local(settings)
    return load_catalogue().find(name) if name else _recommended(settings)


def _recommended(settings: Settings) -> ModelFile:
    catalogue = load_catalogue()
    recommended = catalogue.find(catalogue.recommended or catalogue.default)
    if recommended.is_pulled(settings):
        return recommended
    for source in recommended.sources:
        if isinstance(source, HubEntry) and (reason := hub.why_unreachable(source.repository)):
            log.warning("%s Taking %s instead of %s.", reason, catalogue.default, recommended.name)
            return catalogue.find(catalogue.default)
    return recommended


def download(model: ModelFile, settings: Settings, progress: Progress = no_progress) -> Path:
    """Download `model` as `pull` does."""
    path = model.path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not model.is_pulled(settings):
            with _only_one(path):
                if not model.is_pulled(settings):
                    _download(model, path, progress)
        if not isinstance(model, ModelEntry):
            note_pulled(model, settings)
    except OSError as error:
        raise ModelError(
            "Could not write {folder}: {reason}. What has arrived is kept; pull {model} again to go on.",
            folder=path.parent,
            reason=error.strerror or error,
            model=model.name,
        ) from error
    return path


def _download(model: ModelFile, path: Path, progress: Progress) -> None:
    partial = path.with_name(f"{path.name}.partial")
    workspace = path.with_name(f"{path.name}.parts")
    sources = sources_of(model, workspace)
    done = partial.stat().st_size if partial.exists() else 0
    if done > model.bytes:
        partial.unlink()
        done = 0
    _check_space(model, path.parent, model.bytes - done + max(source.headroom for source in sources))
    failures = []
    for source in sources:
        try:
            _append(source, partial, model, progress)
            break
        except SourceError as error:
            failures.append(Message("{name}: {reason}", name=source.label, reason=message_of(error)))
            log.warning("%s cannot give %s: %s", source.label, model.file, error)
    else:
        raise ModelError(
            "Could not download {model}. {reasons}. What has arrived is kept; check the "
            "network, then pull {model} again to go on.",
            model=model.name,
            reasons=reduce(lambda one, other: Message("{one}; {other}", one=one, other=other), failures),
        )
    _verify(model, partial, progress)
    partial.replace(path)


def _append(source: Source, partial: Path, model: ModelFile, progress: Progress) -> None:
    """Let `source` complete the partial file, whose size is all the state there is."""
    with partial.open("ab") as file:
        done = shown = file.tell()

        def show(position: int) -> None:
            nonlocal shown
            shown = max(shown, position)
            progress("downloading", shown, model.bytes)

        show(done)
        if done == model.bytes:
            return
        log.info("Downloading %s from %s", model.file, source.label)
        for chunk in source.stream(done, show):
            if done + len(chunk) > model.bytes:
                raise SourceError(Message("it sends more bytes than the file has"))
            file.write(chunk)
            done += len(chunk)
            show(done)
        if done < model.bytes:
            raise SourceError(Message("it stopped after {done:,} of {size:,} bytes", done=done, size=model.bytes))
        file.flush()
        os.fsync(file.fileno())


def _verify(model: ModelFile, partial: Path, progress: Progress) -> None:
    digest, done = hashlib.sha256(), 0
    with partial.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            progress("verifying", done, model.bytes)
    if digest.hexdigest() != model.sha256:
        partial.unlink()
        raise ModelError(
            "The download of {model} has SHA-256 {digest}, not {expected}, and was deleted; "
            "pull {model} again, from another network if it happens twice.",
            model=model.name,
            digest=digest.hexdigest(),
            expected=model.sha256,
        )


def _check_space(model: ModelFile, folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(
            "Not enough disk space for {model}: {folder} needs {needed:,.0f} MB free and has "
            "{free:,.0f} MB; free some, or set ASSISTANT_CACHE to a folder on another disk.",
            model=model.name,
            folder=folder,
            needed=needed / 1e6,
            free=free / 1e6,
        )


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold the lock of `path`, waiting for another pull of it to end."""
    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.warning("Another process is downloading %s; waiting for it", path.name)
        lock.acquire(poll_interval=LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()
