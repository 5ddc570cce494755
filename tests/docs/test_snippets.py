"""The Python of the documents runs as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def snippets():
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        # These ask a server: tests/integrations and tests/web have one.
        if path.name in ("langchain.md", "web.md"):
            continue
        # Those that begin with an import; the others go on from something before them.
        blocks = re.findall(r"```python\n((?:from|import) .*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
        yield from (pytest.param(block, id=f"{path.name}-{number}") for number, block in enumerate(blocks, start=1))


@pytest.mark.parametrize("snippet", list(snippets()))
def test_it_runs(snippet, tmp_path, encoder):
    del encoder  # unpacks the model, where that was not done
    for name in ("seeds", "evals"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "ASSISTANT_CHAT_MODEL": "extractive"}
    begun = "from assistant import Assistant\nassistant = Assistant('vectorstore')\nassistant.sync('seeds')\n"
    before = "" if "Assistant(" in snippet or "evaluate(" in snippet else begun
    done = subprocess.run(
        [sys.executable, "-c", before + snippet], cwd=tmp_path, env=environment, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_there_are_snippets():
    assert len(list(snippets())) >= 4
