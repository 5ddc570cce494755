"""Replies to small talk: short and friendly, in its language, and without a word about what the articles say."""

from assistant.answering.answer import Answer, Status
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.turns.kinds import TurnKind, languages_of
from assistant.chat_models.registry import EXTRACTIVE

_REPLIES = {
    TurnKind.GREETING: Phrase.REPLY_GREETING,
    TurnKind.THANKS: Phrase.REPLY_THANKS,
    TurnKind.FAREWELL: Phrase.REPLY_FAREWELL,
    TurnKind.HELP: Phrase.REPLY_HELP,
    TurnKind.ACKNOWLEDGEMENT: Phrase.REPLY_ACKNOWLEDGEMENT,
    TurnKind.DOUBT: Phrase.REPLY_DOUBT,
}


def reply(text: str, kind: TurnKind, language: str) -> Answer:
    """Return the reply to small talk.

    Args:
        text: What was said.
        kind: Which small talk it is.
        language: BCP 47 code of the language to reply in.
    """
    return Answer(text, phrase(_REPLIES[kind], language), Status.REPLY, language, EXTRACTIVE)


def language_of_reply(text: str, identified: str, earlier: str | None = None) -> str:
    """Return the language of small talk: where several have the same words, that spoken before or the likeliest.

    Args:
        text: What was said.
        identified: BCP 47 code of the language that it seems to be in.
        earlier: BCP 47 code of the language spoken before, if any.
    """
    spoken = languages_of(text) or (identified,)
    return next((language for language in (earlier, identified) if language in spoken), spoken[0])
