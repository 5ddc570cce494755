"""`reread`: of sentences that retrieval finds nearly alike, the one that a model finds the question likeliest after.

Late interaction compares words; a language model that has read a sentence knows what could be asked about it. Within a
language that the model writes in, that was measured to help a little; between languages it brings nothing, so there
retrieval decides. Query likelihood by a language model that was not trained for it: Sachan et al., "Improving Passage
Retrieval with Zero-Shot Question Generation", arXiv 2204.07496.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.answering.prompting import MAX_TITLE, harmless, language_name
from assistant.answering.relevance import answering_hits, states_what_is_asked
from assistant.chat_models.likelihood import alog_likelihoods, log_likelihoods, tells_likelihoods
from assistant.passages.passage import Span
from assistant.retrieval.hit import Hit, SearchResult
from assistant.retrieval.scoring import SENTENCE_SHARE

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.prompt_values import PromptValue

MAX_SENTENCES = 4
"""How many sentences are read. Each costs the local model about a second on two cores."""
PASSAGE_GAP = 0.06
"""How much lower than the first a passage may be ranked for its sentences to be read."""
LIKELIHOOD_SHARE = 0.01
"""What a unit of log-probability counts beside retrieval's ranking."""
MAX_CHARACTERS = 600


def reread(result: SearchResult, model: "BaseChatModel") -> SearchResult:
    """Let a chat model choose among the sentences that are nearly alike to retrieval.

    Args:
        result: What retrieval found.
        model: A chat model. One that tells no likelihoods is not asked.

    Returns:
        The search with the chosen sentence first, or as it was where there is nothing to choose.

    Raises:
        ModelError: the model failed.
    """
    rereading = _due(result, model)
    if rereading is None:
        return result
    started = time.perf_counter()
    decided = rereading.decided(log_likelihoods(model, rereading.prompts, result.question))
    return _timed(decided, started)


async def areread(result: SearchResult, model: "BaseChatModel") -> SearchResult:
    """Do what `reread` does without blocking the event loop. Cancelling the task stops the model."""
    rereading = _due(result, model)
    if rereading is None:
        return result
    started = time.perf_counter()
    decided = rereading.decided(await alog_likelihoods(model, rereading.prompts, result.question))
    return _timed(decided, started)


def _due(result: SearchResult, model: "BaseChatModel") -> "Rereading | None":
    """Return what is to be read, or None where the model tells no likelihoods or there is nothing to choose from."""
    rereading = Rereading(result) if tells_likelihoods(model) else None
    return rereading if rereading is not None and rereading.is_due else None


def _timed(result: SearchResult, started: float) -> SearchResult:
    return replace(result, timings={**result.timings, "reread": time.perf_counter() - started})


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence that may answer, and how much less retrieval thinks of it than of the best."""

    hit: Hit
    sentence: Span
    behind: float


class Rereading:
    """The sentences of a search that are too close for retrieval to call.

    Args:
        result: What retrieval found.

    Example:
        >>> rereading = Rereading(result)  # doctest: +SKIP
        >>> if rereading.is_due:  # doctest: +SKIP
        ...     result = rereading.decided(log_likelihoods(model, rereading.prompts, result.question))
    """

    def __init__(self, result: SearchResult) -> None:
        self._result = result
        self._candidates = [] if result.crosses_languages else _candidates(result)

    @property
    def is_due(self) -> bool:
        """Whether there is anything to choose from."""
        return len(self._candidates) > 1

    @property
    def prompts(self) -> "list[PromptValue]":
        """What asks a chat model for a question, for each of the sentences."""
        from assistant.answering.chain import question_prompt  # noqa: PLC0415 - LangChain takes half a second

        prompt, language = question_prompt(), language_name(self._result.language)
        return [
            prompt.invoke(
                {
                    "title": harmless(candidate.hit.article.title)[:MAX_TITLE],
                    "sentence": harmless(candidate.sentence.of(candidate.hit.article.text))[:MAX_CHARACTERS],
                    "language": language,
                }
            )
            for candidate in self._candidates
        ]

    def decided(self, likelihoods: Sequence[float]) -> SearchResult:
        """Return the search with the chosen sentence first.

        Args:
            likelihoods: Log-probability of the question after each of `prompts`.
        """
        chosen, _ = max(
            zip(self._candidates, likelihoods, strict=True),
            key=lambda pair: LIKELIHOOD_SHARE * pair[1] - pair[0].behind,
        )
        others = [hit for hit in self._result.hits if hit is not chosen.hit]
        hits = [replace(chosen.hit, sentence=chosen.sentence), *others]
        ranked = tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))
        return replace(self._result, hits=ranked, is_decided=True)


def _candidates(result: SearchResult) -> list[_Candidate]:
    """Return the sentences worth reading, those that retrieval thinks most of first, each once."""
    hits = answering_hits(result)
    found = [
        _Candidate(hit, sentence, hits[0].dense - hit.dense + SENTENCE_SHARE * behind)
        for hit in hits
        if hits[0].dense - hit.dense <= PASSAGE_GAP
        for sentence, behind in [(hit.sentence, 0.0), *((rival.sentence, rival.behind) for rival in hit.rivals)]
        if states_what_is_asked(replace(hit, sentence=sentence), result.question, result.language)
    ]
    chosen: list[_Candidate] = []
    for candidate in sorted(found, key=lambda candidate: candidate.behind):
        if len(chosen) < MAX_SENTENCES and not any(_is_same(candidate, other) for other in chosen):
            chosen.append(candidate)
    return chosen


def _is_same(one: _Candidate, other: _Candidate) -> bool:
    return one.hit.article.id == other.hit.article.id and one.sentence.overlaps(other.sentence)
