"""`names_in_passages`: the names of a question in passages that spell them otherwise, perhaps in another script."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import regex
from rapidfuzz.distance import Levenshtein

from assistant.language.interrogatives import asking_words
from assistant.language.particles import ARABIC_ARTICLE
from assistant.language.scripts import script_of
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
from assistant.language.terms import index_terms
from assistant.store.passage_store import Filters, PassageStore

CountTokens = Callable[[Sequence[str]], list[int]]
"""Says of each text how many tokens the embedding model makes of it."""

_WORD = regex.compile(r"[\p{L}\p{M}]+")
_ARTICLE = regex.compile(rf"^{ARABIC_ARTICLE}(?=\w{{3}})")
_SHORTEST, _SHORTEST_PART = 4, 3
_MOST_TERMS = 32
_PASSAGES = 32
# How alike the letters of two parts of a name are, 0 to 100: of each, of both, and of both where a consonant differs.
_EACH, _BOTH, _NEARLY_BOTH = 60.0, 78.0, 82.0


@dataclass(frozen=True)
class QuestionWord:
    """A word of a question that may be a name, or part of one.

    Attributes:
        text: The word.
        start: Where it begins in the question.
        is_marked: Whether a capital marks it as a name.
        is_plain: Whether capitals mark names in the question, but not this word.
        is_held: Whether any passage holds it as it is spelt.
        is_rare: Whether the embedding model makes several tokens of it.
    """

    text: str
    start: int
    is_marked: bool
    is_plain: bool
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
        """Whether it is long enough, and neither a passage nor the embedding model knows it as it is spelt."""
        return self.is_rare and not self.is_held and len(self.text) >= _SHORTEST

    def is_foreign(self, name: str) -> bool:
        """Return whether a name is in another script."""
        return script_of(name[0]) != script_of(self.text[0])

    def may_be(self, name: str, *, expected: bool) -> bool:
        """Return whether a word of a passage may be this one.

        Args:
            name: A word of a passage.
            expected: Whether other words already say that the two belong together.
        """
        if len(self.text) < _SHORTEST:
            return False
        if not self.is_foreign(name):
            return self.is_unknown and may_be_same(self.text, name, expected=expected)
        # Few common words sound like names, but for the short ones.
        is_long = self.is_rare and consonants_in(self.key) > SURE
        return not self.is_plain and (self.is_marked or is_long) and may_be_same(self.spoken, name)


Pair = tuple[QuestionWord, QuestionWord]
"""Two words beside each other that may be parts of one name."""

Matched = dict[QuestionWord, str]
"""What words of a question are in a passage."""


def name_candidates(question: str, language: str, store: PassageStore, count_tokens: CountTokens) -> list[QuestionWord]:
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
        QuestionWord(
            text=match[0],
            start=match.start(),
            # The first word of a question has a capital anyway.
            is_marked=capitals and match[0][0].isupper() and (match.start() > 0 or match[0] in rare),
            is_plain=capitals and match[0][0].islower(),
            is_held=not held.isdisjoint(of_word),
            is_rare=match[0] in rare,
        )
        for match, of_word in zip(listed, terms, strict=True)
    ]


def pairs_of(question: str, words: Sequence[QuestionWord]) -> list[Pair]:
    """Return the words beside each other that may be two parts of one name."""
    return [
        (one, two)
        for one, two in itertools.pairwise(words)
        if not (one.is_plain or two.is_plain)
        and one.is_marked == two.is_marked
        and (one.is_marked or one.is_rare or two.is_rare)
        and stand_together(question, one.end, two.start)
    ]


def names_in_passages(
    words: Sequence[QuestionWord],
    pairs: Sequence[Pair],
    store: PassageStore,
    count_tokens: CountTokens,
    filters: Filters | None,
) -> dict[int, Matched]:
    """Return what words of a question are in the passages that hold any of them, spelt otherwise, by passage id.

    Args:
        words: The question's.
        pairs: Those of them that may be parts of one name.
        store: Where the passages are.
        count_tokens: The embedding model's.
        filters: Which passages may be found.
    """
    terms = _terms_held(words, pairs, store)
    if not terms:
        return {}
    ids = [candidate.passage_id for candidate in store.lexical_candidates(terms[:_MOST_TERMS], _PASSAGES, filters)]
    named = {passage.id: _names_of(passage.text) for passage in store.passages(ids)}
    whole = {passage: _pairs_alike(pairs, names) for passage, names in named.items()}
    likely = {passage: _alike(words, names, expected=False) | whole[passage] for passage, names in named.items()}
    # Beside a name that was found, another may sound less alike.
    certain = {name for found in likely.values() for name in found.values()}
    matched = {
        passage: {} if certain.isdisjoint(names.forms) else _alike(words, names, expected=True) | likely[passage]
        for passage, names in named.items()
    }
    foreign = {name for found in matched.values() for word, name in found.items() if word.is_foreign(name)}
    rare = _rare(foreign, count_tokens)
    parts = {word for pair in pairs for word in pair}

    def is_sure(word: QuestionWord, name: str) -> bool:
        """Whether a name in another script is one even where nothing else of the name is beside it."""
        # What is common there is no name that people have to transliterate.
        return name in rare and (word not in parts or consonants_in(word.key) > SURE)

    told = {
        passage: {
            word: name
            for word, name in found.items()
            if word in whole[passage] or not word.is_foreign(name) or is_sure(word, name)
        }
        for passage, found in matched.items()
    }
    return {passage: found for passage, found in told.items() if found}


@dataclass(frozen=True, slots=True)
class PassageNames:
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
    forms: frozenset[str]

    def beside(self, number: int, step: int) -> tuple[str, ...]:
        """Return what stands before (-1) or behind (1) a word and may be of its name: a word, or two written apart."""
        first = self._next_to(number, step)
        if first is None:
            return ()
        second = self._next_to(first, step)
        if second is None:
            return self.words[first].forms
        apart = sorted((self.words[first], self.words[second]), key=lambda word: word.start)
        return (*self.words[first].forms, self.text[apart[0].start : apart[1].end])

    def _next_to(self, number: int, step: int) -> int | None:
        other = number + step
        if not 0 <= other < len(self.words):
            return None
        one, two = sorted((self.words[number], self.words[other]), key=lambda word: word.start)
        return other if stand_together(self.text, one.end, two.start) else None


@lru_cache(maxsize=256)
def _names_of(text: str) -> PassageNames:
    listed = tuple(name_words(text))
    by_key: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, word in enumerate(listed):
        for form in word.forms:
            by_key[sound_key(form)].append((number, form))
    return PassageNames(text, listed, dict(by_key), frozenset(form for word in listed for form in word.forms))


def _alike(words: Sequence[QuestionWord], names: PassageNames, *, expected: bool) -> Matched:
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


def _pairs_alike(pairs: Sequence[Pair], names: PassageNames) -> Matched:
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


def _sound_alike(pair: Pair, names: tuple[str, str]) -> bool:
    """Return whether two words sound like two names in another script, the second one perhaps only nearly."""
    sure, other = pair
    if not (sure.is_foreign(names[0]) and other.is_foreign(names[1])):
        return False
    difference = Levenshtein.distance(other.key, sound_key(names[1]), score_cutoff=1)
    if difference > 1 or consonants_in(sure.key) + consonants_in(other.key) < SURE + difference:
        return False
    alike = [likeness(word.spoken, name) for word, name in zip(pair, names, strict=True)]
    return min(alike) >= _EACH and sum(alike) >= 2 * (_NEARLY_BOTH if difference else _BOTH)


def _rare(words: Iterable[str], count_tokens: CountTokens) -> set[str]:
    """Return the words that are no single token."""
    listed = list(dict.fromkeys(words))
    return {word for word, tokens in zip(listed, count_tokens(listed), strict=True) if tokens > 1} if listed else set()


def _terms_held(words: Sequence[QuestionWord], pairs: Sequence[Pair], store: PassageStore) -> list[str]:
    """Return the sound keys of passages that are those of the words or of pairs or, for unknown words, near them."""
    sure = [word for word in words if consonants_in(word.key) >= SURE]
    unknown = {word.key for word in sure if word.is_unknown}
    exact = {KEY_MARK + word.key for word in sure} | {pair_term(one.key, two.key) for one, two in pairs}
    # The first consonant stays.
    prefixes = sorted({KEY_MARK + key[: 2 if key[0] == "'" else 1] for key in unknown})
    held = store.terms_like(sorted(filter(None, exact)), prefixes)
    near = {term for term in held - exact if any(near_keys(key, term.removeprefix(KEY_MARK)) for key in unknown)}
    return [*sorted(held & exact, key=len, reverse=True), *sorted(near)]
