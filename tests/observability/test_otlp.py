"""What a collector is told of questions and of ingest: stages and figures, never a text."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("opentelemetry.sdk", reason="needs the extra otel")
from gradio_client import Client
from otlp_receiver import Receiver, attributes, points

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATIENCE = 120
# No word of these is a label of ours; each is looked for in all that is sent and logged.
TITLE = "Zorbanville harbour"
ARTICLE = f"{TITLE}\n\nThe quarrelsome ferryman Umberlio Quast mends the Zorbanville lighthouse on 14 March 2026.\n"
QUESTION = "When does Umberlio Quast mend the lighthouse?"
UNANSWERED = "How many trombonists live on Klaxonia?"
WRITTEN = (
    "Umberlio Quast mends the lighthouse on 14 March 2026 [1]. The Flimsterworth bank pays 900 dollars for it [1]."
)
SECRETS = re.compile(
    "Zorbanville|Umberlio|Quast|lighthouse|ferryman|trombonist|Klaxonia|Flimsterworth|hullabaloo", re.IGNORECASE
)

SCRIPT = f"""
import sys
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from assistant import Assistant
from assistant.answering.responder import Responder
from assistant.errors import AssistantError

class Model(GenericFakeChatModel):
    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        *_, last = chunks = list(super()._stream(messages, stop, run_manager, **kwargs))
        last.message.usage_metadata = {{"input_tokens": 321, "output_tokens": 45, "total_tokens": 366}}
        yield from chunks

class Broken(GenericFakeChatModel):
    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        raise KeyError("hullabaloo about " + str(messages))

with Assistant(sys.argv[1], chat_model="extractive") as assistant:
    assistant.sync([sys.argv[2]])
    assistant.ask({QUESTION!r})
    assistant.ask({UNANSWERED!r})
    retriever, settings = assistant._retriever, assistant.settings
    answer = Responder(retriever, settings, Model(messages=iter([AIMessage({WRITTEN!r})]))).ask({QUESTION!r})
    print(answer.status, answer.left_out, answer.text)
    conversation = assistant.conversation()
    conversation.ask({QUESTION!r})
    conversation.ask("And where?")
    try:
        Responder(retriever, settings, Broken(messages=iter([]))).ask({QUESTION!r})
    except Exception as error:
        print(type(error).__name__)
"""


@pytest.fixture
def receiver():
    with Receiver() as running:
        yield running


@pytest.fixture
def article(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "Zorbanville.txt").write_text(ARTICLE, encoding="utf-8")
    return folder


def run(code, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def told(receiver, article, tmp_path, encoder):
    del encoder
    done = run(SCRIPT, tmp_path / "store", article, ASSISTANT_OTLP_ENDPOINT=receiver.url)
    assert "Umberlio" in done.stdout  # what must not be told is what was worked on
    return receiver


def test_every_stage_is_a_span_within_its_question_or_ingest(told):
    names = {span.span_id: span.name for span in told.spans}
    parts = Counter((names.get(span.parent_span_id), span.name) for span in told.spans)
    for stage in ("read", "chunk", "encode_passages", "store"):
        assert parts["ingest", stage] == 1
    assert parts["question", "search"] >= 5
    assert parts["search", "encode_question"] or parts["question", "encode_question"]
    assert parts["question", "generate"] >= 1
    assert parts["question", "check"] >= 1
    assert parts["question", "rewrite"] == 2
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano > 0 for span in told.spans)


def test_questions_say_how_they_ended(told):
    ended = [attributes(span) for span in told.spans if span.name == "question"]
    assert Counter(one["assistant.status"] for one in ended)["not_found"] >= 1
    assert all(re.fullmatch("[0-9a-f]{16}", one["assistant.request"]) for one in ended)
    assert len({one["assistant.request"] for one in ended}) == len(ended)
    metrics = told.metrics
    assert sum(point.as_int for point in points(metrics["assistant.questions"])) == len(ended)
    assert points(metrics["assistant.refusals"])[0].as_int >= 1
    assert points(metrics["assistant.sentences.dropped"])[0].as_int == 1
    tokens = {attributes(one)["direction"]: one.as_int for one in points(metrics["assistant.tokens"])}
    assert tokens == {"input": 321, "output": 45}
    assert points(metrics["assistant.passages.encoded"])[0].as_int == 1
    stages = {attributes(point)["stage"] for point in points(metrics["assistant.stage.duration"])}
    assert {
        "read",
        "chunk",
        "encode_passages",
        "encode_question",
        "spelling",
        "full_text",
        "dense",
        "siblings",
        "rank",
        "qa",
        "search",
        "generate",
        "check",
    } <= stages


def test_no_text_is_told(told):
    assert len(told.bodies) >= 2
    for _, body in told.bodies:
        assert not SECRETS.search(body.decode("latin-1"))


def test_the_command_line_is_not_told(receiver, article, tmp_path, encoder):
    del encoder
    program = "from assistant.cli.main import main; main()"
    store = tmp_path / "store"
    ambient = {"OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "process,os,host", "OTEL_RESOURCE_ATTRIBUTES": "a=hullabaloo"}
    run(program, "sync", article, "--store", store)
    run(program, "ask", QUESTION, "--store", store, "--chat-model", "extractive",
        ASSISTANT_OTLP_ENDPOINT=receiver.url, **ambient)  # fmt: skip
    assert receiver.spans
    assert all(one.keys() == {"service.name", "service.version", "service.instance.id"} for one in receiver.resources)
    for _, body in receiver.bodies:
        assert not SECRETS.search(body.decode("latin-1"))


def test_the_variables_of_opentelemetry_alone_send_and_import_nothing(receiver, article, tmp_path, encoder):
    del encoder
    code = """
import sys
from assistant import Assistant
with Assistant(sys.argv[1], chat_model="extractive") as assistant:
    assistant.sync([sys.argv[2]])
    assistant.ask("When does the ferryman mend it?")
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))])
"""
    ambient = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
    }
    done = run(code, tmp_path / "store", article, **ambient)
    assert done.stdout.strip() == "[]"
    assert receiver.bodies == []


def test_a_redirect_is_not_followed_and_a_proxy_not_used(receiver, article, tmp_path, encoder, world):
    del encoder
    world.routes["/v1"] = lambda request: request.answer(307, b"", Location=receiver.url + request.path)
    proxies = {"http_proxy": receiver.url, "HTTP_PROXY": receiver.url, "no_proxy": "", "NO_PROXY": ""}
    code = "import sys; from assistant import Assistant; Assistant(sys.argv[1]).sync([sys.argv[2]])"
    run(code, tmp_path / "store", article, ASSISTANT_OTLP_ENDPOINT=world.url, **proxies)
    assert world.paths("/v1")
    assert receiver.bodies == []


def test_a_server_tells_of_its_queue_and_index_and_logs_in_json(receiver, article, tmp_path, encoder):
    del encoder
    store = tmp_path / "store"
    run("from assistant.cli.main import main; main()", "sync", article, "--store", store)
    command = [sys.executable, "app.py", "--store", str(store), "--chat-model", "extractive", "--port", "0"]
    environment = os.environ | {"ASSISTANT_OTLP_ENDPOINT": receiver.url}
    lines = []
    with subprocess.Popen(
        [*command, "--log-format", "json"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            for line in process.stderr:
                lines.append(line)
                if found := re.search(r"http://[\d.]+:\d+", line):
                    break
            client = Client(found[0], verbose=False, httpx_kwargs={"timeout": PATIENCE})
            for question in (QUESTION, UNANSWERED):
                client.predict(question, api_name="/ask")
        finally:
            process.send_signal(signal.SIGTERM)
            lines += process.stderr.read().splitlines()
            process.wait(PATIENCE)
    records = [json.loads(line) for line in lines]
    ended = [one for one in records if one["logger"] == "assistant.questions"]
    assert [one["status"] for one in ended] == ["answered", "not_found"]
    traced = {attributes(span)["assistant.request"] for span in receiver.spans if span.name == "question"}
    assert {one["request"] for one in ended} == traced
    gauges = {
        name: points(receiver.metrics[name])[0] for name in receiver.metrics if ".queue." in name or ".index." in name
    }
    assert gauges.keys() == {
        f"assistant.{one}" for one in ("queue.waiting", "queue.answering", "index.generation", "index.age")
    }
    assert gauges["assistant.index.generation"].as_int >= 1
    assert not SECRETS.search("".join(lines))
    for _, body in receiver.bodies:
        assert not SECRETS.search(body.decode("latin-1"))


def test_what_is_off_takes_no_time():
    code = """
import time
from assistant.observability import stage
started = time.perf_counter()
for _ in range(10_000):
    with stage("encode_passages", passages=1):
        pass
print((time.perf_counter() - started) / 10_000)
"""
    assert float(run(code).stdout) < 0.0001


def test_a_decorated_function_is_a_stage_at_each_call():
    code = """
from assistant import observability
class Recorder:
    seen = []
    def begin(self, name, attributes):
        self.seen.append(name)
        return observability.Stage()
observability._recorder = Recorder()
@observability.stage("read")
def read():
    return 1
print(read(), read(), Recorder.seen)
"""
    assert run(code).stdout.strip() == "1 1 ['read', 'read']"
