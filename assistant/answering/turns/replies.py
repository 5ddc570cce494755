"""Replies to small talk: short and friendly, in its language, and without a word about what the articles say."""

from assistant.answering.answer import Answer, Status
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.turns.kinds import LONGEST, TurnClassifier, TurnKind, languages_of
from assistant.chat_models.registry import EXTRACTIVE
from assistant.language.identify import identify_language
from assistant.retrieval.retriever import Retriever

_REPLIES = {
    TurnKind.GREETING: Phrase.REPLY_GREETING,
    TurnKind.THANKS: Phrase.REPLY_THANKS,
    TurnKind.FAREWELL: Phrase.REPLY_FAREWELL,
    TurnKind.HELP: Phrase.REPLY_HELP,
    TurnKind.ACKNOWLEDGEMENT: Phrase.REPLY_ACKNOWLEDGEMENT,
    TurnKind.DOUBT: Phrase.REPLY_DOUBT,
}


def reply_to(
    text: str, classifier: TurnClassifier | None, retriever: Retriever, earlier: str | None = None
) -> Answer | None:
    """Return the reply to small talk, or `None` to anything that the articles are to answer.

    Args:
        text: What was said.
        classifier: Tells small talk. Without one, for another embedding model, nothing is taken for it.
        retriever: Gives the text's vector.
        earlier: BCP 47 code of the language spoken before, if any.
    """
    if classifier is None or not text.strip() or len(text) > LONGEST:
        return None
    identified = identify_language(text)
    kind = classifier.kind(retriever.question_vector(text, identified))
    if kind is TurnKind.CONTENT:
        return None
    language = _language(text, identified, earlier)
    return Answer(text, phrase(_REPLIES[kind], language), Status.REPLY, language, EXTRACTIVE)


def _language(text: str, identified: str, earlier: str | None) -> str:
    """Return the language of small talk: where several have the same words, that spoken before or the likeliest."""
    spoken = languages_of(text) or (identified,)
    return next((language for language in (earlier, identified) if language in spoken), spoken[0])
