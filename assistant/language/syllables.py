"""Chinese and Korean names in Latin letters: "Chen Huilan" for "陈慧兰"."""

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator

import regex
from anyascii import anyascii

from assistant.language.interrogatives import asking_words

FEWEST = 3
"""Names of fewer syllables are not looked for: too many words sound alike."""

_RUN = regex.compile(r"(?<![\p{L}\p{M}])\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+|['’-]\p{L}\p{Ll}+)*+(?![\p{L}\p{M}])")
_LONGEST = 6
_MOST = 5
_BLOCKS = (range(0x4E00, 0xA000), range(0xAC00, 0xD7A4))

Held = Callable[[set[str]], set[str]]
"""Returns which of these pairs of characters the library holds."""


def names_in_characters(text: str, held: Held) -> Iterator[tuple[int, int, str]]:
    """Yield the places of names in Latin letters that stand for Chinese or Korean names, with those names.

    Args:
        text: A question.
        held: Returns which of many pairs of characters the library holds. A name is found if it holds all of its pairs.

    Example:
        >>> list(names_in_characters("Who is Chen Huilan?", {"陈慧", "慧兰", "陈会"}.intersection))
        [(7, 18, '陈慧兰')]
    """
    for match in _RUN.finditer(text):
        words = list(regex.finditer(r"[\p{L}\p{M}]+", match[0]))
        while words and asking_words(words[0][0]):
            words.pop(0)
        if not words:
            continue
        spoken = [re.sub("h$", "", word[0].casefold()) for word in words]
        # The family name comes first, but readers of English may put it last.
        orders = ("".join(spoken), "".join(spoken[-1:] + spoken[:-1]))
        names = (_spelling(order, block, held) for order in dict.fromkeys(orders) for block in _BLOCKS)
        name = next(filter(None, names), "")
        if name:
            yield match.start() + words[0].start(), match.end(), name


def _spelling(spoken: str, block: range, held: Held) -> str:
    """Return the first name with this pronunciation whose pairs of characters the library holds; empty if none."""
    known = _characters(block)
    for syllables in _splits(spoken, block):
        if not FEWEST <= len(syllables) <= _MOST:
            continue
        chains = sorted(known[syllables[0]])
        for syllable in syllables[1:]:
            found = held({chain[-1] + character for chain, character in itertools.product(chains, known[syllable])})
            chains = [chain + pair[1] for chain in chains for pair in sorted(found) if pair[0] == chain[-1]]
        if chains:
            return chains[0]
    return ""


def _splits(spoken: str, block: range) -> Iterator[tuple[str, ...]]:
    """Yield the ways to cut a name into syllables of the block's language; none if there is no such way."""
    if not spoken:
        yield ()
    for length in range(1, min(len(spoken), _LONGEST) + 1):
        if spoken[:length] in _characters(block):
            yield from ((spoken[:length], *rest) for rest in _splits(spoken[length:], block))


@functools.cache
def _characters(block: range) -> dict[str, frozenset[str]]:
    """Return the characters of each syllable."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for character in map(chr, block):
        found[anyascii(character).casefold()].add(character)
    return {syllable: frozenset(characters) for syllable, characters in found.items() if syllable.isalpha()}
