"""`RunningServer`: what a server leaves beside its store, so that commands of its owner ask it.

The file is for its owner alone, and whoever reads it trusts it only so far: the address has to be this machine's own,
and whoever answers there has to show that it knows the file's key before it is told anything.
"""

import hmac
import ipaddress
import json
import logging
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.telemetry import is_tracing_asked_for

if TYPE_CHECKING:
    from assistant.settings import Settings

FILE = "server.json"
_LARGEST = 4096
_ONLY_OWNER = 0o600
# What changes no answer. A setting that is not named here has to be equal.
_OF_NO_ANSWER = frozenset({
    "store", "use_server", "threads", "allow_private_addresses", "reading_seconds", "reading_recognition_seconds",
    "reading_memory", "reading_rows", "reading_characters", "reading_lines", "text_column", "title_column",
    "date_column", "text_recognition", "refresh_minutes", "upload_mib_per_hour", "allow_sharing", "auth", "log_format",
    "drain_seconds",
})  # fmt: skip

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that runs on this machine.

    Attributes:
        pid: Its process.
        host: The loopback address that it listens on.
        port: The port there.
        key: What only its owner knows.
        settings: The settings that its answers depend on, as `digest_of` says.
        store: Which folder its store is, as `identity_of` says; known where the file is.
    """

    pid: int
    host: str
    port: int
    key: str
    settings: str
    store: str = ""

    @classmethod
    def of_this_process(cls, host: str, port: int, settings: "Settings") -> "RunningServer":
        """Return what this process is, with a new key."""
        key = secrets.token_urlsafe(32)
        return cls(os.getpid(), host, port, key, digest_of(settings, key))

    def proof(self, nonce: str) -> str:
        """Return what shows that whoever listens at this address knows the key."""
        message = f"{self.host} {self.port} {nonce}"
        return hmac.digest(self.key.encode(), message.encode(), "sha256").hex()

    def admits(self, authorization: str) -> bool:
        """Return whether an `Authorization` header has the key, in the same time wherever they differ."""
        return hmac.compare_digest(authorization.encode(), f"Bearer {self.key}".encode())

    def write(self, folder: Path) -> None:
        """Leave the file in a store's folder, readable by its owner only. Where it cannot be written, there is none."""
        temporary = folder / f"{FILE}.{self.pid}"
        try:
            temporary.unlink(missing_ok=True)
            file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_OWNER)
            with os.fdopen(file, "w", encoding="utf-8") as opened:
                json.dump(asdict(self) | {"store": identity_of(folder)}, opened)
            temporary.replace(folder / FILE)
        except OSError as error:
            log.info("%s cannot be written (%s): commands load the models themselves.", folder / FILE, error.strerror)

    def remove(self, folder: Path) -> None:
        """Remove the file, unless it is another server's by now."""
        found = _read(folder)
        if found is not None and found.get("key") == self.key:
            (folder / FILE).unlink(missing_ok=True)


def find_server(settings: "Settings") -> RunningServer | None:
    """Return the server of a store that would answer as these settings do, None where none is known.

    The file counts only where it belongs to whoever asks and nobody else can read or write it, where it names a
    loopback address and a process that lives, and where store, settings and version are the same.
    """
    found = _read(settings.folder)
    if found is None:
        return None
    server = _parsed(found)
    if server is None or not _is_alive(server.pid):
        return None
    try:
        is_same_store = server.store == identity_of(settings.folder)
    except OSError:
        return None
    return server if is_same_store and server.settings == digest_of(settings, server.key) else None


def identity_of(folder: Path) -> str:
    """Return what tells a folder from a copy of it, and from another that took its place.

    Raises:
        OSError: it is not there.
    """
    found = folder.stat()
    return f"{found.st_dev}:{found.st_ino}:{folder.resolve()}"


def digest_of(settings: "Settings", key: str) -> str:
    """Return a digest of what an answer depends on beside the store; without the key it tells nothing of them."""
    from importlib.metadata import version  # noqa: PLC0415 - most commands need none

    values = {
        name: _plain(getattr(settings, name)) for name in type(settings).model_fields if name not in _OF_NO_ANSWER
    }
    # Which day it is, by which code, and who else is told.
    beside = (version("article-assistant"), str(Path(__file__)), os.environ.get("TZ", ""), is_tracing_asked_for())
    message = json.dumps([values, beside], sort_keys=True)
    return hmac.digest(key.encode(), message.encode(), "sha256").hex()


def _plain(value: object) -> object:
    if hasattr(value, "get_secret_value"):
        return value.get_secret_value()
    if isinstance(value, Path):
        return str(value.resolve())
    if isinstance(value, str) and value:
        # A model's name may be a path, which means another file in another folder.
        path = Path(value.removeprefix("local:")).expanduser()
        return str(path.resolve()) if path.exists() else value
    return value


def _read(folder: Path) -> Mapping[str, object] | None:
    """Return what the file says, None where it is missing, somebody else's or no JSON object."""
    if not hasattr(os, "geteuid"):
        return None  # nobody could say there whose it is
    try:
        file = os.open(folder / FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(file, "rb") as opened:
            found = os.fstat(file)
            is_own = found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & ~_ONLY_OWNER
            content = opened.read(_LARGEST) if is_own and stat.S_ISREG(found.st_mode) else b""
        content_json = json.loads(content)
    except (OSError, ValueError, RecursionError):
        return None
    return content_json if isinstance(content_json, dict) else None


def _parsed(stored: Mapping[str, object]) -> RunningServer | None:
    values = {field.name: stored.get(field.name) for field in fields(RunningServer)}
    numbers, texts = ("pid", "port"), ("host", "key", "store", "settings")
    if not all(type(values[name]) is int for name in numbers) or not all(type(values[name]) is str for name in texts):
        return None
    server = RunningServer(**values)  # type: ignore[arg-type]
    try:
        is_loopback = ipaddress.ip_address(server.host).is_loopback
    except ValueError:
        return None
    return server if is_loopback and 0 < server.port < 2**16 and server.pid > 0 and server.key.isascii() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return True
