"""The documented help is the program's own."""

import runpy
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from assistant.cli.main import COMMANDS, app

ROOT = Path(__file__).parents[2]


def test_docs_cli_is_what_the_program_says():
    generate = [sys.executable, "-m", "typer", "assistant.cli.main", "utils", "docs", "--name", "assistant"]
    generated = subprocess.run(generate, capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").strip() == generated.strip(), "run 'make docs'"


def test_every_command_has_help_with_an_example():
    runner = CliRunner()
    for name in COMMANDS:
        if name in ("models", "feedback"):  # groups of commands, whose own help has the examples
            continue
        shown = runner.invoke(app, [name, "--help"])
        assert shown.exit_code == 0
        assert f"Example: assistant {name}" in " ".join(shown.output.split()), name


def test_the_reference_of_the_settings_is_up_to_date():
    script = runpy.run_path(str(ROOT / "docs" / "write_settings.py"))
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == script["reference"](), "run 'make docs'"
