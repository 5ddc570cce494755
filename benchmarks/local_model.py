"""What the local chat model takes to answer: the first word and the whole, for options of llama.cpp.

    python benchmarks/local_model.py --model ~/.cache/article-assistant/models/…/model.gguf
    python benchmarks/local_model.py --model FILE.gguf --options flash_attn_type=0 n_cache_reuse=64

Each set of options runs in a process of its own, as the program's own server does, and is asked what the program asks:
once with passages that it has not read ("cold"), then another question on the same passages ("same"), then a question
whose passages overlap with those ("overlap"). Seconds of the clock, and of all threads of the process: the latter say
more where other work runs beside it.
"""

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assistant import Assistant
from assistant.answering.prompting import SMALL, answer_prompt, choose_windows, fill_prompt
from assistant.chat_models import local_server

SEEDS = Path(__file__).parents[1] / "seeds"
QUESTIONS = {
    "cold": ("When is the next CSTO summit?", 2),
    "same": ("Where is the next CSTO summit?", 2),
    "overlap": ("Who declared the next CSTO summit?", 3),
}
KEY = "measured"
WORDS = 24


def serve(model: str, changes: dict[str, int]) -> None:
    """Be the server: the program's own parameters with changes, until the input ends."""
    from xllamacpp import Server  # noqa: PLC0415 - 100 MB of code for this process alone

    parameters = local_server._parameters(local_server.ServerOptions(model, KEY))  # noqa: SLF001 - they are measured
    for name, value in changes.items():
        if name == "threads":
            parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = value
        else:
            setattr(parameters, name, type(getattr(parameters, name))(value))
    server = Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


def prompts() -> dict[str, list[dict[str, str]]]:
    """Return what the program would ask for each question, and for the instructions alone."""
    found = {"instructions": fill_prompt(SMALL.instructions, SMALL.request, articles="", sentence="", question="Hi",
                                         language="English")}  # fmt: skip
    with tempfile.TemporaryDirectory() as store, Assistant(store, chat_model="extractive") as assistant:
        assistant.sync(SEEDS)
        hits = assistant.search(QUESTIONS["cold"][0], 6).hits
        for name, (question, limit) in QUESTIONS.items():
            windows = choose_windows(hits, SMALL.budget, limit)
            found[name] = answer_prompt(SMALL, question, "en", windows)
    roles = {"human": "user"}
    return {
        name: [{"role": roles.get(role, role), "content": text} for role, text in prompt]
        for name, prompt in found.items()
    }


def processor_seconds(pid: int) -> float:
    """Return what a process and its threads have computed so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def ask(address: str, pid: int, messages: list[dict[str, str]]) -> dict[str, float]:
    """Ask once; return seconds to the first word and to the end, of processor time, and tokens read and reused."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=3600)
    body = {"messages": messages, "stream": True, "temperature": 0, "max_tokens": WORDS, "timings_per_token": True}
    began, computed = time.perf_counter(), processor_seconds(pid)
    connection.request("POST", "/v1/chat/completions", json.dumps(body),
                       {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})  # fmt: skip
    first, first_computed, timings = 0.0, 0.0, {}
    with connection.getresponse() as response:
        for line in response:
            said = json.loads(line[6:]) if line.startswith(b"data: {") else {}
            if not first and any(choice["delta"].get("content") for choice in said.get("choices", ())):
                first, first_computed = time.perf_counter() - began, processor_seconds(pid) - computed
            timings = said.get("timings", timings)
    return {
        "first word": first,
        "whole": time.perf_counter() - began,
        "first word, processor": first_computed,
        "whole, processor": processor_seconds(pid) - computed,
        "read": timings.get("prompt_n", 0),
        "reused": timings.get("cache_n", 0),
        "written": timings.get("predicted_n", 0),
    }


def measured(
    model: str, changes: dict[str, int], asked: dict[str, list[dict[str, str]]]
) -> dict[str, dict[str, float]]:
    """Start a server with changes, and ask it all."""
    command = [sys.executable, __file__, "--model", model, "--serve", json.dumps(changes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, f"llama.cpp did not start with {changes}"
        found = {name: ask(address, process.pid, messages) for name, messages in asked.items()}
        process.kill()
    return found


def main() -> None:
    """Measure the program's own options, and each changed one, in turn and several times over; print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="A GGUF file.")
    parser.add_argument("--options", nargs="*", default=[], metavar="NAME=VALUE[,NAME=VALUE]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve is not None:
        serve(given.model, json.loads(given.serve))
        return
    sets = [{}, *({name: int(value) for name, _, value in (one.partition("=") for one in option.split(","))}
                  for option in given.options)]  # fmt: skip
    asked = prompts()
    rounds = [[measured(given.model, changes, asked) for changes in sets] for _ in range(given.rounds)]
    for number, changes in enumerate(sets):
        print(json.dumps(changes) if changes else "the program's own")
        for name in asked:
            values = {what: statistics.median(one[number][name][what] for one in rounds) for what in rounds[0][0][name]}
            print(f"    {name:<14}", ", ".join(f"{what} {value:.1f}" for what, value in values.items()), flush=True)


if __name__ == "__main__":
    main()
