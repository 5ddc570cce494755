"""How long visitors of the page wait: `python benchmarks/page.py [--old CHECKOUT] [STORE]`, with Chromium installed.

Starts a server with extractive answers on the store (without one, on the seeds), and prints one JSON document: first
paint, the time until a question can be typed for a new visitor and for one who comes again, what is transferred, the
headline question from the key press to the finished answer in the browser, and twenty and ninety visitors who ask at
once. What to compare with: the time of the same question through the Python API, and the page before it was built of
Gradio components (`--old`: a checkout of 444ba27), on the same machine, in turns in the same run.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Browser, Page, sync_playwright

from assistant import Assistant

ROOT = Path(__file__).parents[1]
QUESTION = "When is the next CSTO summit?"
RUNS = 7
CROWDS = (20, 90)
BROWSER_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass(frozen=True)
class Kind:
    """How one of the pages is used: where a question is typed, where its end is seen, and how a program asks."""

    box: str
    finished: str
    ask: Callable[[httpx2.AsyncClient], Any]


async def ask_old(client: httpx2.AsyncClient) -> bool:
    """Ask as the old page's script does; return whether the question is answered."""
    answer = await client.post("/page/ask", json={"question": QUESTION}, headers={"X-Assistant-Page": "1"})
    return answer.is_success and '"finished"' in answer.text


async def ask_new(client: httpx2.AsyncClient) -> bool:
    """Ask as Gradio's client in the browser does; return whether the question is answered."""
    config = configuration(str(client.base_url))
    [box] = [one["id"] for one in config["components"] if one["props"].get("elem_id") == "question"]
    asks = [one for one in config["dependencies"] if [box, "submit"] in one["targets"] and one["backend_fn"]]
    session = uuid.uuid4().hex[:10]
    data = {"data": [QUESTION, None, {}], "fn_index": asks[0]["id"], "session_hash": session, "trigger_id": box}
    joined = await client.post("/gradio_api/queue/join", json=data)
    if not joined.is_success:
        return False
    text = ""
    async with client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as events:
        async for line in events.aiter_lines():
            text += line
            if "process_completed" in line or "unexpected_error" in line:
                break
    return "2026" in text and '"success":true' in text.replace(" ", "")


@cache
def configuration(url: str) -> Any:
    """Return what browsers find in the page itself."""
    return httpx2.get(f"{url}/config").json()


KINDS = {
    "old": Kind("#question", ".turn .facts", ask_old),
    "new": Kind("#question textarea", "#chat .facts", ask_new),
}


def main(store: Path | None, old: Path | None) -> None:
    """Measure, and print the figures."""
    places = {"new": ROOT, **({"old": old} if old else {})}
    seconds: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    answered: dict[str, dict[str, int]] = defaultdict(dict)
    with ExitStack() as stack:
        store = store or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "store"
        stores = {name: store.with_name(f"{store.name}-{name}") for name in places}
        for name, folder in places.items():
            # Each its own, made by its own code: formats differ.
            run(folder, "-m", "assistant.cli.main", "sync", str(ROOT / "seeds"), "--store", str(stores[name]))
        urls = {name: stack.enter_context(serving(places[name], stores[name])) for name in places}
        assistant = stack.enter_context(Assistant(stores["new"], chat_model="extractive"))
        assistant.ask(QUESTION)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER_OPTIONS)
            for run_number in range(-1, RUNS):
                for name, url in urls.items():
                    for what, value in visit(browser, url, KINDS[name]):
                        # The first of all warms the server.
                        if run_number >= 0:
                            seconds[name][what].append(value)
                started = time.perf_counter()
                assistant.ask(QUESTION)
                seconds["api"]["answer"].append(time.perf_counter() - started)
            browser.close()
        for visitors in CROWDS:
            for name, url in urls.items():
                times, right = asyncio.run(crowd(url, KINDS[name], visitors))
                seconds[name][f"{visitors}_at_once"] = times
                answered[name][f"{visitors}_at_once"] = right
    figures = {
        name: {what: {"median": statistics.median(times), "worst": max(times)} for what, times in measured.items()}
        for name, measured in seconds.items()
    }
    for name, counts in answered.items():
        for what, right in counts.items():
            figures[name][what]["answered"] = right
    print(json.dumps(figures, indent=2))


def visit(browser: Browser, url: str, kind: Kind) -> Iterator[tuple[str, float]]:
    """Come as a new visitor, ask, and come again."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    transferred = [0.0]
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on(
        "Network.loadingFinished", lambda event: transferred.append(transferred.pop() + event["encodedDataLength"])
    )
    yield "usable_new", opened(page, url, kind)
    # What is asked for after the box can be used counts as well.
    page.wait_for_timeout(2000)
    yield "kilobytes", transferred[0] / 1000
    yield "first_paint", page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
    page.locator(kind.box).fill(QUESTION)
    started = time.perf_counter()
    page.keyboard.press("Enter")
    page.locator(kind.finished).first.wait_for()
    yield "answer", time.perf_counter() - started
    again = context.new_page()
    yield "usable_again", opened(again, url, kind)
    context.close()


def opened(page: Page, url: str, kind: Kind) -> float:
    """Return how long it takes until a question can be typed."""
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator(kind.box).wait_for()
    return time.perf_counter() - started


async def crowd(url: str, kind: Kind, visitors: int) -> tuple[list[float], int]:
    """Let many visitors ask at once; return how long each waits, and how many are answered."""
    configuration(url) if kind is KINDS["new"] else None

    async def one() -> tuple[float, bool]:
        async with httpx2.AsyncClient(base_url=url, timeout=300) as client:
            await client.get("/")
            started = time.perf_counter()
            is_answered = await kind.ask(client)
            return time.perf_counter() - started, is_answered

    outcomes = await asyncio.gather(*(one() for _ in range(visitors)))
    return [seconds for seconds, _ in outcomes], sum(is_answered for _, is_answered in outcomes)


@contextmanager
def serving(folder: Path, store: Path) -> Iterator[str]:
    """Serve the page of a checkout on a free port."""
    command = [sys.executable, "app.py", "--store", str(store), "--chat-model", "extractive", "--port", "0"]
    server = subprocess.Popen(command, cwd=folder, env=environment(folder), stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        found = None
        while found is None:
            found = re.search(r"http://\S+:\d+", server.stderr.readline())
        yield found[0]
    finally:
        server.terminate()
        server.wait()


def run(folder: Path, *arguments: str) -> None:
    """Run a checkout's own code."""
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment(folder), check=True, capture_output=True)


def environment(folder: Path) -> dict[str, str]:
    """Return the environment in which a checkout's code is found before what is installed."""
    return {**os.environ, "PYTHONPATH": str(folder)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path, nargs="?")
    parser.add_argument("--old", type=Path)
    options = parser.parse_args()
    main(options.store, options.old)
