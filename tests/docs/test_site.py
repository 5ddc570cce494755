"""The documentation site builds strictly, and its links lead to pages."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_site_builds_and_every_link_leads_somewhere(tmp_path):
    pytest.importorskip("mkdocs", reason="needs mkdocs-material, which `make test` installs")
    build = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = sorted(tmp_path.rglob("index.html"))
    assert {"tutorial", "glossary", "contributing", "langchain"} <= {page.parent.name for page in pages}
    broken = []
    for page in pages:
        here = f"https://site/{page.relative_to(tmp_path).as_posix()}"
        for element, _, link, _ in lxml.html.parse(str(page)).getroot().iterlinks():
            target = urlsplit(urljoin(here, link))
            if target.netloc != "site":
                assert element.tag == "a", f"{page} loads {link}"
                continue
            file = tmp_path / unquote(target.path).lstrip("/")
            if not (file / "index.html" if file.is_dir() else file).is_file():
                broken.append((page.relative_to(tmp_path).as_posix(), link))
    assert broken == []
