"""`EntailmentVerifier`: a natural language inference model says whether a sentence contradicts a claim."""

from typing import Any

from assistant.answering.grounding.contradiction import NegationVerifier, Verifier
from assistant.answering.grounding.facts import Premise
from assistant.answering.grounding.statement import Statement
from assistant.embedding.cross_encoder import load_cross_encoder
from assistant.errors import ModelError
from assistant.retrieval.late_interaction import Tokens

_CONTRADICTION = "contradiction"


class EntailmentVerifier:
    """A cross-encoder of the sentence-transformers library that was trained on natural language inference.

    Args:
        name: A folder or a name on the hub, for instance `cross-encoder/nli-deberta-v3-small` (English), or
            `MoritzLaurer/multilingual-MiniLMv2-L6-mnli-xnli`. One of its labels must be "contradiction".

    Raises:
        ModelError: sentence-transformers is not installed, the model cannot be loaded, or it has no such label.
    """

    def __init__(self, name: str) -> None:
        self._model: Any = load_cross_encoder(name, "verifier")
        labels = {label.lower(): index for index, label in (self._model.config.id2label or {}).items()}
        if _CONTRADICTION not in labels:
            raise ModelError(
                "The verifier {name!r} is no model for natural language inference: none of its labels ({labels}) is "
                "{wanted!r}. Name another in ASSISTANT_VERIFIER, or unset it.",
                name=name,
                labels=", ".join(sorted(labels)),
                wanted=_CONTRADICTION,
            )
        self._contradiction: int = labels[_CONTRADICTION]

    def contradicts(self, statement: Statement, premise: Premise, tokens: Tokens) -> bool:  # noqa: ARG002 - reads texts
        """Return whether a sentence contradicts a claim (see `Verifier`): whether that is the likeliest label."""
        # An answer of a word or two is understood only behind its question.
        pair = (premise.text, f"{statement.question} {statement.claim}")
        logits = self._model.predict([pair], show_progress_bar=False)[0]
        return bool(logits.argmax() == self._contradiction)


def load_verifier(name: str) -> Verifier:
    """Return the natural language inference model of that name; for the empty name, the rules for negation.

    Raises:
        ModelError: see `EntailmentVerifier`.
    """
    return EntailmentVerifier(name) if name else NegationVerifier()
