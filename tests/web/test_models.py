"""Pulling a chat model from the page."""

import time

import pytest

from assistant.errors import ModelError
from assistant.settings import load_settings
from assistant.web.models import Pulls, choose_model


def test_a_pull_that_fails_says_why(tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be", encoding="utf-8")
    pulls = Pulls(load_settings(cache=tmp_path / "cache"))

    pulls.start("local")

    deadline = time.monotonic() + 60
    while pulls.by_name["local"].stage != "failed" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pulls.by_name["local"].stage == "failed"
    assert str(tmp_path / "cache") in pulls.by_name["local"].reason


@pytest.mark.parametrize("name", ["local:/etc/passwd", "openai:gpt", "nonsense"])
def test_visitors_cannot_name_models_of_their_own(name, tmp_path):
    with pytest.raises(ModelError, match="not ready"):
        choose_model(name, load_settings(chat_model="extractive", cache=tmp_path))


def test_no_choice_is_the_servers_own(tmp_path):
    assert choose_model("", load_settings(chat_model="openai:m", cache=tmp_path)) == "openai:m"
