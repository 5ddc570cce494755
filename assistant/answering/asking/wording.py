"""`asking_pattern`: the words with which questions of a language ask for one kind of thing, as a pattern."""

import json
import re
from functools import cache
from importlib.resources import files

from assistant.answering.grounding.folding import fold

# Written without spaces, so that a word is found anywhere.
_UNSPACED = frozenset({"ja", "ko", "th", "zh"})


@cache
def asking_pattern(name: str, language: str, written_on: str = "") -> re.Pattern[str] | None:
    """Return what finds one of the listed words in a folded question, or None where a language has none.

    Args:
        name: The list, a JSON file beside this module: words by language.
        language: BCP 47 code.
        written_on: Letters of which one may be written onto the front of a word.
    """
    listed = json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
    primary = language.partition("-")[0]
    words = listed.get(primary)
    if not words:
        return None
    either = "|".join(re.escape(fold(word)) for word in sorted(words, key=len, reverse=True))
    front = f"[{written_on}]?" if written_on else ""
    return re.compile(either if primary in _UNSPACED else rf"(?<!\w){front}(?:{either})(?!\w)")
