"""`LangChainRetriever`: the search as LangChain's chains expect it."""

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.assistant import Assistant
from assistant.passages.tables import header_above
from assistant.retrieval.hit import Hit
from assistant.store.passage_store import Filters


class LangChainRetriever(BaseRetriever):
    """A LangChain `BaseRetriever` over the articles of an `Assistant`: `invoke` and `ainvoke` give `Document`s.

    Attributes:
        assistant: What searches.
        k: How many documents to give; `None` takes the setting.
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
    ) -> list[Document]:
        return [to_document(hit) for hit in self.assistant.search(query, self.k, self.filters).hits]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,  # noqa: ARG002 - the base class's signature
    ) -> list[Document]:
        result = await self.assistant.asearch(query, self.k, self.filters)
        return [to_document(hit) for hit in result.hits]


def to_document(hit: Hit) -> Document:
    """Return the passage of a hit, with where it stands and how well it matches as metadata."""
    header = header_above(hit.article.text, hit.passage.start)
    return Document(
        page_content=hit.passage.text,
        id=f"{hit.article.id}:{hit.passage.start}-{hit.passage.end}",
        metadata={
            "article": hit.article.id,
            "title": hit.article.title,
            "source": hit.article.source,
            "language": hit.article.language,
            "published": hit.article.published.isoformat() if hit.article.published else None,
            "start": hit.passage.start,
            "end": hit.passage.end,
            "header": header and header.of(hit.article.text),
            "score": hit.score,
            "sentence": hit.sentence_text,
            "sentence_start": hit.sentence.start,
            "sentence_end": hit.sentence.end,
            "page": hit.page,
            "section": hit.section,
        },
    )
