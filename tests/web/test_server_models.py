"""A chat model of a server on this machine, as the page, the program and the start of the server name it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from assistant import Assistant
from assistant.chat_models import servers
from assistant.cli.main import app
from assistant.errors import ModelError
from assistant.settings import load_settings
from assistant.web.models import Pulls, choose_model, offered_models, shown_default
from assistant.web.serve import chat_model_line

LISTS = {
    "/api/tags": {
        "models": [{"model": "gemma3:4b", "details": {}}, {"model": "bge-m3", "details": {"families": ["bert"]}}]
    },
    "/api/ps": {"models": []},
}


class Ollama(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(LISTS[self.path]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def port(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ollama)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    monkeypatch.setattr(servers, "PORTS", {})
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{server.server_port}")
    servers._found.cache_clear()
    yield server.server_port
    servers._found.cache_clear()
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_page_offers_and_names_it(port, tmp_path):
    settings = load_settings(cache=tmp_path, find_servers=True)
    assert shown_default(settings, "en") == f"gemma3:4b, served by Ollama at 127.0.0.1:{port}"
    assert "يقدمه" in shown_default(settings, "ar")
    [one] = [one for one in offered_models(settings, Pulls(settings), "en") if one["name"].startswith("server:")]
    assert (one["state"], one["can_pull"]) == ("ready", False)
    assert choose_model(one["name"], settings) == f"server:{port}/gemma3:4b"
    with pytest.raises(ModelError, match="not ready"):
        choose_model("server:bge-m3", settings)


def test_the_page_shows_no_server_that_is_not_looked_for(port, tmp_path):
    settings = load_settings(cache=tmp_path, find_servers=False)
    assert shown_default(settings, "en") == "extractive"
    assert not [one for one in offered_models(settings, Pulls(settings), "en") if one["name"].startswith("server:")]


def test_the_start_of_the_server_says_which_model_and_where(port, tmp_path):
    line = chat_model_line(load_settings(cache=tmp_path, find_servers=True))
    assert line == f"Chat model: server:{port}/gemma3:4b (gemma3:4b, served by Ollama at 127.0.0.1:{port})"


def test_status_chat_and_the_list_say_so_too(port, tmp_path, encoder, monkeypatch):
    store = tmp_path / "store"
    monkeypatch.setenv("ASSISTANT_FIND_SERVERS", "true")
    monkeypatch.setenv("COLUMNS", "300")
    with Assistant(store) as assistant:
        assistant.create()
    where = f"gemma3:4b, served by Ollama at 127.0.0.1:{port}"

    told = CliRunner().invoke(app, ["status", "--store", str(store)]).stdout
    assert f"server:{port}/gemma3:4b" in told
    assert where in told
    told = json.loads(CliRunner().invoke(app, ["status", "--store", str(store), "--json"]).stdout)
    assert (told["chat_model"], told["chat_model_reason"]) == (f"server:{port}/gemma3:4b", f"{where}.")
    # Lines are as wide as the terminal.
    assert where in " ".join(CliRunner().invoke(app, ["chat", "--store", str(store)], input="").stderr.split())
    listed = json.loads(CliRunner().invoke(app, ["models", "list", "--json"]).stdout)
    assert listed["auto"] == {"name": f"server:{port}/gemma3:4b", "reason": f"{where}."}
    assert [model["name"] for model in listed["models"] if model["kind"] == "server"] == [f"server:{port}/gemma3:4b"]
