"""Follow-up questions ("And where?", "وأين؟"): what a question means in the light of the one before it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, zip_longest
from unicodedata import east_asian_width

from assistant.answering.answer import Status
from assistant.answering.answer_type.names_asked_for import names_asked_for
from assistant.answering.grounding.facts import FactKind, Premise, unsupported_facts
from assistant.answering.grounding.names import is_named
from assistant.answering.parts import Search
from assistant.conversation.turn import Turn
from assistant.language.identify import identify_language
from assistant.language.interrogatives import (
    function_words,
    has_function_words,
    without_asking_words,
    without_names,
)
from assistant.language.scripts import main_script, script_of_language
from assistant.language.tags import primary_subtag
from assistant.passages.passage import Span
from assistant.retrieval.hit import Hit, Role, SearchResult, ranked
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD

_SUBJECT_WORDS = 24
_PREFIX_END = ": "
_ENDS = " \t\n.?!؟。？！¿¡՞;"
_MAX_REWRITTEN = 300
_FEW_WORDS = 4
_ONLY_ASKS = 10
"""A follow-up of up to so many characters only asks ("And where?"): all that it asks about is in its topic prefix. Wide
characters, as in Chinese, count twice."""

NOTHING_SAID = frozenset({Status.REPLY, Status.CLARIFY})
"""Answers that say nothing of the articles, so that no question follows on them."""

SUBJECTS = 2
"""How many turns a question may follow on."""

COVERED = 0.3
"""Minimum share of a follow-up's own words that a hit must cover; with less, it is only about the earlier subject."""


def followed(turns: Sequence[Turn], says_subject: Callable[[str, str], bool]) -> list[Turn]:
    """Return the last turns that a question may follow on, oldest first.

    Where a turn before it was answered, a refused question that says no subject ("When was that?") is passed over: it
    leaves the conversation where it was. After one that names somebody or something ("Who is Churchill?"), nothing
    before it counts.

    Args:
        turns: What was said, oldest first.
        says_subject: Tells whether a question in a language (BCP 47) says what it is about.
    """
    said = [turn for turn in turns if turn.answer.status not in NOTHING_SAID]
    refused = [turn.answer.status is Status.NOT_FOUND for turn in said]
    newest_first: list[Turn] = []
    for at in reversed(range(len(said))):
        turn = said[at]
        asked = turn.standalone, turn.answer.language
        is_behind_answer = refused[at] and not all(refused[:at])
        is_named = is_behind_answer and names_asked_for(*asked).count > 0
        if is_named or not is_behind_answer or says_subject(*asked):
            newest_first.append(turn)
        if is_named or len(newest_first) == SUBJECTS:
            break
    return newest_first[::-1]


def resolve(question: str, turns: Sequence[Turn], search: Search) -> SearchResult:
    """Search for a question alone, and with the subject of those before it; return what it means.

    Args:
        question: As it was asked.
        turns: Those it may follow on (`followed`).
        search: Searches the articles.

    Returns:
        The search of the question alone, unless it follows on what was said: with a subject in front its first hit is
        relevant, no less than what is found without, and says enough of the question's own words. There articles that
        the turns cited count more than others. Its question stands by itself; its language is the one to answer in.
        Which of the two is meant is never sure, so behind the first hit are those of both (`interleaved`).
    """
    alone = search(question)
    if not turns:
        return alone
    language = language_of(question, turns[-1].answer.language)
    only_asks = _only_asks(question)
    spoken_of = frozenset(citation.article.id for turn in turns for citation in turn.answer.citations)
    other = None
    for prefix in topic_prefixes(turns):
        together = search(
            prefix + question, prefix_length=0 if only_asks else len(prefix), preferred_articles=spoken_of
        )
        if _follows(alone, together, only_asks=only_asks):
            return replace(interleaved(together, alone), language=language)
        other = other or together
        if _stands_alone(alone) >= RELEVANCE_THRESHOLD:
            break
    return replace(interleaved(alone, other) if other else alone, language=language)


def interleaved(chosen: SearchResult, other: SearchResult) -> SearchResult:
    """Return a search with hits of another reading of its question between its own, in turn.

    Args:
        chosen: The reading that is answered. Its first hit stays, and behind it the one that answers another part.
        other: The other reading. None of its hits is more relevant than the one before it.

    Returns:
        As many hits as `chosen` has.
    """
    kept = next((at for at, hit in enumerate(chosen.hits) if at and hit.role is Role.FOUND), len(chosen.hits))
    own = {hit.passage.id: hit for hit in chosen.hits}
    others = [own.get(hit.passage.id, replace(hit, role=Role.OTHER_READING)) for hit in other.hits]
    in_turn = [hit for pair in zip_longest(others, chosen.hits[kept:]) for hit in pair if hit]
    hits: dict[int, Hit] = {}
    for hit in (*chosen.hits[:kept], *in_turn):
        hits.setdefault(hit.passage.id, hit)
    ordered = accumulate([*hits.values()][: len(chosen.hits)], _behind)
    return replace(chosen, hits=ranked(ordered))


def topic_prefixes(turns: Sequence[Turn]) -> list[str]:
    """Return what may be put before a question: the subject of the last turn, then those of the last two together."""
    *before, last = [topic_prefix(turn.standalone) for turn in turns[-SUBJECTS:]]
    # A turn that followed on the one before it has the subject of both.
    both = "".join(
        [*(prefix.removesuffix(_PREFIX_END) + " " for prefix in before if prefix and prefix not in last), last]
    )
    return [prefix for prefix in dict.fromkeys((last, both)) if prefix.strip()]


def topic_prefix(earlier: str) -> str:
    """Return what to put before a question that follows another one: that one's subject; empty if it has none.

    Example:
        >>> topic_prefix("When is the next CSTO summit?") + "And where?"
        'next CSTO summit: And where?'
    """
    # A question that itself followed another one already has a prefix.
    first, *further = earlier.split(_PREFIX_END)
    parts = [first, *(part for part in further if not _only_asks(part))]
    words = " ".join(without_asking_words(part).strip(_ENDS) for part in parts).split()
    subject = " ".join(words[:_SUBJECT_WORDS])
    return f"{subject}{_PREFIX_END}" if subject else ""


def accept_rewriting(written: str, question: str, language: str, conversation: str) -> str | None:
    """Return a model's rewriting of a question if it can be trusted, else None.

    It has to be one line in the same script, and may name nothing (numbers, dates, names) that the conversation does
    not.

    Args:
        written: What the model wrote.
        question: The question it rewrote.
        language: BCP 47 code of the question.
        conversation: The text the model was shown.
    """
    lines = [line.strip().strip("\"'“”«»") for line in written.strip().splitlines() if line.strip()]
    if len(lines) != 1 or len(lines[0]) > _MAX_REWRITTEN or main_script(lines[0]) != main_script(question):
        return None
    known = f"{conversation}\n{question}"
    invented = [
        fact
        for fact in unsupported_facts(lines[0], language, Premise(known, language))
        if fact.kind is not FactKind.NAME or not is_named(fact.text, known)
    ]
    return None if invented else lines[0]


def language_of(question: str, earlier: str) -> str:
    """Return the language of a follow-up: too short to tell alone, it speaks the earlier one's if the script allows.

    So does a name by itself, however long it is. Only function words of another language show that the language
    changed.

    Args:
        question: The follow-up.
        earlier: BCP 47 code of the question before it.
    """
    own = without_names(question)
    words = function_words(own)
    is_of_another = has_function_words(earlier) and bool(words) and primary_subtag(earlier) not in words
    is_short = len(question.split()) <= _FEW_WORDS and not is_of_another
    same_script = earlier != "und" and script_of_language(earlier) == main_script(question)
    # Han and Kana are told apart however short a question is.
    says_little = (is_short or not any(map(str.isalpha, own))) and main_script(question) != "HAN"
    return earlier if says_little and same_script else identify_language(question)


def _follows(alone: SearchResult, together: SearchResult, *, only_asks: bool) -> bool:
    """Return whether a question follows on the subject that it was searched with."""
    if only_asks:
        # Alone it means nothing, even if the articles do not answer it.
        return _best(together) >= _stands_alone(alone)
    if not alone.hits or _best(together) < max(_stands_alone(alone), RELEVANCE_THRESHOLD):
        return False
    is_found_alone = _stands_alone(alone) >= RELEVANCE_THRESHOLD
    if is_found_alone and _sentence(alone) == _sentence(together):
        return False
    return together.hits[0].covered >= COVERED


def _only_asks(question: str) -> bool:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in question) <= _ONLY_ASKS


def _behind(before: Hit, hit: Hit) -> Hit:
    """Return a hit no more relevant than the one before it."""
    least = min(before.score, hit.score)
    return replace(hit, score=least, sentence_score=min(hit.sentence_score, least))


def _sentence(result: SearchResult) -> tuple[str, Span]:
    return result.hits[0].article.id, result.hits[0].sentence


def _best(result: SearchResult) -> float:
    return result.hits[0].score if result.hits else 0.0


def _stands_alone(result: SearchResult) -> float:
    """Return how well an article that speaks of what is asked answers: "where is it held?" finds some sentence."""
    return min(_best(result), result.hits[0].aboutness) if result.hits else 0.0
