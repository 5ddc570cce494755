"""LangChain's own standard tests, which every integration is to pass."""

import pytest
from langchain_tests.integration_tests import (
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    ToolsIntegrationTests,
    VectorStoreIntegrationTests,
)
from langchain_tests.unit_tests import EmbeddingsUnitTests, ToolsUnitTests

from assistant import Assistant
from assistant.articles.article import Article
from assistant.integrations.langchain import AssistantEmbeddings, AssistantVectorStore, LangChainRetriever, as_tool

TOWNS = ("Ilmen", "Quedra", "Sorsk")


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    with Assistant(tmp_path_factory.mktemp("store"), chat_model="extractive") as assistant:
        assistant.add_articles(
            [Article(f"{town}.txt", town, f"The mill of {town} was built by Ada Rehn.", "en") for town in TOWNS]
        )
        yield assistant


@pytest.mark.anyio
class TestVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path):
        with Assistant(tmp_path, chat_model="extractive") as assistant:
            assistant.create()
            yield AssistantVectorStore(assistant)


class _OfEmbeddings:
    @property
    def embeddings_class(self):
        return AssistantEmbeddings

    @property
    def embedding_model_params(self):
        return {"assistant": Assistant()}


class TestEmbeddingsUnit(_OfEmbeddings, EmbeddingsUnitTests):
    pass


@pytest.mark.anyio
class TestEmbeddings(_OfEmbeddings, EmbeddingsIntegrationTests):
    pass


@pytest.mark.anyio
class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _use(self, library):
        self.library = library

    @property
    def retriever_constructor(self):
        return LangChainRetriever

    @property
    def retriever_constructor_params(self):
        return {"assistant": self.library}

    @property
    def retriever_query_example(self):
        return "Who built the mill?"

    @pytest.fixture
    def retriever(self):
        return LangChainRetriever(assistant=self.library)


class _OfTool:
    @pytest.fixture(autouse=True)
    def _use(self, library):
        self.library = library

    @pytest.fixture
    def tool(self):
        return as_tool(self.library)

    @property
    def tool_constructor(self):
        return as_tool(self.library)

    @property
    def tool_invoke_params_example(self):
        return {"question": "Who built the mill of Quedra?"}


class TestToolUnit(_OfTool, ToolsUnitTests):
    pass


@pytest.mark.anyio
class TestTool(_OfTool, ToolsIntegrationTests):
    pass
