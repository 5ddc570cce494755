"""Files of a store, damaged at random: what is wrong is said, or nothing is; no process crashes.

    python benchmarks/torture/damage.py --number 500

Prints a JSON object: how many damages were told of, how many changed nothing that can be read, and what was wrong.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "store"))
from hash_encoder import HashEncoder

from assistant.articles.article import Article
from assistant.embedding.token_codec import TokenCodec
from assistant.errors import AssistantError
from assistant.indexing.passage_encoder import PassageEncoder, fingerprint_of
from assistant.settings import Settings
from assistant.store.local_store import LocalStore

SECONDS = 30
ENCODER = HashEncoder()
CODEC = TokenCodec("plain", np.zeros(ENCODER.dimension, np.float32))
SETTINGS = Settings(store=Path("unused"))
FINGERPRINT = fingerprint_of(ENCODER, CODEC, SETTINGS)


def flip(data: bytearray, chance: random.Random) -> None:
    """Turn a bit."""
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def overwrite(data: bytearray, chance: random.Random) -> None:
    """Put other bytes over some."""
    at = chance.randrange(len(data))
    length = min(chance.choice([1, 4, 64, 512, 4096]), len(data) - at)
    data[at : at + length] = chance.randbytes(length)


def blank(data: bytearray, chance: random.Random) -> None:
    """Put zeros over a page, as a disk does that did not write it."""
    at = chance.randrange(len(data)) // 4096 * 4096
    length = len(data[at : at + 4096])
    data[at : at + length] = bytes(length)


def truncate(data: bytearray, chance: random.Random) -> None:
    """Cut the end off."""
    del data[chance.randrange(len(data)) :]


def swap(data: bytearray, chance: random.Random) -> None:
    """Exchange two pages."""
    pages = len(data) // 4096
    one, other = (chance.randrange(pages) * 4096 for _ in range(2)) if pages else (0, 0)
    data[one : one + 4096], data[other : other + 4096] = data[other : other + 4096], data[one : one + 4096]


DAMAGES: list[Callable[[bytearray, random.Random], None]] = [flip, flip, flip, overwrite, blank, truncate, swap]


def build(folder: Path) -> None:
    """Make a store."""
    passages = PassageEncoder(ENCODER, CODEC, SETTINGS)
    with LocalStore.open(folder, FINGERPRINT) as store:
        for number in range(12):
            text = "\n\n".join(f"In {1800 + number * line} port {line} of town {number} was dug." for line in range(15))
            article = Article(
                f"/articles/{number}.txt", f"Town {number}", text, "en", metadata={"author": f"A{number}"}
            )
            store.put(article, list(passages.encode([(article, passages.chunk(article))])))


def contents(store: LocalStore) -> str:
    """Return all that can be read of a store, and the rankings of some questions."""
    summaries = store.summaries()
    ids = [summary.id for summary in summaries]
    numbers = [passage.id for passage in store.passages_of(ids, 99)]
    questions = [ENCODER.encode_questions([f"port {number}"])[0].pooled for number in range(5)]
    ranked = [store.dense_candidates(question, 9) for question in questions]
    ranked += [store.lexical_candidates(["town", str(number)], 9) for number in range(5)]
    read = (summaries, store.articles(ids), store.passages(numbers), store.token_vectors(numbers), ranked)
    return repr((read, [vector.tobytes() for vector in store.vectors(numbers)], store.known_files()))


def trial(base: Path, sound: str, damage: Callable[[bytearray, random.Random], None], chance: random.Random) -> str:
    """Damage a copy of the store and return what came of it: "told", "harmless", or what is wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "store"
        shutil.copytree(base, folder)
        files = sorted(path for path in folder.iterdir() if path.stat().st_size)
        # The database most often: the index is derived from it.
        path = chance.choices(files, [5 if file.suffix == ".sqlite" else 1 for file in files])[0]
        data = bytearray(path.read_bytes())
        damage(data, chance)
        path.write_bytes(data)
        answers, told = os.pipe()
        child = os.fork()
        if not child:
            os.write(told, _judge(folder, sound).encode())
            os._exit(0)
        os.close(told)
        with open(answers, encoding="utf-8") as said:  # noqa: PTH123 - a descriptor
            found = said.read()
        _, status = os.waitpid(child, 0)
        return found or f"the process ended with {os.waitstatus_to_exitcode(status)} ({damage.__name__} of {path.name})"


def _judge(folder: Path, sound: str) -> str:
    signal.alarm(SECONDS)
    try:
        with LocalStore.open(folder, FINGERPRINT, create=False) as store:
            problems = store.check()
            try:
                read = contents(store)
            except AssistantError as error:
                return "told" if "\n" not in str(error) else f"several lines: {error}"
        if problems:
            return "told"
    except AssistantError as error:
        return "told" if "\n" not in str(error) else f"several lines: {error}"
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return "harmless" if read == sound else "changed in silence"


def run(number: int, seed: int = 1) -> dict[str, object]:
    """Damage so many copies."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        base = Path(name) / "store"
        build(base)
        with LocalStore.open(base, FINGERPRINT) as store:
            sound = contents(store)
        for count in range(number):
            damage = DAMAGES[count % len(DAMAGES)]
            found = trial(base, sound, damage, chance)
            counts[found if found in ("told", "harmless") else "wrong"] += 1
            if found not in ("told", "harmless"):
                wrong.append(f"{count}, {damage.__name__}: {found}")
    return {"trials": number, **counts, "wrong": wrong}


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.number, arguments.seed), indent=2))


if __name__ == "__main__":
    main()
