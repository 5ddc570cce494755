"""Evaluation where its extra is not installed."""

import subprocess
import sys


def test_the_missing_extra_is_named_in_one_line():
    without = "import sys; sys.modules['ir_measures'] = None; from assistant.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", without, "eval", "any.jsonl"], capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Evaluation needs the package ir_measures: `pip install 'article-assistant[eval]'`.\n"
