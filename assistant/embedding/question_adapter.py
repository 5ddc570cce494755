"""`QuestionAdapter`: brings a question's vectors nearer to those of the passages that answer, in whatever language.

The embedding model was not trained on how readers ask, least of all between languages. Two linear maps of the
question's vectors, trained on questions and the passages that answer them, correct part of that. Passages keep their
vectors, so no store changes. Sources: linear maps between the vectors of languages, Mikolov et al., arXiv 1309.4168;
training only the question's side, Lee et al., arXiv 2012.12624 (query-side fine-tuning).
"""

from dataclasses import dataclass, fields
from functools import cache
from importlib import resources

from assistant.embedding.encoder import Matrix, Vector
from assistant.embedding.half_precision import pack, unpack
from assistant.embedding.language_statistics import statistics_digest

FILE = "question_adapter.npz"


@dataclass(frozen=True, slots=True, eq=False)
class QuestionAdapter:
    """Two affine maps, written by `benchmarks/question_adapter_training.py`.

    Attributes:
        statistics: Digest of the language statistics with which the vectors were centred and projected.
        pooled: Matrix whose product with a pooled vector is added to it, shape `(dimension, dimension)`, rows being
            inputs.
        pooled_bias: Vector that is added to a pooled vector too, shape `(dimension,)`.
        tokens: Matrix whose product with a token vector, in the codec's dimensions, is added to it.
        tokens_bias: Vector that is added to a token vector too.
    """

    statistics: str
    pooled: Matrix
    pooled_bias: Vector
    tokens: Matrix
    tokens_bias: Vector

    def adapt_pooled(self, vector: Vector) -> Vector:
        """Adapt a question's pooled vector, centred and of unit length; the result is not of unit length."""
        adapted: Vector = vector + vector @ self.pooled + self.pooled_bias
        return adapted

    def adapt_tokens(self, vectors: Matrix) -> Matrix:
        """Adapt a question's token vectors, centred and of unit length; the results are not of unit length."""
        adapted: Matrix = vectors + vectors @ self.tokens + self.tokens_bias
        return adapted

    def to_bytes(self) -> bytes:
        """Return the maps as a compressed NumPy archive, in half precision."""
        return pack({field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def from_bytes(cls, data: bytes) -> "QuestionAdapter":
        """Read what `to_bytes` wrote."""
        tables = unpack(data)
        return cls(**(tables | {"statistics": str(tables["statistics"])}))


@cache
def load_question_adapter() -> QuestionAdapter | None:
    """Return the bundled adapter, which is for the bundled embedding model alone; None if its statistics are others."""
    adapter = QuestionAdapter.from_bytes(resources.files(__package__).joinpath(FILE).read_bytes())
    return adapter if adapter.statistics == statistics_digest() else None
