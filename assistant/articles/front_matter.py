"""`split_front_matter`: the YAML between two `---` lines at the head of a text, and the text below it."""

import re

from assistant.errors import Message

_BLOCK = re.compile(r"\A---[ \t]*\r?\n(.{0,20000}?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"\A\s*(?:#.*\n\s*)*[\w\"'][\w \"'-]*:(?:\s|\Z)")
_NAMES = {
    "title": ("title", "headline"),
    "date": ("date", "published", "publishdate", "pubdate", "date_published", "published_at"),
    "author": ("author", "authors", "by", "byline"),
    "language": ("language", "lang", "locale"),
    "url": ("url", "link", "canonical", "canonical_url", "permalink", "source_url"),
}


class FrontMatterError(ValueError):
    """The front matter is not valid YAML; the message says where."""


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    r"""Return what the front matter of `text` says about the article, and the text without it.

    Values are kept as they are written (`no` is Norwegian, not false). A `---` line that opens no block of keys is
    a rule of the text and stays there.

    Args:
        text: A file's text.

    Returns:
        Any of "title", "date", "author", "language" and "url", and the rest of the text.

    Raises:
        FrontMatterError: there is a block of keys, but it is not YAML.

    Example:
        >>> split_front_matter("---\ntitle: Summit\nlang: ar\n---\nText")
        ({'title': 'Summit', 'language': 'ar'}, 'Text')
    """
    text = text.removeprefix("\ufeff")
    match = _BLOCK.match(text)
    if match is None or not _KEY.match(match[1]):
        return {}, text
    values = _mapping(match[1])
    found = {}
    for name, synonyms in _NAMES.items():
        value = next((values[synonym] for synonym in synonyms if values.get(synonym)), "")
        if value:
            found[name] = value
    return found, text[match.end() :]


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
    return {key.lower(): _plain(value) for key, value in document.items() if isinstance(key, str)}


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""
