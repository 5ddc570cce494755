"""`spell`: a question with its names as the library spells them, in all of it and in single passages."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial

import regex
from rapidfuzz.distance import Levenshtein

from assistant.language.particles import ARABIC_ARTICLE
from assistant.language.question_words import asking_words
from assistant.language.scripts import CASED_SCRIPTS, script_of
from assistant.language.sounds import (
    KEY_MARK,
    SURE,
    NameWord,
    consonants_in,
    likeness,
    may_be_same,
    name_words,
    near_keys,
    pair_term,
    sound_key,
    stand_together,
)
from assistant.language.syllables import names_in_characters
from assistant.language.terms import index_terms
from assistant.store.passage_store import Filters, PassageStore

CountTokens = Callable[[Sequence[str]], list[int]]
"""Says of each text how many tokens the embedding model makes of it."""

_WORD = regex.compile(r"[\p{L}\p{M}]+")
_ARTICLE = regex.compile(rf"^{ARABIC_ARTICLE}(?=\w{{3}})")
_SHORTEST, _SHORTEST_PART = 4, 3
_MOST_KEYS = 32
_PASSAGES = 32
_IN_PAIRS, _BOTH, _NEARLY_BOTH = 60.0, 78.0, 82.0


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


@dataclass(frozen=True)
class _Word:
    """A word of a question that may be a name.

    Attributes:
        text: The word.
        start: Where it begins in the question.
        capitals: Whether the question marks names by capitals.
        is_name: Whether a capital marks it as one, or nothing could.
        is_held: Whether any passage holds it as it is spelt.
        is_rare: Whether the embedding model makes several tokens of it.
    """

    text: str
    start: int
    capitals: bool
    is_name: bool
    is_held: bool
    is_rare: bool

    @property
    def end(self) -> int:
        """Where it ends in the question."""
        return self.start + len(self.text)

    @cached_property
    def key(self) -> str:
        """Its sound key."""
        return sound_key(self.spoken)

    @cached_property
    def spoken(self) -> str:
        """The word without the Arabic article and what is written before that, which no other script writes."""
        return _ARTICLE.sub("", self.text)

    @property
    def is_unknown(self) -> bool:
        """Whether neither a passage nor the embedding model knows it as it is spelt."""
        return self.is_rare and not self.is_held and len(self.text) >= _SHORTEST

    def is_foreign(self, name: str) -> bool:
        """Return whether a name is in another script."""
        return script_of(name[0]) != script_of(self.text[0])

    def may_be(self, name: str, *, expected: bool) -> bool:
        """Return whether a word of a passage may be this one."""
        is_foreign, is_cased = self.is_foreign(name), script_of(self.text[0]) in CASED_SCRIPTS
        if len(self.text) < _SHORTEST or not (self.is_unknown or (is_foreign and (self.is_rare or self.is_name))):
            return False
        if not is_foreign:
            return may_be_same(self.text, name, expected=expected)
        # Few common words sound like names, but for the short ones, where nothing marks names.
        if (not is_cased or self.text[0].islower()) and (consonants_in(self.key) <= SURE or (is_cased and self.capitals)):
            return False
        return may_be_same(self.spoken, name)


Matched = dict[_Word, str]
"""What words of a question may be in a passage."""


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
    words = _words(question, language, store, count_tokens)
    if not words:
        return Spelling(question, lead)
    pairs = _pairs(question, words)
    matched = _matched(words, pairs, store, count_tokens, filters)
    unknown = [word for word in words if word.is_unknown]
    replaced = {
        (start, end): name
        for start, end, name in (names_in_characters(question, store.terms_like) if unknown else ())
        if any(start <= word.start < end for word in unknown)
    }
    replaced |= {
        (word.start, word.end): name
        for word, name in _best(unknown, pairs, matched.values()).items()
        if not any(start <= word.start < end for start, end in replaced)
    }
    heard = {
        passage: tuple(
            HeardName(_moved(word.start, replaced), _moved(word.end, replaced), name)
            for word, name in names.items()
            if word.is_foreign(name)
        )
        for passage, names in sorted(matched.items(), key=lambda one: -_certainty(one[1]))
    }
    spelt = _replaced(question, replaced)
    return Spelling(spelt, _moved(lead, replaced), {passage: names for passage, names in heard.items() if names})


def _words(question: str, language: str, store: PassageStore, count_tokens: CountTokens) -> list[_Word]:
    """Return the words of a question that may be names."""
    capitals = any(map(str.isupper, question[1:]))
    listed = [
        match
        for match in _WORD.finditer(question)
        if len(match[0]) >= (_SHORTEST if capitals and match[0].islower() else _SHORTEST_PART)
        and not asking_words(match[0])
    ]
    terms = [index_terms(match[0], language) for match in listed]
    held = store.terms_like(term for found in terms for term in found)
    rare = _rare((match[0] for match in listed), count_tokens)
    return [
        _Word(
            text=match[0],
            start=match.start(),
            capitals=capitals,
            # The first word of a question has a capital anyway.
            is_name=capitals and match[0][0].isupper() and (match.start() > 0 or match[0] in rare),
            is_held=not held.isdisjoint(of_word),
            is_rare=match[0] in rare,
        )
        for match, of_word in zip(listed, terms, strict=True)
    ]


def _pairs(question: str, words: Sequence[_Word]) -> list[tuple[_Word, _Word]]:
    """Return the words beside each other that may be two parts of one name."""
    return [
        (one, two)
        for one, two in itertools.pairwise(words)
        if (one.is_name and two.is_name if one.capitals and script_of(one.text[0]) in CASED_SCRIPTS else one.is_rare or two.is_rare)
        and stand_together(question, one.end, two.start)
    ]


def _matched(
    words: Sequence[_Word],
    pairs: Sequence[tuple[_Word, _Word]],
    store: PassageStore,
    count_tokens: CountTokens,
    filters: Filters | None,
) -> dict[int, Matched]:
    """Return by passage what the words may be in it."""
    terms = _terms_held(words, pairs, store)
    if not terms:
        return {}
    ids = [candidate.passage_id for candidate in store.lexical_candidates(terms[:_MOST_KEYS], _PASSAGES, filters)]
    named = {passage.id: _names_in(passage.text) for passage in store.passages(ids)}
    whole = {passage: _pairs_alike(pairs, names) for passage, names in named.items()}
    likely = {passage: _alike(words, names, expected=False) | whole[passage] for passage, names in named.items()}
    # Beside a name that was found, another may sound less alike.
    certain = {name for found in likely.values() for name in found.values()}
    matched = {
        passage: {} if certain.isdisjoint(names.forms) else _alike(words, names, expected=True) | likely[passage]
        for passage, names in named.items()
    }
    # What is common in another script is no name that people have to transliterate.
    foreign = {name for found in matched.values() for word, name in found.items() if word.is_foreign(name)}
    common = foreign - _rare(foreign, count_tokens)
    parts = {word for pair in pairs for word in pair}
    told = {
        passage: {
            word: name
            for word, name in found.items()
            if word in whole[passage]
            or not word.is_foreign(name)
            # One part of a name, where the others are not, is the name only if it is long enough.
            or (name not in common and (consonants_in(word.key) > SURE or word not in parts))
        }
        for passage, found in matched.items()
    }
    return {passage: found for passage, found in told.items() if found}


@dataclass(frozen=True, slots=True)
class _Names:
    """The words of a passage that may be names.

    Attributes:
        text: The passage's.
        words: They, in reading order.
        by_key: What they are, with and without particles, by sound key, each with its number among the words.
        forms: The same without order.
    """

    text: str
    words: Sequence[NameWord]
    by_key: Mapping[str, Sequence[tuple[int, str]]]
    forms: Set[str]

    def beside(self, number: int, step: int) -> tuple[str, ...]:
        """Return the forms of the word that stands before (-1) or behind (1) another one, if it may be of its name."""
        other = number + step
        if not 0 <= other < len(self.words):
            return ()
        one, two = sorted((self.words[number], self.words[other]), key=lambda word: word.start)
        return self.words[other].forms if stand_together(self.text, one.end, two.start) else ()


@lru_cache(maxsize=4096)
def _names_in(text: str) -> _Names:
    listed = tuple(name_words(text))
    by_key: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, word in enumerate(listed):
        for form in word.forms:
            by_key[sound_key(form)].append((number, form))
    return _Names(text, listed, by_key, {form for word in listed for form in word.forms})


def _alike(words: Sequence[_Word], names: _Names, *, expected: bool) -> Matched:
    """Return of each word which of the names it may be, where there is one."""
    found: Matched = {}
    for word in words:
        # Names in other scripts sound exactly alike.
        keys = [key for key in names.by_key if key[:1] == word.key[:1]] if word.is_unknown else [word.key]
        choices = [
            name for key in keys for _, name in names.by_key.get(key, ()) if word.may_be(name, expected=expected)
        ]
        if choices:
            found[word] = max(choices, key=partial(likeness, word.text))
    return found


def _pairs_alike(pairs: Sequence[tuple[_Word, _Word]], names: _Names) -> Matched:
    """Return what the words of each pair are where two words beside each other in a passage sound like them.

    One of the two may differ in a consonant. Together they must have so many that no common words sound like them.
    """
    found: Matched = {}
    for pair in pairs:
        for (sure, other), step in ((pair, 1), (pair[::-1], -1)):
            both = [
                (name, beside)
                for number, name in names.by_key.get(sure.key, ())
                for beside in names.beside(number, step)
                if _sound_alike((sure, other), (name, beside))
            ]
            if both:
                found |= dict(zip((sure, other), both[0], strict=True))
                break
    return found


def _sound_alike(pair: tuple[_Word, _Word], names: tuple[str, str]) -> bool:
    """Return whether two words sound like two names in another script, the second one perhaps only nearly."""
    sure, other = pair
    if not (sure.is_foreign(names[0]) and other.is_foreign(names[1])):
        return False
    difference = Levenshtein.distance(other.key, sound_key(names[1]), score_cutoff=1)
    if difference > 1 or consonants_in(sure.key) + consonants_in(other.key) < SURE + difference:
        return False
    alike = [likeness(word.spoken, name) for word, name in zip(pair, names, strict=True)]
    return min(alike) >= _IN_PAIRS and sum(alike) >= 2 * (_NEARLY_BOTH if difference else _BOTH)


def _best(words: Iterable[_Word], pairs: Iterable[tuple[_Word, _Word]], matched: Iterable[Matched]) -> Matched:
    """Return what words are: the likest name in the passages that hold most of the names, first in their own script.

    Where capitals mark a name, what only one part of it sounds like in another script is too often another word.
    """
    listed = [(_certainty(found), found) for found in matched]
    names = [pair for pair in pairs if all(word.is_name for word in pair)]
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


def _rare(words: Iterable[str], count_tokens: CountTokens) -> set[str]:
    """Return the words that are no single token."""
    listed = list(dict.fromkeys(words))
    return {word for word, tokens in zip(listed, count_tokens(listed), strict=True) if tokens > 1} if listed else set()


def _terms_held(
    words: Sequence[_Word], pairs: Sequence[tuple[_Word, _Word]], store: PassageStore
) -> list[str]:
    """Return the sound keys of passages that are those of the words or of pairs or, for unknown words, near them."""
    sure = [word for word in words if consonants_in(word.key) >= SURE]
    unknown = {word.key for word in sure if word.is_unknown}
    exact = {KEY_MARK + word.key for word in sure} | {pair_term(one.key, two.key) for one, two in pairs}
    # The first consonant stays.
    prefixes = sorted({KEY_MARK + key[: 2 if key[0] == "'" else 1] for key in unknown})
    held = store.terms_like(sorted(filter(None, exact)), prefixes)
    near = {
        term for term in held - exact if any(near_keys(key, term.removeprefix(KEY_MARK)) for key in unknown)
    }
    return [*sorted(held & exact, key=len, reverse=True), *sorted(near)]


def _replaced(text: str, names: Mapping[tuple[int, int], str]) -> str:
    """Return a text with names in the places of others."""
    for start, end in sorted(names, reverse=True):
        text = text[:start] + names[start, end] + text[end:]
    return text


def _moved(place: int, names: Mapping[tuple[int, int], str]) -> int:
    """Return where a place of a text lies once names are in the places of others."""
    return place + sum(len(name) - (end - start) for (start, end), name in names.items() if end <= place)
