"""`recognise`: the lines of a picture of a page, by Tesseract, where that program is installed."""

import csv
import io
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from shutil import which

from assistant.articles.reading import AUTOMATIC

PROGRAM = "tesseract"
_SECONDS = 120.0  # for one page
_LIST_SECONDS = 20.0
_NO_LANGUAGES = frozenset({"osd", "equ", "snum"})  # what it has beside languages: layouts, formulas, numbers
_WORD_LEVEL = "5"
# Of pictures that are no text Tesseract makes words too, and says that it is not sure of them.
_LEAST_SURE = 50.0
_INCH = 72  # points


class RecognitionError(Exception):
    """Tesseract failed, or took too long."""


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """A line in reading order: its text and its box, in points from the picture's upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@cache
def installed_languages() -> tuple[str, ...]:
    """Return the languages that Tesseract can read here, by its own codes; none where it is not installed."""
    program = which(PROGRAM)
    if program is None:
        return ()
    try:
        listed = subprocess.run(  # noqa: S603 - a program of the owner's system
            [program, "--list-langs"], capture_output=True, text=True, check=True, timeout=_LIST_SECONDS
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ()
    _, *names = listed.stdout.split("\n")
    return tuple(name for name in map(str.strip, names) if name and name not in _NO_LANGUAGES and "/" not in name)


def languages_for(setting: str) -> tuple[str, ...]:
    """Return the languages to read pictures in; none where Tesseract is not installed, or has none of them.

    Args:
        setting: "auto" for all that are installed, or Tesseract's codes, as "ara+eng".
    """
    installed = installed_languages()
    if setting == AUTOMATIC:
        return installed
    return tuple(code for code in setting.split("+") if code in installed)


def recognise(picture: bytes, languages: Sequence[str], resolution: int) -> list[RecognisedLine]:
    """Return the lines of text in a picture.

    Args:
        picture: An image file, such as PNG or PGM.
        languages: As `languages_for` returns them, at least one.
        resolution: Its dots per inch.

    Raises:
        RecognitionError: the program fails, or takes longer than two minutes.
    """
    try:
        done = subprocess.run(  # noqa: S603 - see above; the languages are among those it has listed
            [which(PROGRAM) or PROGRAM, "stdin", "stdout", "-l", "+".join(languages), "--dpi", str(resolution), "tsv"],
            input=picture,
            capture_output=True,
            check=True,
            timeout=_SECONDS,
            # Threads of its own make it slower on pages, which are read side by side.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RecognitionError(str(error)) from error
    return _lines(done.stdout.decode("utf-8", "replace"), _INCH / resolution)


def _lines(table: str, scale: float) -> list[RecognisedLine]:
    words = [row for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE) if _is_word(row)]
    found = []
    for _, line in groupby(words, key=lambda row: tuple(row[key] for key in ("block_num", "par_num", "line_num"))):
        row = list(line)
        if sum(float(word["conf"]) for word in row) < _LEAST_SURE * len(row):
            continue
        boxes = [tuple(int(word[key]) * scale for key in ("left", "top", "width", "height")) for word in row]
        found.append(
            RecognisedLine(
                " ".join(word["text"].strip() for word in row),
                left=min(left for left, _, _, _ in boxes),
                top=min(top for _, top, _, _ in boxes),
                right=max(left + width for left, _, width, _ in boxes),
                bottom=max(top + height for _, top, _, height in boxes),
            )
        )
    return found


def _is_word(row: dict[str, str]) -> bool:
    return row["level"] == _WORD_LEVEL and bool((row["text"] or "").strip())
