"""Translations under quotations in another language than the reader's, by the chat model, checked against the quote."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from assistant.answering.answer import Answer, Citation, Translation
from assistant.answering.checked_answer import MAX_WRITTEN
from assistant.answering.checking import Checker
from assistant.answering.claims import Claim
from assistant.answering.events import Event, Finished, Step
from assistant.answering.execution import Execution
from assistant.answering.foreign_quotes import foreign_quotes
from assistant.answering.grounding.facts import FactKind, Premise, unsupported_facts
from assistant.answering.phrases import Phrase, failure_note, phrase
from assistant.answering.prompting import Window, fill_prompt, harmless, language_name
from assistant.chat_models.chat_model import ChatModel
from assistant.errors import ModelError
from assistant.language.identify import identify_language
from assistant.language.normalise import fold
from assistant.language.tags import primary_subtag
from assistant.passages.passage import Span

MOST = 5
"""How many quotations of an answer are translated at most; each takes a call of the chat model."""

_QUOTES = "\"'“”«»„‘’「」『』 \n"


class Translator:
    """Translates the quotations of an answer.

    Args:
        checker: Compares a translation with its quote.
    """

    def __init__(self, checker: Checker) -> None:
        self._checker = checker

    async def translate(
        self, execution: Execution, model: ChatModel, answer: Answer, language: str
    ) -> AsyncGenerator[Event]:
        """Put translations under the quotations of an answer that are in another language.

        Args:
            execution: Runs what is waited for.
            model: The chat model that translates.
            answer: The answer.
            language: BCP 47 code of the language to translate into.

        Yields:
            A step, and `Finished` with the answer. A translation that states another number, date or name than its
            quote, that denies what the quote does not, or leaves out a number, is not in it; a note says so.
        """
        yield Step("translate")
        kept: list[Translation] = []
        notes: dict[str, None] = {}
        for citation in foreign_quotes(answer, language)[:MOST]:
            prompt = fill_prompt(
                "translation", "translate", quote=harmless(citation.quote), language=language_name(language)
            )
            written = ""
            try:
                async with aclosing(execution.write(model, prompt)) as chunks:
                    async for chunk in chunks:
                        written += str(chunk.text)
                        if len(written) > MAX_WRITTEN:
                            break
            except ModelError as error:
                notes[failure_note(Phrase.NOT_TRANSLATED, answer.language, error)] = None
                break
            text = " ".join(written.split()).strip(_QUOTES)
            if await execution.call(partial(self.agrees, text, language, citation)):
                kept.append(Translation(citation.number, language, text, model.name))
            else:
                notes[phrase(Phrase.TRANSLATION_LEFT_OUT, answer.language)] = None
        yield Finished(replace(answer, translations=tuple(kept), notes=(*answer.notes, *notes)))

    def agrees(self, text: str, language: str, citation: Citation) -> bool:
        """Return whether a translation states what its quote does, as far as that can be told.

        Args:
            text: The translation.
            language: BCP 47 code of the language that it is to be in.
            citation: What it translates.
        """
        article = citation.article
        if not text or not _speaks(text, language) or fold(text) == fold(citation.quote):
            return False
        spoken = article.language
        left_out = unsupported_facts(citation.quote, spoken, Premise(text, language, article.published))
        if any(fact.kind in (FactKind.NUMBER, FactKind.DATE) for fact in left_out):
            return False
        span = Span(citation.start, citation.end)
        window = Window(article, citation.passage, (span,))
        [supports] = self._checker.check_without_question([Claim(text, (1,))], language, [window])
        return bool(supports) and supports[0].text == text


def _speaks(text: str, language: str) -> bool:
    return primary_subtag(identify_language(text)) == primary_subtag(language)
