"""First come, first served, and no more than may wait."""

import asyncio

import pytest

from assistant.web.turnstile import BusyError, Turnstile


def test_all_pass_in_the_order_they_came_and_never_too_many_at_once():
    async def crowd():
        turnstile, order, inside, most = Turnstile(2, 20), [], 0, 0

        async def visitor(number):
            nonlocal inside, most
            async with turnstile.passing():
                inside += 1
                most = max(most, inside)
                order.append(number)
                await asyncio.sleep(0.001)
                inside -= 1

        await asyncio.gather(*(visitor(number) for number in range(20)))
        assert turnstile.is_free
        return order, most

    assert asyncio.run(crowd()) == (list(range(20)), 2)


def test_who_leaves_the_queue_or_the_inside_blocks_nobody():
    async def crowd():
        turnstile = Turnstile(1, 5)
        reached = []

        async def visitor(name, seconds):
            async with turnstile.passing():
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
        assert turnstile.is_free
        return reached

    assert asyncio.run(crowd()) == ["inside", "last"]


def test_those_beyond_the_limit_are_turned_away():
    async def crowd():
        turnstile = Turnstile(1, 1)
        async with turnstile.passing():
            waiting = asyncio.create_task(turnstile.passing().__aenter__())
            await asyncio.sleep(0)
            with pytest.raises(BusyError, match="try again"):
                async with turnstile.passing():
                    pass
        await waiting

    asyncio.run(crowd())
