"""`read_rows`: the articles in the rows of a table, and the rows that are not articles."""

import re
from collections.abc import Iterable, Mapping

from assistant.articles.columns import COLUMNS, Columns
from assistant.articles.html_text import read_html
from assistant.articles.reading import Reading, build_article, problem
from assistant.articles.structure import StructuredText
from assistant.errors import ReadError

MOST_PROBLEMS = 100

_MARKUP = re.compile(r"</(?:p|div|li|h[1-6]|a|b|i|em|strong|span|td|blockquote)\s*>|<br\s*/?>|<p[\s>]", re.IGNORECASE)


def read_rows(source: str, rows: Iterable[tuple[int, Mapping[str, object] | str]], columns: Columns) -> Reading:
    """Make an article of each row.

    Args:
        source: The table's path.
        rows: The line each row starts at (from 1), and the row: its values by column, or what is wrong with it.
        columns: Finds what an article needs in a row.

    Returns:
        The articles, whose source is `PATH#N` for row N (from 1, the heading not counted), and a problem for each row
        without text, with its line; after the first `MOST_PROBLEMS`, one that counts the rest.

    Raises:
        ReadError: there is no row.
    """
    articles, problems = [], []
    number = 0
    for number, (line, row) in enumerate(rows, start=1):
        try:
            if isinstance(row, str):
                raise problem(source, "line {line}: {reason}.", line=line, reason=row)
            found = {name: _shown(columns.value(name, row), name) for name in COLUMNS}
            text = _without_markup(found.pop("text"))
            if not text.text.strip():
                raise problem(
                    source,
                    "line {line}: its text is missing (a column such as {known}).",
                    line=line,
                    known=columns.needed(),
                )
            articles.append(build_article(f"{source}#{number}", text, found))
        except ReadError as error:
            problems.append(error)
    if not number:
        raise problem(source, "it is empty: there is no row.")
    more = len(problems) - MOST_PROBLEMS
    if more > 0:
        problems[MOST_PROBLEMS:] = [problem(source, "{count:,} more rows could not be read.", count=more)]
    return Reading(tuple(articles), tuple(problems))


def _without_markup(text: str) -> StructuredText:
    """Return what is seen of a text in HTML, as exports of websites have it, and any other text as it is."""
    return read_html(text) if _MARKUP.search(text) else StructuredText(text)


def _shown(value: object, name: str) -> str:
    if isinstance(value, list):
        return ("\n\n" if name == "text" else ", ").join(item for item in value if isinstance(item, str))
    return str(value) if isinstance(value, str | int) else ""
