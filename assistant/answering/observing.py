"""`observed`: tells observability what becomes of a question, from the events of its answer."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from assistant import observability
from assistant.answering.answer import Answer, Status
from assistant.answering.events import Event, Finished, Step, Token
from assistant.observability.logs import QUESTIONS

# Searching tells of itself (`Retriever.search`); what a chat model looks for is part of its writing.
_STAGES = {"rewrite": "rewrite", "write": "generate", "check": "check", "translate": "translate"}


def observed(events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """Return the events of an answer, which are observed as they pass; as they are where nobody is to be told."""
    return _observed(events) if observability.is_on() or QUESTIONS.isEnabledFor(20) else events


async def _observed(events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    request = observability.request_id() or observability.new_request_id()
    with observability.working_for(request):
        watched = _Watched()
    failure: type[BaseException] | None = None
    try:
        async with aclosing(events):
            while True:
                # Not around the whole loop: whoever reads the events may go on in another context.
                with observability.working_for(request), watched.question.around():
                    try:
                        event = await anext(events)
                    except StopAsyncIteration:
                        break
                    watched.take(event)
                yield event
    except BaseException as error:
        failure = type(error)
        raise
    finally:
        with observability.working_for(request):
            watched.end(failure)


class _Watched:
    """A question that is being answered, as it is told to observability."""

    def __init__(self) -> None:
        self.question = observability.begin("question")
        self._started = time.perf_counter()
        self._stage = observability.Stage()
        self._has_written = False
        self._answer: Answer | None = None

    def take(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, Step):
            self._end_stage()
            if name := _STAGES.get(event.name):
                self._stage = observability.begin(name)
        elif isinstance(event, Token) and not self._has_written:
            self._has_written = True
            waited = time.perf_counter() - self._started
            observability.record("assistant.stage.duration", waited, stage="first_token")
        elif isinstance(event, Finished):
            self._end_stage()
            self._answer = event.answer

    def end(self, failure: type[BaseException] | None) -> None:
        """Tell how it ended."""
        self._end_stage(failure)
        seconds = time.perf_counter() - self._started
        answer = self._answer
        # Where its reader has left, a generator is closed or a task cancelled.
        is_failure = failure is not None and issubclass(failure, Exception)
        status = str(answer.status) if answer else "failed" if is_failure else "stopped"
        facts: dict[str, observability.Value] = {"status": status}
        if answer:
            facts |= {
                "model": answer.model,
                "language": answer.language,
                "citations": len(answer.citations),
                "hits": len(answer.hits),
                "dropped": answer.left_out,
            }
            observability.count("assistant.sentences.dropped", answer.left_out, model=answer.model)
        if answer and answer.status is Status.NOT_FOUND:
            observability.count("assistant.refusals")
        if is_failure and failure is not None:
            facts["error"] = failure.__name__
            observability.count("assistant.failures", error=failure.__name__)
        observability.count("assistant.questions", status=status)
        observability.record("assistant.question.duration", seconds, status=status)
        self.question.note(**facts)
        self.question.end(failure if is_failure else None)
        QUESTIONS.info("A question ended.", extra={"fields": facts | {"seconds": round(seconds, 3)}})

    def _end_stage(self, failure: type[BaseException] | None = None) -> None:
        stage, self._stage = self._stage, observability.Stage()
        stage.end(failure)
