"""What goes wrong around a command is told in one line, over real processes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.cli.faults import ProgramError, explained
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.errors import ModelError

ROOT = Path(__file__).parents[2]
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full and ulimit are of Linux")


@pytest.fixture(scope="module")
def store(tmp_path_factory, encoder):
    del encoder
    folder = tmp_path_factory.mktemp("faults") / "store"
    with Assistant(folder) as assistant:
        assert not assistant.sync(ROOT / "seeds").problems
    return folder


def run(command, store, **environment):
    """Run a line of the shell in which `assistant` is the program, on a store."""
    program = f'{sys.executable} -m assistant "$@" --store {store}'
    return subprocess.run(
        ["/bin/bash", "-c", f"assistant() {{ {program}; }}; {command}"],
        cwd=ROOT,
        capture_output=True,
        timeout=300,
        check=False,
        env={**os.environ, "COLUMNS": "200", "ASSISTANT_CHAT_MODEL": "extractive", **environment},
    )


def is_one_line(error):
    return error.strip().count(b"\n") == 0 and b"Traceback" not in error


@pytest.mark.parametrize("command", ["articles", "articles --json", "ask 'when is the next CSTO summit?'", "status"])
def test_a_terminal_that_lacks_characters_shows_them_escaped(store, command):
    done = run(f"assistant {command}", store, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr.count(b"Traceback")) == (0, 0)
    assert done.stdout.isascii()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("command", ["search weir", "check", "sync seeds", "vacuum"])
def test_a_store_whose_links_lead_in_a_circle_is_told(tmp_path, command):
    (tmp_path / "store").symlink_to(tmp_path / "store")
    done = run(f"assistant {command}", tmp_path / "store")
    assert done.returncode == 1
    assert str(tmp_path / "store").encode() in done.stderr
    assert is_one_line(done.stderr)
    assert b"has a fault" not in done.stderr


def test_nothing_is_said_where_nobody_reads_on(store):
    done = run("assistant articles --json | true; echo ${PIPESTATUS[0]}", store)
    assert done.stderr == b""


@needs_linux
@pytest.mark.parametrize("command", ["articles", "articles --json", "ask 'when is the next CSTO summit?'", "--version"])
def test_a_full_disk_behind_the_output_is_told(store, command):
    line = f"{sys.executable} -m assistant --version" if command == "--version" else f"assistant {command}"
    done = run(f"{line} > /dev/full", store)
    assert done.returncode == 1
    assert is_one_line(done.stderr), done.stderr
    assert b"No space left" in done.stderr
    assert b"elsewhere" in done.stderr


def test_a_closed_output_is_told(store):
    done = run("assistant articles >&-", store)
    assert done.returncode == 1
    assert is_one_line(done.stderr), done.stderr
    assert b"output is closed" in done.stderr


def test_closed_errors_are_no_fault(store):
    done = run("assistant articles 2>&-", store)
    assert done.returncode == 0
    assert done.stdout


@pytest.mark.parametrize("command", [r"remove $'\xff'", r"sync $'\xff'", r"add $'\xff.txt'"])
def test_what_is_no_utf_8_is_told(store, command):
    done = run(f"assistant {command}", store)
    assert done.returncode == 1
    assert is_one_line(done.stderr), done.stderr
    assert rb"\udcff" in done.stderr


@needs_linux
@pytest.mark.parametrize("kibibytes", [400_000, 800_000, 1_250_000])
def test_too_little_address_space_is_told(store, kibibytes):
    done = run(f"ulimit -v {kibibytes}; assistant ask 'when is the next CSTO summit?'", store)
    assert done.returncode == 1
    assert is_one_line(done.stderr), done.stderr
    assert b"ulimit -v" in done.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "There is not enough memory"),
        (OSError(5, "Input/output error", "/srv/a"), "/srv/a cannot be read or written"),
        (TypeError("a\nb"), "The program has a fault (TypeError: a b): report it"),
    ],
)
def test_whatever_else_goes_wrong_is_one_line(error, said):
    with pytest.raises(ProgramError) as raised, explained():
        raise error
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_flipped_bits_in_the_graph_are_told_or_do_no_harm(tmp_path, encoder, with_model):
    """In what describes the graph: the weights behind it only change figures."""
    model = next(with_model(tmp_path).glob("multilingual*"))
    folder = tmp_path / "copy"
    shutil.copytree(model.resolve(), folder, ignore=shutil.ignore_patterns("*.safetensors", "fp32", "q4"))
    graph = folder / "onnx" / "int8" / "model.onnx"
    content = graph.read_bytes()
    told = []
    for place in range(3, 3000, 149):
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        graph.write_bytes(damaged)
        try:
            OnnxEncoder(folder, graph=graph).encode_questions(["Is it damaged?"])
        except ModelError as error:
            told.append(str(error))
    assert told
    assert not [message for message in told if "\n" in message]
