"""First come, first served, and no more than may wait."""

import asyncio

import pytest

from assistant.web.limiter import BusyError, ConcurrencyLimiter


def test_all_pass_in_the_order_they_came_and_never_too_many_at_once():
    async def crowd():
        limiter, order, inside, most = ConcurrencyLimiter(2, 20), [], 0, 0

        async def visitor(number):
            nonlocal inside, most
            async with limiter.passing():
                inside += 1
                most = max(most, inside)
                order.append(number)
                await asyncio.sleep(0.001)
                inside -= 1

        await asyncio.gather(*(visitor(number) for number in range(20)))
        assert limiter.is_free
        return order, most

    assert asyncio.run(crowd()) == (list(range(20)), 2)


def test_who_leaves_the_queue_or_the_inside_blocks_nobody():
    async def crowd():
        limiter = ConcurrencyLimiter(1, 5)
        reached = []

        async def visitor(name, seconds):
            async with limiter.passing():
                reached.append(name)
                await asyncio.sleep(seconds)

        tasks = [asyncio.create_task(visitor(name, 60)) for name in ("inside", "waiting", "cancelled too")]
        last = asyncio.create_task(visitor("last", 0))
        await asyncio.sleep(0)
        tasks[1].cancel()
        tasks[0].cancel()
        # The turn is given to one who is leaving at that very moment.
        tasks[2].cancel()
        await last
        await asyncio.gather(*tasks, return_exceptions=True)
        assert limiter.is_free
        return reached

    assert asyncio.run(crowd()) == ["inside", "last"]


def test_who_leaves_the_queue_as_a_turn_is_freed_is_only_cancelled():
    async def crowd():
        limiter = ConcurrencyLimiter(1, 5)
        async with limiter.passing():
            waiting = asyncio.create_task(limiter.passing().__aenter__())
            await asyncio.sleep(0)
            waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert limiter.is_free

    asyncio.run(crowd())


def test_those_beyond_the_limit_are_turned_away():
    async def crowd():
        limiter = ConcurrencyLimiter(1, 1)
        async with limiter.passing():
            waiting = asyncio.create_task(limiter.passing().__aenter__())
            await asyncio.sleep(0)
            with pytest.raises(BusyError, match="try again"):
                async with limiter.passing():
                    pass
        await waiting

    asyncio.run(crowd())


def test_many_who_leave_at_any_moment_lose_no_turn():
    """Each is cancelled after so many steps of the loop: while it waits, as a turn frees for it, while it is through."""

    async def crowd():
        limiter = ConcurrencyLimiter(3, 200)

        async def visitor():
            async with limiter.passing():
                await asyncio.sleep(0)

        async def leave(task, steps):
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()

        tasks = [asyncio.create_task(visitor()) for _ in range(60)]
        await asyncio.gather(*(leave(task, number % 13) for number, task in enumerate(tasks)))
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError, type(None)}
        assert limiter.is_free
        async with limiter.passing(), limiter.passing(), limiter.passing():
            assert not limiter.is_free

    asyncio.run(crowd())
