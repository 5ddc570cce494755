"""Rich Text Format, through striprtf."""

import re

from striprtf.striprtf import rtf_to_text

from assistant.articles.article import CELL_SEPARATOR
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem

_TITLE = re.compile(r"\{\\title ((?:[^{}\\]|\\'[0-9a-f]{2}|\\u-?\d+ ?\??)*)\}")
_BEHIND_CELL = re.compile(r"\|$")


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,  # noqa: ARG001 - see `Reader`
    options: ReadOptions = AS_USUAL,  # noqa: ARG001 - see `Reader`
) -> Reading:
    """Read one article; see `Reader`."""
    if not content.lstrip().startswith(b"{\\rtf"):
        raise problem(source, "it is damaged or not Rich Text Format; open it and save it again.")
    markup = content.decode("latin-1")  # bytes above 127 are written as \'xx, in the encoding that the file names
    try:
        text = rtf_to_text(markup, errors="replace")
        title = _TITLE.search(markup)
        named = rtf_to_text(f"{{\\rtf1\\ansi {title[1]}}}", errors="replace") if title else ""
    except (LookupError, RecursionError, ValueError) as error:
        raise problem(source, "it is damaged or not Rich Text Format; open it and save it again.") from error
    return Reading((build_article(source, "\n\n".join(_blocks(text)), {"title": named.strip()}),))


def _blocks(text: str) -> list[str]:
    """Return the paragraphs and tables: striprtf ends each cell of a row with a bar, and each row with a line end."""
    blocks: list[str] = []
    was_row = False
    for line in text.split("\n"):
        is_row = line.endswith("|")
        shown = CELL_SEPARATOR.join(_BEHIND_CELL.sub("", line).split("|")) if is_row else line.strip()
        if is_row and was_row:
            blocks[-1] += f"\n{shown}"
        elif shown.strip():
            blocks.append(shown)
        was_row = is_row
    return blocks
