"""`benchmarks/fetch_data.py`: published data by digest, from a real server on this machine."""

import hashlib
import importlib.util
import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant.evaluation.conversations import read_conversations

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fetch_data.py"

PUBLISHED = {
    "tasks": [
        {
            "task_id": "a::2",
            "input": [
                {"speaker": "user", "text": "Who runs the mill?", "metadata": {}},
                {"speaker": "agent", "text": "Ida Brandt."},
                {"speaker": "user", "text": "Since when?"},
            ],
            "contexts": [{"document_id": "mill"}],
            "targets": [{"speaker": "agent", "text": "She has run it since 2019."}],
            "Question Type": ["Factoid"],
            "Multi-Turn": ["Follow-up"],
            "Answerability": ["ANSWERABLE"],
        }
    ],
    "documents": [{"document_id": "mill", "text": "Ida Brandt has run the mill since 2019."}],
}


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("fetch_data", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def published(tmp_path):
    """A folder that a server on this machine publishes; gives it, the server's address and what was asked for."""
    folder = tmp_path / "published"
    folder.mkdir()
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            asked.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def digest(content):
    return hashlib.sha256(content).hexdigest()


def test_files_come_by_digest_and_only_once(script, published, tmp_path):
    folder, host, asked = published
    (folder / "deu.txt").write_text("Guten Tag.\n", encoding="utf-8")
    source = script.Source("tatoeba/deu.txt", "deu.txt", digest(b"Guten Tag.\n"))
    data = tmp_path / "data"
    assert script.fetch([source], data, host) == 1
    assert (data / "tatoeba" / "deu.txt").read_text(encoding="utf-8") == "Guten Tag.\n"
    assert script.fetch([source], data, host) == 0
    assert asked == ["/deu.txt"]


def test_another_file_than_the_expected_one_is_refused(script, published, tmp_path):
    folder, host, _ = published
    (folder / "deu.txt").write_text("Gute Nacht.\n", encoding="utf-8")
    source = script.Source("deu.txt", "deu.txt", digest(b"Guten Tag.\n"))
    with pytest.raises(script.FetchError, match="digest differs"):
        script.fetch([source], tmp_path / "data", host)
    assert not (tmp_path / "data").exists()


def test_a_missing_file_is_told_with_its_address(script, published, tmp_path):
    _, host, _ = published
    with pytest.raises(script.FetchError, match=f"{host}/gone.txt could not be fetched"):
        script.fetch([script.Source("gone.txt", "gone.txt", "0")], tmp_path, host)


def test_conversations_are_written_as_the_evaluation_reads_them(script, tmp_path):
    reference = tmp_path / "reference.json"
    reference.write_text(json.dumps(PUBLISHED), encoding="utf-8")
    script.convert_conversations(reference)
    found = read_conversations(tmp_path)
    [question] = found.questions
    assert (question.text, question.earlier) == ("Since when?", ("Who runs the mill?",))
    assert [article.text for article in found.articles] == ["Ida Brandt has run the mill since 2019."]


def test_the_list_names_the_files_that_figures_are_measured_with(script, shared_data):
    verbatim = [source for source in script.read_sources() if not source.file.startswith("mtrag/")]
    assert len(verbatim) == 36
    assert [
        source.file for source in verbatim if digest((shared_data / source.file).read_bytes()) != source.sha256
    ] == []
