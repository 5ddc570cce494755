"""`choose_locale`: the language that a visitor is shown the page in."""

from assistant.language.tags import primary_subtag
from assistant.web.locales import DEFAULT, LOCALES

LOCALE_COOKIE = "assistant_locale"


def choose_locale(chosen: str, accepted: str) -> str:
    """Return the language of the page: as chosen, else as the browser prefers, else English.

    Args:
        chosen: A BCP 47 code, or "" where the visitor chose none.
        accepted: What the browser sends as `Accept-Language`.

    Example:
        >>> choose_locale("", "fr, ar-EG;q=0.8, en;q=0.5"), choose_locale("en", "ar"), choose_locale("", "fr")
        ('ar', 'en', 'en')
    """
    for tag in [chosen] if chosen else accepted.split(","):
        code = primary_subtag(tag.partition(";")[0].strip())
        if code in LOCALES:
            return code
    return DEFAULT
