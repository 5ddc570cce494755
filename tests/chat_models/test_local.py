"""The real local model, in its real process. Skipped where it is not pulled."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time

import httpx2
import pytest

from assistant.chat_models.catalogue import load_catalogue
from assistant.chat_models.local_process import LocalServer
from assistant.chat_models.registry import load_chat_model
from assistant.errors import ModelError
from assistant.settings import load_settings

pytestmark = pytest.mark.model
LONG = "Count from one to five hundred in words."


@pytest.fixture(scope="module")
def model():
    settings = load_settings(chat_model="local")
    if not load_catalogue().find("local").is_pulled(settings):
        pytest.skip("needs the local chat model: assistant models pull local")
    model = load_chat_model("local", settings)
    yield model
    model.close()


def ask(model, text, **options):
    with model.explained():
        return model.connect().invoke(text, **options)


def server_of(model) -> LocalServer:
    return model.connect.__self__._server


def is_working(model) -> bool:
    url = server_of(model).url().removesuffix("/v1")
    slots = httpx2.get(f"{url}/slots", headers={"Authorization": f"Bearer {server_of(model).api_key}"}).json()
    return any(slot["is_processing"] for slot in slots)


def starts_working(model) -> bool:
    return within_seconds(120, lambda: is_working(model))


def stops_working(model) -> bool:
    return within_seconds(120, lambda: not is_working(model))


def within_seconds(seconds, condition) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def answers(url: str) -> bool:
    try:
        httpx2.get(url)
    except httpx2.TransportError:
        return False
    return True


def test_it_answers_from_what_it_reads(model):
    text = "[1] The next CSTO summit will be held on 11 November 2026 in Moscow.\n\nIn which city is the next summit?"
    assert "Moscow" in ask(model, text, max_tokens=24).content


def test_it_is_reached_past_the_proxies_of_the_environment(model, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    model.connect.__self__._client = None
    assert ask(model, "Say hello.", max_tokens=2).content


def test_it_streams_word_by_word_and_the_same_each_time(model):
    runs = [[chunk.content for chunk in model.connect().stream("Name three colours.", max_tokens=12)] for _ in range(2)]
    assert runs[0] == runs[1]
    assert len([part for part in runs[0] if part]) >= 5


def test_a_prompt_beyond_its_context_is_told(model):
    with pytest.raises(ModelError, match="longer than it reads"):
        ask(model, "word " * 5000)


def test_closing_a_stream_stops_the_model(model):
    stream = model.connect().stream(LONG)
    while not next(stream).content:
        pass
    assert is_working(model)
    stream.close()
    assert stops_working(model)


@pytest.mark.parametrize("way", ["astream", "ainvoke"])
def test_cancelling_a_task_stops_the_model(model, way):
    async def cancel():
        async def read():
            if way == "ainvoke":
                await model.connect().ainvoke(LONG)
            else:
                async for _ in model.connect().astream(LONG):
                    pass

        task = asyncio.create_task(read())
        assert await asyncio.to_thread(starts_working, model)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await asyncio.to_thread(stops_working, model)

    assert asyncio.run(cancel())


def test_only_the_holder_of_the_key_may_use_it(model):
    url = server_of(model).url()
    assert url.startswith("http://127.0.0.1:")
    question = {"messages": [{"role": "user", "content": "hi"}]}
    assert httpx2.post(f"{url}/chat/completions", json=question).status_code == 401
    assert httpx2.get(f"{url.removesuffix('/v1')}/slots").status_code == 401
    key = server_of(model).api_key
    assert key not in repr(model)
    assert key not in str(server_of(model)._process.args)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_model_is_told_and_comes_back(model):
    stream = model.connect().stream(LONG)
    while not next(stream).content:
        pass
    os.kill(server_of(model)._process.pid, signal.SIGKILL)
    told = r"was ended by SIGKILL \(out of memory\?\); ask again to restart it"
    with pytest.raises(ModelError, match=told), model.explained():
        list(stream)

    urls = []  # however many threads ask next, one server comes back
    threads = [threading.Thread(target=lambda: urls.append(server_of(model).url())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(urls) == 3
    assert len(set(urls)) == 1
    assert ask(model, "Say hello.", max_tokens=4).content


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_it_does_not_outlive_a_killed_application(model):
    script = (
        "import sys, time; from pathlib import Path; from assistant.chat_models.local_process import LocalServer;"
        "server = LocalServer(Path(sys.argv[1])); print(server.url(), flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script, str(server_of(model).model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as application:
        url = application.stdout.readline().strip()
        assert answers(url)
        application.kill()
    assert within_seconds(120, lambda: not answers(url))


def test_closing_ends_the_process(model):
    url = server_of(model).url()
    process = server_of(model)._process
    model.close()
    assert process.poll() == 0
    assert not answers(url)
