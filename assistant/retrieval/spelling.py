"""`spelt_as_stored`: a question with its names as the library spells them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import regex

from assistant.language.particles import ARABIC_ARTICLE
from assistant.language.question_words import asking_words
from assistant.language.scripts import CASED_SCRIPTS, script_of
from assistant.language.sounds import (
    KEY_MARK,
    SURE,
    consonants_in,
    likeness,
    may_be_same,
    names_by_key,
    near_keys,
    sound_key,
)
from assistant.language.syllables import names_in_characters
from assistant.language.terms import index_terms
from assistant.store.passage_store import Filters, PassageStore

CountTokens = Callable[[Sequence[str]], list[int]]
"""Says of each text how many tokens the embedding model makes of it."""

_WORD = regex.compile(r"[\p{L}\p{M}]+")
_ARTICLE = regex.compile(rf"^{ARABIC_ARTICLE}(?=\w{{3}})")
_SHORTEST = 4
_MOST_KEYS = 32
_PASSAGES = 16


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A word of a question that no passage holds.

    Attributes:
        text: The word.
        start: Where it begins in the question.
        capitals: Whether the question marks names by capitals.
    """

    text: str
    start: int
    capitals: bool

    @property
    def key(self) -> str:
        """Its sound key."""
        return sound_key(self.spoken)

    @property
    def spoken(self) -> str:
        """The word without the Arabic article and what is written before that, which no other script writes."""
        return _ARTICLE.sub("", self.text)

    def may_be(self, name: str, *, expected: bool) -> bool:
        """Return whether a word of a passage may be this one."""
        script = script_of(self.text[0])
        is_foreign = script_of(name[0]) != script
        if is_foreign and script not in CASED_SCRIPTS and consonants_in(self.key) <= SURE and not expected:
            # Nothing marks names there, and short words sound like many; beside a name that was found, they may count.
            return False
        if is_foreign and script in CASED_SCRIPTS and self.text[0].islower():
            # Few common words sound like names, but for the short ones.
            expected = False
            if self.capitals or consonants_in(self.key) <= SURE:
                return False
        return may_be_same(self.spoken if is_foreign else self.text, name, expected=expected)


def spelt_as_stored(
    question: str, language: str, store: PassageStore, count_tokens: CountTokens, filters: Filters | None = None
) -> str:
    """Return a question with those words that the store lacks spelt as it spells words that sound alike.

    Words stay that any passage holds, that sound like none, or that the embedding model knows as they are: those are
    one token to it.

    Args:
        question: In any language.
        language: BCP 47 code of it.
        store: Where the passages are.
        count_tokens: The embedding model's.
        filters: Which passages may be found.

    Example:
        >>> spelt_as_stored("Who is Jabarov?", "en", store, encoder.count_tokens)  # doctest: +SKIP
        'Who is جباروف?'
    """
    unknown = _unknown_words(question, language, store, count_tokens)
    if not unknown:
        return question
    replaced = {
        (start, end): name
        for start, end, name in names_in_characters(question, store.terms_like)
        if any(start <= word.start < end for word in unknown)
    }
    replaced |= {
        (word.start, word.start + len(word.text)): name
        for word, name in _spelt_alike(unknown, store, count_tokens, filters).items()
        if not any(start <= word.start < end for start, end in replaced)
    }
    for start, end in sorted(replaced, reverse=True):
        question = question[:start] + replaced[start, end] + question[end:]
    return question


def _spelt_alike(
    unknown: Sequence[_Unknown], store: PassageStore, count_tokens: CountTokens, filters: Filters | None
) -> dict[_Unknown, str]:
    """Return the words for which there is one that sounds alike, with that."""
    keys = _keys_held(unknown, store)
    if not keys:
        return {}
    # Best first: where a name is spelt in two ways, the passage that holds most of the names decides.
    found = store.lexical_candidates(keys[:_MOST_KEYS], _PASSAGES, filters)
    texts = [passage.text for passage in store.passages([candidate.passage_id for candidate in found])]
    spellings = _spellings(unknown, texts, count_tokens, expected=False)
    # Beside a name that was found, another may sound less alike.
    beside = [text for text in texts if any(name in text for name in spellings.values())]
    return _spellings(unknown, beside, count_tokens, expected=True) | spellings


def _unknown_words(question: str, language: str, store: PassageStore, count_tokens: CountTokens) -> list[_Unknown]:
    listed = [match for match in _WORD.finditer(question) if len(match[0]) >= _SHORTEST and not asking_words(match[0])]
    terms = [index_terms(match[0], language) for match in listed]
    held = store.terms_like(term for found in terms for term in found)
    missing = [match for match, found in zip(listed, terms, strict=True) if held.isdisjoint(found)]
    rare = _rare((match[0] for match in missing), count_tokens)
    capitals = any(map(str.isupper, question[1:]))
    return [_Unknown(match[0], match.start(), capitals) for match in missing if match[0] in rare]


def _rare(words: Iterable[str], count_tokens: CountTokens) -> set[str]:
    """Return the words that are no single token."""
    listed = list(dict.fromkeys(words))
    return {word for word, tokens in zip(listed, count_tokens(listed), strict=True) if tokens > 1} if listed else set()


def _keys_held(unknown: Sequence[_Unknown], store: PassageStore) -> list[str]:
    """Return the sound keys of passages that are those of the words, or near them."""
    keys = [word.key for word in unknown if consonants_in(word.key) >= SURE]
    # The first consonant stays.
    held = store.terms_like((), (KEY_MARK + key[: 2 if key[0] == "'" else 1] for key in keys)) if keys else ()
    return [term for term in sorted(held) if any(near_keys(key, term.removeprefix(KEY_MARK)) for key in keys)]


def _spellings(
    unknown: Sequence[_Unknown], texts: Iterable[str], count_tokens: CountTokens, *, expected: bool
) -> dict[_Unknown, str]:
    """Return what in the texts the words may be, where there is something."""
    names = list(dict.fromkeys(name for text in texts for _, name in names_by_key(text)))
    found: dict[_Unknown, str] = {}
    for word in unknown:
        choices = [name for name in names if word.may_be(name, expected=expected)]
        foreign = [name for name in choices if script_of(name[0]) != script_of(word.text[0])]
        # What is common in another script is no name that people have to transliterate.
        common = set(foreign) - _rare(foreign, count_tokens)
        choices = [name for name in choices if name not in common]
        if choices:
            found[word] = max(choices, key=partial(likeness, word.text))
    return found
