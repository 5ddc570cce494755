# ruff: noqa: F401 - fixtures are imported to be found by name
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from store_fixtures import (
    ask,
    codec,
    cut,
    encoder,
    engine,
    fingerprint,
    folder,
    make_article,
    milvus,
    place,
    project,
    put,
    search,
    store,
)
