"""`spell`: a question with its names as the library spells them, in general and in single passages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assistant.language.sounds import consonants_in, likeness
from assistant.language.syllables import names_in_characters
from assistant.retrieval.name_matching import (
    CountTokens,
    Matched,
    Pair,
    QuestionWord,
    name_candidates,
    names_in_passages,
    pairs_of,
)
from assistant.store.passage_store import Filters, PassageStore


@dataclass(frozen=True, slots=True)
class PhoneticMatch:
    """A name of a question, and a name in another script that sounds like it, from a passage.

    Attributes:
        start: Where the name begins in the question.
        end: Where it ends in the question.
        name: The name as the passage spells it.
    """

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class SpelledQuestion:
    """A question with its names as a library spells them.

    Attributes:
        question: The question, in which each word that no passage holds is replaced by a word of a passage that sounds
            like it, if there is one.
        prefix_length: How many characters at its beginning only name its topic.
        phonetic_matches: By passage id, the question's names that the passage spells in another script. Passages with
            the most of them come first.
    """

    question: str
    prefix_length: int = 0
    phonetic_matches: Mapping[int, tuple[PhoneticMatch, ...]] = field(default_factory=dict)

    def in_passage(self, passage_id: int) -> str:
        """Return the question with its names as a passage spells them.

        Example:
            >>> matches = {7: (PhoneticMatch(7, 14, "جباروف"),)}
            >>> SpelledQuestion("Who is Jabarov?", phonetic_matches=matches).in_passage(7)
            'Who is جباروف?'
        """
        matches = self.phonetic_matches.get(passage_id, ())
        return _replaced(self.question, {(match.start, match.end): match.name for match in matches})


def spell(
    question: str,
    language: str,
    store: PassageStore,
    count_tokens: CountTokens,
    filters: Filters | None = None,
    *,
    prefix_length: int = 0,
) -> SpelledQuestion:
    """Find the names of a question in a store that may spell them otherwise.

    A word stays as it is if any passage holds it, if no word of a passage sounds like it, or if the embedding model
    knows it: then it is a single token. A word that stays may still have phonetic matches in passages of other scripts.

    Args:
        question: In any language.
        language: BCP 47 code of the question.
        store: Where the passages are.
        count_tokens: The embedding model's.
        filters: Which passages may be found.
        prefix_length: How many characters at the question's beginning only name its topic.

    Example:
        >>> spell("Who is Jabarov?", "en", store, encoder.count_tokens).question  # doctest: +SKIP
        'Who is جباروف?'
    """
    words = name_candidates(question, language, store, count_tokens)
    if not words:
        return SpelledQuestion(question, prefix_length)
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
    phonetic_matches = {
        passage_id: tuple(
            PhoneticMatch(_moved(word.start, replaced), _moved(word.end, replaced), name)
            for word, name in sorted(names.items(), key=lambda item: item[0].start)
            if word.is_foreign(name) and word not in taken
        )
        for passage_id, names in sorted(matched.items(), key=lambda item: -_certainty(item[1]))
    }
    return SpelledQuestion(
        _replaced(question, replaced),
        _moved(prefix_length, replaced),
        {passage_id: matches for passage_id, matches in phonetic_matches.items() if matches},
    )


def _best(words: Iterable[QuestionWord], pairs: Iterable[Pair], matched: Iterable[Matched]) -> Matched:
    """Return for each word its most similar name, preferring passages with most of the names, then the same script.

    If capitals mark a name of several parts, a match in another script counts only if a second part matches too: a
    single part too often sounds like another word.
    """
    listed = [(_certainty(found), found) for found in matched]
    names = [pair for pair in pairs if all(word.is_marked for word in pair)]
    beside = {word: {part for pair in names if word in pair for part in pair if part is not word} for word in words}
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
    """Return how many consonants of the question sound like those of the passage's names."""
    return sum(consonants_in(word.key) for word in found)


def _replaced(text: str, names: Mapping[tuple[int, int], str]) -> str:
    """Return a text with each span replaced by a name."""
    for start, end in sorted(names, reverse=True):
        text = text[:start] + names[start, end] + text[end:]
    return text


def _moved(place: int, names: Mapping[tuple[int, int], str]) -> int:
    """Return where a place of a text lies once each span is replaced by a name."""
    return place + sum(len(name) - (end - start) for (start, end), name in names.items() if end <= place)
