"""How long visitors of the page wait: `python benchmarks/page.py [STORE]`, with Chromium installed.

Starts a server with extractive answers on the store (without one, on the seeds), and prints one JSON document: the
first paint, the headline question from the key press to the finished answer in the browser, and twenty visitors who
ask at once. What to compare with: the time of the same question through the Python API on the same machine, in the
same run.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
from playwright.sync_api import sync_playwright

from assistant import Assistant

ROOT = Path(__file__).parents[1]
QUESTION = "When is the next CSTO summit?"
RUNS = 5
VISITORS = 20


def main(store: Path | None) -> None:
    is_new = store is None
    store = store or Path(tempfile.mkdtemp()) / "store"
    with Assistant(store, chat_model="extractive") as assistant:
        if is_new:
            assistant.sync(ROOT / "seeds")
        assistant.ask(QUESTION)
        direct = [timed(lambda: assistant.ask(QUESTION)) for _ in range(RUNS)]
    command = [sys.executable, "app.py", "--store", store, "--chat-model", "extractive", "--port", "0"]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://\S+:\d+", server.stderr.readline())[0]
        ask(url)
        seconds = {"python_api": direct, **in_browser(url)}
        started = time.perf_counter()
        with ThreadPoolExecutor(VISITORS) as pool:
            crowd = list(pool.map(ask, [url] * VISITORS))
        everybody = time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()
    figures = {name: {"median": statistics.median(times), "worst": max(times)} for name, times in seconds.items()}
    figures["twenty_at_once"] = {"median": statistics.median(crowd), "worst": max(crowd), "all": everybody}
    print(json.dumps(figures, indent=2))


def in_browser(url: str) -> dict[str, list[float]]:
    paints, answers = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(RUNS):
            page = browser.new_context().new_page()
            page.goto(url)
            page.locator(".welcome li").first.wait_for()
            paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            paints.append(page.evaluate(paint) / 1000)
            page.locator("#question").fill(QUESTION)
            started = time.perf_counter()
            page.keyboard.press("Enter")
            page.locator(".turn .facts").wait_for()
            answers.append(time.perf_counter() - started)
            page.context.close()
        browser.close()
    return {"first_paint": paints, "headline_answer": answers}


def ask(url: str) -> float:
    with httpx2.Client(base_url=url, headers={"X-Assistant-Page": "1"}, timeout=120) as client:
        client.get("/")
        return timed(lambda: client.post("/page/ask", json={"question": QUESTION}).raise_for_status())


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
