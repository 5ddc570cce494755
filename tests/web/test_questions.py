"""Questions go on without a reader, but not for ever."""

import asyncio

import pytest

from assistant.errors import ModelError
from assistant.web import questions as module
from assistant.web.questions import Asked, Questions, StillAnsweringError, TooManyOwnError

VISITOR, CONVERSATION = "ali", "0" * 32


class Model:
    """Writes a word whenever it is let, and knows whether it was stopped."""

    def __init__(self, last):
        self.last = last
        self.may_write = asyncio.Event()
        self.is_stopped = False

    async def events(self):
        try:
            yield {"type": "token", "text": "It is"}
            await self.may_write.wait()
            if isinstance(self.last, Exception):
                raise self.last
            yield self.last
        except asyncio.CancelledError:
            self.is_stopped = True
            raise


FINISHED = {"type": "finished"}


def answering(last=FINISHED):
    questions, model, asked = Questions(), Model(last), Asked(CONVERSATION, "where?")
    questions.start(VISITOR, asked, model.events())
    return questions, model, asked


async def read(asked):
    return [event["type"] async for event in asked.follow()]


async def leave_after_one(asked):
    events = asked.follow()
    await anext(events)
    await events.aclose()


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_reader_who_leaves_and_comes_back_gets_all_of_it():
    async def run():
        questions, model, asked = answering()
        await leave_after_one(asked)
        assert questions.of(VISITOR) == [asked]
        coming_back = asyncio.create_task(read(questions.find(VISITOR, CONVERSATION)))
        other = asyncio.create_task(read(asked))
        await settle()
        model.may_write.set()
        assert await coming_back == await other == ["token", "finished"]
        assert questions.find(VISITOR, CONVERSATION) is None

    asyncio.run(run())


def test_an_answer_that_nobody_reads_is_made_and_then_left_to_the_conversation():
    async def run():
        questions, model, asked = answering()
        await leave_after_one(asked)
        model.may_write.set()
        await settle()
        assert asked.is_ended
        assert questions.find(VISITOR, CONVERSATION) is None

    asyncio.run(run())


def test_a_failure_waits_for_the_reader_who_comes_back():
    async def run():
        questions, model, asked = answering(ModelError("no model"))
        await leave_after_one(asked)
        model.may_write.set()
        await settle()
        assert questions.of(VISITOR) == [asked]
        assert await read(questions.find(VISITOR, CONVERSATION)) == ["token", "error"]
        assert questions.find(VISITOR, CONVERSATION) is None

    asyncio.run(run())


def test_the_model_is_stopped_when_nobody_has_read_for_long(monkeypatch):
    monkeypatch.setattr(module, "UNATTENDED_SECONDS", 0.05)

    async def run():
        questions, model, asked = answering()
        reading = asyncio.create_task(read(asked))
        await asyncio.sleep(0.1)
        assert not model.is_stopped
        reading.cancel()
        for _ in range(10):
            # Somebody reads something else on the page, and asks after this.
            await asyncio.sleep(0.01)
            asked.keep()
        assert not model.is_stopped
        await asyncio.sleep(0.2)
        assert model.is_stopped
        assert questions.find(VISITOR, CONVERSATION) is None

    asyncio.run(run())


def test_stopping_is_told_to_every_reader():
    async def run():
        questions, model, asked = answering()
        readers = [asyncio.create_task(read(asked)) for _ in range(2)]
        await settle()
        assert await questions.stop_one(VISITOR, CONVERSATION)
        assert [await reader for reader in readers] == [["token", "stopped"]] * 2
        await settle()
        assert model.is_stopped
        assert questions.find(VISITOR, CONVERSATION) is None

    asyncio.run(run())


def test_a_conversation_waits_for_one_answer_at_a_time_and_only_its_visitor_sees_it():
    async def run():
        questions, model, asked = answering()
        await settle()
        with pytest.raises(StillAnsweringError, match="another tab"):
            questions.start(VISITOR, Asked(CONVERSATION, "and when?"), model.events())
        assert questions.find("mallory", CONVERSATION) is None
        assert questions.of("mallory") == []
        await questions.finish()
        assert model.is_stopped
        assert await read(asked) == ["token", "error"]

    asyncio.run(run())


def test_a_visitor_has_few_unfinished_questions_and_others_are_let_in():
    async def run():
        questions, model = Questions(), Model(FINISHED)
        for number in range(module.MOST_OF_A_VISITOR):
            questions.start(VISITOR, Asked(f"{number:032}", "where?"), model.events())
        with pytest.raises(TooManyOwnError, match="4 of your questions"):
            questions.start(VISITOR, Asked(CONVERSATION[:-1] + "a", "where?"), model.events())
        questions.start("mallory", Asked(CONVERSATION, "where?"), model.events())
        await questions.finish()

    asyncio.run(run())


def test_few_answers_are_made_without_a_reader_and_those_seen_last_are_kept():
    async def run():
        questions = Questions()
        models = [Model(FINISHED) for _ in range(module.MOST_UNATTENDED + 2)]
        for number, model in enumerate(models):
            questions.start(f"visitor {number}", Asked(CONVERSATION, "where?"), model.events())
            await settle()
        assert [model.is_stopped for model in models] == [True, True] + [False] * module.MOST_UNATTENDED
        await questions.finish()

    asyncio.run(run())
