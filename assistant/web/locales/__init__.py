"""The words of the page itself, by language."""

import json
from functools import cache
from importlib.resources import files

DEFAULT = "en"
LOCALES = {"en": "ltr", "ar": "rtl"}
"""The languages of the page, and the direction each is written in."""


@cache
def words(locale: str) -> dict[str, str]:
    """Return the page's words in a language of `LOCALES`, by name."""
    loaded: dict[str, str] = json.loads(files(__package__).joinpath(f"{locale}.json").read_text(encoding="utf-8"))
    return loaded
