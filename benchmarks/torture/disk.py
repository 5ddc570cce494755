"""Everything that changes a store, with the disk full, broken, or the process or the power gone at every single call.

    python benchmarks/torture/disk.py                # every call
    python benchmarks/torture/disk.py --every 7      # each seventh

Prints a JSON object: how many trials there were of each kind of fault, and what was wrong after which. Needs Linux
and a C compiler.
"""

import argparse
import ctypes
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "store"))
from hash_encoder import HashEncoder

from assistant.articles.article import Article
from assistant.embedding.token_codec import TokenCodec
from assistant.errors import AssistantError
from assistant.indexing.passage_encoder import PassageEncoder, fingerprint_of
from assistant.settings import Settings
from assistant.store import maintenance
from assistant.store.local_store import LocalStore

HERE = Path(__file__).parent
KINDS = {"full": 1, "broken": 2, "failing once": 3, "killed": 4, "without power": 5}
ENDED = {"killed", "without power"}

Tell = Callable[[str], object]
Job = Callable[[Path, Tell], None]


def build(folder: Path) -> Path:
    """Compile the layer below the process; returns the library to preload."""
    library = folder / "disk_faults.so"
    source = HERE / "disk_faults.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    return library


def run(every: int = 1, jobs: str = "", kinds: str = "") -> dict[str, object]:
    """Run this module with the layer preloaded, and return what it found."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, __file__, "--every", str(every), "--jobs", jobs, "--kinds", kinds, "--preloaded"]
        environment = {**os.environ, "LD_PRELOAD": str(build(Path(name))), "OMP_NUM_THREADS": "1"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE.parents[1]), *sys.path]))
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
        )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def trials(every: int, only: str, kinds: str) -> dict[str, object]:
    """Try every job with every kind of fault at each call, or those that are named."""
    jobs = Jobs()
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for job in jobs.all:
        if only and job.__name__ not in only.split(","):
            continue
        for kind, code in KINDS.items():
            if kinds and kind not in kinds.split(","):
                continue
            call = 1
            while True:
                with tempfile.TemporaryDirectory() as name:
                    found, was_reached = jobs.trial(job, code, call, Path(name), ends=kind in ENDED)
                if not was_reached:
                    break
                counts[kind] += 1
                wrong += [f"{job.__name__}, {kind} at call {call}: {line}" for line in found]
                call += every
    return {"trials": dict(counts), "wrong": wrong}


class Jobs:
    """What changes a store, and what must be so after it was disturbed."""

    def __init__(self) -> None:
        self.settings = Settings(store=Path("unused"))
        self.encoder = HashEncoder()
        self.codec = TokenCodec("plain", np.zeros(self.encoder.dimension, np.float32))
        self.passages = PassageEncoder(self.encoder, self.codec, self.settings)
        self.fingerprint = fingerprint_of(self.encoder, self.codec, self.settings)
        self.library = ctypes.CDLL(None)
        self.library.disk_arm.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_long]
        self.library.disk_calls.restype = ctypes.c_long
        self.all: list[Job] = [
            self.create, self.add, self.remove, self.repair, self.vacuum, self.migrate, self.backup, self.restore,
        ]  # fmt: skip
        self.first = [self.article(number) for number in range(3)]
        self.further = [self.article(number) for number in range(3, 6)]

    def article(self, number: int) -> Article:
        text = "\n\n".join(f"Sentence {one} of article {number} speaks of port {number * one}." for one in range(20))
        return Article(f"/articles/{number}.txt", f"Article {number}", text, "en")

    def open(self, base: Path, *, create: bool = False) -> LocalStore:
        return LocalStore.open(base / "store", self.fingerprint, create=create)

    def put(self, store: LocalStore, article: Article) -> None:
        passages = self.passages.chunk(article)
        store.put(article, list(self.passages.encode([(article, passages)])))

    def prepare(self, job: Job, base: Path) -> None:
        """Make what the job begins with."""
        if job == self.create:
            return
        with self.open(base, create=True) as store:
            for article in self.first:
                self.put(store, article)
        if job == self.restore:
            maintenance.backup(base / "store", base / "kept")
            with self.open(base) as store:
                self.put(store, self.further[0])
        if job == self.migrate:
            with closing(sqlite3.connect(base / "store" / "store.sqlite")) as connection:
                for table in ("articles", "passages"):
                    connection.execute(f"ALTER TABLE {table} DROP COLUMN checksum")
                older = replace(self.fingerprint, schema=2).to_json()
                connection.execute("UPDATE state SET fingerprint = ?", (older,))
                connection.execute("PRAGMA user_version = 2")
                connection.commit()

    # The jobs: each tells what is done, as it is done.

    def create(self, base: Path, tell: Tell) -> None:
        with self.open(base, create=True) as store:
            for article in self.first:
                self.put(store, article)
                tell(f"+{article.id}")

    def add(self, base: Path, tell: Tell) -> None:
        with self.open(base) as store:
            for article in self.further:
                self.put(store, article)
                tell(f"+{article.id}")

    def remove(self, base: Path, tell: Tell) -> None:
        with self.open(base) as store:
            held = {summary.id for summary in store.summaries()}
            for article in self.first[:2]:
                if article.id in held:
                    store.remove([article.id])
                tell(f"-{article.id}")

    def repair(self, base: Path, tell: Tell) -> None:
        del tell
        with self.open(base) as store:
            store.repair()

    def vacuum(self, base: Path, tell: Tell) -> None:
        del tell
        maintenance.vacuum(base / "store")

    def migrate(self, base: Path, tell: Tell) -> None:
        del tell
        self.open(base).close()

    def backup(self, base: Path, tell: Tell) -> None:
        maintenance.backup(base / "store", base / "copy")
        tell("copied")

    def restore(self, base: Path, tell: Tell) -> None:
        maintenance.restore(base / "store", base / "kept")
        tell("restored")

    def trial(self, job: Job, code: int, call: int, base: Path, *, ends: bool) -> tuple[list[str], bool]:
        """Do a job with one fault; returns what is wrong after it, and whether the fault came at all."""
        self.prepare(job, base)
        answers, told = os.pipe()
        child = os.fork()
        if not child:
            os.close(answers)
            self._disturbed(job, code, call, base, lambda line: os.write(told, f"{line}\n".encode()), ends=ends)
        os.close(told)
        with open(answers, encoding="utf-8") as lines:  # noqa: PTH123 - a descriptor
            said = lines.read().splitlines()
        _, status = os.waitpid(child, 0)
        was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        was_reached = was_killed or "reached" in said
        wrong = [line for line in said if line.startswith("wrong: ")]
        if not was_killed and os.waitstatus_to_exitcode(status):
            wrong.append(f"the process ended with {os.waitstatus_to_exitcode(status)}")
        if was_reached:
            wrong += self._after(job, base, said)
        return wrong, was_reached

    def _disturbed(self, job: Job, code: int, call: int, base: Path, tell: Tell, *, ends: bool) -> None:
        """Do the job in a forked process, which ends here."""
        self.library.disk_arm(str(base).encode(), code, call)
        try:
            job(base, tell)
        except AssistantError as error:
            if "\n" in str(error):
                tell("wrong: an error of several lines")
        except BaseException as error:  # noqa: BLE001 - that is what is looked for
            tell(f"wrong: {type(error).__name__}: {' '.join(str(error).split())} {_where(error)}")
        reached = self.library.disk_calls() >= call
        self.library.disk_arm(b"", 0, 0)
        if reached:
            tell("reached")
            if not ends:
                self._go_on(job, base, tell)
        os._exit(0)

    def _go_on(self, job: Job, base: Path, tell: Tell) -> None:
        """Do it again in the same process, now that the disk is well: it has to work."""
        if job == self.backup and (base / "copy").exists():
            return
        try:
            job(base, tell)
        except BaseException as error:  # noqa: BLE001 - as above
            tell(f"wrong: afterwards {type(error).__name__}: {' '.join(str(error).split())} {_where(error)}")

    def _after(self, job: Job, base: Path, said: list[str]) -> list[str]:
        """Return what is wrong with what lies there."""
        try:
            with self.open(base, create=True) as store:
                wrong = store.check()
                held = {summary.id for summary in store.summaries()}
            if job == self.backup and (base / "copy").exists():
                with LocalStore.open(base / "copy", self.fingerprint, create=False) as copy:
                    wrong += [f"the copy: {line}" for line in copy.check()]
                    wrong += ["the copy lacks articles"] if len(copy.summaries()) != len(self.first) else []
            elif job == self.backup and "copied" in said:
                wrong.append("the copy is gone")
        except Exception as error:  # noqa: BLE001 - as above
            return [f"then {type(error).__name__}: {' '.join(str(error).split())} {_where(error)}"]
        wrong += [f"{line} is lost" for line in said if line[0] == "+" and line[1:] not in held]
        wrong += [f"{line} is back" for line in said if line[0] == "-" and line[1:] in held]
        first = {article.id for article in self.first}
        if job not in (self.create, self.remove) and not first <= held:
            wrong.append("articles of before are lost")
        if job == self.restore and "restored" in said and held != first:
            wrong.append("what was restored is not what was kept")
        return wrong


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="only each so-manieth call")
    parser.add_argument("--jobs", default="", help="only these, with commas")
    parser.add_argument("--kinds", default="", help="only these faults, with commas")
    parser.add_argument("--preloaded", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    start = trials if arguments.preloaded else run
    found = start(arguments.every, arguments.jobs, arguments.kinds)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
