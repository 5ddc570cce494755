"""The child process that runs a GGUF model: llama.cpp's OpenAI-compatible server on a loopback port.

A process of its own, since loading holds the interpreter lock for seconds, and since a model that crashes or is killed
for want of memory must not take the application with it. It is started by its path, imports nothing of this package,
and speaks with its parent over its standard streams: one line of JSON in (`ServerOptions`), one line out (the address).
It ends when its input does, so it cannot outlive its parent.
"""

import contextlib
import json
import os
import platform
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

PROMPT_CACHE_MIB = 512


@dataclass(frozen=True)
class ServerOptions:
    """What the parent asks for.

    Attributes:
        model: Path of the GGUF file.
        api_key: What requests must carry; kept out of the command line, which other users may read.
        context: Tokens each slot holds, prompt and answer together.
        slots: Requests served at once; further ones wait.
        threads: Threads that compute; 0 takes one for each core.
    """

    model: str
    api_key: str
    context: int = 3072
    slots: int = 4
    threads: int = 0


def main() -> None:
    """Serve until the parent closes this process's input."""
    # Ctrl-C reaches the whole terminal; it is the parent's to decide whether the model stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # llama.cpp may print; the parent's line gets a channel of its own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    options = ServerOptions(**json.loads(sys.stdin.readline()))
    _volunteer_for_the_oom_killer()

    from xllamacpp import Server  # noqa: PLC0415 - 100 MB of code that only this process needs

    server = Server(_parameters(options))
    answers.write(server.listening_address + "\n")
    answers.flush()
    sys.stdin.read()
    os._exit(0)  # there is nothing to save, and an orderly end would wait for answers nobody reads


def _parameters(options: ServerOptions) -> object:
    from xllamacpp import CommonParams  # noqa: PLC0415

    params = CommonParams()
    params.model.path = options.model
    params.model_alias = {"local"}  # answers would name the path of the file
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # any free one
    params.api_keys = [options.api_key]
    params.cors_origins = ""
    params.ui = False
    params.n_ctx = options.context * options.slots  # llama.cpp divides it among the slots
    params.n_parallel = options.slots
    if platform.machine().lower() in {"x86_64", "amd64"}:
        # Repacking weights for AVX2 was measured to read prompts slower and to take half as much memory again.
        params.no_extra_bufts = True
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.verbosity = 1  # errors
    if options.threads:
        params.cpuparams.n_threads = options.threads
        params.cpuparams_batch.n_threads = options.threads
    return params


def _volunteer_for_the_oom_killer() -> None:
    """Where Linux runs out of memory, let it take this process, not the application."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")


if __name__ == "__main__":
    main()
