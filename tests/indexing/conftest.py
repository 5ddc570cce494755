# ruff: noqa: F401, F811 - fixtures are imported to be found by name
import sys
from pathlib import Path

import pytest

from assistant.indexing.passage_encoder import fingerprint_of
from assistant.settings import Settings
from assistant.store.stores import open_store

sys.path.insert(0, str(Path(__file__).parents[1] / "store"))

from store_fixtures import codec, cut, encoder, folder, make_article, place, project


@pytest.fixture
def settings(place):
    return Settings(store=place)


@pytest.fixture
def store(place, encoder, codec, settings):
    with open_store(place, fingerprint_of(encoder, codec, settings)) as opened:
        yield opened
