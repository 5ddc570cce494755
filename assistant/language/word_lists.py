"""Word lists: the JSON files beside the modules that use them, and patterns made of their words."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from assistant.language.particles import PARTICLES_BEFORE, PARTICLES_BEHIND
from assistant.language.scripts import is_unspaced
from assistant.language.tags import primary_subtag


@cache
def load_word_list(package: str, name: str) -> dict[str, Any]:
    """Return a JSON file of a package; it is read once, so nobody may change what this returns.

    Args:
        package: The package the file lies in, usually `__package__`.
        name: The file's name.

    Raises:
        FileNotFoundError: the package has no such file.

    Example:
        >>> "via" in load_word_list("assistant.passages", "reference_words.json")["sources"]
        True
    """
    loaded: dict[str, Any] = json.loads(files(package).joinpath(name).read_text(encoding="utf-8"))
    return loaded


def whole_words(choices: str, language: str, *, particles: bool = False) -> str:
    r"""Return a pattern, for `re` or `regex`, that finds words of a language where they stand by themselves.

    Where the language sets no words apart, they are found anywhere.

    Args:
        choices: A pattern of the words, as in `"today|next week"`.
        language: BCP 47 code.
        particles: Whether they are also found with what the language writes onto words: conjunctions, prepositions and
            the article in Arabic and Hebrew, particles behind the word in Korean.

    Example:
        >>> import re
        >>> re.findall(whole_words("قمة", "ar", particles=True), "القمة وقمة وقمم")
        ['القمة', 'وقمة']
    """
    if is_unspaced(language):
        return f"(?:{choices})"
    primary = primary_subtag(language) if particles else ""
    before, behind = PARTICLES_BEFORE.get(primary, ""), PARTICLES_BEHIND.get(primary, "")
    return rf"(?<!\w){before}(?:{choices}){behind}(?!\w)"
