"""What Gradio does to the generator of an event when its visitor leaves, and what becomes of the question.

In a process of its own, since Gradio leaves threads and loops behind.
"""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import asyncio, json, time
import gradio as gr
import httpx2
from contextlib import aclosing
from assistant.web.questions import Asked, Questions

questions, stopped, may_write = Questions(), [], asyncio.Event()

async def model(conversation, silent):
    try:
        yield {"type": "token", "text": "The"}
        while not may_write.is_set():
            await asyncio.sleep(0.05)
            if not silent:
                yield {"type": "token", "text": " ferry"}
        yield {"type": "finished"}
    except asyncio.CancelledError:
        stopped.append(conversation)
        raise

async def ask(conversation: str, silent: bool) -> str:
    events = questions.ask("ali", Asked(conversation, "When?"), model(conversation, silent))
    async with aclosing(events):
        async for event in events:
            yield json.dumps(event)

async def come_back(conversation: str) -> list:
    may_write.set()
    asked = questions.find("ali", conversation)
    return [event["type"] async for event in asked.follow()]

async def state(conversation: str) -> dict:
    asked = questions.find("ali", conversation)
    return {"goes_on": asked is not None, "is_unattended": bool(asked and asked.is_unattended), "stopped": stopped}

async def stop(conversation: str) -> bool:
    return await questions.stop_one("ali", conversation)

with gr.Blocks() as demo:
    gr.api(ask, concurrency_limit=None)
    gr.api(come_back)
    gr.api(state)
    gr.api(stop)
_, url, _ = demo.queue().launch(prevent_thread_lock=True, quiet=True)

def call(name, *data):
    with httpx2.Client(base_url=url, timeout=60, trust_env=False) as client:
        event = client.post(f"gradio_api/call/{name}", json={"data": data}).json()["event_id"]
        lines = client.get(f"gradio_api/call/{name}/{event}").text.splitlines()
    return json.loads(next(line for line in reversed(lines) if line.startswith("data: "))[6:])[0]

def ask_and_leave(conversation, silent):
    config = httpx2.get(f"{url}config", trust_env=False).json()
    [index] = [one["id"] for one in config["dependencies"] if one["api_name"] == "ask"]
    body = {"data": [conversation, silent], "fn_index": index, "session_hash": conversation, "event_data": None}
    with httpx2.Client(base_url=url, timeout=60, trust_env=False) as client:
        client.post("gradio_api/queue/join", json=body).raise_for_status()
        with client.stream("GET", f"gradio_api/queue/data?session_hash={conversation}") as response:
            next(line for line in response.iter_lines() if "The" in line)

said = {}
for silent in (False, True):
    conversation = f"silent {silent}"
    ask_and_leave(conversation, silent)
    deadline = time.monotonic() + 30
    while not call("state", conversation)["is_unattended"] and time.monotonic() < deadline:
        time.sleep(0.1)
    said[conversation] = call("state", conversation)
call("stop", "silent True")
said["after stop"] = call("state", "silent True")
said["come back"] = call("come_back", "silent False")
said["at the end"] = call("state", "silent False")
demo.close()
print(json.dumps(said))
"""


def test_who_leaves_a_gradio_event_leaves_the_answer_to_be_made_and_can_come_back_or_stop():
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"},
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout.splitlines()[-1])

    left = {"goes_on": True, "is_unattended": True, "stopped": []}
    assert said["silent False"] == left
    assert said["silent True"] == left
    assert said["after stop"] == {"goes_on": False, "is_unattended": False, "stopped": ["silent True"]}
    assert said["come back"][-1] == "finished"
    assert said["at the end"] == {"goes_on": False, "is_unattended": False, "stopped": ["silent True"]}
