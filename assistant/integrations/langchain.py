"""The assistant in LangChain's programs: embeddings, a vector store, a retriever, a runnable and a tool for agents."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Self, TypeVar

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import BaseTool, StructuredTool, ToolException
from langchain_core.vectorstores import VectorStore
from pydantic import ConfigDict

from assistant.answering.answer import Answer
from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.integrations.langchain_documents import (
    article_document,
    id_of,
    is_blank,
    passage_document,
    to_article,
    to_document,
)
from assistant.store.passage_store import Filters

_BATCH = 64
"""Documents that are held in memory at once while a loader's are added."""

log = logging.getLogger(__name__)

_Item = TypeVar("_Item")


class LangChainRetriever(BaseRetriever):
    """A LangChain `BaseRetriever` over the articles of an `Assistant`: `invoke` and `ainvoke` give `Document`s.

    Attributes:
        assistant: What searches.
        k: How many documents to give; `None` takes the setting. `invoke(question, k=…)` counts before it.
        filters: Which passages may be found.

    Example:
        >>> with Assistant("vectorstore") as assistant:  # doctest: +SKIP
        ...     assistant.as_retriever(k=3).invoke("When is the next summit?")[0].metadata["sentence"]
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Assistant
    k: int | None = None
    filters: Filters | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - the base class's signature
        k: int | None = None,
    ) -> list[Document]:
        return [to_document(hit) for hit in self.assistant.search(query, k or self.k, self.filters).hits]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,  # noqa: ARG002 - the base class's signature
        k: int | None = None,
    ) -> list[Document]:
        result = await self.assistant.asearch(query, k or self.k, self.filters)
        return [to_document(hit) for hit in result.hits]


class AssistantEmbeddings(Embeddings):
    """LangChain's `Embeddings` by the assistant's embedding model, with its prompts for questions and for passages.

    Args:
        assistant: Whose settings name the model. Its store is not opened.

    Example:
        >>> len(AssistantEmbeddings(Assistant()).embed_query("When is the next summit?"))  # doctest: +SKIP
        384
    """

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question, of unit length; raises `ModelError` where the model cannot be loaded."""
        return [float(number) for number in self.assistant.embed_questions([text])[0]]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of passages, in their order; raises as `embed_query` does."""
        return [
            [float(number) for number in vector]
            for batch in _batches(texts, _BATCH)
            for vector in self.assistant.embed_passages(batch)
        ]


class AssistantVectorStore(VectorStore):
    """LangChain's `VectorStore` over the assistant's store, in which documents are articles like all others.

    A document becomes an article whose source is the document's id, so it can be asked about everywhere: in the page,
    from the terminal, by the API. It is cut into passages, and a search gives those: one that is no longer than a
    passage comes back as it was added, of a longer one the part that was found, with `start_index` in its metadata.
    Documents of the same text are one article, which has the metadata of the first.

    Args:
        assistant: Whose store it is.

    Example:
        >>> with Assistant("vectorstore") as assistant:  # doctest: +SKIP
        ...     store = AssistantVectorStore(assistant)
        ...     store.add_documents(loader.lazy_load())
        ...     store.similarity_search_with_relevance_scores("When is the next summit?", k=3)
    """

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    @property
    def embeddings(self) -> Embeddings:
        """The embedding model that the store's vectors are made with."""
        return AssistantEmbeddings(self.assistant)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Return the store of an `AssistantEmbeddings`, with these texts added; `from_documents` does it by this.

        Raises:
            AssistantError: `embedding` is another one: the store encodes what it holds itself.
        """
        if not isinstance(embedding, AssistantEmbeddings):
            raise AssistantError(
                "The store encodes texts itself: give AssistantEmbeddings(Assistant(…)) instead of {kind}, and name "
                "another model by ASSISTANT_EMBEDDING_MODEL.",
                kind=type(embedding).__name__,
            )
        store = cls(embedding.assistant)
        store.add_texts(texts, metadatas, ids=ids, **kwargs)
        return store

    def add_documents(
        self, documents: Iterable[Document], *, ids: Sequence[str] | None = None, **kwargs: Any
    ) -> list[str]:
        """Add documents, replacing those of the same ids; a loader's `lazy_load()` is read as it is needed.

        Args:
            documents: The documents. Those without text, as empty pages of a PDF, are left out with a warning.
            ids: Their ids, one each. Otherwise each has its own, or one made of its source and text.
            **kwargs: Nothing else is known, and refused.

        Returns:
            The ids of those that were added.

        Raises:
            AssistantError: a document cannot be kept, or the store cannot be written.
            TypeError: an argument is not known.
            ValueError: there are more or fewer ids than documents.
        """
        _refuse(kwargs)
        given = (
            documents
            if ids is None
            else (document.model_copy(update={"id": name}) for document, name in zip(documents, ids, strict=True))
        )
        added: list[str] = []
        for batch in _batches(given, _BATCH):
            full = [document for document in batch if not is_blank(document)]
            if len(full) < len(batch):
                log.warning("%d documents have no text and are left out.", len(batch) - len(full))
            report = self.assistant.add_articles([to_article(document) for document in full])
            if report.problems:
                raise report.problems[0]
            added += map(id_of, full)
        return added

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        """Remove documents, of which some may be unknown; without `ids`, all articles of the store."""
        _refuse(kwargs)
        if ids is None:
            self.assistant.remove(summary.id for summary in self.assistant.articles())
        else:
            self.assistant.remove_sources(ids)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Return documents whole, without those that are not there. An article of another kind has its source as id."""
        found = ((name, self.assistant.article_from(name)) for name in ids)
        return [article_document(article).model_copy(update={"id": name}) for name, article in found if article]

    def similarity_search(
        self,
        query: str,
        k: int = 4,
        filter: Filters | None = None,  # noqa: A002 - LangChain's name
        **kwargs: Any,
    ) -> list[Document]:
        """Return the passages that fit a question best, best first, of those that pass the filter."""
        return [document for document, _ in self.similarity_search_with_score(query, k, filter=filter, **kwargs)]

    def similarity_search_with_score(
        self,
        query: str,
        k: int = 4,
        filter: Filters | None = None,  # noqa: A002 - LangChain's name
        **kwargs: Any,
    ) -> list[tuple[Document, float]]:
        """Return the same, each with its calibrated relevance, from 0 to 1."""
        _refuse(kwargs)
        hits = self.assistant.search(query, k, filter).hits
        return [(passage_document(hit), hit.score) for hit in hits]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return float  # the scores are relevance already


def as_runnable(assistant: Assistant) -> Runnable[str, Answer]:
    """Return the assistant as a step of LangChain's chains: a question goes in, a checked and cited `Answer` comes out.

    Example:
        >>> chain = as_runnable(Assistant("vectorstore")) | (lambda answer: answer.text)  # doctest: +SKIP
        >>> chain.invoke("When is the next summit?")  # doctest: +SKIP
    """
    return RunnableLambda(assistant.ask, afunc=assistant.aask, name="article_assistant")


def as_tool(assistant: Assistant, *, name: str = "ask_articles", about: str = "") -> BaseTool:
    """Return the assistant as a tool for LangChain's agents.

    Args:
        assistant: What answers.
        name: What the agent calls the tool.
        about: What the articles are about, for the tool's description: the agent goes by it.

    Returns:
        A tool that takes a `question`. Its content is the answer and, below it, each sentence quoted for it with its
        source; its artifact is the `Answer`. What goes wrong is told to the agent in one line.

    Example:
        >>> create_agent("openai:gpt-5", [as_tool(assistant, about="the news of this week")])  # doctest: +SKIP
    """

    def ask(question: str) -> tuple[str, Answer]:
        try:
            answer = assistant.ask(question)
        except AssistantError as error:
            raise ToolException(str(error)) from error
        return _told(answer), answer

    async def aask(question: str) -> tuple[str, Answer]:
        try:
            answer = await assistant.aask(question)
        except AssistantError as error:
            raise ToolException(str(error)) from error
        return _told(answer), answer

    return StructuredTool.from_function(
        ask,
        aask,
        name=name,
        description=(
            f"Answers a question from a library of articles{f' about {about}' if about else ''}, in any language, with "
            "quotations that prove it, or says that they do not answer it. Ask whole questions, one at a time."
        ),
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


def _told(answer: Answer) -> str:
    quotes = (f"[{one.number}] {one.article.source}: {one.quote}" for one in answer.citations)
    return "\n".join([answer.text, *quotes])


def _refuse(unknown: dict[str, Any]) -> None:
    if unknown:
        raise TypeError(f"AssistantVectorStore knows no {', '.join(map(repr, unknown))}")


def _batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
