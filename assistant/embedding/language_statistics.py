"""`LanguageStatistics`: what the vectors of one language have in common, so that comparisons can leave it out.

A multilingual model places texts by language before it places them by meaning: without correction a question is nearest
to whatever is written in its own language. Subtracting each language's mean vector removes most of it (Reimers and
Gurevych, arXiv 2004.09813, name the effect; Libovický et al., arXiv 1911.03310, the remedy).
"""

import hashlib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.half_precision import pack, unpack

FILE = "language_statistics.npz"


@dataclass(frozen=True, slots=True, eq=False)
class LanguageStatistics:
    """Statistics of one embedding model, with one row for each language.

    Attributes:
        model: Name of the embedding model they were taken with.
        languages: BCP 47 codes, in the order of the rows.
        questions: Mean pooled vectors of questions, shape `(languages, model dimension)`.
        passages: Mean pooled vectors of passages, shape `(languages, model dimension)`.
        question_tokens: Mean token vectors of questions, shape `(languages, model dimension)`.
        passage_tokens: Mean token vectors of passages, shape `(languages, model dimension)`.
        components: Principal directions of token vectors within languages, orthonormal columns, shape
            `(model dimension, dimensions kept)`.
        token_ids: Vocabulary numbers with a known frequency, ascending, shape `(tokens,)`.
        token_weights: The inverse document frequency of each of `token_ids` in nats, shape `(tokens,)`.
        rare_weight: The weight of every other token.
        usual_tokens: Token vectors of everyday questions in all languages, centred for their language, on `components`
            and of unit length, shape `(question tokens, dimensions kept)`.
        usual_token_ids: The vocabulary number of each of `usual_tokens`, shape `(question tokens,)`.
        usual_starts: Index of each question's first token in `usual_tokens`, shape `(questions,)`.
    """

    model: str
    languages: tuple[str, ...]
    questions: NDArray[np.float32]
    passages: NDArray[np.float32]
    question_tokens: NDArray[np.float32]
    passage_tokens: NDArray[np.float32]
    components: NDArray[np.float32]
    token_ids: NDArray[np.int32]
    token_weights: NDArray[np.float32]
    rare_weight: float
    usual_tokens: NDArray[np.float32]
    usual_token_ids: NDArray[np.int32]
    usual_starts: NDArray[np.int64]

    @property
    def centre(self) -> NDArray[np.float32]:
        """The mean token vector of passages over all languages, shape `(model dimension,)`."""
        centre: NDArray[np.float32] = self.passage_tokens.mean(axis=0)
        return centre

    def row(self, language: str) -> int | None:
        """Return the row of `language`, or `None` where nothing is known about it."""
        return self.languages.index(language) if language in self.languages else None

    def mean(self, table: NDArray[np.float32], language: str) -> NDArray[np.float32]:
        """Return the language's row of one of the four tables; the mean of all rows if the language is not known."""
        row = self.row(language)
        mean: NDArray[np.float32] = table.mean(axis=0) if row is None else table[row]
        return mean

    def weights(self, token_ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the inverse document frequency of each token, shape `(tokens,)`."""
        at = np.minimum(np.searchsorted(self.token_ids, token_ids), len(self.token_ids) - 1)
        known = self.token_ids[at] == token_ids
        return np.where(known, self.token_weights[at], np.float32(self.rare_weight)).astype(np.float32)

    def to_bytes(self) -> bytes:
        """Return the statistics as a compressed NumPy archive, tables in half precision."""
        return pack({field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def from_bytes(cls, data: bytes) -> "LanguageStatistics":
        """Read what `to_bytes` wrote."""
        tables = unpack(data)
        named = {
            "model": str(tables["model"]),
            "languages": tuple(tables["languages"].tolist()),
            "rare_weight": float(tables["rare_weight"]),
        }
        return cls(**(tables | named))


@cache
def _shipped() -> tuple[LanguageStatistics, str]:
    data = resources.files(__package__).joinpath(FILE).read_bytes()
    return LanguageStatistics.from_bytes(data), hashlib.sha256(data).hexdigest()[:12]


def load_statistics(model: str, dimension: int) -> LanguageStatistics | None:
    """Return the shipped statistics if they were taken with this model, else `None`."""
    statistics, _ = _shipped()
    return statistics if (model, dimension) == (statistics.model, statistics.questions.shape[1]) else None


def statistics_digest() -> str:
    """Return the first 12 hexadecimal digits of the shipped file's SHA-256, for the store's fingerprint."""
    return _shipped()[1]
