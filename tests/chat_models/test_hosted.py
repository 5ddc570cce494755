"""Hosted models against a real HTTP server that speaks OpenAI's API, well and badly."""

import asyncio
import json
import traceback

import pytest
from pydantic import BaseModel

from assistant.chat_models.providers import PROVIDERS, load_hosted
from assistant.chat_models.registry import load_chat_model
from assistant.errors import ModelError
from assistant.settings import load_settings

KEY = "sk-very-secret-0123456789"
WORDS = ["The", " summit", " is", " in", " Moscow", " [1]"]
FAILURES = {
    "unauthorised": r"refused the key; check OPENAI_API_KEY or ASSISTANT_CHAT_API_KEY",
    "limited": r"rate limit or quota",
    "absent": r"was not found; check the model's name",
    "overloaded": r"failed \(.*503",
    "silent": r"did not answer in time; .* ASSISTANT_CHAT_TIMEOUT",
    "page": r"failed",
    "broken-json": r"failed",
    "no-choices": r"failed",
}


def event(delta: dict, **choice) -> bytes:
    data = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps(data | {"choices": [{"index": 0, "delta": delta, **choice}]}).encode() + b"\n\n"


JSON = {"Content_Type": "application/json"}
EVENTS = {"Content_Type": "text/event-stream"}


def unauthorised(request):
    error = {"error": {"message": f"Incorrect API key provided:\n {request.headers['Authorization']}"}}
    request.answer(401, json.dumps(error).encode(), **JSON)


def fine(request, words=(*WORDS,), pause: float = 0, end: bool = True):
    if not json.loads(request.body).get("stream"):
        message = {"role": "assistant", "content": "".join(words)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        request.answer(200, json.dumps(answer).encode(), **JSON)
        return
    request.send_response(200)
    request.send_header("Content-Type", "text/event-stream")
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    for word in words:
        write_chunk(request, event({"role": "assistant", "content": word}))
        request.server.closing.wait(pause)
    if end:
        write_chunk(request, event({}, finish_reason="stop") + b"data: [DONE]\n\n")
        write_chunk(request, b"")
    else:
        request.close_connection = True


def write_chunk(request, data: bytes):
    request.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))


def malformed(plain: bytes, streamed: bytes):
    """A server that answers `plain`, or `streamed` where a stream was asked for."""

    def route(request):
        if json.loads(request.body).get("stream"):
            request.answer(200, streamed, **EVENTS)
        else:
            request.answer(200, plain, **JSON)

    return route


def uses_the_tool(request):
    tool = json.loads(request.body)["tools"][0]["function"]["name"]
    use = {"id": "1", "type": "function", "function": {"name": tool, "arguments": '{"city": "Moscow"}'}}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": None, "tool_calls": [use]},
        "finish_reason": "tool_calls",
    }
    answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    request.answer(200, json.dumps(answer).encode(), **JSON)


MODELS = {
    "tools": uses_the_tool,
    "fine": fine,
    "hangs-up": lambda request: fine(request, WORDS[:3], end=False),
    "endless": lambda request: fine(request, WORDS * 1000, pause=0.01),
    "unauthorised": unauthorised,
    "limited": lambda request: request.answer(429, b'{"error": {"message": "slow down"}}', retry_after_ms="1", **JSON),
    "overloaded": lambda request: request.answer(503, b'{"error": {"message": "busy"}}', retry_after_ms="1", **JSON),
    "absent": lambda request: request.answer(404, b'{"error": {"message": "no such model"}}', **JSON),
    "silent": lambda request: request.server.closing.wait(60),
    "page": lambda request: request.answer(200, b"<html>Welcome</html>", Content_Type="text/html"),
    "broken-json": malformed(b"{broken", b"data: {broken\n\n"),
    "no-choices": malformed(b'{"choices": null}', b'data: {"choices": 7}\n\n'),
}


def completions(request):
    MODELS[json.loads(request.body)["model"]](request)


@pytest.fixture
def hosted(world, settings):
    """Loads an OpenAI model that talks to our server."""
    world.routes["/v1/chat/completions"] = completions

    def load(name: str, **overrides):
        overrides = {"chat_base_url": f"{world.url}/v1", "chat_api_key": KEY, "chat_timeout": 5} | overrides
        return load_chat_model(f"openai:{name}", load_settings(**overrides))

    return load


def _astream(model, text):
    async def collect():
        return [chunk.content async for chunk in model.astream(text)]

    return "".join(asyncio.run(collect()))


def call(way, model, text):
    """Call a chat model in one of LangChain's ways, with its failures explained."""
    with model.explained():
        return CALLS[way](model.connect(), text)


CALLS = {
    "invoke": lambda model, text: model.invoke(text).content,
    "stream": lambda model, text: "".join(chunk.content for chunk in model.stream(text)),
    "ainvoke": lambda model, text: asyncio.run(model.ainvoke(text)).content,
    "astream": _astream,
}


@pytest.mark.parametrize("way", CALLS)
def test_every_way_of_calling_gives_the_answer(hosted, world, way):
    assert call(way, hosted("fine"), "When?") == "".join(WORDS)
    [request] = world.seen
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert "temperature" not in json.loads(request.body)


def test_temperature_and_call_options_reach_the_server(hosted, world):
    hosted("fine", chat_temperature=0).connect().invoke("When?", extra_body={"top_k": 3}, stop=["\n"])
    asked = json.loads(world.seen[0].body)
    assert (asked["temperature"], asked["top_k"], asked["stop"]) == (0, 3, ["\n"])


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # how the SDK takes "no-choices"
@pytest.mark.parametrize("way", CALLS)
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_one_line_without_the_key(hosted, failure, way):
    model = hosted(failure, chat_timeout=1) if failure == "silent" else hosted(failure)
    with pytest.raises(ModelError, match=FAILURES[failure]) as caught:
        call(way, model, "When?")
    message = str(caught.value)
    assert message.startswith(f"openai:{failure} ")
    assert "\n" not in message
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in message
    assert KEY not in shown


@pytest.mark.parametrize("way", ["stream", "astream"])
def test_a_connection_lost_in_the_middle_is_told(hosted, way):
    with pytest.raises(ModelError, match="could not be reached, or broke off"):
        call(way, hosted("hangs-up"), "When?")


def test_the_words_before_a_lost_connection_arrive(hosted):
    stream = hosted("hangs-up").connect().stream("When?")
    assert [next(stream).content for _ in range(3)] == WORDS[:3]
    stream.close()


class Place(BaseModel):
    """Where something is."""

    city: str


def test_tools_reach_the_model(hosted):
    message = hosted("tools").connect().bind_tools([Place]).invoke("Where?")
    assert [(use["name"], use["args"]) for use in message.tool_calls] == [("Place", {"city": "Moscow"})]


def test_structured_output_comes_from_the_model(hosted):
    asked = hosted("tools").connect().with_structured_output(Place, method="function_calling")
    assert asked.invoke("Where?") == Place(city="Moscow")


def test_retries_are_bounded(hosted, world):
    with pytest.raises(ModelError):
        call("invoke", hosted("limited"), "When?")
    assert len(world.seen) == 2


def test_closing_a_stream_hangs_up(hosted, world):
    stream = hosted("endless").connect().stream("When?")
    assert next(stream).content == "The"
    stream.close()
    assert world.hung_up.wait(60)


def test_cancelling_a_task_hangs_up(hosted, world):
    async def cancel():
        started = asyncio.Event()

        async def read():
            async for _ in hosted("endless").connect().astream("When?"):
                started.set()

        task = asyncio.create_task(read())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await asyncio.to_thread(world.hung_up.wait, 60)

    assert asyncio.run(cancel())


def test_an_unreachable_server_is_told(settings):
    model = load_hosted("openai:fine", load_settings(chat_base_url="http://127.0.0.1:9/v1", chat_api_key=KEY))
    with pytest.raises(ModelError, match="could not be reached"):
        call("invoke", model, "When?")


def test_another_server_never_gets_the_providers_key(hosted, world, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-openai-only")
    world.routes["/v1/chat/completions"] = completions
    model = load_hosted("openai:fine", load_settings(chat_base_url=f"{world.url}/v1"))
    assert model.connect().invoke("When?").content == "".join(WORDS)
    assert world.seen[0].headers["Authorization"] == "Bearer none"


def test_nothing_prints_the_key(hosted):
    model = hosted("fine")
    backend = model.connect.__self__
    model.connect()
    for shown in (repr(model), str(model), repr(backend), repr(backend.settings)):
        assert KEY not in shown


def test_callbacks_hear_each_token_once(hosted):
    from langchain_core.callbacks import BaseCallbackHandler

    heard = []

    class Listener(BaseCallbackHandler):
        def on_llm_new_token(self, token, **kwargs):
            heard.append(token)

    list(hosted("fine").connect().stream("When?", config={"callbacks": [Listener()]}))
    assert [token for token in heard if token] == WORDS


def test_a_missing_key_is_one_line(settings):
    with pytest.raises(ModelError, match=r"^openai:m needs a key: set OPENAI_API_KEY or ASSISTANT_CHAT_API_KEY\.$"):
        load_hosted("openai:m", settings)


@pytest.mark.parametrize("provider", [provider for provider in PROVIDERS.values() if provider.name != "openai"])
def test_a_missing_package_is_one_line(settings, provider, monkeypatch):
    from assistant.chat_models import providers

    found = providers.importlib.util.find_spec
    monkeypatch.setattr(
        providers.importlib.util,
        "find_spec",
        lambda name: None if name == provider.package.replace("-", "_") else found(name),
    )
    with pytest.raises(ModelError, match=f"^{provider.name}:m needs the package {provider.package}: pip install"):
        load_hosted(f"{provider.name}:m", settings)


@pytest.mark.parametrize("name", ["gpt-5", "openai:", ":m", "nosuch:m", "", "locals"])
def test_a_malformed_name_lists_what_there_is(settings, name):
    with pytest.raises(ModelError, match=r"names no chat model: use auto, extractive, local, .*anthropic"):
        load_hosted(name, settings)


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_each_provider_is_one_langchain_knows(world, settings, provider):
    """Where its package is installed, each fails in one line on a server that only knows 404."""
    pytest.importorskip(provider.package.replace("-", "_"))
    overrides = {"chat_api_key": KEY} if provider.key else {}
    model = load_hosted(f"{provider.name}:m", load_settings(chat_base_url=world.url, chat_timeout=5, **overrides))
    with pytest.raises(ModelError, match=f"^{provider.name}:m ") as caught:
        call("invoke", model, "When?")
    assert world.seen
    assert KEY not in str(caught.value)
