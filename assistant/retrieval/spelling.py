"""`spell`: a question with its names as the library spells them, in all of it and in single passages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assistant.language.sounds import consonants_in, likeness
from assistant.language.syllables import names_in_characters
from assistant.retrieval.name_matching import (
    CountTokens,
    Matched,
    Pair,
    QuestionWord,
    names_in_passages,
    pairs_of,
    question_words,
)
from assistant.store.passage_store import Filters, PassageStore


@dataclass(frozen=True, slots=True)
class HeardName:
    """A name of a question that a passage spells in another script.

    Attributes:
        start: Where it begins in the question.
        end: Where it ends there.
        name: As the passage spells it.
    """

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """A question with its names as a library spells them.

    Attributes:
        question: With those words that no passage holds spelt as passages spell words that sound alike.
        lead: How many characters of it only say what it is about.
        heard: By passage id, the names of the question that the passage holds in another script; the passages that
            hold most of them first.
    """

    question: str
    lead: int = 0
    heard: Mapping[int, tuple[HeardName, ...]] = field(default_factory=dict)

    def in_passage(self, passage_id: int) -> str:
        """Return the question with its names as a passage spells them.

        Example:
            >>> Spelling("Who is Jabarov?", heard={7: (HeardName(7, 14, "جباروف"),)}).in_passage(7)
            'Who is جباروف?'
        """
        return _replaced(self.question, {(one.start, one.end): one.name for one in self.heard.get(passage_id, ())})


def spell(
    question: str,
    language: str,
    store: PassageStore,
    count_tokens: CountTokens,
    filters: Filters | None = None,
    *,
    lead: int = 0,
) -> Spelling:
    """Find the names of a question in a store that may spell them otherwise.

    Words stay that any passage holds, that sound like none, or that the embedding model knows as they are: those are
    one token to it. What a passage of another script holds may be heard in it all the same.

    Args:
        question: In any language.
        language: BCP 47 code of it.
        store: Where the passages are.
        count_tokens: The embedding model's.
        filters: Which passages may be found.
        lead: How many characters at its beginning only say what it is about.

    Example:
        >>> spell("Who is Jabarov?", "en", store, encoder.count_tokens).question  # doctest: +SKIP
        'Who is جباروف?'
    """
    words = question_words(question, language, store, count_tokens)
    if not words:
        return Spelling(question, lead)
    pairs = pairs_of(question, words)
    matched = names_in_passages(words, pairs, store, count_tokens, filters)
    unknown = [word for word in words if word.is_unknown]
    in_characters = {
        (start, end): name
        for start, end, name in (names_in_characters(question, store.terms_like) if unknown else ())
        if any(start <= word.start < end for word in unknown)
    }
    taken = {word for word in words if any(start <= word.start < end for start, end in in_characters)}
    replaced = in_characters | {
        (word.start, word.end): name
        for word, name in _best(unknown, pairs, matched.values()).items()
        if word not in taken
    }
    heard = {
        passage: tuple(
            HeardName(_moved(word.start, replaced), _moved(word.end, replaced), name)
            for word, name in sorted(names.items(), key=lambda one: one[0].start)
            if word.is_foreign(name) and word not in taken
        )
        for passage, names in sorted(matched.items(), key=lambda one: -_certainty(one[1]))
    }
    spelt = _replaced(question, replaced)
    return Spelling(spelt, _moved(lead, replaced), {passage: names for passage, names in heard.items() if names})


def _best(words: Iterable[QuestionWord], pairs: Iterable[Pair], matched: Iterable[Matched]) -> Matched:
    """Return what words are: the likest name in the passages that hold most of the names, first in their own script.

    Where capitals mark a name, what only one part of it sounds like in another script is too often another word.
    """
    listed = [(_certainty(found), found) for found in matched]
    names = [pair for pair in pairs if all(word.is_marked for word in pair)]
    beside = {word: {one for pair in names if word in pair for one in pair if one is not word} for word in words}
    best: Matched = {}
    for word, parts in beside.items():
        choices = [
            (certainty, not word.is_foreign(found[word]), likeness(word.text, found[word]), found[word])
            for certainty, found in listed
            if word in found and (not parts or not word.is_foreign(found[word]) or not parts.isdisjoint(found))
        ]
        if choices:
            *_, best[word] = max(choices)
    return best


def _certainty(found: Matched) -> int:
    """Return how many consonants sound alike."""
    return sum(consonants_in(word.key) for word in found)


def _replaced(text: str, names: Mapping[tuple[int, int], str]) -> str:
    """Return a text with names in the places of others."""
    for start, end in sorted(names, reverse=True):
        text = text[:start] + names[start, end] + text[end:]
    return text


def _moved(place: int, names: Mapping[tuple[int, int], str]) -> int:
    """Return where a place of a text lies once names are in the places of others."""
    return place + sum(len(name) - (end - start) for (start, end), name in names.items() if end <= place)
