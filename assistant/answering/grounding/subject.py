"""What a claim says only to name its article's subject, which a sentence of the article need not say again."""

import re

from assistant.answering.grounding.names import is_named
from assistant.language.normalise import fold
from assistant.language.words import bare_forms

_WORD = re.compile(r"\w+")
_TELLING = 4
"""Letters of a word by which question and title name one subject; most shorter ones say little."""


def find_subject(claim: str, question: str, title: str) -> list[tuple[int, int]]:
    """Return where a claim calls the subject of an article by its title's words, as places in the claim.

    Words count that stand together and are all said by the title, if the question says one of them too: it asks for the
    "Tolverne museum", and "the Tolverne Maritime Museum" is no news. What else the title says is news.

    Args:
        claim: What is said in answer.
        question: The question.
        title: The title of an article that may support the claim.

    Example:
        >>> title = "Ines Moll takes over Alder Light Museum"
        >>> find_subject("The Alder Light Museum is free.", "What does the Alder museum cost?", title)
        [(4, 9), (10, 15), (16, 22)]
        >>> find_subject("Ines Moll runs it.", "Who runs the Alder museum?", title)
        []
    """
    asked, titled = _forms(question), _forms(title)
    runs: list[list[re.Match[str]]] = [[]]
    for word in _WORD.finditer(claim):
        is_titled = not titled.isdisjoint(bare_forms(fold(word[0]))) or (
            word[0][0].isupper() and bool(title) and is_named(word[0], title)
        )
        if is_titled:
            runs[-1].append(word)
        else:
            runs.append([])
    return [
        word.span()
        for run in runs
        if any(len(word[0]) >= _TELLING and not asked.isdisjoint(bare_forms(fold(word[0]))) for word in run)
        for word in run
    ]


def _forms(text: str) -> set[str]:
    return {form for word in _WORD.findall(fold(text)) for form in bare_forms(word)}
