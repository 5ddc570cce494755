"""PDF: text in reading order, with wrapped lines joined into paragraphs."""

import json
import os
import subprocess
import sys
from typing import Any

from assistant.articles.layout.paragraphs import Line, join_paragraphs
from assistant.articles.reading import Reading, build_article, problem
from assistant.articles.titles import unless_placeholder
from assistant.errors import ReadError

_MOST_MEMORY = 1024**3
_MOST_NAMED = 20
_SECONDS = 60.0
_SECONDS_PER_MIB = 10.0


def read(content: bytes, source: str, *, charset: str | None = None) -> Reading:  # noqa: ARG001 - see `Reader`
    """Read one article; see `Reader`, and `layout.pdf_lines` for how."""
    extracted = _extract(content, source)
    if "refused" in extracted:
        template, values = extracted["refused"]
        raise problem(source, template, **values)
    lines = [Line(**line) for line in extracted["lines"]]
    if not lines:
        raise problem(source, "it has no text, perhaps because it was scanned; run text recognition (OCR) on it.")
    pages = extracted["without_text"]
    problems = (_without_text(source, pages),) if pages else ()
    found = {**extracted["found"], "title": unless_placeholder(extracted["found"]["title"])}
    return Reading((build_article(source, "\n\n".join(join_paragraphs(lines)), found),), problems)


def _without_text(source: str, pages: list[int]) -> ReadError:
    named = ", ".join(map(str, pages[:_MOST_NAMED])) + (", …" if len(pages) > _MOST_NAMED else "")
    return problem(
        source,
        "it has no text on page {pages}, perhaps because it was scanned; run text recognition (OCR) on the file.",
        pages=named,
    )


def _extract(content: bytes, source: str) -> dict[str, Any]:
    """Return what `layout.pdf_lines` answers, from a process of its own: see there why."""
    limit = _SECONDS + _SECONDS_PER_MIB * len(content) / 1024**2
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "assistant.articles.layout.pdf_lines", str(_MOST_MEMORY)],
            input=content,
            capture_output=True,
            check=True,
            timeout=limit,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except subprocess.TimeoutExpired as error:
        raise problem(
            source, "it took longer than {seconds:.0f} seconds to read; save it again or split it.", seconds=limit
        ) from error
    except subprocess.CalledProcessError as error:
        raise problem(source, "its reader failed, perhaps for want of memory; save it again.") from error
    return dict(json.loads(done.stdout))
