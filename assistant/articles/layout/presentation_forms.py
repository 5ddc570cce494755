"""`ordinary_letters`: the letters behind the glyph shapes that some PDFs store."""

import re
import unicodedata

# Latin ligatures, Hebrew and Arabic presentation forms; nothing else, since NFKC would also turn ² into 2.
_FORMS = re.compile("[\ufb00-\ufdff\ufe70-\ufefc]")


def ordinary_letters(text: str) -> str:
    """Return `text` with shapes of letters replaced by the letters themselves.

    Example:
        >>> ordinary_letters("ﻗﻤﺔ"), ordinary_letters("oﬃce m²")
        ('قمة', 'office m²')
    """
    return _FORMS.sub(_letters, text)


def _letters(match: re.Match[str]) -> str:
    letters = unicodedata.normalize("NFKC", match[0])
    # An isolated vowel sign decomposes into a space that carries it; in a word the letter before does.
    return letters.removeprefix(" ") or letters
