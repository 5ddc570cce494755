"""`TurnClassifier`: classifies what somebody wants, in any language.

One multinomial logistic regression over the mean of the question's tokens in which common words count most: they say
how something is asked, rare ones what about. It is fitted by `benchmarks/turn_kinds.py` on `examples.json`, where all
kinds are asked of the same subjects; a further kind needs examples there, and a value here.
"""

import io
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.encoder import Matrix, Vector
from assistant.language.normalise import normalise
from assistant.passages.passage import Span

EXAMPLES, WEIGHTS = "examples.json", "weights.npz"

NOT_SEARCHED_THRESHOLD = 0.5
"""Probability from which a turn is not searched for.

A greeting that is searched for costs less than a question that is not."""

FOLLOW_UP_THRESHOLD = 0.15
"""Probability of the searched and unclear kinds from which a turn is a follow-up, not of `CONFUSED_WITH_FOLLOW_UP`.

It counts within a conversation only: there, "Und ermäßigt?" is no greeting."""

SINGLE_SENTENCE_THRESHOLD = 0.6
"""Share of the kind "fact", among the searched kinds, from which a single sentence is the answer.

People answer less clear questions with several sentences. With this threshold MTRAG's ROUGE-1 F is 0.233, and 0.17 of
the details asked for in `evals/news/tuning` get several sentences too (docs/figures.md: precision of citations)."""

FALLBACK_THRESHOLD = 0.15
"""Probability from which a question without an answer is taken for one about the articles themselves."""

LONGEST = 120
"""Characters of the longest turn that may be anything but a question for the articles."""

FILLED = 3
"""With how many subjects each example is used that has places for them."""


class TurnKind(StrEnum):
    """A kind of turn; the value is its name in `examples.json`.

    Attributes:
        FACT: A question that a sentence answers.
        EXPLANATION: Why or how something is so, or what is known about it: several sentences.
        COMPARISON: Which of several is more, or how they differ.
        LIST: All that are of some kind.
        SUMMARY: What an article says, or all articles say on a subject, in short.
        LIBRARY: Which articles there are, how many, by whom, about what.
        NEWS: What is new, or happened in some time.
        SHORTER: The answer before, in fewer words.
        LONGER: More than the answer before.
        TRANSLATION: The answer before, in another language.
        UNCLEAR: Nothing by itself ("why?", "that one").
        GREETING: A greeting.
        THANKS: Thanks.
        FAREWELL: A good-bye.
        HELP: Who answers here, and what can be asked.
        ACKNOWLEDGEMENT: "All right", and the like.
        DOUBT: Whether the answer before is true.
    """

    FACT = "fact"
    EXPLANATION = "explanation"
    SUMMARY = "summary"
    COMPARISON = "comparison"
    LIST = "list"
    LIBRARY = "library"
    NEWS = "news"
    SHORTER = "shorter"
    LONGER = "longer"
    TRANSLATION = "translation"
    UNCLEAR = "unclear"
    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    HELP = "help"
    ACKNOWLEDGEMENT = "acknowledgement"
    DOUBT = "doubt"


SEARCHED = frozenset({TurnKind.FACT, TurnKind.EXPLANATION, TurnKind.COMPARISON, TurnKind.LIST})
"""What is searched for in the articles, and answered with what they say."""

ONE_SENTENCE = frozenset({TurnKind.FACT, TurnKind.TRANSLATION, TurnKind.UNCLEAR})
"""What is answered with the sentence that answers, and no more than what ties with it."""

BY_ARTICLE = frozenset({TurnKind.LIST, TurnKind.COMPARISON})
"""What is answered with a line for each article."""

ABOUT_ARTICLES = frozenset({TurnKind.LIBRARY, TurnKind.NEWS, TurnKind.SUMMARY})
"""What is answered from what the store knows of its articles."""

SMALL_TALK = frozenset(
    {
        TurnKind.GREETING,
        TurnKind.THANKS,
        TurnKind.FAREWELL,
        TurnKind.HELP,
        TurnKind.ACKNOWLEDGEMENT,
        TurnKind.DOUBT,
    }
)
"""What is only replied to."""

CONFUSED_WITH_FOLLOW_UP = frozenset({TurnKind.LIBRARY, TurnKind.NEWS, TurnKind.GREETING, TurnKind.HELP, TurnKind.DOUBT})
"""Kinds that short follow-ups are confused with, but not thanks, farewells and "all right", which ask nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class TurnClassifier:
    """A logistic regression over how a question is asked (`Retriever.question_manner`).

    Attributes:
        model: Name of the embedding model it was fitted with.
        kinds: The kinds, in the order of the rows.
        weights: Shape `(kinds, dimension)`.
        biases: Shape `(kinds,)`.
    """

    model: str
    kinds: tuple[TurnKind, ...]
    weights: Matrix
    biases: Vector

    def probabilities(self, vectors: Matrix) -> Matrix:
        """Return how likely each text is of each kind, shape `(texts, kinds)`.

        Args:
            vectors: How the texts are worded, shape `(texts, dimension)`.
        """
        scores = vectors @ self.weights.T + self.biases
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: Matrix = powers / powers.sum(axis=1, keepdims=True)
        return probabilities

    def kind(self, vector: Vector, *, is_long: bool = False, follows: bool = False) -> TurnKind:
        """Return the kind of one turn: a searched kind, unless another is likely enough.

        Args:
            vector: How it is worded, shape `(dimension,)`.
            is_long: It is too long for anything but a question.
            follows: An earlier turn was about the articles.
        """
        probabilities = self.probabilities(vector[None])[0]
        following = np.where(self._are(SEARCHED | {TurnKind.UNCLEAR}), probabilities, 0)
        searched = self._are(SEARCHED)
        is_searched = is_long or 1 - probabilities[searched].sum() < NOT_SEARCHED_THRESHOLD
        probabilities[searched != is_searched] = 0
        kind = self.kinds[int(probabilities.argmax())]
        if follows and kind in CONFUSED_WITH_FOLLOW_UP and following.sum() >= FOLLOW_UP_THRESHOLD:
            return self.kinds[int(following.argmax())]
        if kind is TurnKind.FACT and probabilities.max() < SINGLE_SENTENCE_THRESHOLD * probabilities.sum():
            return TurnKind.EXPLANATION
        return kind

    def fallback_kind(self, vector: Vector) -> TurnKind | None:
        """Return the likeliest kind about the articles themselves, for a question without an answer; None if unlikely.

        Args:
            vector: How it is worded, shape `(dimension,)`.
        """
        probabilities = np.where(self._are(ABOUT_ARTICLES), self.probabilities(vector[None])[0], 0)
        best = int(probabilities.argmax())
        return self.kinds[best] if probabilities[best] >= FALLBACK_THRESHOLD else None

    def _are(self, kinds: Collection[TurnKind]) -> NDArray[np.bool_]:
        return np.array([kind in kinds for kind in self.kinds])

    def to_bytes(self) -> bytes:
        """Return the classifier as a NumPy archive, weights in half precision."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            allow_pickle=False,
            model=np.array(self.model),
            kinds=np.array([str(kind) for kind in self.kinds]),
            weights=self.weights.astype(np.float16),
            biases=self.biases.astype(np.float32),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "TurnClassifier":
        """Read what `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return cls(
                str(archive["model"]),
                tuple(map(TurnKind, archive["kinds"].tolist())),
                archive["weights"].astype(np.float32),
                archive["biases"],
            )


def load_classifier(model: str, dimension: int) -> TurnClassifier | None:
    """Return the shipped classifier if it was fitted with this embedding model, else `None`."""
    classifier = _shipped()
    return classifier if (model, dimension) == (classifier.model, classifier.weights.shape[1]) else None


def read_examples() -> list[tuple[TurnKind, str, str]]:
    """Return the examples that the classifier is fitted on: kind, language (BCP 47) and text of each.

    Where one has places for subjects, it is given several times, with other subjects each time.
    """
    examples, subjects, _ = _examples()
    return [
        (TurnKind(kind), language, text)
        for kind, by_language in examples.items()
        for language, texts in by_language.items()
        for number, example in enumerate(texts)
        for text, _ in _filled(example, number, subjects[language], FILLED)
    ]


def read_requests() -> list[tuple[str, tuple[Span, ...]]]:
    """Return requests for articles and summaries, each with the places at which it names its subject.

    Some name a topic in one general word ("sport"). The kind of a request is learnt without these, because they lead to
    fewer explanations among other questions.
    """
    examples, subjects, topics = _examples()
    return [
        filled
        for kind in (TurnKind.LIBRARY, TurnKind.NEWS, TurnKind.SUMMARY, TurnKind.EXPLANATION)
        for language, texts in examples[kind].items()
        for number, example in enumerate(texts)
        for filled in _filled(example, number, [*subjects[language], *topics.get(language, [])], 2 * FILLED)
        if filled[1] or kind is not TurnKind.EXPLANATION
    ]


def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages in which a text is an example of small talk; too short, they cannot be told otherwise.

    Example:
        >>> languages_of("Hi!"), languages_of("Nein")
        (('en',), ('de',))
    """
    return _languages().get(_key(text), ())


@cache
def _shipped() -> TurnClassifier:
    return TurnClassifier.from_bytes(files(__package__).joinpath(WEIGHTS).read_bytes())


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for kind, language, text in read_examples():
        if kind not in SEARCHED:
            found.setdefault(_key(text), {})[language] = None
    return {text: tuple(languages) for text, languages in found.items()}


def _examples() -> tuple[dict[str, dict[str, list[str]]], dict[str, list[str]], dict[str, list[str]]]:
    """Return the examples by kind and language; and by language what may fill their places, subjects and topics."""
    examples: dict[str, dict[str, list[str]]] = json.loads(
        files(__package__).joinpath(EXAMPLES).read_text(encoding="utf-8")
    )
    return examples, examples.pop("subjects"), examples.pop("topics")


def _filled(example: str, number: int, subjects: Sequence[str], times: int) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Yield an example with other subjects in its places each time, and where they stand."""
    first, *rest = example.split("{}")
    for time in range(times if rest else 1):
        text, places = first, []
        for place, part in enumerate(rest):
            subject = subjects[(3 * number + 5 * time + place) % len(subjects)]
            places.append(Span(len(text), len(text) + len(subject)))
            text += subject + part
        yield text, tuple(places)


def _key(text: str) -> str:
    return "".join(character for character in normalise(text) if character.isalnum())
