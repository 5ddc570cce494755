"""How far the local model's process is, told without waiting for it."""

import gc
import os
import signal
import threading
import time

import pytest

from assistant.chat_models.catalogue import load_catalogue
from assistant.chat_models.local import is_runnable
from assistant.chat_models.local_process import LocalServer, Stage, servers_of
from assistant.errors import ModelError
from assistant.settings import load_settings


@pytest.mark.model
def test_it_loads_runs_fails_and_stops():
    entry = load_catalogue().find("local")
    path = entry.path(load_settings())
    if not entry.is_pulled(load_settings()):
        pytest.skip("needs the local chat model: assistant models pull local")
    server = LocalServer(path)
    assert server.stage is Stage.STOPPED
    assert server in servers_of(path)

    starting = threading.Thread(target=server.url)
    starting.start()
    deadline = time.monotonic() + 60
    while server.stage is not Stage.LOADING and time.monotonic() < deadline:
        time.sleep(0.001)
    assert server.stage is Stage.LOADING
    starting.join()
    assert server.stage is Stage.RUNNING
    assert server.failure == ""

    os.kill(server._process.pid, signal.SIGKILL)
    server._process.wait()
    assert server.stage is Stage.FAILED
    assert "SIGKILL" in server.failure
    server.close()
    assert server.stage is Stage.STOPPED


def test_why_it_could_not_start_is_kept_until_it_is_tried_again(tmp_path):
    if not is_runnable():
        pytest.skip("needs the package xllamacpp")
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF and nothing of use")
    server = LocalServer(path)

    with pytest.raises(ModelError) as caught:
        server.url()

    assert server.stage is Stage.FAILED
    assert server.failure == str(caught.value)
    server.close()
    assert server.stage is Stage.STOPPED


def test_a_server_that_is_gone_is_not_listed(tmp_path):
    server = LocalServer(tmp_path / "a.gguf")
    assert servers_of(tmp_path / "a.gguf") == [server]
    del server
    gc.collect()
    assert servers_of(tmp_path / "a.gguf") == []
