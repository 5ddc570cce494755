import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from store_fixtures import ask, codec, cut, encoder, fingerprint, folder, make_article, place, project, put, store  # noqa: F401
