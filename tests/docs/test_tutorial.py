"""The tutorial's commands do what it says, for a user with a report and a feed of their own."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fpdf import FPDF

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Sound news</title><link>{url}/</link>
<description>News</description><item><title>Solberg wins</title><link>{url}/regatta.html</link>
<description>Mira Solberg won.</description></item></channel></rss>"""
PAGE = """<html lang="en"><head><title>Solberg wins</title></head><body><article><h1>Solberg wins</h1>
<p>Mira Solberg won the regatta of Lonholm on Saturday. Her boat crossed the line four minutes before the next one.</p>
<p>Nineteen boats had started in the morning, in a light wind from the west, and all of them arrived before dark.</p>
</article></body></html>"""
# What installs, downloads gigabytes or goes on until it is stopped; other tests run these.
NOT_RUN = {"make install", ".venv/bin/assistant models pull local", ".venv/bin/assistant serve"}


def steps():
    """Yield each command with the lines that the tutorial shows below it."""
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.rstrip("\n").split("\n")
            yield command, shown


@pytest.fixture
def user(tmp_path, world, with_model):
    """A home folder with a report, a checkout's examples, and a site with a feed."""
    (tmp_path / "Documents").mkdir()
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=22)
    pdf.cell(0, 20, text="Report of the observatory")
    pdf.ln(30)
    pdf.set_font("helvetica", size=12)
    pdf.multi_cell(
        0, text="The budget of the observatory was 3.2 million crowns in 2023. Half of it was spent on a mirror."
    )
    pdf.output(str(tmp_path / "Documents" / "report.pdf"))
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    feed = FEED.format(url=world.url).encode()
    world.routes["/feed.xml"] = lambda request: request.answer(200, feed, Content_Type="application/rss+xml")
    world.routes["/regatta.html"] = lambda request: request.answer(200, PAGE.encode(), Content_Type="text/html")
    (tmp_path / "cache").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "ASSISTANT_CACHE": str(with_model(tmp_path / "cache")),
        "ASSISTANT_ALLOW_PRIVATE_ADDRESSES": "true",
        "ASSISTANT_FIND_SERVERS": "false",
        "COLUMNS": "120",
    }


def test_the_commands_do_what_the_tutorial_shows(tmp_path, user, world):
    run = set()
    for command, shown in steps():
        if command in NOT_RUN:
            continue
        program, *arguments = shlex.split(command.replace("https://example.org", world.url))
        assert program == ".venv/bin/assistant"
        arguments = [argument.replace("~", str(tmp_path)) for argument in arguments]
        done = subprocess.run(
            [sys.executable, "-m", "assistant", *arguments], cwd=tmp_path, env=user,
            capture_output=True, encoding="utf-8", timeout=300, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert done.returncode == 0, (command, said)
        lines = [" ".join(line.split()) for line in said.splitlines()]
        assert [line for line in shown if " ".join(line.split()) not in lines] == [], (command, said)
        run.add(arguments[0])
    assert run == {"sync", "ask", "add", "follow", "refresh", "articles", "eval"}


def test_what_is_not_run_is_in_the_tutorial():
    assert {command for command, _ in steps()} >= NOT_RUN
