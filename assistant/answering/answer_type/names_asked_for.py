"""What a question names, and whether an article names it too: of Cairo, an article about Bishkek tells nothing.

Two kinds of names count: countries and large cities, in any language; and, where question and article share a language
that marks names by capitals, whatever else is so marked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.answering.answer_type.gazetteer import UNRELIABLE, Place, find_places, locale_of, names_place
from assistant.answering.answer_type.vocabulary import Vocabulary, article_vocabulary, metadata_texts, vocabulary
from assistant.answering.grounding.lexicon import lexicon
from assistant.answering.grounding.names import find_names
from assistant.articles.article import Article
from assistant.language.identify import identify_language
from assistant.language.interrogatives import asking_words
from assistant.language.normalise import fold
from assistant.language.scripts import script_of, script_of_language
from assistant.language.tags import primary_subtag
from assistant.language.words import LETTERS, words
from assistant.retrieval.hit import Hit

_SHORTEST = 3
_JOINING = frozenset({" ", " of ", " of the ", " de ", " del ", " de la ", " da ", " do ", " di ", " du ", " des "})
# Called by other names too often ("British": "the United Kingdom"), or named without being spoken of.
_EVERYDAY = frozenset({"britain", "british", "celsius", "earth", "fahrenheit", "god", "internet"})


@dataclass(frozen=True, slots=True)
class Names:
    """What a question names.

    Attributes:
        language: BCP 47 code of the question.
        places: Countries and large cities.
        others: Other names, each by those of its words that count, folded; only to be looked for in its language.
    """

    language: str
    places: tuple[Place, ...]
    others: tuple[tuple[str, ...], ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.places) + len(self.others)

    def missing_in(self, article: Article) -> Iterator[str]:
        """Yield the names that an article does not name."""
        shared = primary_subtag(article.language) == primary_subtag(self.language)
        for place in self.places:
            if not (
                _stands_in(place.name, article) or names_place(place, article.language, article_vocabulary(article))
            ):
                yield place.name
        for name in self.others if shared else ():
            if not any(_stands_in(word, article) or article_vocabulary(article).has_similar(word) for word in name):
                yield " ".join(name)


def hits_that_name(names: Names, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the hits whose articles name what a question names.

    Where no article names all of it, but each name is named by some, as in a question that compares two, those that
    name any of it are returned.
    """
    missing = [frozenset(names.missing_in(hit.article)) for hit in hits]
    if all(missing) and not frozenset.intersection(*missing):
        return tuple(hit for hit, lacks in zip(hits, missing, strict=True) if len(lacks) < names.count)
    return tuple(hit for hit, lacks in zip(hits, missing, strict=True) if not lacks)


def name_together(names: Names, hits: Sequence[Hit]) -> bool:
    """Return whether the articles of hits together name all that a question names."""
    return not frozenset.intersection(*(frozenset(names.missing_in(hit.article)) for hit in hits))


def names_asked_for(question: str, language: str) -> Names:
    """Return what a question names.

    Args:
        question: Any question.
        language: BCP 47 code of the question.

    Example:
        >>> names = names_asked_for("When did Doctor Zamenhof visit Cairo?", "en")
        >>> names.others, [place.name for place in names.places]
        ((('doctor', 'zamenhof'),), ['cairo'])
    """
    places = tuple(find_places(question, language))
    taken = {word for place in places for word in place.name.split()}
    # An answer may be wanted in another language than the question's.
    runs = _runs(question, language) if identify_language(question) == language else ()
    others = (_counted(run, language) for run in runs)
    return Names(language, places, tuple(name for name in others if not taken.issuperset(name)))


def _runs(question: str, language: str) -> Iterator[list[str]]:
    """Yield the names of a question, each as its words; none where capitals mark no names."""
    script = script_of_language(primary_subtag(language))
    matches = [match for match in LETTERS.finditer(question) if script_of(match[0][0]) == script]
    names = set(find_names(question, language))
    if not _marks_names(match[0] for match in matches[1:]):
        return
    run: list[str] = []
    end = 0
    for match in matches:
        if match[0] not in names:
            continue
        if run and question[end : match.start()] not in _JOINING:
            yield run
            run = []
        run.append(match[0])
        end = match.end()
    if run:
        yield run


def _marks_names(listed: Iterable[str]) -> bool:
    """Return whether capitals are kept for names, not put on the second and most other words, as in a headline."""
    capitals = [word[0].isupper() for word in listed]
    return not (any(capitals[:1]) and 2 * sum(capitals) > len(capitals))


def _counted(run: list[str], language: str) -> tuple[str, ...]:
    """Return the words of a name to look for, folded; none where one of them is called by other names too."""
    found = []
    for word in run:
        folded = re.sub("'s?$", "", fold(word))
        if asking_words(folded):
            continue
        is_acronym = not word[1:].islower()
        if is_acronym or len(folded) < _SHORTEST or _has_other_names(folded, language):
            return ()
        found.append(folded)
    return tuple(found)


def _has_other_names(word: str, language: str) -> bool:
    return word in _everyday(language) or _regions(language).has_inflected(word)


@cache
def _everyday(language: str) -> frozenset[str]:
    """Return words that name nothing by which articles could be told apart, or that articles may put otherwise."""
    known, locale = lexicon(language), locale_of(language)
    return (
        _EVERYDAY | known.months.keys() | known.weekdays.keys() | _words_of(locale.languages.values() if locale else ())
    )


@cache
def _regions(language: str) -> Vocabulary:
    """Return the words for continents and other regions, and for countries that are called by many names."""
    locale = locale_of(language)
    named = locale.territories.items() if locale else ()
    regions = _words_of(name for code, name in named if code in UNRELIABLE or not code.isalpha())
    return vocabulary(" ".join(sorted(regions)))


def _words_of(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word.text for name in names for word in words(fold(name)))


def _stands_in(name: str, article: Article) -> bool:
    """Return whether a name stands in an article as it is; spares folding the article."""
    pattern = re.compile(rf"(?<!\w){re.escape(name)}")
    texts = (text.casefold() for text in (article.text, article.title, *metadata_texts(article)))
    return any(name in text and pattern.search(text) for text in texts)
