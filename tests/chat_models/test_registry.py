import subprocess
import sys

import pytest

from assistant.chat_models import local
from assistant.chat_models.catalogue import load_catalogue
from assistant.chat_models.registry import Choice, State, available_models, load_chat_model, resolve
from assistant.errors import ModelError
from assistant.settings import load_settings

KEY = "sk-secret"


@pytest.fixture
def pulled(settings):
    """Settings whose cache holds a file of the local model's size (a hole, no bytes)."""
    model = load_catalogue().find("local")
    path = model.path(settings)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(model.bytes)
    return settings


def test_extractive_is_no_model(settings):
    assert load_chat_model("extractive", settings) is None


def test_auto_is_extractive_where_there_is_nothing_else(settings):
    choice = resolve(settings)
    assert choice.name == "extractive"
    assert "assistant models pull qwen2.5-coder-1.5b" in choice.reason
    assert load_chat_model("auto", settings) is None


def test_auto_takes_the_local_model_when_it_is_there(pulled):
    assert resolve(pulled) == Choice("local", "The local model is here.")
    assert load_chat_model("auto", pulled).name == "local:qwen2.5-coder-1.5b"


def test_a_key_in_the_environment_chooses_nothing(pulled, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert resolve(pulled).name == "local"


def test_auto_prefers_the_provider_that_was_named(pulled):
    settings = load_settings(cache=pulled.cache, chat_provider="openai:gpt-5-mini", chat_api_key=KEY)
    assert resolve(settings).name == "openai:gpt-5-mini"
    assert load_chat_model("auto", settings).name == "openai:gpt-5-mini"


def test_auto_says_why_the_named_provider_was_passed_over(pulled):
    choice = resolve(load_settings(cache=pulled.cache, chat_provider="openai:gpt-5-mini"))
    assert choice.name == "local"
    assert "openai:gpt-5-mini needs a key: set OPENAI_API_KEY" in choice.reason


def test_a_model_that_was_asked_for_is_never_replaced(settings):
    with pytest.raises(ModelError, match="assistant models pull"):
        load_chat_model("local", settings)
    with pytest.raises(ModelError, match="needs a key"):
        load_chat_model("openai:gpt-5-mini", settings)


def test_without_llama_cpp_the_list_and_the_error_say_so(pulled, monkeypatch):
    monkeypatch.setattr(local, "is_runnable", lambda: False)
    with pytest.raises(ModelError, match="pip install xllamacpp"):
        load_chat_model("local", pulled)
    assert resolve(pulled).name == "extractive"
    [info] = [info for info in available_models(pulled) if info.name == "local"]
    assert (info.state, info.remedy) == (State.NOT_SET_UP, "pip install xllamacpp")


def test_the_list_tells_what_each_needs(settings, monkeypatch):
    before = {info.name: info for info in available_models(settings)}
    assert before["extractive"].state is State.READY
    assert before["local"].state is State.NOT_PULLED
    assert before["local"].remedy == "assistant models pull qwen2.5-coder-1.5b"
    assert before["openai:MODEL"].state is State.NOT_SET_UP
    assert "OPENAI_API_KEY" in before["openai:MODEL"].remedy
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    after = {info.name: info for info in available_models(settings)}
    assert after["openai:MODEL"].state is State.READY
    assert after["openai:MODEL"].remedy == ""


def test_the_list_shows_a_pulled_model_as_ready(pulled):
    assert State.READY in {info.state for info in available_models(pulled) if info.name == "local"}


def test_a_file_of_ones_own_is_listed_without_a_digest(settings, tmp_path):
    file = tmp_path / "own.gguf"
    file.write_bytes(b"GGUF and so on")
    own = load_settings(cache=settings.cache, chat_model=f"local:{file}")
    [info] = [info for info in available_models(own) if info.name == f"local:{file}"]
    assert (info.state, info.bytes, info.sha256) == (State.READY, 14, "")
    file.unlink()
    [info] = [info for info in available_models(own) if info.name == f"local:{file}"]
    assert info.state is State.NOT_SET_UP
    assert "No such file" in info.remedy


def test_extractive_answers_import_no_model_library():
    script = (
        "import sys; from assistant.chat_models.registry import load_chat_model;"
        "from assistant.settings import load_settings; load_chat_model('extractive', load_settings());"
        "heavy = {'langchain_core', 'langchain', 'openai', 'xllamacpp', 'httpx', 'httpx2'} & set(sys.modules);"
        "print(*heavy)"
    )
    process = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert process.stdout.split() == []
