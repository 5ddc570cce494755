"""How much of the project a question runs through: the files it enters, and how deep its calls go.

A warm extractive `Assistant.ask` over the sample articles is watched by a profile function, in all threads.

    python benchmarks/question_path.py
"""

import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median
from types import FrameType

import assistant
from assistant import Assistant

PROJECT = Path(assistant.__file__).parent
SEEDS = PROJECT.parent / "seeds"
QUESTION = "When is the next CSTO summit?"
TIMED = 50
COMPREHENSIONS = {"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"}


class Watch:
    """Notes the project's files that are entered while it watches, and the deepest chain of the project's calls.

    It sees the threads that are started after it was made. A worker's chain begins in its own thread.
    """

    def __init__(self) -> None:
        self.files: Counter[str] = Counter()
        self.deepest: list[str] = []
        self.is_on = False
        sys.setprofile(self._note)
        threading.setprofile(self._note)

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        if not self.is_on or event != "call" or not _is_ours(frame):
            return
        self.files[_file(frame)] += 1
        chain = []
        caller: FrameType | None = frame
        while caller is not None:
            if _is_ours(caller):
                chain.append(f"{_file(caller)}: {caller.f_code.co_name}")
            caller = caller.f_back
        if len(chain) > len(self.deepest):
            self.deepest = chain[::-1]


def _is_ours(frame: FrameType) -> bool:
    """Return whether a function of the project runs in a frame; comprehensions are none, as in Python 3.12."""
    return frame.f_code.co_filename.startswith(str(PROJECT)) and frame.f_code.co_name not in COMPREHENSIONS


def _file(frame: FrameType) -> str:
    return Path(frame.f_code.co_filename).relative_to(PROJECT).as_posix()


def _milliseconds(answering: Assistant) -> float:
    answering.ask(QUESTION)
    seconds = []
    for _ in range(TIMED):
        started = time.perf_counter()
        answering.ask(QUESTION)
        seconds.append(time.perf_counter() - started)
    return 1000 * median(seconds)


def main() -> None:
    """Print both numbers with what is behind them, and how long the question takes."""
    with tempfile.TemporaryDirectory() as folder:
        with Assistant(folder, chat_model="extractive") as answering:
            answering.sync(SEEDS)
            taken = _milliseconds(answering)
        watch = Watch()
        with Assistant(folder, chat_model="extractive") as answering:
            answering.ask(QUESTION)
            watch.is_on = True
            answering.ask(QUESTION)
            watch.is_on = False
    print(f"files entered: {len(watch.files)}")
    print(*(f"    {file}: {calls} calls" for file, calls in sorted(watch.files.items())), sep="\n")
    print(f"depth of calls: {len(watch.deepest)}")
    print(*(f"    {call}" for call in watch.deepest), sep="\n")
    print(f"a warm question takes {taken:.1f} ms (median of {TIMED})")


if __name__ == "__main__":
    main()
