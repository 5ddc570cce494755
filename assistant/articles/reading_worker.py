"""The readers' own process: reads one source after another, each within its limits. `reading_process` runs it.

A few kilobytes can ask a parser for any amount of time and memory, or make it crash. Here that costs the one source.
Requests come on the standard input, an object that names the source and then its bytes; answers go to the standard
output, first one that says that this process has started, then for each source an object for each article and one that
says how it ended. The process ends with its input, and by itself when nothing comes for a while.
"""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from json import loads
from typing import IO, Any

from assistant.articles.layout.limits import limit_memory
from assistant.articles.limits import Allow, LimitExceededError, ReadingLimits, counting
from assistant.articles.reading import ReadOptions, problem
from assistant.articles.reading_frames import dump_article, dump_problem, read_frame, write_frame
from assistant.articles.registry import reader_for
from assistant.errors import Message, ReadError

IDLE_SECONDS = 60
# Whoever waits for an answer ends this process in time; where nobody is left who could, it ends itself.
_GRACE_SECONDS = 10
# A process whose libraries have taken more than this share of what it may have makes room for a new one.
_MOST_KEPT = 0.5
_PAGE = 4096


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    while True:
        _end_after(IDLE_SECONDS)
        try:
            request = loads(read_frame(requests))
            content = read_frame(requests)
        except EOFError:
            return
        chosen = request["options"]
        options = ReadOptions(**{**chosen, "limits": ReadingLimits(**chosen["limits"])})
        most_memory = options.limits.memory * 1024**2
        _end_after(request["seconds"] + _GRACE_SECONDS)
        limit_memory(most_memory)
        end: dict[str, Any] = {"is_final": False}

        allow = _allowing(answers, options.limits.more_seconds_for(len(content)))
        for answer in answers_to(request, content, options, allow):
            if "is_final" in answer:
                end = answer
            else:
                write_frame(answers, answer)
        is_last = _taken() > _MOST_KEPT * most_memory
        write_frame(answers, {**end, "end": "last" if is_last else "ready"})
        answers.flush()
        if is_last:
            return


def answers_to(
    request: Mapping[str, Any], content: bytes, options: ReadOptions, allow: Allow
) -> Iterator[dict[str, Any]]:
    """Yield what came of a source: its articles and problems, and whether that is final; or why there is nothing.

    Args:
        request: Names the source, and its format.
        content: Its bytes.
        options: How it is read.
        allow: Told what takes long, and how many seconds more it may take for that.
    """
    source = request["source"]
    try:
        with counting(options.limits, allow):
            reading = reader_for(request["suffix"])(content, source, charset=request["charset"], options=options)
        for article in reading.articles:
            yield {"article": dump_article(article)}
        for found in reading.problems:
            yield {"problem": dump_problem(found)}
        yield {"is_final": reading.is_final}
    except ReadError as error:
        yield {"problem": dump_problem(error)}
    except LimitExceededError as error:
        yield {"problem": dump_problem(problem(source, error.reason))}
    except MemoryError:
        gc.collect()
        yield {"problem": dump_problem(problem(source, too_much_memory(options.limits)))}
    except Exception as error:  # noqa: BLE001 - see below
        # The parsers are other people's, their input is hostile, and none lists what it may raise. Whatever it is,
        # it must cost this one source and not the sync of all the others.
        reason = Message("its reader failed ({kind}); save it again or in another format.", kind=type(error).__name__)
        yield {"problem": dump_problem(problem(source, reason)), "traceback": traceback.format_exc()}


def _allowing(answers: IO[bytes], most: dict[str, float]) -> Allow:
    """Return what lets a source take longer, within so many seconds for each purpose, and says so."""

    def allow(purpose: str, seconds: float) -> None:
        seconds = min(seconds, most[purpose])
        if seconds:
            most[purpose] -= seconds
            _end_later(seconds)
            write_frame(answers, {"more_seconds": seconds, "purpose": purpose})
            answers.flush()

    return allow


def too_much_memory(limits: ReadingLimits) -> Message:
    """Return what is said of a source that needs more memory than it may have."""
    return Message(
        "it needs more than {limit} MiB of memory to read; split it, or raise ASSISTANT_READING_MEMORY.",
        limit=limits.memory,
    )


def _taken() -> int:
    """Return the bytes of address space that this process has taken; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - after every source: it must be quick
            return int(file.read().split()[0]) * _PAGE
    except OSError:
        return 0


def _end_after(seconds: float) -> None:
    """End this process after so many seconds, whatever it does then, where the system can."""
    if sys.platform != "win32":
        signal.alarm(max(round(seconds), 1))


def _end_later(seconds: float) -> None:
    """Put the end that `_end_after` has set off by so many seconds."""
    if sys.platform != "win32":
        _end_after(signal.alarm(0) + seconds)


def _main() -> None:
    # What readers print must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    write_frame(answers, {"started": True})
    answers.flush()
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
