"""The examples run, and say what is right."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name, *arguments):
    environment = os.environ | {"PYTHONPATH": str(EXAMPLES.parent), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_script_answers():
    printed = run("ask.py")
    assert printed.startswith("3 articles\n")
    assert "3 October 1868" in printed
    assert "four crowns" in run("ask.py", "What do visitors of the lighthouse pay?")


def test_the_own_questions_are_measured():
    figures = dict(line.split(": ") for line in run("own_questions.py").splitlines())
    assert figures["recall@1"].startswith("1.00")
    assert figures["right"].startswith("1.00")


def test_the_notebook_runs_from_its_first_cell_to_its_last(monkeypatch):
    """By the interpreter: what a kernel adds is the display of a cell's last value."""
    notebook = json.loads((EXAMPLES / "tour.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(EXAMPLES)
    names = {}
    printed = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(cell["source"], cell["id"], "exec"), names)
            printed.append(output.getvalue())
            assert cell["outputs"] == [], "outputs are not committed"
    _, ferry, market, refused, follow_up, search, recent = printed
    assert "25 minutes" in ferry
    assert "Donnerstag" in market
    assert refused.startswith("not_found")
    assert "1868" in follow_up
    assert len(search.splitlines()) == 2
    assert "The lighthouse of Cape Orrin" in recent
