"""What the standard tests do not ask: metadata, long documents, loaders, the tool and the runnable."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding

from assistant import Assistant
from assistant.answering.answer import Status
from assistant.errors import AssistantError
from assistant.integrations.langchain import AssistantEmbeddings, AssistantVectorStore, as_runnable, as_tool
from assistant.store.passage_store import Filters

DOCS = Path(__file__).parents[2] / "docs"
MILL = "The mill of Quedra was built in 1794 by Ada Rehn. It burnt down in 1911."


@pytest.fixture
def assistant(tmp_path):
    with Assistant(tmp_path / "store", chat_model="extractive") as assistant:
        assistant.create()
        yield assistant


def test_metadata_comes_back_and_describes_the_article(assistant):
    store = AssistantVectorStore(assistant)
    given = {"source": "mill.pdf", "page": 3, "title": "The mill", "date": date(2021, 5, 4), "tags": ["a", {"b": None}]}
    (name,) = store.add_documents([Document(MILL, metadata=given)])
    expected = given | {"date": "2021-05-04"}
    assert [document.metadata for document in store.get_by_ids([name])] == [expected]
    assert store.similarity_search("Who built the mill?", k=1)[0].metadata == expected
    (summary,) = assistant.articles(Filters(published_from=date(2021, 5, 4), published_to=date(2021, 5, 4)))
    assert (summary.title, summary.source) == ("The mill", name)
    assert name.startswith("mill.pdf#")


def test_a_document_loaded_again_is_the_same_one(assistant):
    store = AssistantVectorStore(assistant)
    documents = [Document(MILL, metadata={"source": "a", "page": page}) for page in (1, 1)]
    assert len(set(store.add_documents(documents))) == 1
    store.add_documents(iter(documents))
    assert len(assistant.articles()) == 1


def test_documents_of_one_text_are_removed_one_by_one(assistant):
    store = AssistantVectorStore(assistant)
    store.add_documents([Document(MILL), Document(MILL)], ids=["one", "two"])
    store.delete(["one", "never seen"])
    assert [document.id for document in store.get_by_ids(["one", "two"])] == ["two"]
    store.delete()
    assert assistant.articles() == []


def test_of_a_long_document_the_part_is_found(assistant):
    store = AssistantVectorStore(assistant)
    filler = "\n\n".join(
        f"In year {year} nothing of note happened in the town of Ilmen, as its records say."
        for year in range(1500, 1600)
    )
    text = f"{filler}\n\n{MILL}"
    store.add_documents([Document(text, metadata={"source": "chronicle"})], ids=["chronicle"])
    (found,) = store.similarity_search("Who built the mill of Quedra?", k=1)
    start = found.metadata["start_index"]
    assert "Ada Rehn" in found.page_content
    assert len(found.page_content) < len(text) / 2
    assert text[start : start + len(found.page_content)] == found.page_content
    assert found.id == "chronicle"
    assert store.get_by_ids(["chronicle"])[0].page_content == text


def test_scores_are_relevance_and_filters_count(assistant):
    store = AssistantVectorStore(assistant)
    store.add_documents(
        [
            Document(MILL, metadata={"language": "en"}),
            Document("Die Mühle wurde 1794 von Ada Rehn in Quedra gebaut und ist 1911 abgebrannt."),
        ]
    )
    scored = store.similarity_search_with_relevance_scores("Who built the mill of Quedra?", k=2)
    assert all(0 < score <= 1 for _, score in scored)
    assert scored == sorted(scored, key=lambda pair: -pair[1])
    (german,) = store.similarity_search("Who built the mill of Quedra?", k=2, filter=Filters(languages=("de",)))
    assert german.page_content.startswith("Die Mühle")
    retriever = store.as_retriever(
        search_type="similarity_score_threshold", search_kwargs={"k": 2, "score_threshold": 0.999999}
    )
    assert len(retriever.invoke("What does a camel eat?")) == 0
    with pytest.raises(TypeError, match="fetch_k"):
        store.similarity_search("mill", fetch_k=3)


def test_what_cannot_be_kept_is_told(assistant, caplog):
    store = AssistantVectorStore(assistant)
    with pytest.raises(AssistantError, match="Document odd: its metadata cannot be kept as JSON"):
        store.add_documents([Document(MILL, id="odd", metadata={"what": object()})])
    assert store.add_documents([Document(MILL, id="full"), Document(" \n", id="blank")]) == ["full"]
    assert "1 documents have no text and are left out" in caplog.text
    with pytest.raises(ValueError, match="zip"):
        store.add_documents([Document(MILL)], ids=["one", "two"])
    with pytest.raises(AssistantError, match="instead of DeterministicFakeEmbedding"):
        AssistantVectorStore.from_documents([Document(MILL)], DeterministicFakeEmbedding(size=8))


def test_documents_of_other_kinds_are_found_too(assistant, tmp_path):
    (tmp_path / "mill.txt").write_text(MILL, encoding="utf-8")
    assistant.sync(tmp_path / "mill.txt")
    store = AssistantVectorStore.from_documents([Document("Ilmen has a harbour.")], AssistantEmbeddings(assistant))
    (found,) = store.similarity_search("Who built the mill?", k=1)
    assert (found.id, found.metadata["title"]) == (str(tmp_path / "mill.txt"), assistant.article_from(found.id).title)
    assert [document.page_content for document in store.get_by_ids([found.id])] == [MILL]


def test_embeddings_tell_questions_from_passages(assistant):
    embeddings = AssistantEmbeddings(assistant)
    question = embeddings.embed_query("Who built the mill of Quedra?")
    mill, camel = embeddings.embed_documents([MILL, "Camels eat thorny plants."])
    near, far = (sum(one * other for one, other in zip(question, passage, strict=True)) for passage in (mill, camel))
    assert near > far
    assert question != embeddings.embed_documents(["Who built the mill of Quedra?"])[0]


def test_runnable_and_tool_answer(assistant):
    AssistantVectorStore(assistant).add_documents([Document(MILL, id="mill")])
    chain = as_runnable(assistant) | (lambda answer: answer.citations[0].quote)
    assert chain.invoke("Who built the mill of Quedra?") == "The mill of Quedra was built in 1794 by Ada Rehn."
    call = {
        "type": "tool_call",
        "id": "1",
        "name": "ask_articles",
        "args": {"question": "Who built the mill of Quedra?"},
    }
    message = as_tool(assistant).invoke(call)
    assert "[1] mill: The mill of Quedra was built in 1794 by Ada Rehn." in message.content
    assert message.artifact.status is Status.ANSWERED


def test_tool_tells_the_agent_what_is_wrong(tmp_path):
    with Assistant(tmp_path / "no store", chat_model="extractive") as assistant:
        call = {"type": "tool_call", "id": "1", "name": "ask_articles", "args": {"question": "Who?"}}
        message = as_tool(assistant).invoke(call)
    assert message.status == "error"
    assert "no store" in message.content


class Scripted:
    """A model behind OpenAI's API: it calls the tool that it is offered, then says what the tool said."""

    def __init__(self) -> None:
        self.bodies = []

    def __call__(self, request) -> None:
        body = json.loads(request.body)
        self.bodies.append(body)
        last = body["messages"][-1]
        if last["role"] == "tool":
            message, reason = {"role": "assistant", "content": f"I read: {last['content']}"}, "stop"
        else:
            called = {
                "name": body["tools"][0]["function"]["name"],
                "arguments": json.dumps({"question": last["content"]}),
            }
            call = {"id": "call-1", "type": "function", "function": called}
            message, reason = {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
        choice = {"index": 0, "message": message, "finish_reason": reason}
        answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        request.answer(200, json.dumps(answer).encode(), Content_Type="application/json")


def test_the_program_in_the_documents_runs(tmp_path, world, monkeypatch, capsys):
    (program,) = re.findall(
        r"```python\n(from pathlib.*?)```", (DOCS / "langchain.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(program.splitlines()) <= 24
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mill.txt").write_text(MILL, encoding="utf-8")
    world.routes["/v1/chat/completions"] = script = Scripted()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{world.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    exec(compile(program, "langchain.md", "exec"), {"__name__": "program"})
    printed = capsys.readouterr().out
    assert printed.startswith("I read: ")
    assert re.search(r"\[1\] mill\.txt#\w+: The mill of Quedra was built in 1794 by Ada Rehn\.", printed)
    assert "about our mill" in script.bodies[0]["tools"][0]["function"]["description"]
