"""`split_front_matter`: the YAML or TOML at the head of a text, between `---` or `+++` lines, and the rest."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from assistant.articles.columns import column_for
from assistant.errors import Message

_BLANK, _END = r"(?:[ \t]*\r?\n)*", r"[ \t]*(?:\r?\n|\Z)"
_BLOCK = re.compile(rf"\A{_BLANK}---[ \t]*\r?\n(.{{0,20000}}?)^(?:---|\.\.\.){_END}", re.DOTALL | re.MULTILINE)
_TOML_BLOCK = re.compile(rf"\A{_BLANK}\+\+\+[ \t]*\r?\n(.{{0,20000}}?)^\+\+\+{_END}", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"\A\s*(?:#.*\n\s*)*[\w\"'][\w \"'-]*:(?:\s|\Z)")
_TOML_KEY = re.compile(r"\A\s*(?:#.*\n\s*)*(?:[\w\"'][\w.\"' -]*=|\[)")
_LINE = re.compile(r"^([\w\"'][\w \"'-]*:)[ \t]+(\S.*?)[ \t]*\r?$", re.MULTILINE)
_NAMES = ("title", "date", "author", "language", "url")


class FrontMatterError(ValueError):
    """The front matter is not valid; the message says where."""


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    r"""Return what the front matter of `text` says about the article, and the text without it.

    Values are kept as they are written (`no` is Norwegian, not false). A `---` line that opens no block of keys is
    a rule of the text and stays there. YAML in which a value has a colon, a quote or a bracket that should have been
    quoted is read as it was meant.

    Args:
        text: A file's text.

    Returns:
        Any of "title", "date", "author", "language" and "url", and the rest of the text.

    Raises:
        FrontMatterError: there is a block of keys, but it is not YAML or TOML.

    Example:
        >>> split_front_matter("---\ntitle: Summit: the agenda\nlang: ar\n---\nText")
        ({'title': 'Summit: the agenda', 'language': 'ar'}, 'Text')
        >>> split_front_matter("+++\ntitle = 'Summit'\n+++\nText")
        ({'title': 'Summit'}, 'Text')
    """
    text = text.removeprefix("\ufeff")
    if (match := _BLOCK.match(text)) and _KEY.match(match[1]):
        values = _yaml(match[1])
    elif (match := _TOML_BLOCK.match(text)) and _TOML_KEY.match(match[1]):
        values = _toml(match[1])
    else:
        return {}, text
    found = {}
    for name in _NAMES:
        key = column_for(name, [key for key, value in values.items() if value])
        if key is not None:
            found[name] = values[key]
    return found, text[match.end() :]


def _yaml(block: str) -> dict[str, str]:
    try:
        return _mapping(block)
    except FrontMatterError as error:
        loose = _LINE.sub(_quoted, block)
        if loose == block:
            raise
        try:
            return _mapping(loose)
        except FrontMatterError:
            raise error from None


def _quoted(line: re.Match[str]) -> str:
    """Return a line whose value is quoted, unless it can be read without."""
    try:
        _mapping(line[0])
    except FrontMatterError:
        return f"{line[1]} '{line[2].replace(chr(39), chr(39) * 2)}'"
    return line[0]


def _mapping(block: str) -> dict[str, str]:
    import yaml  # noqa: PLC0415 - few texts have front matter

    try:
        loader = yaml.BaseLoader(block)
    except yaml.YAMLError as error:
        raise FrontMatterError(Message("its front matter is not valid YAML (it has control characters).")) from error
    try:
        document = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise FrontMatterError(
            Message("its front matter is not valid YAML at line {line} ({reason}).", line=line, reason=error.problem)
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise FrontMatterError(Message("its front matter is not valid YAML.")) from error
    finally:
        loader.dispose()
    if not isinstance(document, dict):
        return {}
    return _plain_values(document)


def _toml(block: str) -> dict[str, str]:
    import tomllib  # noqa: PLC0415 - see above

    try:
        return _plain_values(tomllib.loads(block.replace("\r\n", "\n")))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it is nested too deep"
        raise FrontMatterError(Message("its front matter is not valid TOML ({reason}).", reason=reason)) from error


def _plain_values(document: Mapping[Any, object]) -> dict[str, str]:
    return {key: _plain(value) for key, value in document.items() if isinstance(key, str)}


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(item for item in value if isinstance(item, str))
    if isinstance(value, date | time):  # a datetime is a date
        return value.isoformat()
    return value if isinstance(value, str) else ""
