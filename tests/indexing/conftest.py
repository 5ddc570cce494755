# ruff: noqa: F401, F811 - fixtures are imported to be found by name
import sys
from pathlib import Path

import pytest

from assistant.indexing.passage_encoder import fingerprint_of
from assistant.settings import Settings
from assistant.store.local_store import LocalStore

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))

from store_fixtures import codec, cut, encoder, folder, make_article, project


@pytest.fixture
def settings(folder):
    return Settings(store=folder)


@pytest.fixture
def store(folder, encoder, codec, settings):
    with LocalStore.open(folder, fingerprint_of(encoder, codec, settings)) as opened:
        yield opened
