"""`decode`: the text in a file's bytes, whatever encoding they are in."""

import codecs
import unicodedata
from collections import Counter

from assistant.errors import Message

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose little-endian mark begins the same
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Senders name the older set and mean its superset, and so do browsers (WHATWG Encoding Standard, 4.2).
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
# Codecs that Python knows and no page or file is written in, as browsers have it (4.2 too, and 4.3 on UTF-7).
_NOT_OF_FILES = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
_DAMAGED_UTF8 = 0.05
_CONTROLS_IN_TEXT = 0.01
_LAYOUT = frozenset("\t\n\r\f\v\x1a\x85")
_SAMPLE = 200_000


class NotTextError(ValueError):
    """The bytes are not text in any encoding that could be told; the message says why."""


def decode(content: bytes, charset: str | None = None) -> str:
    r"""Return the text in `content`.

    A byte order mark decides, or in UTF-16 without one the spaces; then UTF-8, which other encodings do not fit by
    chance; then the declared encoding;
    then `chardet`, the best of the detectors measured on short texts (benchmarks/encoding_detection.py). A file that
    is UTF-8 but for a few damaged bytes shows them as U+FFFD, as an editor does.

    Args:
        content: A whole file.
        charset: The encoding its sender declared, perhaps wrongly.

    Raises:
        NotTextError: the bytes are binary, or in no encoding that could be told.

    Example:
        >>> decode("القمة المقبلة في موسكو".encode("cp1256"))
        'القمة المقبلة في موسكو'
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(content.decode(encoding, "replace"))
    if b"\x00" in content:
        if (text := _wide(content)) is not None:
            return _checked(text)
        raise NotTextError(Message("it is binary (it has NUL bytes), not text."))
    try:
        return _checked(content.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    lenient = content.decode("utf-8", "replace")
    beyond_ascii = sum(1 for character in lenient if character > "\x7f")
    if lenient.count("\ufffd") <= beyond_ascii * _DAMAGED_UTF8:
        return _checked(lenient)
    for guess in (_known(charset), _detected(content)):
        try:
            return _checked(content.decode(guess or "ascii"))
        except UnicodeDecodeError:
            continue
    raise NotTextError(Message("its encoding could not be told; save it as UTF-8."))


def _wide(content: bytes) -> str | None:
    """Return the text of UTF-16 without a mark, or None: in the wrong order of bytes its spaces are none."""
    texts = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            texts[sum(map(text.count, " \n"))] = text
    most = max(texts, default=0)
    return texts[most] if most else None


def _known(charset: str | None) -> str | None:
    """Return the name of a text encoding; `codecs` has others, such as base64, whose use raises LookupError."""
    try:
        name = codecs.lookup(charset or "").name
        " ".encode(name)
    except (LookupError, ValueError):
        return None
    return None if name in _NOT_OF_FILES else _SUPERSETS.get(name, name)


def _detected(content: bytes) -> str | None:
    import chardet  # noqa: PLC0415 - most files are UTF-8 and never need it

    eras = chardet.EncodingEra.MODERN_WEB | chardet.EncodingEra.LEGACY_ISO
    return _known(chardet.detect(content, encoding_era=eras)["encoding"])


def _checked(text: str) -> str:
    sample = text[:_SAMPLE]
    counts = Counter(sample).items()
    controls = sum(count for c, count in counts if c not in _LAYOUT and unicodedata.category(c) in ("Cc", "Cn"))
    if controls > len(sample) * _CONTROLS_IN_TEXT:
        raise NotTextError(Message("it is binary (it has many control characters), not text."))
    return text
