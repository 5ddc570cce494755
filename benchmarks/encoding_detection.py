"""How often the encoding of a short file is told right: `decode` beside charset-normalizer and bare chardet.

Sentences of Tatoeba (../shared/data/tatoeba) are stored in encodings that files in those languages are found in. A
file counts as right when every character comes back. Run: `python benchmarks/encoding_detection.py`
"""

import random
from pathlib import Path
from typing import TYPE_CHECKING

import chardet
import charset_normalizer

from assistant.articles.decoding import NotTextError, decode

if TYPE_CHECKING:
    from collections.abc import Callable

SENTENCES = Path(__file__).resolve().parents[2] / "shared" / "data" / "tatoeba"
ENCODINGS = {
    "ara": ("cp1256", "iso8859-6"),
    "rus": ("cp1251", "koi8-r"),
    "ukr": ("cp1251",),
    "cmn": ("gb18030",),
    "jpn": ("shift_jis", "euc-jp"),
    "kor": ("cp949",),
    "ell": ("cp1253",),
    "heb": ("cp1255",),
    "tur": ("cp1254",),
    "pol": ("cp1250",),
    "fra": ("cp1252",),
    "deu": ("cp1252",),
    "por": ("cp1252",),
    "tha": ("cp874",),
}
FILES = 100


def with_charset_normalizer(content: bytes) -> str:
    best = charset_normalizer.from_bytes(content).best()
    return str(best) if best else ""


def with_chardet(content: bytes) -> str:
    try:
        return content.decode(chardet.detect(content)["encoding"] or "ascii")
    except UnicodeDecodeError:
        return ""


def with_decode(content: bytes) -> str:
    try:
        return decode(content)
    except NotTextError:
        return ""


def files(language: str, encoding: str, sentences: int) -> list[tuple[str, bytes]]:
    lines = (SENTENCES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    choose = random.Random(0)
    made: list[tuple[str, bytes]] = []
    while len(made) < FILES:
        text = "\n".join(choose.sample(lines, sentences))
        content = text.encode(encoding, "ignore")
        if content.decode(encoding) == text and not content.isascii():
            made.append((text, content))
    return made


def main() -> None:
    methods: dict[str, Callable[[bytes], str]] = {
        "decode": with_decode,
        "chardet": with_chardet,
        "charset-normalizer": with_charset_normalizer,
    }
    for sentences in (1, 3, 10):
        print(f"\n{sentences} sentence(s) a file, right of {FILES}: {', '.join(methods)}")
        totals = dict.fromkeys(methods, 0)
        tried = 0
        for language, encodings in ENCODINGS.items():
            for encoding in encodings:
                made = files(language, encoding, sentences)
                right = {
                    name: sum(method(content) == text for text, content in made) for name, method in methods.items()
                }
                print(f"{language} {encoding:10}", *right.values(), sep="\t")
                tried += len(made)
                for name, count in right.items():
                    totals[name] += count
        print("all", *(f"{count / tried:.3f}" for count in totals.values()), sep="\t")


if __name__ == "__main__":
    main()
