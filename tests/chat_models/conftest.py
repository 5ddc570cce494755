"""Settings for tests of chat models; the server that plays the outside world is `world`."""

import pytest

from assistant.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    """Settings with a cache of their own and no key or hub from the environment."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "MISTRAL_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return load_settings(cache=tmp_path / "cache")
