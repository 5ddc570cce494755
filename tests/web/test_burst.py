"""Many visitors who ask at the same moment are all answered, through a real server with its default limits."""

import asyncio
import json

import httpx2
import pytest

pytestmark = pytest.mark.slow

VISITORS = 90
QUESTION = "when is the next CSTO summit?"
SUMMIT = "11 نوفمبر 2026"


async def last_event(client, started):
    await client.get("/")
    await started.wait()
    response = await client.post("/page/ask", json={"question": QUESTION})
    return json.loads(response.text.splitlines()[-1])


def test_ninety_at_once_are_all_answered(server):
    async def crowd():
        started = asyncio.Event()
        clients = [
            httpx2.AsyncClient(base_url=server.url, headers={"X-Assistant-Page": "1"}, timeout=120)
            for _ in range(VISITORS)
        ]
        asking = [asyncio.create_task(last_event(client, started)) for client in clients]
        await asyncio.sleep(1)
        started.set()
        try:
            return await asyncio.gather(*asking)
        finally:
            for client in clients:
                await client.aclose()

    answers = asyncio.run(crowd())

    assert [answer for answer in answers if answer["type"] != "finished"] == []
    assert all(SUMMIT in json.dumps(answer["turn"]["sources"], ensure_ascii=False) for answer in answers)
