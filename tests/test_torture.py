"""The short form of `make torture`: the same attacks, fewer of them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TORTURE = Path(__file__).parents[1] / "benchmarks" / "torture"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="needs fork, limits and /proc")]


def found_by(script, *arguments):
    done = subprocess.run(
        [sys.executable, str(TORTURE / script), *arguments], stdout=subprocess.PIPE, text=True, check=True, timeout=600
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_a_failing_disk_or_a_sudden_end_loses_nothing():
    found = found_by("disk.py", "--every", "40")
    assert set(found["trials"]) == {"full", "broken", "failing once", "killed", "without power"}
    assert min(found["trials"].values()) >= 20
    assert found["wrong"] == []


def test_damage_is_told_or_harmless():
    found = found_by("damage.py", "--number", "60", "--seed", "7")
    assert found["told"] >= 20
    assert found["wrong"] == []


def test_hostile_files_are_read_or_refused():
    found = found_by("files.py", "--number", "90", "--seed", "7", "--no-further")
    assert found["read"] >= 10
    assert found["refused"] >= 10
    assert found["wrong"] == []
