"""`translate`: what the server says, in the language of the page.

Errors are written in English where they arise, by parts of the program that know nothing of pages. Here their texts are
known by their form, with `{}` where a name or a number stands; `messages_CODE.json` has the translations.
"""

import json
from functools import cache
from importlib.resources import files

from assistant.web.locales import DEFAULT

_ISOLATE, _POP = "\u2068", "\u2069"


def isolated(text: str) -> str:
    """Return text so that it reorders nothing around it, like a file's name in a sentence of the other direction."""
    return f"{_ISOLATE}{text}{_POP}"


def translate(message: str, locale: str) -> str:
    """Return a message in a language of the page; as it stands where nobody has translated it.

    Example:
        >>> translate("a.txt: there is no such file.", "ar")
        '\u2068a.txt\u2069: لا يوجد ملف كهذا.'
    """
    if locale == DEFAULT:
        return message
    known = _known(message, locale)
    if known is not None:
        return known
    name, _, reason = message.partition(": ")
    known = _known(reason, locale)
    return message if known is None else f"{isolated(name)}: {known}"


def values_in(form: str, message: str) -> list[str] | None:
    """Return what stands in a message where its form has `{}`, or None where it is of another form.

    Example:
        >>> values_in("line {}: {}.", "line 3: not JSON.")
        ['3', 'not JSON']
    """
    first, *others = form.split("{}")
    if not message.startswith(first):
        return None
    if not others:
        return [] if message == form else None
    values = []
    position = len(first)
    for literal in others[:-1]:
        at = message.find(literal, position)
        if at < 0:
            return None
        values.append(message[position:at])
        position = at + len(literal)
    end = len(message) - len(others[-1])
    if position > end or not message.endswith(others[-1]):
        return None
    return [*values, message[position:end]]


def _known(message: str, locale: str) -> str | None:
    for form, translation in _translations(locale):
        values = values_in(form, message)
        if values is not None:
            return translation.format(*(isolated(translate(value, locale)) for value in values))
    return None


@cache
def _translations(locale: str) -> list[tuple[str, str]]:
    """Return forms and their translations, those that say most first."""
    text = files(__package__).joinpath(f"messages_{locale}.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return sorted(loaded.items(), key=lambda item: -len(item[0].replace("{}", "")))
