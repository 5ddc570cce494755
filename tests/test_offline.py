"""A question is answered, from nothing but what is installed, in a process that has no network."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SEEDS = Path(__file__).parents[1] / "seeds"
WITHOUT_NETWORK = ["unshare", "--net", "--map-root-user"]


def run(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(autouse=True)
def _needs_network_namespaces():
    if not shutil.which("unshare") or run(*WITHOUT_NETWORK, "true").returncode:
        pytest.skip("this machine cannot make a process without a network (unshare --net)")


def test_the_headline_question_is_answered_without_any_network(tmp_path, encoder):
    del encoder  # unpacked by the fixture, so that this test times nothing but its own work
    program = [*WITHOUT_NETWORK, sys.executable, "-m", "assistant"]

    synced = run(*program, "sync", str(SEEDS), "--store", str(tmp_path))
    assert synced.returncode == 0, synced.stderr
    asked = run(*program, "ask", "when is the next CSTO summit?", "--store", str(tmp_path), "--json",
                "--chat-model", "extractive")  # fmt: skip

    assert asked.returncode == 0, asked.stderr
    answer = json.loads(asked.stdout)
    assert answer["status"] == "answered"
    assert "11 نوفمبر 2026" in answer["citations"][0]["quote"]


def test_nothing_on_the_way_to_an_answer_imports_torch(tmp_path, encoder):
    del encoder
    script = f"""
import sys
from assistant import Assistant
with Assistant({str(tmp_path)!r}, chat_model="extractive") as assistant:
    assistant.sync({str(SEEDS)!r})
    assert assistant.ask("when is the next CSTO summit?").citations
print(*(name for name in ("torch", "transformers", "sentence_transformers", "langchain_core") if name in sys.modules))
"""
    done = run(*WITHOUT_NETWORK, sys.executable, "-c", script)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
