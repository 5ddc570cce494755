"""Which language an article is in: what its text says, then what its metadata says."""

import langcodes
from langcodes.tag_parser import LanguageTagError

from assistant.language.identify import identify_language

# Below this many letters identification guesses, and a declared language is the better evidence.
_LETTERS_TO_TRUST = 80
_SAMPLE = 10_000


def language_code(tag: str | None) -> str | None:
    """Return the BCP 47 primary language of `tag`, or None if it is not a language tag.

    Example:
        >>> language_code("ar_SA"), language_code("eng"), language_code("not a tag")
        ('ar', 'en', None)
    """
    if not tag:
        return None
    try:
        language = langcodes.Language.get(tag.strip().replace("_", "-"))
    except LanguageTagError:
        return None
    code = language.language or "und"
    return code if language.is_valid() and code != "und" and len(code) <= 3 else None


def choose_language(text: str, declared: str | None) -> str:
    """Return the language of `text`.

    Templates declare "en" on pages in any language, so a text long enough to tell speaks for itself. A short one,
    or one that cannot be told, takes what was declared.

    Args:
        text: The article's text.
        declared: A language tag from metadata, perhaps malformed.

    Returns:
        A BCP 47 primary language, or "und".
    """
    hint = language_code(declared)
    sample = text[:_SAMPLE]
    if hint and sum(map(str.isalpha, sample)) < _LETTERS_TO_TRUST:
        return hint
    identified = identify_language(sample)
    return hint or "und" if identified == "und" else identified
