"""`read_scanned`: the lines of pages that are pictures, drawn by pdfium and read by Tesseract."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant.articles.layout.child import run_child
from assistant.articles.layout.paragraphs import Line
from assistant.articles.limits import ReadingLimits
from assistant.articles.text_recognition import RecognitionError, recognise

MOST_PAGES = 1000
_AT_ONCE = 8
_MOST_WORKERS = 4


@dataclass(frozen=True, slots=True)
class ScannedPages:
    """What was read of pages that are pictures.

    Attributes:
        lines: In reading order.
        failed: The numbers, from 1, of the pages of which it failed, or that were too many.
    """

    lines: list[Line]
    failed: list[int]


def read_scanned(
    content: bytes, numbers: Sequence[int], languages: Sequence[str], limits: ReadingLimits
) -> ScannedPages:
    """Recognise the text of pages of a PDF.

    Args:
        content: The whole file.
        numbers: The pages, from 1, in their order.
        languages: The languages that they may be in, by Tesseract's codes.
        limits: What drawing a few of them may take.
    """
    lines: list[Line] = []
    failed = list(numbers[MOST_PAGES:])
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_WORKERS), "recognition") as workers:
        for start in range(0, min(len(numbers), MOST_PAGES), _AT_ONCE):
            batch = numbers[start : min(start + _AT_ONCE, MOST_PAGES)]
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                try:
                    drawn = run_child("page_pictures", content, name, *map(str, batch), limits=limits)
                except subprocess.TimeoutExpired:
                    # What comes after it would take as long: a page is drawn in a moment, unless it is made not to be.
                    failed += numbers[start:MOST_PAGES]
                    break
                except subprocess.SubprocessError:
                    failed += batch
                    continue
                resolutions = json.loads(drawn)
                pictures = [(folder / f"{number}.pgm", resolutions[str(number)]) for number in batch]
                read = workers.map(partial(_page, languages=languages), batch, *zip(*pictures, strict=True))
                for number, found in zip(batch, read, strict=True):
                    if found is None:
                        failed.append(number)
                    else:
                        lines += found
    return ScannedPages(lines, sorted(failed))


def _page(number: int, picture: Path, resolution: int, languages: Sequence[str]) -> list[Line] | None:
    """Return the lines of one page, None where recognising them fails."""
    try:
        found = recognise(picture.read_bytes(), languages, resolution)
    except RecognitionError:
        return None
    bottom = max((line.bottom for line in found), default=0.0)
    return [
        Line(line.text, number - 1, line.left, bottom - line.bottom, line.right, bottom - line.top) for line in found
    ]
