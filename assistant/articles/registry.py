"""The registry of formats: find readable files, and read a file or a URL into articles."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import cast
from urllib.parse import urldefrag

from assistant.articles.reading import AS_USUAL, Reader, Reading, ReadOptions, problem
from assistant.articles.reading_process import Tick, never, read_in_process
from assistant.articles.regular_files import MAX_FILE_BYTES, contents_of
from assistant.errors import ReadError
from assistant.observability import stage
from assistant.text.controls import printable
from assistant.text.paths import is_url

# A format is a module of `readers` and a line here. The module is imported when its format is met, not before: some
# load libraries that a question does not need.
_READERS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".mht": "email_message",
    ".mhtml": "email_message",
    ".eml": "email_message",
    ".pdf": "pdf",
    ".docx": "docx",
    ".odt": "odt",
    ".rtf": "rtf",
    ".epub": "epub",
    ".pptx": "pptx",
    ".xlsx": "spreadsheet",
    ".ods": "spreadsheet",
    ".json": "json_file",
    ".jsonl": "json_lines",
    ".ndjson": "json_lines",
    ".csv": "table",
    ".tsv": "table",
}
SUPPORTED_SUFFIXES: tuple[str, ...] = tuple(_READERS)

# Hidden files, and those by which Word, Excel and PowerPoint say that a file is open.
_NOT_LOOKED_AT = (".", "~$")


@stage("read")
def read_source(
    source: str | Path, *, allow_private: bool = False, options: ReadOptions = AS_USUAL, tick: Tick = never
) -> Reading:
    """Read a file or a URL. Nothing is raised for what cannot be read: it is in the reading's problems.

    Its reader runs in a process of its own, because what it reads is hostile.

    Args:
        source: A path, or an `http:` or `https:` URL.
        allow_private: Read URLs on this machine and its local network too. Leave it off where others name the URLs.
        options: How to read it, where its reader has a choice, and what that may take.
        tick: Called now and then while its reader runs; what it raises ends the reading.

    Returns:
        The articles: one, or for a table one a row; and the problems. A source that fails as a whole has no
        articles and one problem. An article's `source` is the absolute path, the URL as given, or `PATH#N`.

    Example:
        >>> [str(problem) for problem in read_source("/missing.txt").problems]
        ['/missing.txt: there is no such file.']
    """
    try:
        if is_url(source):
            return _read_url(str(source), allow_private, options, tick)
        return _read_file(source, options, tick)
    except ReadError as error:
        return Reading(problems=(error,))


@stage("read")
def read_content(
    content: bytes, source: str, suffix: str, charset: str | None = None, options: ReadOptions = AS_USUAL
) -> Reading:
    """Read what an address has answered with already; otherwise as `read_source`.

    Args:
        content: The whole body.
        source: The address.
        suffix: The file name suffix of its format.
        charset: The encoding the server declared.
        options: As in `read_source`.
    """
    try:
        return read_in_process(content, source, suffix, charset, options)
    except ReadError as error:
        return Reading(problems=(error,))


@dataclass(frozen=True, slots=True)
class Found:
    """What is at and below some paths, as sorted absolute paths, each once.

    Attributes:
        files: Those that can be read.
        passed_over: Files of other formats.
        problems: Of folders within these paths that cannot be listed. What is in them is unknown, not gone.
    """

    files: tuple[Path, ...]
    passed_over: tuple[Path, ...] = ()
    problems: tuple[ReadError, ...] = ()


def find_files(paths: Iterable[str | Path], *, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Found:
    """Find the readable files at and below `paths`.

    In folders, hidden files and the lock files of office programs are not looked at, files of other formats are passed
    over, links are followed, and a folder that was seen already is not entered again, so a loop of links ends. A file
    named directly is returned whatever its format: `read_source` then says what is wrong with it.

    Args:
        paths: Files and folders.
        include: Patterns as `*.md` or `news/*`, of names or of paths below the folder. All files, if none.
        exclude: Patterns of what is left out.

    Raises:
        ReadError: a path does not exist, or is a folder that cannot be listed.
    """
    found: set[Path] = set()
    problems: dict[str, ReadError] = {}
    passed_over: set[Path] = set()
    for given in paths:
        path = _absolute(given)
        try:
            if path.is_dir():
                for file in _walk(path, problems):
                    if _is_chosen(file.relative_to(path), include, exclude):
                        (found if file.suffix.lower() in _READERS else passed_over).add(file)
            elif path.exists():
                found.add(path)
            else:
                raise problem(given, "there is no such file or folder.")
        except OSError as error:
            raise problem(error.filename or given, "it cannot be listed ({reason}).", reason=error.strerror) from error
    return Found(tuple(sorted(found)), tuple(sorted(passed_over - found)), tuple(problems.values()))


def is_looked_at(path: Path) -> bool:
    """Return whether a file in a folder is looked at, going by its name: not hidden, and no program's lock file."""
    return not path.name.startswith(_NOT_LOOKED_AT)


def _is_chosen(below: Path, include: Sequence[str], exclude: Sequence[str]) -> bool:
    def fits(pattern: str) -> bool:
        # A folder's pattern, as `drafts/`, fits all that is in it.
        pattern = f"{pattern}*" if pattern.endswith("/") else pattern
        return fnmatchcase(below.as_posix(), pattern) or fnmatchcase(below.name, pattern)

    return (not include or any(map(fits, include))) and not any(map(fits, exclude))


def _walk(root: Path, problems: dict[str, ReadError]) -> Iterator[Path]:
    """Yield the files below a folder, and note which folders within it cannot be listed."""
    seen: set[tuple[int, int]] = set()
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(folder.iterdir())
        except OSError as error:
            if folder == root:
                raise
            problems[str(folder)] = _unlisted(folder, error)
            continue
        for path in filter(is_looked_at, entries):
            try:
                if path.is_dir():
                    waiting.append(path)
                elif path.is_symlink() or path.is_file():
                    yield path
            except OSError as error:
                if path.suffix.lower() in _READERS:
                    yield path  # Reading it says why it cannot be looked at.
                else:
                    problems[str(path)] = _unlisted(path, error)


def _unlisted(path: Path, error: OSError) -> ReadError:
    return problem(path, "it cannot be listed ({reason}).", reason=error.strerror)


def _read_url(url: str, allow_private: bool, options: ReadOptions, tick: Tick) -> Reading:
    from assistant.articles.web import fetch  # noqa: PLC0415 - an HTTP client is for URLs alone

    fetched = fetch(url, allow_private=allow_private)
    return read_in_process(fetched.content, one_address(url), fetched.suffix, fetched.charset, options, tick)


def one_address(url: str) -> str:
    """Return the address of a page without what only says from where its reader came, or which part is shown first.

    Example:
        >>> one_address("https://example.org/weir?utm_source=mail&page=2#fares")
        'https://example.org/weir?page=2'
    """
    from courlan import normalize_url  # noqa: PLC0415 - see above

    page, fragment = urldefrag(url)
    if fragment.startswith(("!", "/")):  # the page itself, where scripts show pages
        page = url
    return str(normalize_url(page)) if "?" in page else page


def _read_file(source: str | Path, options: ReadOptions, tick: Tick) -> Reading:
    path = _absolute(source)
    try:
        str(path).encode("utf-8")
        content = b"".join(contents_of(path))
    except UnicodeEncodeError as error:
        raise problem(path, "its name is not valid UTF-8; rename it.") from error
    except FileNotFoundError as error:
        raise problem(path, "there is no such file.") from error
    except IsADirectoryError as error:
        raise problem(path, "it is a folder, not a file.") from error
    except PermissionError as error:
        raise problem(path, "it may not be read; change its permissions.") from error
    except OSError as error:
        raise problem(path, "it cannot be read ({reason}).", reason=printable(error.strerror or error)) from error
    except ValueError as error:  # a path with a NUL in it
        raise problem(path, "it cannot be read ({reason}).", reason=printable(error)) from error
    if path.suffix.lower() not in _READERS:
        raise problem(path, "its format is not known; known are {known}.", known=", ".join(SUPPORTED_SUFFIXES))
    if len(content) > MAX_FILE_BYTES:
        raise problem(path, "it is larger than {limit} MiB; split it.", limit=MAX_FILE_BYTES // 1024**2)
    if not content.strip():
        raise problem(path, "it is empty: there is no text to read.")
    return read_in_process(content, str(path), path.suffix, None, options, tick)


def reader_for(suffix: str) -> Reader:
    """Return the reader of the files with a suffix; its libraries are imported now."""
    return cast("Reader", import_module(f"assistant.articles.readers.{_READERS[suffix.lower()]}").read)


def _absolute(path: str | Path) -> Path:
    """Return `path` from the root, without `..`, and with its links as they were named."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve follows links, Path.absolute keeps ".."
