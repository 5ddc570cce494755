"""What reading loses: words that trafilatura delivers for a page, and words of a page's article.

First on a hundred pages of its own, in which every structure that holds text is drawn by chance: each page knows the
words of its article, numbers them, and so says which are lost, doubled, run together or out of order. Then, where a
folder is named, on pages with a gold text: https://github.com/scrapinghub/article-extraction-benchmark (its
`ground-truth.json` and `html/`), with F1 as that benchmark counts it, beside trafilatura's own modes.

    python benchmarks/reading.py [FOLDER]
"""

import argparse
import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import trafilatura

from assistant.articles.html_text import text_of
from assistant.articles.main_text import EXTRACTOR, main_segments

PAGES = 100
WORD = re.compile(r"\w+")
SHINGLE = 4
MODES: dict[str, dict[str, bool]] = {
    "trafilatura": {},
    "trafilatura, precision": {"favor_precision": True},
    "trafilatura, recall": {"favor_recall": True},
    "trafilatura, fast": {"fast": True},
}


class Page:
    """A page of its own making: an article among menus, of structures drawn by chance, each word of it another."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = seed * 10_000
        self.words: list[str] = []
        self.article = "".join(self._random.choice(self.structures())() for _ in range(self._random.randint(4, 12)))

    def structures(self) -> list[Callable[[], str]]:
        return [
            *[self.paragraph] * 6,
            self.loose,
            self.breaks,
            self.sections,
            self.listing,
            self.nested,
            self.table,
            self.figure,
            self.quotation,
            self.definitions,
            self.code,
            self.details,
            self.division,
        ]

    def say(self, count: int = 0) -> str:
        """Return a sentence whose words are of this place only."""
        said = []
        for _ in range(count or self._random.randint(8, 30)):
            self._number += 1
            letters = "".join(chr(97 + int(digit)) for digit in str(self._number))
            said.append(f"w{letters}")
        self.words += said
        return " ".join(said) + "."

    def inline(self) -> str:
        tag = self._random.choice(
            ["b", "em", "time", "a href='/x'", "span", "q", "abbr", "mark", "cite", "ins", "small"]
        )
        return f"{self.say(6)} <{tag}>{self.say(2)}</{tag.split()[0]}> {self.say(6)}"

    def paragraph(self) -> str:
        return f"<p>{self._random.choice([self.say, self.inline])()}</p>"

    def loose(self) -> str:
        return self.say()

    def breaks(self) -> str:
        return f"{self.say()}<br><br>{self.say()}<br>{self.say()}"

    def sections(self) -> str:
        return "".join(f"<section><h2>{self.say(3)}</h2>{self.say()}</section>" for _ in range(2))

    def listing(self) -> str:
        tag = self._random.choice(["ul", "ol"])
        return f"<{tag}>" + "".join(f"<li>{self.say(7)}</li>" for _ in range(3)) + f"</{tag}>"

    def nested(self) -> str:
        inner = f"{self.say(4)}<ul><li>{self.say(4)}</li><li>{self.say(4)}</li></ul>"
        return f"<ul><li>{inner}</li><li>{self.say(4)}</li></ul>"

    def table(self) -> str:
        rows = "".join(f"<th>{self.say(1)}</th>" for _ in range(3))
        for _ in range(3):
            cells = f"<td>{self.say(2)}</td><td><ul><li>{self.say(2)}</li><li>{self.say(2)}</li></ul></td>"
            last = f"<p>{self.say(2)}</p>" if self._random.random() < 0.5 else ""
            rows += f"</tr><tr>{cells}<td>{last}</td>"
        return f"<table><tr>{rows}</tr></table>"

    def figure(self) -> str:
        return f"<figure><img src='x.jpg'><figcaption>{self.say(9)}</figcaption></figure>"

    def quotation(self) -> str:
        return f"<blockquote><p>{self.say()}</p></blockquote>"

    def definitions(self) -> str:
        return f"<dl><dt>{self.say(2)}</dt><dd>{self.say(8)}</dd></dl>"

    def code(self) -> str:
        return f"<pre><code>{self.say(3)}\n    {self.say(3)}</code></pre>"

    def details(self) -> str:
        return f"<details><summary>{self.say(3)}</summary><p>{self.say()}</p></details>"

    def division(self) -> str:
        return f"<div>{self.say()}</div>"

    @property
    def html(self) -> str:
        menu = "".join(f"<li><a href='/{number}'>Menu {number}</a></li>" for number in range(8))
        return (
            f"<!doctype html><html lang=en><head><title>Page</title></head><body><nav><ul>{menu}</ul></nav>"
            f"<main><article><h1>Page</h1>{self.article}</article></main>"
            "<footer><p>Imprint, contact, terms.</p></footer></body></html>"
        )


def read(page: str) -> str:
    return text_of(main_segments(trafilatura.load_html(page)))


def delivered(page: str) -> str:
    """Return all the text in trafilatura's tree."""
    document = trafilatura.bare_extraction(page, include_comments=False, config=EXTRACTOR)
    return " ".join(document.body.itertext()) if document is not None else ""


def own_pages() -> None:
    lost: dict[str, int] = dict.fromkeys([*MODES, "ours"], 0)
    pages = dict.fromkeys(lost, 0)
    total = doubled = disordered = 0
    for seed in range(1, PAGES + 1):
        page = Page(seed)
        total += len(page.words)
        texts = {
            name: trafilatura.extract(page.html, include_comments=False, **mode) or "" for name, mode in MODES.items()
        }
        texts["ours"] = read(page.html)
        for name, text in texts.items():
            missing = set(page.words) - set(WORD.findall(text))
            lost[name] += len(missing)
            pages[name] += bool(missing)
        ours = [word for word in WORD.findall(texts["ours"]) if word in set(page.words)]
        doubled += len(ours) - len(set(ours))
        disordered += ours != [word for word in page.words if word in set(ours)]
    print(f"{PAGES} pages of its own, {total:,} words")
    for name, words in lost.items():
        print(f"  {name:<24} loses {words:>6,} words, on {pages[name]:>3} pages")
    print(f"  ours: {doubled} words twice, {disordered} pages in another order")


def gold_pages(folder: Path) -> None:
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = {
        key: gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()).decode("utf-8", "replace")
        for key in truth
        if (folder / "html" / f"{key}.html.gz").is_file()
    }
    print(f"{len(pages)} pages with a gold text: F1, precision, recall; seconds")
    modes: dict[str, Callable[[str], str]] = {
        name: lambda page, mode=mode: trafilatura.extract(page, include_comments=False, **mode) or ""
        for name, mode in MODES.items()
    }
    for name, extract in {**modes, "ours": read}.items():
        started = time.perf_counter()
        rows = [shares(truth[key]["articleBody"], extract(page)) for key, page in pages.items()]
        seconds = time.perf_counter() - started
        print(f"  {name:<24}" + " ".join(f"{figure:.4f}" for figure in scores(rows)) + f"  {seconds:.1f}")
    lost = {key: set(WORD.findall(delivered(page))) - set(WORD.findall(read(page))) for key, page in pages.items()}
    print(f"  words that trafilatura delivers and ours lacks: {sum(map(len, lost.values()))}")
    for key, words in lost.items():
        if words:
            print(f"    {key}: {' '.join(sorted(words)[:12])}")


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = WORD.findall(text)
    return Counter(tuple(words[start : start + SHINGLE]) for start in range(max(1, len(words) - SHINGLE + 1)) if words)


def shares(gold: str, text: str) -> tuple[float, float, float]:
    wanted, found = shingles(gold), shingles(text)
    right = (wanted & found).total()
    wrong, missing = found.total() - right, wanted.total() - right
    everything = right + wrong + missing or 1
    return right / everything, wrong / everything, missing / everything


def scores(rows: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    precisions = [right / (right + wrong) for right, wrong, _ in rows if right + wrong]
    recalls = [right / (right + missing) for right, _, missing in rows if right + missing]
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return 2 * precision * recall / (precision + recall), precision, recall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="a copy of article-extraction-benchmark")
    folder = parser.parse_args().folder
    own_pages()
    if folder is not None:
        gold_pages(folder)


if __name__ == "__main__":
    main()
