"""`Vocabulary`: the words of an article, ready to be asked for a name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from assistant.articles.article import Article
from assistant.language.normalise import fold
from assistant.language.sounds import sound_key
from assistant.language.words import Word, bare_forms, words

_STEM = 0.7
_SHORTEST_STEM = 4
_ALIKE = 80
_LONG_ENOUGH = 5
_SURE_CONSONANTS = 3


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words of a text, folded.

    Attributes:
        folded: The text.
        forms: Its words, with and without what their script writes onto them, by their first letter.
    """

    folded: str
    forms: dict[str, frozenset[str]] = field(repr=False)

    def has_inflected(self, word: str) -> bool:
        """Return whether a folded word stands in the text, if only with another ending.

        Example:
            >>> vocabulary("The Egyptians left.").has_inflected("egypt")
            True
        """
        if word in self._beginning_as(word):
            return True
        stem = word[: max(_SHORTEST_STEM, round(len(word) * _STEM))]
        return len(word) >= _SHORTEST_STEM and self.has_beginning(stem)

    def has_beginning(self, stem: str) -> bool:
        """Return whether a word of the text begins with a folded stem."""
        return any(form.startswith(stem) for form in self._beginning_as(stem))

    def has_similar(self, word: str) -> bool:
        """Return whether a folded word stands in the text with another ending, in two words, or spelt otherwise.

        Example:
            >>> text = vocabulary("Super Bowl 50, said Mohamed Salah.")
            >>> text.has_similar("superbowl"), text.has_similar("muhamed"), text.has_similar("cairo")
            (True, True, False)
        """
        if self.has_inflected(word):
            return True
        if len(word) < _LONG_ENOUGH:
            return False
        forms, sounds = self._beginning_as(word), sound_key(word)
        return (
            word in self.joined
            or extractOne(word, forms, scorer=ratio, score_cutoff=_ALIKE) is not None
            or (len(sounds) >= _SURE_CONSONANTS and any(sounds == sound_key(form) for form in forms))
        )

    @cached_property
    def joined(self) -> str:
        """The text without spaces."""
        return self.folded.replace(" ", "")

    @cached_property
    def sounds(self) -> frozenset[str]:
        """The consonants of its words (see `sound_key`)."""
        return frozenset(sound_key(form) for forms in self.forms.values() for form in forms)

    def _beginning_as(self, word: str) -> frozenset[str]:
        return self.forms.get(word[:1], frozenset())


@lru_cache(maxsize=64)
def vocabulary(text: str) -> Vocabulary:
    """Return the vocabulary of a text; those of the last texts are kept."""
    folded = fold(text)
    forms: dict[str, set[str]] = {}
    for form in _forms(words(folded)):
        forms.setdefault(form[0], set()).add(form)
    return Vocabulary(folded, {initial: frozenset(beginning) for initial, beginning in forms.items()})


def article_vocabulary(article: Article) -> Vocabulary:
    """Return the vocabulary of an article: its text and title, where it comes from, and what else is known of it."""
    return vocabulary("\n".join((article.title, article.text, *metadata_texts(article))))


def metadata_texts(article: Article) -> tuple[str, ...]:
    """Return what is known of an article besides its text and title; of a path, only the file's name."""
    source = article.source if "://" in article.source else article.source.rpartition("/")[2]
    return (source, *article.metadata.values())


def _forms(listed: Iterable[Word]) -> Iterator[str]:
    for word in listed:
        for form in bare_forms(word.text):
            yield form
            if not form.isalpha():
                yield from filter(None, re.split("['-]", form))
