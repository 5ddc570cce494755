"""Fixtures that every part of the tests may use."""

from pathlib import Path

import pytest

from assistant.embedding.encoder import Encoder
from assistant.embedding.loading import load_encoder
from assistant.settings import load_settings


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled embedding model, in its default precision."""
    return load_encoder(load_settings())


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets beside the project."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the data sets in {folder}")
    return folder
