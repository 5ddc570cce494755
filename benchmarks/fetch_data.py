"""Fetch the published data that the figures in docs/figures.md were measured with: 37 files, 9 MB.

    python benchmarks/fetch_data.py
    python benchmarks/fetch_data.py --folder elsewhere --host https://mirror.example

Each file comes from a fixed commit of its makers' repository (`data_sources.json`) and is kept only if its SHA-256
digest is the expected one; files that are there already are not fetched again. Their licences: XQuAD and XQuAD-R
CC BY-SA 4.0, ARCD MIT, Tatoeba CC BY 2.0 FR, MTRAG Apache-2.0.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parents[1]
SOURCES = Path(__file__).with_name("data_sources.json")
HOST = "https://raw.githubusercontent.com"
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Source:
    """Where a file comes from: its name in the folder, its address behind the host, and its SHA-256 digest in hex."""

    file: str
    address: str
    sha256: str


class FetchError(Exception):
    """A file could not be fetched, or is not the expected one."""


def read_sources(path: Path = SOURCES) -> list[Source]:
    """Return the sources that a list names."""
    return [
        Source(one["file"], f"{group['repository']}/{group['commit']}/{one['path']}", one["sha256"])
        for group in json.loads(path.read_text(encoding="utf-8"))
        for one in group["files"]
    ]


def fetch(sources: Sequence[Source], folder: Path, host: str = HOST) -> int:
    """Bring the files of a list into a folder.

    Returns:
        How many were fetched; the others were there.

    Raises:
        FetchError: a file cannot be had, or has another digest.
    """
    missing = [source for source in sources if not _is_there(source, folder)]
    with httpx2.Client(timeout=TIMEOUT_SECONDS, follow_redirects=True) as client:
        for source in missing:
            url = f"{host.rstrip('/')}/{source.address}"
            try:
                content = client.get(url).raise_for_status().content
            except httpx2.HTTPError as error:
                raise FetchError(
                    f"{url} could not be fetched ({error}): try again, or name a mirror by --host."
                ) from error
            if hashlib.sha256(content).hexdigest() != source.sha256:
                raise FetchError(f"{url} is not the expected file (its SHA-256 digest differs): nothing was written.")
            _write(folder / source.file, content)
            print(f"{source.file}  {len(content):,} bytes")
    return len(missing)


def convert_conversations(reference: Path) -> None:
    """Write MTRAG's turns and documents beside its file, in the layout that `assistant eval` reads."""
    published = json.loads(reference.read_text(encoding="utf-8"))
    tasks = (
        {
            "id": task["task_id"],
            "turns": [{"speaker": turn["speaker"], "text": turn["text"]} for turn in task["input"]],
            "contexts": [context["document_id"] for context in task["contexts"]],
            "target": task["targets"][0]["text"],
            "question_type": task["Question Type"],
            "multi_turn": task["Multi-Turn"],
            "answerability": task["Answerability"][0],
        }
        for task in published["tasks"]
    )
    documents = (
        {"document_id": one["document_id"], "title": one.get("title") or "", "text": one["text"]}
        for one in published["documents"]
    )
    _write(reference.with_name("tasks.jsonl"), _json_lines(tasks))
    _write(reference.with_name("documents.jsonl"), _json_lines(documents))


def _is_there(source: Source, folder: Path) -> bool:
    path = folder / source.file
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == source.sha256


def _json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f"{path.name}.part")
    arriving.write_bytes(content)
    arriving.replace(path)


def main() -> None:
    """Fetch everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "data", help="where the files go")
    parser.add_argument("--host", default=HOST, help="take the files from a mirror of this host")
    arguments = parser.parse_args()
    try:
        count = fetch(read_sources(), arguments.folder, arguments.host)
        convert_conversations(arguments.folder / "mtrag" / "reference.json")
    except (FetchError, OSError) as error:
        sys.exit(str(error))
    print(f"{count} files fetched; all are in {arguments.folder}.")


if __name__ == "__main__":
    main()
