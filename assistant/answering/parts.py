"""Two things asked at once ("When did it open, and how long is it?"): each is searched, and both are answered."""

import re
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Protocol

from babel import Locale, UnknownLocaleError

from assistant.answering.relevance import WELL_RELEVANT
from assistant.answering.superlatives import comparative_of
from assistant.language.interrogatives import asks, without_asking_words
from assistant.language.scripts import is_unspaced
from assistant.language.tags import primary_subtag
from assistant.retrieval.hit import Hit, Role, SearchResult, ranked
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD

_NEAR = 3
"""Words from a conjunction to the question word behind it: "and in which year"."""
_PAUSES = ",،，、;؛:–—"
_OR_IN_QUESTIONS = {"ar": r"\sأم\s+", "zh": "还是|還是"}
"""What stands for "or" in questions only; the CLDR has the other."""

_ENDS = f"{_PAUSES} ?؟？¿."


class Search(Protocol):
    """Searches the articles; what it has found once, it may return again."""

    def __call__(
        self,
        question: str,
        k: int | None = None,
        *,
        prefix_length: int = 0,
        preferred_articles: frozenset[str] = frozenset(),
    ) -> SearchResult:
        """Return what a question retrieves (see `Retriever.search`)."""
        ...


def search_parts(
    search: Search,
    question: str,
    k: int | None = None,
    *,
    prefix_length: int = 0,
    preferred_articles: frozenset[str] = frozenset(),
) -> SearchResult:
    """Search for a question, and where it asks for two things, for each of them.

    Args:
        search: Searches the articles.
        question: In any language.
        k: As for `search`.
        prefix_length: As for `search`; a question with a prefix is searched as a whole.
        preferred_articles: As for `search`.

    Returns:
        What the whole question retrieves. If it asks for two things, and each is found in a sentence of its own, these
        two stand before the rest, the second in the role of a part: first the one that is best for the whole question,
        if it is one of them. Two things asked of one subject are both looked for in the best hit's article; where the
        second alone is well answered by another article than the first, it has a subject of its own. Where the whole
        question finds nothing, its halves may.
    """
    search = partial(search, k=k)
    whole = search(question, prefix_length=prefix_length, preferred_articles=preferred_articles)
    if prefix_length:
        return whole
    best = _best(whole)
    compared = things_compared(question, whole.language) if best else None
    asked = None if compared else split_question(question, whole.language)
    if compared:
        found = [_best(search(f"{compared.asked} {thing}")) for thing in compared.things]
    elif asked:
        found = _of_two_subjects(search, question, asked) or (
            [_best(search(asked[0]), best), _best(search(question, prefix_length=len(asked[0])), best)]
            if best
            else [_best(search(part)) for part in asked]
        )
    else:
        return whole
    parts = [hit for hit in found if hit is not None]
    if len(parts) < len(found) or _is_same(*parts):
        return whole
    first, second = sorted(parts, key=lambda hit: best is not None and not _is_same(hit, best))
    used_passages = {first.passage.id, second.passage.id}
    rest = [hit for hit in whole.hits if hit.passage.id not in used_passages]
    hits = [first, replace(second, role=Role.PART), *rest]
    return replace(whole, hits=ranked(hits))


def split_question(question: str, language: str) -> tuple[str, str] | None:
    """Return the two parts of a question that asks for two things, each with its own question word, or None.

    Args:
        question: Any question.
        language: BCP 47 code of the question.

    Example:
        >>> split_question("When did the mill open and who runs it?", "en")
        ('When did the mill open', 'who runs it?')
    """
    joining = _conjunction("standard", language)
    pauses = rf"[{_PAUSES}]" if is_unspaced(primary_subtag(language)) else None
    for match in re.finditer("|".join(filter(None, (joining, pauses))) or r"(?!)", question):
        before, after = question[: match.start()].rstrip(_ENDS), question[match.end() :].lstrip()
        near = after if is_unspaced(primary_subtag(language)) else " ".join(after.split()[:_NEAR])
        if asks(before, language) and asks(near, language) and without_asking_words(before).strip(_ENDS):
            return before, after
    return None


@dataclass(frozen=True, slots=True)
class Compared:
    """What a question compares.

    Attributes:
        asked: What is asked of both: "Which is older,".
        things: The two things: "the mill", "the town hall".
    """

    asked: str
    things: tuple[str, str]


def things_compared(question: str, language: str) -> Compared | None:
    """Return the two things that a question compares, or None where it compares nothing.

    Args:
        question: Any question.
        language: BCP 47 code of the question.

    Example:
        >>> things_compared("Which is older, the mill or the town hall?", "en")
        Compared(asked='Which is older,', things=('the mill', 'the town hall'))
    """
    joining = filter(None, (_conjunction("or", language), _OR_IN_QUESTIONS.get(primary_subtag(language))))
    matches = list(re.finditer("|".join(joining) or r"(?!)", question))
    if len(matches) != 1:
        return None
    before, after = question[: matches[0].start()], question[matches[0].end() :]
    pause = max(before.rfind(mark) for mark in _PAUSES)
    first = before[pause + 1 :].strip()
    asked = before[: pause + 1].strip()
    if not first or not (asks(asked, language) or comparative_of(asked, language)):
        return None
    return Compared(asked, (first, after.strip(f"{_ENDS} ")))


def two_things(text: str, language: str) -> tuple[str, ...]:
    """Return the two things that stand on either side of an "and" or an "or"; none where there are no two.

    Args:
        text: For instance "the mill and the town hall".
        language: BCP 47 code of the text.

    Example:
        >>> two_things("the mill and the town hall", "en")
        ('the mill', 'the town hall')
    """
    for kind in ("standard", "or"):
        joining = _conjunction(kind, language)
        parts = [part.strip(_ENDS) for part in re.split(joining, text)] if joining else []
        if len(parts) == 2 and all(parts):
            return tuple(parts)
    return ()


def _of_two_subjects(search: Search, question: str, asked: tuple[str, str]) -> list[Hit | None]:
    """Return the best hit of each part, if the second has a subject of its own; else none."""
    first, second = (_best(search(part)) for part in asked)
    if first is None or second is None or first.article.id == second.article.id or second.score < WELL_RELEVANT:
        return []
    # What the first part says of the second's subject helps to find the sentence.
    led = _best(search(question, prefix_length=len(asked[0])), second)
    return [first, led or second]


def _best(result: SearchResult, beside: Hit | None = None) -> Hit | None:
    """Return the best hit if it is relevant, and of the same article as another one where that is given."""
    if not result.hits or result.hits[0].score < RELEVANCE_THRESHOLD:
        return None
    best = result.hits[0]
    return best if beside is None or best.article.id == beside.article.id else None


def _is_same(hit: Hit, other: Hit) -> bool:
    return hit.article.id == other.article.id and hit.sentence.overlaps(other.sentence)


@cache
def _conjunction(kind: str, language: str) -> str:
    """Return a pattern for what a language puts between two things: "and" ("standard") or "or", as the CLDR has it."""
    try:
        written = str(Locale.parse(primary_subtag(language)).list_patterns[kind]["2"])
    except (UnknownLocaleError, ValueError, KeyError):
        return ""
    return re.escape(written.removeprefix("{0}").removesuffix("{1}")).replace(r"\ ", r"\s+")
