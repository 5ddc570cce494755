"""Changes of the library: one at a time, to the end, or to the next step where the server stops."""

import asyncio
import threading
import time

import pytest

from assistant.web.changes import MOST_OF_ONE, CancelledChangeError, Changes, StoppingError
from assistant.web.limiter import BusyError


def test_progress_comes_as_it_is_made_and_the_result_last():
    async def run():
        def work(progress):
            progress("encoding", 1, 2)
            return "done"

        return [event async for event in Changes().run(work)]

    assert asyncio.run(run()) == [{"type": "progress", "stage": "encoding", "done": 1, "total": 2}, "done"]


def test_a_change_goes_on_where_the_visitor_leaves_and_the_next_one_waits():
    async def run():
        changes, log, go_on = Changes(), [], threading.Event()

        def long(progress):
            progress("reading", 0, 1)
            assert go_on.wait(60)
            log.append("long")

        def short(progress):
            log.append("short")

        leaving = changes.run(long)
        await anext(leaving)
        await leaving.aclose()
        waiting = changes.run(short)
        assert (await anext(waiting))["stage"] == "waiting"
        go_on.set()
        assert [event async for event in waiting] == [None]
        await changes.finish()
        return log

    assert asyncio.run(run()) == ["long", "short"]


def test_a_stop_interrupts_at_the_next_step():
    async def run():
        changes = Changes()

        def endless(progress):
            while True:
                progress("encoding", 0, 1)

        events = changes.run(endless)
        await anext(events)
        changes.stop()
        with pytest.raises(StoppingError, match="stopping"):
            async for _ in events:
                pass
        await changes.finish()

    asyncio.run(run())


def test_a_stop_waits_no_longer_than_the_grace_for_what_hangs(caplog):
    hanging = threading.Event()

    async def run():
        changes = Changes()

        def hang(progress):
            progress("reading", 0, 1)
            hanging.wait(60)

        events = changes.run(hang)
        await anext(events)
        waiting = asyncio.create_task(anext(changes.run(lambda _: pytest.fail("begun while stopping"))))
        await waiting
        changes.stop()
        await changes.finish()

    started = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - started < 30
    hanging.set()
    assert "left unfinished" in caplog.text


def test_what_one_reads_for_long_holds_up_nobody_else():
    async def run():
        changes, log, go_on = Changes(), [], threading.Event()

        def slow(progress, turn):
            progress("reading", 0, 1)
            assert go_on.wait(60)
            with turn:
                log.append("slow")

        def quick(progress, turn):
            with turn:
                log.append("quick")

        reading = changes.run_with_write_turn(slow, "one")
        await anext(reading)
        assert [event async for event in changes.run_with_write_turn(quick, "other")] == [None]
        go_on.set()
        assert [event async for event in reading] == [None]
        return log

    assert asyncio.run(run()) == ["quick", "slow"]


def test_a_visitor_cancels_what_is_ones_own_whether_it_goes_on_or_waits():
    async def run():
        changes, go_on = Changes(), threading.Event()

        def endless(progress, turn):
            with turn:
                while True:
                    progress("encoding", 0, 1)
                    time.sleep(0.01)

        def others(progress):
            assert go_on.wait(60)
            return "others"

        other = changes.run(others, "other")
        waiting = asyncio.ensure_future(anext(other))
        mine = [changes.run_with_write_turn(endless, "me") for _ in range(2)]
        [await anext(one) for one in mine]
        assert changes.is_busy("me")
        changes.cancel("me")
        for one in mine:
            with pytest.raises(CancelledChangeError, match="cancelled"):
                [event async for event in one]
        go_on.set()
        assert await waiting == "others"
        await changes.finish()
        assert not changes.is_busy("me")

    asyncio.run(run())


def test_a_visitor_may_not_have_any_number_of_changes_waiting():
    async def run():
        changes, go_on = Changes(), threading.Event()
        tasks = [asyncio.ensure_future(anext(changes.run(lambda _: go_on.wait(60), "me"))) for _ in range(MOST_OF_ONE)]
        await asyncio.sleep(0.1)
        with pytest.raises(BusyError):
            await anext(changes.run(lambda _: None, "me"))
        assert await anext(changes.run_with_write_turn(lambda *_: "other", "other")) == "other"
        go_on.set()
        await asyncio.gather(*tasks)
        await changes.finish()

    asyncio.run(run())
