"""Questions go on without a reader, but not for ever."""

import asyncio
from contextlib import aclosing

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


def question(last=FINISHED):
    return Questions(), Model(last), Asked(CONVERSATION, "where?")


async def read(events):
    return [event["type"] async for event in events]


async def leave_after_one(events):
    async with aclosing(events):
        await anext(events)


async def let_tasks_run():
    for _ in range(8):
        await asyncio.sleep(0)


def test_a_reader_who_leaves_and_comes_back_gets_all_of_it():
    async def run():
        questions, model, asked = question()
        await leave_after_one(questions.ask(VISITOR, asked, model.events()))
        assert questions.of(VISITOR) == [asked]
        coming_back = asyncio.create_task(read(questions.find(VISITOR, CONVERSATION).follow()))
        other = asyncio.create_task(read(asked.follow()))
        await let_tasks_run()
        model.may_write.set()
        assert await coming_back == await other == ["token", "finished"]
        assert questions.find(VISITOR, CONVERSATION) is None

    asyncio.run(run())


def test_who_is_cancelled_while_waiting_leaves_the_answer_to_be_made():
    async def run():
        questions, model, asked = question()
        reading = asyncio.create_task(read(questions.ask(VISITOR, asked, model.events())))
        await let_tasks_run()
        assert not asked.is_unattended
        reading.cancel()
        await let_tasks_run()
        assert asked.is_unattended
        model.may_write.set()
        assert await read(questions.find(VISITOR, CONVERSATION).follow()) == ["token", "finished"]
        assert not model.is_stopped

    asyncio.run(run())


def test_an_answer_that_nobody_reads_is_made_and_then_left_to_the_conversation():
    async def run():
        questions, model, asked = question()
        await leave_after_one(questions.ask(VISITOR, asked, model.events()))
        model.may_write.set()
        await let_tasks_run()
        assert asked.is_ended
        assert questions.find(VISITOR, CONVERSATION) is None

    asyncio.run(run())


def test_a_failure_ends_the_question_and_tells_its_reader():
    async def run():
        questions, model, asked = question(ModelError("no model"))
        model.may_write.set()
        assert await read(questions.ask(VISITOR, asked, model.events())) == ["token", "error"]
        assert questions.of(VISITOR) == []

    asyncio.run(run())


def test_the_model_is_stopped_when_nobody_has_read_for_long(monkeypatch):
    monkeypatch.setattr(module, "UNATTENDED_SECONDS", 0.2)

    async def run():
        questions, model, asked = question()
        reading = asyncio.create_task(read(questions.ask(VISITOR, asked, model.events())))
        await asyncio.sleep(0.5)
        assert not model.is_stopped
        reading.cancel()
        for _ in range(10):
            # Somebody reads something else on the page, and asks after this.
            await asyncio.sleep(0.05)
            asked.keep()
        assert not model.is_stopped
        await asyncio.wait_for(asked.wait_until_ended(), 30)
        assert model.is_stopped
        assert questions.find(VISITOR, CONVERSATION) is None

    asyncio.run(run())


def test_a_reader_is_told_that_the_answer_is_still_being_made(monkeypatch):
    monkeypatch.setattr(module, "ALIVE_SECONDS", 0.05)

    async def run():
        questions, model, asked = question()
        async with aclosing(questions.ask(VISITOR, asked, model.events())) as events:
            said = [(await anext(events))["type"] for _ in range(3)]
            model.may_write.set()
            said += [event["type"] async for event in events if event["type"] != "alive"]
        assert said == ["token", "alive", "alive", "finished"]

    asyncio.run(run())


def test_stopping_is_told_to_every_reader():
    async def run():
        questions, model, asked = question()
        readers = [asyncio.create_task(read(questions.ask(VISITOR, asked, model.events())))]
        await let_tasks_run()
        readers.append(asyncio.create_task(read(asked.follow())))
        await let_tasks_run()
        assert await questions.stop_one(VISITOR, CONVERSATION)
        assert [await reader for reader in readers] == [["token", "stopped"]] * 2
        assert model.is_stopped
        assert questions.find(VISITOR, CONVERSATION) is None

    asyncio.run(run())


def test_one_that_is_stopped_before_it_has_begun_ends_too():
    async def run():
        questions, model, asked = question()
        reading = asyncio.create_task(read(questions.ask(VISITOR, asked, model.events())))
        await asyncio.sleep(0)
        questions.stop()
        assert (await asyncio.wait_for(reading, 30))[-1] == "error"
        assert questions.of(VISITOR) == []

    asyncio.run(run())


def test_a_conversation_waits_for_one_answer_at_a_time_and_only_its_visitor_sees_it():
    async def run():
        questions, model, asked = question()
        await leave_after_one(questions.ask(VISITOR, asked, model.events()))
        with pytest.raises(StillAnsweringError, match="another tab"):
            await anext(questions.ask(VISITOR, Asked(CONVERSATION, "and when?"), model.events()))
        assert questions.find("mallory", CONVERSATION) is None
        assert questions.of("mallory") == []
        await questions.finish()
        assert model.is_stopped
        assert await read(asked.follow()) == ["token", "error"]

    asyncio.run(run())


def test_a_visitor_has_few_unfinished_questions_and_others_are_let_in():
    async def run():
        questions, model = Questions(), Model(FINISHED)
        for number in range(module.MOST_OF_A_VISITOR):
            await leave_after_one(questions.ask(VISITOR, Asked(f"{number:032}", "where?"), model.events()))
        with pytest.raises(TooManyOwnError, match="4 of your questions"):
            await anext(questions.ask(VISITOR, Asked(CONVERSATION[:-1] + "a", "where?"), model.events()))
        await leave_after_one(questions.ask("mallory", Asked(CONVERSATION, "where?"), model.events()))
        await questions.finish()

    asyncio.run(run())


def test_few_answers_are_made_without_a_reader_and_those_seen_last_are_kept():
    async def run():
        questions = Questions()
        models = [Model(FINISHED) for _ in range(module.MOST_UNATTENDED + 2)]
        for number, model in enumerate(models):
            await leave_after_one(questions.ask(f"visitor {number}", Asked(CONVERSATION, "where?"), model.events()))
        # Room is made for one that begins.
        last = Model(FINISHED)
        await leave_after_one(questions.ask("the last", Asked(CONVERSATION, "where?"), last.events()))
        await let_tasks_run()
        stopped = [model.is_stopped for model in [*models, last]]
        assert stopped == [True] * 3 + [False] * module.MOST_UNATTENDED
        await questions.finish()

    asyncio.run(run())


def test_a_burst_of_readers_is_answered_whole():
    async def run():
        questions = Questions()
        models = [Model(FINISHED) for _ in range(90)]
        readers = [
            asyncio.create_task(read(questions.ask(f"visitor {n}", Asked(CONVERSATION, "where?"), model.events())))
            for n, model in enumerate(models)
        ]
        await let_tasks_run()
        for model in models:
            model.may_write.set()
        assert await asyncio.gather(*readers) == [["token", "finished"]] * 90

    asyncio.run(run())
