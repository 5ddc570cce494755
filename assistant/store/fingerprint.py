"""`Fingerprint`: what a store's vectors and terms were made with, and must be searched with."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from assistant.store.schema import SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Everything that, were it to change, would make the stored vectors, passages or terms wrong.

    Attributes:
        embedding_model: The encoder's name.
        embedding_revision: Digest of its weights, or the hub's revision.
        dimension: Length of a pooled vector.
        question_prompt: What is put before a question.
        passage_prompt: What is put before a passage.
        chunker: Version of the chunker.
        passage_tokens: Token budget of a passage.
        token_codec: Version of the compression of token vectors.
        terms: Version of the normalisation and stemming of full-text terms.
        normalisation: How pooled vectors are normalised; "l2" is unit length.
        schema: Version of the store's tables.
    """

    embedding_model: str
    embedding_revision: str
    dimension: int
    question_prompt: str
    passage_prompt: str
    chunker: str
    passage_tokens: int
    token_codec: str
    terms: str
    normalisation: str = "l2"
    schema: int = SCHEMA_VERSION

    def to_json(self) -> str:
        """Return the form in which the store keeps it."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    def differences(self, stored: str) -> list[str]:
        """Say how a stored fingerprint differs from this one, a short phrase for each field.

        Args:
            stored: What `to_json` gave when the store was built, possibly by another version of this program.

        Raises:
            ValueError: `stored` is nothing that `to_json` gives.

        Example:
            >>> built = Fingerprint("e5", "1", 384, "", "", "1", 500, "1", "1")
            >>> dataclasses.replace(built, passage_tokens=200).differences(built.to_json())
            ['passage_tokens is 500 there and 200 here']
        """
        theirs: dict[str, Any] = dict(json.loads(stored))
        ours = dataclasses.asdict(self)
        return [
            f"{name} is {_shown(theirs.get(name))} there and {_shown(ours.get(name))} here"
            for name in sorted(ours.keys() | theirs.keys())
            if theirs.get(name) != ours.get(name)
        ]


def _shown(value: Any) -> str:
    return "unknown" if value is None else repr(value)
