"""A hook of MkDocs: puts documents from outside `docs/` into the site, and makes links between files links of pages."""

import posixpath
import re
from typing import Any

from mkdocs.structure.files import File

FROM_ELSEWHERE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.md": "index.md",
    "SECURITY.md": "security.md",
    "evals/README.md": "question-sets.md",
    "evals/news/README.md": "news-questions.md",
    "examples/README.md": "examples.md",
}
"""Files of the repository, and the pages that they are."""

_PATHS = {page: path for path, page in FROM_ELSEWHERE.items() if page != "index.md"}
_LINK = re.compile(r"\[([^\]\n]*(?:\n[^\]\n]*)?)\]\(([^)\s:#]+)(#[^)\s]*)?\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the pages from elsewhere."""
    root = posixpath.dirname(str(config["docs_dir"]).replace("\\", "/"))
    for page, path in _PATHS.items():
        files.append(File.generated(config, page, abs_src_path=f"{root}/{path}"))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let links lead to pages; where a file is none, only its name is left."""
    here = _PATHS.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def lead(found: re.Match[str]) -> str:
        text, path, anchor = found[1], found[2], found[3] or ""
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
        if target in FROM_ELSEWHERE:
            target = FROM_ELSEWHERE[target]
        elif target.startswith("docs/") and posixpath.splitext(target)[1]:
            target = target.removeprefix("docs/")
        else:
            return text
        return f"[{text}]({posixpath.relpath(target, posixpath.dirname(page.file.src_uri) or '.')}{anchor})"

    return _LINK.sub(lead, markdown)
