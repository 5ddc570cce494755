"""Servers on this machine, found by real HTTP: some that speak Ollama's and OpenAI's APIs, and some that speak neither."""

import json
import time

import pytest

from assistant.chat_models import servers
from assistant.chat_models.registry import Kind, available_models, load_chat_model, resolve
from assistant.chat_models.servers import find_servers, ollama_address
from assistant.errors import ModelError
from assistant.settings import load_settings

JSON = {"Content_Type": "application/json"}


def gives(document):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return lambda request: request.answer(200, body, **JSON)


def ollama_model(name, **more):
    return {"name": name, "model": name, "size": 1, "digest": "0", "details": {"families": ["qwen3"]}, **more}


def writes(*words):
    """A chat completion of OpenAI's API, streamed."""

    def route(request):
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.end_headers()
        for word in words:
            choice = {"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": None}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            request.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        request.wfile.write(b"data: [DONE]\n\n")
        request.close_connection = True

    return route


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch):
    """Let no server count but those of the test."""
    monkeypatch.setattr(servers, "PORTS", {})
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    servers._found.cache_clear()
    yield
    servers._found.cache_clear()


@pytest.fixture
def ollama(world, monkeypatch):
    """Makes `world` an Ollama with the given models, of which some are in memory."""

    def make(*models, loaded=()):
        monkeypatch.setenv("OLLAMA_HOST", world.url)
        world.routes |= {
            "/api/tags": gives({"models": list(models)}),
            "/api/ps": gives({"models": [ollama_model(name) for name in loaded]}),
            "/v1/chat/completions": writes("The ferry", " leaves at nine."),
        }

    return make


@pytest.fixture
def openai(world, monkeypatch):
    """Makes `world` a server of OpenAI's API, at a port that is known for `software`."""

    def make(*models, software="vLLM", **routes):
        monkeypatch.setattr(servers, "PORTS", {world.server_port: software})
        world.routes |= {"/v1/models": gives({"object": "list", "data": list(models)}), **routes}

    return make


def settings_that_look(settings, **overrides):
    return load_settings(cache=settings.cache, find_servers=True, **overrides)


def names():
    return [model.name for server in find_servers() for model in server.models]


def test_auto_takes_the_model_of_a_server_and_says_where_it_is(world, ollama, settings):
    ollama(ollama_model("gemma3:4b"))
    choice = resolve(settings_that_look(settings))
    assert choice.name == f"server:{world.server_port}/gemma3:4b"
    assert choice.reason == f"gemma3:4b, served by Ollama at 127.0.0.1:{world.server_port}."


def test_it_answers_without_the_keys_and_proxies_of_the_environment(world, ollama, settings, monkeypatch):
    ollama(ollama_model("gemma3:4b"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-openai-only")
    model = load_chat_model("auto", settings_that_look(settings, chat_api_key="sk-for-another-server"))
    assert model.connect().invoke("When?").content == "The ferry leaves at nine."
    asked = world.seen[-1]
    assert json.loads(asked.body)["model"] == "gemma3:4b"
    assert "sk-" not in str(asked.headers)


def test_the_model_that_was_used_last_comes_before_the_newest(ollama):
    ollama(ollama_model("new:8b"), ollama_model("older:4b"), ollama_model("used:1b"), loaded=["used:1b", "older:4b"])
    assert names() == ["used:1b", "older:4b", "new:8b"]


@pytest.mark.parametrize(
    "model",
    [
        ollama_model("nomic-embed-text:latest"),
        ollama_model("all-minilm:l6", details={"families": ["bert"]}),
        ollama_model("odd:1b", capabilities=["embedding"]),
        ollama_model("kimi:1t-cloud"),
        ollama_model("far:8b", remote_host="https://ollama.com:443"),
    ],
    ids=lambda model: model["name"],
)
def test_what_cannot_chat_here_is_not_taken(ollama, model):
    ollama(model, ollama_model("gemma3:4b", capabilities=["completion"]), loaded=[model["name"]])
    assert names() == ["gemma3:4b"]


def test_a_server_without_a_chat_model_is_no_choice(ollama, settings):
    ollama(ollama_model("nomic-embed-text:latest"))
    assert resolve(settings_that_look(settings)).name == "extractive"


@pytest.mark.parametrize(
    "name",
    ["\x1b[2Jgone", "two\nlines", "\u202eevil", "<script>alert(1)</script>", "", "x" * 300, 7, None, ["a"], {"a": 1}],
)
def test_a_hostile_name_is_left_out(ollama, openai, monkeypatch, name):
    ollama(ollama_model(name), ollama_model("gemma3:4b"))
    assert names() == ["gemma3:4b"]
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    openai({"id": name}, {"id": "Qwen/Qwen3-4B"})
    assert names() == ["Qwen/Qwen3-4B"]


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>Hello</html>",
        b"[]",
        b"{}",
        b'{"models": 3, "data": 4}',
        b'{"models": [1], "data": ["a"]}',
        b"",
        b"[" * 100_000,
    ],
)
def test_what_answers_something_else_is_left_alone(world, ollama, openai, settings, answer):
    ollama()
    openai()
    world.routes |= {"/api/tags": gives(answer), "/v1/models": gives(answer)}
    assert resolve(settings_that_look(settings)).name == "extractive"
    assert not [request for request in world.seen if request.command != "GET"]


@pytest.mark.parametrize("status", [301, 401, 403, 404, 500])
def test_a_refusal_or_redirect_is_left_alone(world, openai, status):
    openai()
    world.routes["/v1/models"] = lambda request: request.answer(status, b"", Location="/elsewhere")
    assert find_servers() == ()
    assert not world.paths("/elsewhere")


def test_too_long_a_list_is_left_alone(openai):
    openai({"id": "a", "padding": "x" * servers.MOST_BYTES})
    assert find_servers() == ()


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n{"])
def test_one_that_dawdles_holds_nobody_up(ollama, another_world, monkeypatch, beginning):
    def drip(request):
        request.wfile.write(beginning)
        while not request.server.closing.wait(0.1):
            if beginning:
                request.wfile.write(b" ")

    another_world.routes["/v1/models"] = drip
    monkeypatch.setattr(servers, "PORTS", {another_world.server_port: "vLLM"})
    ollama(ollama_model("gemma3:4b"))
    started = time.monotonic()
    assert names() == ["gemma3:4b"]
    assert time.monotonic() - started < servers.TOTAL_SECONDS + 0.5
    assert another_world.seen


def test_servers_are_looked_for_once(world, ollama):
    ollama(ollama_model("gemma3:4b"))
    find_servers()
    asked = len(world.seen)
    find_servers()
    assert len(world.seen) == asked


def test_nothing_is_asked_where_the_setting_is_off(world, ollama, settings):
    ollama(ollama_model("gemma3:4b"))
    off = load_settings(cache=settings.cache, find_servers=False)
    assert resolve(off).name == "extractive"
    assert not [model for model in available_models(off) if model.kind is Kind.SERVER]
    assert not world.seen


def test_no_proxy_hears_of_it(world, ollama, monkeypatch):
    ollama(ollama_model("gemma3:4b"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert names() == ["gemma3:4b"]


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("", "127.0.0.1:11434"),
        ("127.0.0.1:8123", "127.0.0.1:8123"),
        ("localhost", "127.0.0.1:11434"),
        ("http://localhost:8123/", "127.0.0.1:8123"),
        ("[::1]:8123", "[::1]:8123"),
        ("0.0.0.0:8123", "127.0.0.1:11434"),
        ("ollama.example.org", "127.0.0.1:11434"),
        ("127.0.0.1.example.org:80", "127.0.0.1:11434"),
        ("192.168.0.9:8123", "127.0.0.1:11434"),
        ("127.0.0.1:99999", "127.0.0.1:11434"),
        ("http://[::1", "127.0.0.1:11434"),
    ],
)
def test_only_a_loopback_address_of_ollama_counts(setting, address):
    assert ollama_address(setting) == address


def test_lm_studio_says_what_is_loaded_and_what_is_for_embedding(openai):
    more = [
        {"id": "qwen/qwen3-8b", "type": "llm", "state": "not-loaded"},
        {"id": "google/gemma-3-4b", "type": "vlm", "state": "loaded"},
        {"id": "e5", "type": "embeddings", "state": "loaded"},
    ]
    openai(*({"id": one["id"]} for one in more), software="LM Studio", **{"/api/v0/models": gives({"data": more})})
    [server] = find_servers()
    assert server.software == "LM Studio"
    assert [model.name for model in server.models] == ["google/gemma-3-4b", "qwen/qwen3-8b"]


def test_something_else_at_the_port_of_lm_studio_is_taken_for_what_it_is(openai):
    openai({"id": "phi-4"}, software="LM Studio")
    [server] = find_servers()
    assert (server.software, [model.name for model in server.models]) == ("A server", ["phi-4"])


def test_llama_cpp_names_a_file_without_its_folders_and_is_asked_for_it_by_its_path(world, openai, settings):
    path = "/srv/private/models/Qwen3-4B-Q4_K_M.gguf"
    openai(
        {"id": path, "owned_by": "llamacpp", "meta": {"n_params": 4.02e9}},
        **{"/props": gives({}), "/v1/chat/completions": writes("Nine.")},
    )
    model = load_chat_model("server:Qwen3-4B-Q4_K_M.gguf", settings)
    assert "private" not in model.name
    assert not model.reads_little
    assert model.connect().invoke("When?").content == "Nine."
    assert json.loads(world.seen[-1].body)["model"] == path


def test_a_llama_cpp_that_wants_a_key_is_left_alone(openai):
    openai(
        {"id": "m", "owned_by": "llamacpp"},
        **{"/props": lambda request: request.answer(401, b'{"error": {"code": 401}}')},
    )
    assert find_servers() == ()


@pytest.mark.parametrize(
    ("size", "is_small"), [("1.5B", True), ("494.03M", True), ("8.0B", False), ("?", False), (None, False)]
)
def test_a_small_model_is_given_short_prompts(ollama, settings, size, is_small):
    ollama(ollama_model("m:1", details={"parameter_size": size}))
    assert load_chat_model("server:m:1", settings).reads_little is is_small


def test_a_name_that_no_server_has_lists_what_there_is(world, ollama, settings):
    ollama(ollama_model("gemma3:4b"))
    with pytest.raises(ModelError, match=rf"serves 'nosuch': it has server:{world.server_port}/gemma3:4b\.$"):
        load_chat_model("server:nosuch", settings)


def test_the_list_has_what_servers_serve(world, ollama, settings):
    ollama(ollama_model("gemma3:4b"), ollama_model("qwen3:8b"))
    found = [model for model in available_models(settings_that_look(settings)) if model.kind is Kind.SERVER]
    assert [model.name for model in found] == [
        f"server:{world.server_port}/gemma3:4b",
        f"server:{world.server_port}/qwen3:8b",
    ]


def test_a_server_that_went_away_is_told_in_one_line(world, ollama, settings):
    ollama(ollama_model("gemma3:4b"))
    model = load_chat_model("server:gemma3:4b", settings)
    world.routes["/v1/chat/completions"] = lambda request: request.connection.close()
    told = r"^gemma3:4b of Ollama at 127\.0\.0\.1:\d+ could not be reached"
    with pytest.raises(ModelError, match=told) as caught, model.explained():
        model.connect().invoke("When?")
    assert "\n" not in str(caught.value)
