"""llama.cpp's own server with the real local model, started by somebody else, found and used. Skipped without the model."""

import importlib.util
import subprocess
import sys

import pytest

from assistant.chat_models import servers
from assistant.chat_models.catalogue import load_catalogue
from assistant.chat_models.registry import load_chat_model, resolve
from assistant.chat_models.servers import find_servers
from assistant.settings import load_settings

pytestmark = pytest.mark.model

# As people start it, but for the port: a context, no name for the model, and a key or none.
SERVER = """
import sys
from xllamacpp import CommonParams, Server
params = CommonParams()
params.model.path = sys.argv[1]
params.api_keys = sys.argv[2:]
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 1024
params.no_extra_bufts = True
server = Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def running(monkeypatch):
    """Starts a server with the given key, at the port where llama.cpp's is looked for."""
    # Not imported here, where torch may have brought other Cython types: the server has a process of its own.
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("needs the package xllamacpp")
    entry = load_catalogue().find("local")
    if not entry.is_pulled(load_settings()):
        pytest.skip("needs the local chat model: assistant models pull local")
    processes = []

    def start(*keys):
        command = [sys.executable, "-c", SERVER, str(entry.path(load_settings())), *keys]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        processes.append(process)
        port = int(process.stdout.readline().strip().rpartition(":")[2])
        monkeypatch.setattr(servers, "PORTS", {port: "LM Studio"})
        monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
        servers._found.cache_clear()
        return port

    yield start
    servers._found.cache_clear()
    for process in processes:
        process.kill()
        process.communicate()


def test_it_is_found_taken_by_auto_and_answers(running):
    port = running()
    [server] = find_servers()
    assert (server.software, server.port) == ("llama.cpp", port)
    settings = load_settings(find_servers=True)
    assert resolve(settings).name.startswith(f"server:{port}/qwen2.5-coder-1.5b")
    model = load_chat_model("auto", settings)
    assert model.reads_little
    text = "[1] The ferry to Port Alder leaves at nine.\n\nWhen does the ferry leave? Answer in one sentence."
    with model.explained():
        written = "".join(chunk.text for chunk in model.connect().stream(text))
    assert "nine" in written.lower()


def test_one_with_a_key_is_left_alone(running):
    running("secret")
    assert find_servers() == ()
