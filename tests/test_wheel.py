"""The wheel holds everything that the package needs outside the checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*arguments, **options):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False, **options)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.mark.slow
def test_the_wheel_answers_outside_the_checkout(tmp_path, encoder):
    del encoder
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT))
    [wheel] = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    run(*pip, "install", "--no-deps", "--no-index", "--target", str(installed), str(wheel))

    environment = os.environ | {"PYTHONPATH": str(installed)}
    program = [sys.executable, "-m", "assistant"]
    where = run(sys.executable, "-c", "import assistant; print(assistant.__file__)", env=environment, cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed)
    run(*program, "sync", str(ROOT / "seeds"), env=environment, cwd=tmp_path)
    asked = run(*program, "ask", "when is the next CSTO summit?", "--json", "--chat-model", "extractive",
                env=environment, cwd=tmp_path)  # fmt: skip
    assert json.loads(asked)["status"] == "answered"
