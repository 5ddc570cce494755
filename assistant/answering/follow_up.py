"""Follow-up questions ("And where?", "وأين؟"): what a question means that leans on those before it."""

from assistant.answering.grounding.facts import FactKind, Premise, unsupported_facts
from assistant.answering.grounding.names import is_named
from assistant.answering.leaning import is_short, main_script, subject_of
from assistant.language.identify import identify_language
from assistant.language.scripts import script_of_language

_SUBJECT_WORDS = 24
_BEHIND_LEAD = ": "
_MAX_REWRITTEN = 300


def lead_of(earlier: str) -> str:
    """Return what to put before a question that leans on an earlier one: that one's subject; empty if it has none.

    Example:
        >>> lead_of("When is the next CSTO summit?") + "And where?"
        'next CSTO summit: And where?'
    """
    # A question that was completed itself may be in another language than its lead.
    subject = " ".join(" ".join(map(subject_of, earlier.split(_BEHIND_LEAD))).split()[:_SUBJECT_WORDS])
    return f"{subject}{_BEHIND_LEAD}" if subject else ""


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
    return None if invented or not subject_of(lines[0]) else lines[0]


def language_of(question: str, earlier: str) -> str:
    """Return the language of a follow-up: too short to tell alone, it speaks the earlier one's if the script allows.

    Args:
        question: The follow-up.
        earlier: BCP 47 code of the question before it.
    """
    same_script = script_of_language(earlier) == main_script(question) and earlier != "und"
    return earlier if same_script and is_short(question) else identify_language(question)
