"""`translate`: what the server says, in the language of the page.

Errors are written in English where they arise, by parts of the program that know nothing of pages. They keep the
template they were made of (see `Message`), by which `CODE.po`, a gettext catalogue, has its translation.
"""

from functools import cache
from importlib.resources import files
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from assistant.errors import Message
from assistant.text.controls import printable
from assistant.text.paths import without_paths
from assistant.web.locales import DEFAULT

_ISOLATE, _POP = "\u2068", "\u2069"
_LONGEST = 500


def isolated(text: str) -> str:
    """Return text so that it reorders nothing around it, like a file's name in a sentence of the other direction."""
    return f"{_ISOLATE}{text}{_POP}"


def for_visitors(message: str) -> Message:
    """Return a message without the server's folders, and with nothing in it that could hide or reorder.

    Example:
        >>> for_visitors(Message("{path} is damaged.", path="/srv/store/a.sqlite"))
        'a.sqlite is damaged.'
    """
    return Message(message).map(lambda text: printable(without_paths(text), _LONGEST))


def translate(message: str, locale: str) -> str:
    """Return a message in a language of the page; as it stands where nobody has translated it.

    Example:
        >>> translate(Message("{name}: {reason}", name="a.txt", reason=Message("there is no such file.")), "ar")
        '\u2068a.txt\u2069: لا يوجد ملف كهذا.'
    """
    if locale == DEFAULT or not isinstance(message, Message):
        return message
    known = catalogue(locale).get(message.template)
    if known is None or not isinstance(known.string, str) or not known.string:
        return message
    return _Translating(locale).vformat(known.string, (), message.values) if message.values else known.string


@cache
def catalogue(locale: str) -> Catalog:
    """Return the translations into a language of the page other than English, by template."""
    with files(__package__).joinpath(f"{locale}.po").open("rb") as file:
        return read_po(file, locale, abort_invalid=True)


class _Translating(Formatter):
    """Formats a translation: messages in it are translated too, names and numbers are set apart."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def format_field(self, value: object, format_spec: str) -> str:
        if isinstance(value, Message):
            translated = translate(value, self._locale)
            return translated if translated != value else isolated(translated)
        return isolated(format(value, format_spec))
