"""`names_in_passages`: names of a question in passages that spell them differently, perhaps in another script."""

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
"""Returns how many tokens the embedding model makes of each text."""

_WORD = regex.compile(r"[\p{L}\p{M}]+")
_ARTICLE = regex.compile(rf"^{ARABIC_ARTICLE}(?=\w{{3}})")
_SHORTEST, _SHORTEST_PART = 4, 3
_MOST_TERMS = 32
_PASSAGES = 32
# How alike (`likeness`, 0 to 100) the letters of the two parts of a name must be: each part, their mean, and their mean
# where a consonant differs.
_EACH, _BOTH, _NEARLY_BOTH = 60.0, 78.0, 82.0


@dataclass(frozen=True)
class QuestionWord:
    """A word of a question that may be a name, or part of one.

    Attributes:
        text: The word.
        start: Where the word begins in the question.
        is_marked: Whether a capital marks it as a name.
        is_plain: Whether capitals mark names in the question, but not this word.
        is_held: Whether any passage holds the word as it is spelt.
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
        """The word without the Arabic article and the particles before it, which names in other scripts do not have."""
        return _ARTICLE.sub("", self.text)

    @property
    def is_unknown(self) -> bool:
        """Whether the word is long enough, and no passage and not the embedding model knows it as it is spelt."""
        return self.is_rare and not self.is_held and len(self.text) >= _SHORTEST

    def is_foreign(self, name: str) -> bool:
        """Return whether a name is in another script."""
        return script_of(name[0]) != script_of(self.text[0])

    def may_be(self, name: str, *, expected: bool) -> bool:
        """Return whether a word of a passage may be the same name as this word.

        Args:
            name: A word of a passage.
            expected: Whether the names beside both already match.
        """
        if len(self.text) < _SHORTEST:
            return False
        if not self.is_foreign(name):
            return self.is_unknown and may_be_same(self.text, name, expected=expected)
        # Common words seldom sound like names, except short ones.
        is_long = self.is_rare and consonants_in(self.key) > SURE
        return not self.is_plain and (self.is_marked or is_long) and may_be_same(self.spoken, name)


Pair = tuple[QuestionWord, QuestionWord]
"""Two words beside each other that may be parts of one name."""

Matched = dict[QuestionWord, str]
"""How a passage spells words of a question."""


def name_candidates(question: str, language: str, store: PassageStore, count_tokens: CountTokens) -> list[QuestionWord]:
    """Return the words of a question that may be names."""
    capitals = any(map(str.isupper, question[1:]))
    found = [
        match
        for match in _WORD.finditer(question)
        if len(match[0]) >= (_SHORTEST if capitals and match[0].islower() else _SHORTEST_PART)
        and not asking_words(match[0])
    ]
    terms = [index_terms(match[0], language) for match in found]
    held = store.terms_like(term for of_word in terms for term in of_word)
    rare = _rare((match[0] for match in found), count_tokens)
    return [
        QuestionWord(
            text=match[0],
            start=match.start(),
            # The first word of a question has a capital even if it is no name.
            is_marked=capitals and match[0][0].isupper() and (match.start() > 0 or match[0] in rare),
            is_plain=capitals and match[0][0].islower(),
            is_held=not held.isdisjoint(of_word),
            is_rare=match[0] in rare,
        )
        for match, of_word in zip(found, terms, strict=True)
    ]


def pairs_of(question: str, words: Sequence[QuestionWord]) -> list[Pair]:
    """Return the words beside each other that may be two parts of one name."""
    return [
        (first, second)
        for first, second in itertools.pairwise(words)
        if not (first.is_plain or second.is_plain)
        and first.is_marked == second.is_marked
        and (first.is_marked or first.is_rare or second.is_rare)
        and stand_together(question, first.end, second.start)
    ]


def names_in_passages(
    words: Sequence[QuestionWord],
    pairs: Sequence[Pair],
    store: PassageStore,
    count_tokens: CountTokens,
    filters: Filters | None,
) -> dict[int, Matched]:
    """Return how passages spell words of a question, by passage id; only passages that spell any of them otherwise.

    Args:
        words: The words of the question that may be names (`name_candidates`).
        pairs: Pairs of these words that may be two parts of one name (`pairs_of`).
        store: Where the passages are.
        count_tokens: The embedding model's.
        filters: Which passages may be found.
    """
    terms = _terms_held(words, pairs, store)
    if not terms:
        return {}
    ids = [candidate.passage_id for candidate in store.lexical_candidates(terms[:_MOST_TERMS], _PASSAGES, filters)]
    names_of = {passage.id: _names_of(passage.text) for passage in store.passages(ids)}
    by_pair = {id_: _pairs_alike(pairs, names) for id_, names in names_of.items()}
    likely = {id_: _alike(words, names, expected=False) | by_pair[id_] for id_, names in names_of.items()}
    # In a passage with a name that matches, other words may match that sound less alike.
    certain = {name for found in likely.values() for name in found.values()}
    matched = {
        id_: {} if certain.isdisjoint(names.forms) else _alike(words, names, expected=True) | likely[id_]
        for id_, names in names_of.items()
    }
    foreign = {name for found in matched.values() for word, name in found.items() if word.is_foreign(name)}
    rare = _rare(foreign, count_tokens)
    parts = {word for pair in pairs for word in pair}

    def is_sure(word: QuestionWord, name: str) -> bool:
        """Whether a word in another script is the name even if its other part is not beside it."""
        # A word that the embedding model knows is a common word rather than a name.
        return name in rare and (word not in parts or consonants_in(word.key) > SURE)

    sure = {
        id_: {
            word: name
            for word, name in found.items()
            if word in by_pair[id_] or not word.is_foreign(name) or is_sure(word, name)
        }
        for id_, found in matched.items()
    }
    return {id_: found for id_, found in sure.items() if found}


@dataclass(frozen=True, slots=True)
class PassageNames:
    """The words of a passage that may be names.

    Attributes:
        text: The passage's text.
        words: The words, in reading order.
        by_key: By sound key, each form of the words (with and without particles) that has it, as a pair of the index in
            `words` and the form.
        forms: All forms of the words.
    """

    text: str
    words: Sequence[NameWord]
    by_key: Mapping[str, Sequence[tuple[int, str]]]
    forms: frozenset[str]

    def beside(self, number: int, step: int) -> tuple[str, ...]:
        """Return forms of the word before (-1) or after (1) a word, and of two such words, that may be of its name."""
        nearer = self._next_to(number, step)
        if nearer is None:
            return ()
        further = self._next_to(nearer, step)
        if further is None:
            return self.words[nearer].forms
        first, second = sorted((self.words[nearer], self.words[further]), key=lambda word: word.start)
        return (*self.words[nearer].forms, self.text[first.start : second.end])

    def _next_to(self, number: int, step: int) -> int | None:
        other = number + step
        if not 0 <= other < len(self.words):
            return None
        first, second = sorted((self.words[number], self.words[other]), key=lambda word: word.start)
        return other if stand_together(self.text, first.end, second.start) else None


@lru_cache(maxsize=256)
def _names_of(text: str) -> PassageNames:
    listed = tuple(name_words(text))
    by_key: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, word in enumerate(listed):
        for form in word.forms:
            by_key[sound_key(form)].append((number, form))
    return PassageNames(text, listed, dict(by_key), frozenset(form for word in listed for form in word.forms))


def _alike(words: Sequence[QuestionWord], names: PassageNames, *, expected: bool) -> Matched:
    """Return for each word the most similar of the names that it may be, if there is one."""
    found: Matched = {}
    for word in words:
        # Names in other scripts must sound exactly alike.
        keys = [key for key in names.by_key if key[:1] == word.key[:1]] if word.is_unknown else [word.key]
        choices = [
            name for key in keys for _, name in names.by_key.get(key, ()) if word.may_be(name, expected=expected)
        ]
        if choices:
            found[word] = max(choices, key=partial(likeness, word.text))
    return found


def _pairs_alike(pairs: Sequence[Pair], names: PassageNames) -> Matched:
    """Return for the words of each pair the two words of a passage that stand together and sound like them.

    One of the two may differ in a consonant. Together they need so many consonants that common words do not sound like
    them.
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
    """Return whether two words sound like two names in another script; the second may differ in a consonant."""
    sure, other = pair
    if not (sure.is_foreign(names[0]) and other.is_foreign(names[1])):
        return False
    difference = Levenshtein.distance(other.key, sound_key(names[1]), score_cutoff=1)
    if difference > 1 or consonants_in(sure.key) + consonants_in(other.key) < SURE + difference:
        return False
    alike = [likeness(word.spoken, name) for word, name in zip(pair, names, strict=True)]
    return min(alike) >= _EACH and sum(alike) >= 2 * (_NEARLY_BOTH if difference else _BOTH)


def _rare(words: Iterable[str], count_tokens: CountTokens) -> set[str]:
    """Return the words of which the embedding model makes several tokens."""
    listed = list(dict.fromkeys(words))
    return {word for word, tokens in zip(listed, count_tokens(listed), strict=True) if tokens > 1} if listed else set()


def _terms_held(words: Sequence[QuestionWord], pairs: Sequence[Pair], store: PassageStore) -> list[str]:
    """Return passages' terms that are sound keys of the words or pairs or, for unknown words, similar to these."""
    sure = [word for word in words if consonants_in(word.key) >= SURE]
    unknown = {word.key for word in sure if word.is_unknown}
    exact = {KEY_MARK + word.key for word in sure} | {pair_term(first.key, second.key) for first, second in pairs}
    # Similar keys begin with the same consonant.
    prefixes = sorted({KEY_MARK + key[: 2 if key[0] == "'" else 1] for key in unknown})
    held = store.terms_like(sorted(filter(None, exact)), prefixes)
    near = {term for term in held - exact if any(near_keys(key, term.removeprefix(KEY_MARK)) for key in unknown)}
    return [*sorted(held & exact, key=len, reverse=True), *sorted(near)]
