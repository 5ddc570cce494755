"""`local:FILE.gguf`, with files that cannot work. These need llama.cpp, but no model."""

import importlib.util
import random

import pytest

from assistant.chat_models.local_process import LocalServer
from assistant.chat_models.registry import load_chat_model
from assistant.errors import ModelError

# Looked for, not imported: it runs in a process of its own, and its compiled parts do not get on with PyStemmer's.
if importlib.util.find_spec("xllamacpp") is None:
    pytest.skip("needs the package xllamacpp", allow_module_level=True)


def test_a_missing_file_is_one_line(settings, tmp_path):
    with pytest.raises(ModelError, match=r"Cannot read the chat model .*none\.gguf: No such file or directory"):
        load_chat_model(f"local:{tmp_path / 'none.gguf'}", settings)


def test_a_folder_is_one_line(settings, tmp_path):
    with pytest.raises(ModelError, match="Cannot read the chat model"):
        load_chat_model(f"local:{tmp_path}", settings)


@pytest.mark.parametrize("content", [b"", b"GGU", b"\0" * 100, b"PK\x03\x04 not a model"])
def test_another_format_is_one_line(settings, tmp_path, content):
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.gguf is not a GGUF file"):
        load_chat_model(f"local:{file}", settings)


def test_a_damaged_model_fails_in_its_own_process(settings, tmp_path):
    file = tmp_path / "damaged.gguf"
    file.write_bytes(b"GGUF" + random.Random(1).randbytes(4096))
    model = load_chat_model(f"local:{file}", settings)
    assert model.name == "local:damaged.gguf"
    with pytest.raises(ModelError, match=r"llama\.cpp could not run .*damaged\.gguf: .*") as caught:
        model.connect()
    assert "\n" not in str(caught.value)
    model.close()


def test_a_model_that_never_comes_up_is_given_up(tmp_path, monkeypatch):
    from assistant.chat_models import local_process

    file = tmp_path / "slow.gguf"
    file.write_bytes(b"GGUF")
    hangs = tmp_path / "hangs.py"
    hangs.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(local_process.local_server, "__file__", str(hangs))
    monkeypatch.setattr(local_process, "START_SECONDS", 0.3)
    with pytest.raises(ModelError, match="could not run"):
        LocalServer(file).url()
