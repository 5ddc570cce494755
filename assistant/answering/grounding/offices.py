"""Which public offices a text names, in any of the project's languages.

The vectors of a minister and a governor are near, and so late interaction takes the one for the other.
"""

import json
from functools import cache
from importlib.resources import files

import regex

from assistant.answering.grounding.negation import is_unspaced


def find_offices(text: str, language: str) -> frozenset[str]:
    """Return the offices that a text names, by their English names.

    Args:
        text: Any text.
        language: BCP 47 code of the text; in one that the project has no titles of, none is found.

    Example:
        >>> sorted(find_offices("وزير الخارجية ورئيس الوزراء", "ar"))
        ['minister', 'prime minister']
    """
    found = set()
    for office, pattern in _titles(language.partition("-")[0]).items():
        # Titles that contain another are listed first: a prime minister is no minister, and no president in Arabic.
        text, count = pattern.subn(" ", text)
        if count:
            found.add(office)
    return frozenset(found)


@cache
def _titles(language: str) -> dict[str, regex.Pattern[str]]:
    listed: dict[str, dict[str, str]] = json.loads(
        files(__package__).joinpath("office_titles.json").read_text(encoding="utf-8")
    )
    prefix = "(?:[وف]?[بكل]?(?:ال)?|[وف]?لل)" if language == "ar" else ""
    titles = {}
    for office, words in listed.items():
        if language in words:
            whole = rf"(?<!\w){prefix}(?:{words[language]})(?!\w)"
            titles[office] = regex.compile(words[language] if is_unspaced(language) else whole, regex.IGNORECASE)
    return titles
