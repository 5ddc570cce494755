# ruff: noqa: F401 - fixtures are imported to be found by name
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from feed_server import assistant, site
