"""How long a question takes from a fresh process, on a warm disk, and what of it is importing and opening.

Run it as `python benchmarks/cold_start.py`; it syncs the sample article into a folder of its own and asks it. Medians
of several runs, in wall time and in processor time: the latter says more where other work runs beside it.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEEDS = Path(__file__).parents[1] / "seeds"
STAGES = {
    "python alone": ["-c", ""],
    "import of the program": ["-c", "import assistant.cli.main"],
    "import for a question": ["-c", "import assistant.cli.main, assistant.answering.responder"],
    "ask": ["-m", "assistant", "ask", "when is the next CSTO summit?", "--chat-model", "extractive", "--store"],
    "ask, JSON": ["-m", "assistant", "ask", "متى القمة؟", "--json", "--chat-model", "extractive", "--store"],
}


def measured(arguments: list[str]) -> tuple[float, float]:
    """Run Python with these arguments; return wall and processor time in seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure the stages in turn, several times over, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as store:
        measured(["-m", "assistant", "sync", str(SEEDS), "--store", store])
        commands = {name: [*words, store] if words[-1] == "--store" else words for name, words in STAGES.items()}
        rounds = [{name: measured(words) for name, words in commands.items()} for _ in range(options.rounds)]
    found = {
        name: [round(statistics.median(one[name][kind] for one in rounds), 2) for kind in (0, 1)] for name in STAGES
    }
    if options.json:
        print(json.dumps(found))
        return
    for name, (wall, processor) in found.items():
        print(f"{name:<24} {wall:6.2f} s, {processor:6.2f} s of processor time")


if __name__ == "__main__":
    main()
