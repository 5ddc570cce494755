"""`spelt_as_stored`: a question with its names as the library spells them."""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from assistant.language.question_words import asking_words
from assistant.language.scripts import CASED_SCRIPTS, script_of
from assistant.language.sounds import KEY_MARK, SURE, likeness, may_be_same, names_by_key, near_keys, sound_key
from assistant.language.terms import index_terms
from assistant.store.passage_store import Filters, PassageStore

_WORD = regex.compile(r"[\p{L}\p{M}]+")
_SHORTEST = 4
_MOST_KEYS = 32
_PASSAGES = 16


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A word of a question that no passage holds.

    Attributes:
        text: The word.
        start: Where it begins in the question.
        key: Its sound key.
        is_marked: Whether it is written as a name is, as far as its script and its question tell.
    """

    text: str
    start: int
    key: str
    is_marked: bool

    def may_be(self, name: str) -> bool:
        """Return whether a word of a passage may be this one."""
        if not self.is_marked and script_of(name[0]) != script_of(self.text[0]):
            return False
        return may_be_same(self.text, name)


def spelt_as_stored(question: str, language: str, store: PassageStore, filters: Filters | None = None) -> str:
    """Return a question with those words that the store lacks spelt as it spells words that sound alike.

    Words that any passage holds stay, and so do those that sound like none.

    Args:
        question: In any language.
        language: BCP 47 code of it.
        store: Where the passages are.
        filters: Which passages may be found.

    Example:
        >>> spelt_as_stored("Who is Jabarov?", "en", store)  # doctest: +SKIP
        'Who is جباروف?'
    """
    unknown = _unknown_words(question, language, store)
    keys = _keys_held(unknown, store)
    if not keys:
        return question
    found = store.lexical_candidates(keys[:_MOST_KEYS], _PASSAGES, filters)
    # Best first: where a name is spelt in two ways, the passage that holds most of the names decides.
    names = [name for passage in store.passages([one.passage_id for one in found]) for _, name in names_by_key(passage.text)]
    for word in reversed(unknown):
        choices = [name for name in dict.fromkeys(names) if word.may_be(name)]
        if choices:
            best = max(choices, key=lambda name: likeness(word.text, name))
            question = question[: word.start] + best + question[word.start + len(word.text) :]
    return question


def _unknown_words(question: str, language: str, store: PassageStore) -> list[_Unknown]:
    listed = [match for match in _WORD.finditer(question) if len(match[0]) >= _SHORTEST and not asking_words(match[0])]
    terms = {match[0]: index_terms(match[0], language) for match in listed}
    held = store.terms_like(term for found in terms.values() for term in found)
    capitals = any(map(str.isupper, question[1:]))
    return [
        _Unknown(word, match.start(), sound_key(word), is_marked=_is_marked(word, capitals))
        for match in listed
        if held.isdisjoint(terms[word := match[0]])
    ]


def _is_marked(word: str, capitals: bool) -> bool:
    return script_of(word[0]) not in CASED_SCRIPTS or word[0].isupper() or not capitals


def _keys_held(unknown: Sequence[_Unknown], store: PassageStore) -> list[str]:
    """Return the sound keys of passages that are those of the words, or near them."""
    keys = [word.key for word in unknown if len(word.key.lstrip("'")) >= SURE]
    # The first consonant stays; behind a vowel, the mark and the consonant.
    held = store.terms_like((), (KEY_MARK + key[: 2 if key[0] == "'" else 1] for key in keys))
    return [term for term in sorted(held) if any(near_keys(key, term.removeprefix(KEY_MARK)) for key in keys)]
