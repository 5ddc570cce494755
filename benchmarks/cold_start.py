"""How long a question takes from a fresh process, on a warm disk, and what of it is importing and opening.

Run it as `python benchmarks/cold_start.py`; it syncs the sample article into a folder of its own and asks it. Medians
of several runs, in wall time and in processor time: the latter says more where other work runs beside it. Then the same
question of a process that asks a running server, and how long a server takes to answer anything, and to be ready.
"""

import argparse
import http.client
import json
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

SEEDS = Path(__file__).parents[1] / "seeds"
ASK = ["-m", "assistant", "ask", "--chat-model", "extractive"]
STAGES = {
    "python alone": ["-c", ""],
    "import of the program": ["-c", "import assistant.cli.main"],
    "import for a question": ["-c", "import assistant.cli.main, assistant.answering.responder"],
    "ask": [*ASK, "when is the next CSTO summit?", "--no-server", "--store"],
    "ask, JSON": [*ASK, "متى القمة؟", "--json", "--no-server", "--store"],
}
SERVED = {"ask of a server": [*ASK, "when is the next CSTO summit?", "--store"]}


def measured(arguments: list[str]) -> tuple[float, float]:
    """Run Python with these arguments; return wall and processor time in seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def started(store: str) -> tuple[subprocess.Popen[bytes], dict[str, list[float]]]:
    """Start a server; return it when it is ready, with the seconds to its first answer and to that."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.perf_counter()
    command = [sys.executable, "-m", "assistant", "serve", "--chat-model", "extractive", "--port", str(port)]
    process = subprocess.Popen([*command, "--store", store], stderr=subprocess.DEVNULL)
    took: dict[str, list[float]] = {}
    while "server is ready" not in took and process.poll() is None:
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/ready")
            status = connection.getresponse().status
            seconds = [round(time.perf_counter() - start, 2), processor_seconds(process.pid)]
            took.setdefault("server answers", seconds)
            if status == http.client.OK:
                took["server is ready"] = seconds
        time.sleep(0.01)
    return process, took


def processor_seconds(pid: int) -> float:
    """Return what a process has computed so far; 0 where the system does not tell."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100
    return 0.0


def medians(commands: dict[str, list[str]], store: str, rounds: int) -> dict[str, list[float]]:
    """Run commands in turn, several times over; return the medians of wall and processor time."""
    whole = {name: [*words, store] if words[-1] == "--store" else words for name, words in commands.items()}
    runs = [{name: measured(words) for name, words in whole.items()} for _ in range(rounds)]
    return {name: [round(statistics.median(one[name][kind] for one in runs), 2) for kind in (0, 1)] for name in whole}


def main() -> None:
    """Measure the stages in turn, several times over, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as store:
        measured(["-m", "assistant", "sync", str(SEEDS), "--store", store])
        found = medians(STAGES, store, options.rounds)
        server, took = started(store)
        try:
            found |= took | medians(SERVED, store, options.rounds)
        finally:
            server.terminate()
            server.wait()
    if options.json:
        print(json.dumps(found))
        return
    for name, (wall, processor) in found.items():
        print(f"{name:<24} {wall:6.2f} s, {processor:6.2f} s of processor time")


if __name__ == "__main__":
    main()
