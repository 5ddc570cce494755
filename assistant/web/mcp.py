"""The MCP tools `ask`, `search` and `articles` (Model Context Protocol), for other assistants to use this one."""

from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from assistant.answering.json_format import answer_json, search_json, shown_json, summary_json
from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.store.passage_store import Filters
from assistant.web.api_parameters import check_page, check_question


def build_mcp(assistant: Assistant) -> MCPServer[Any]:
    """Return an MCP server whose tools give the JSON that the command line's `--json` gives."""
    server: MCPServer[Any] = MCPServer(
        "article-assistant",
        instructions="Answers questions about a library of articles, in any language, with verbatim citations.",
        log_level="WARNING",
    )

    @server.tool()
    async def ask(question: str, k: int = 0, language: str = "") -> dict[str, Any]:
        """Answer a question from the articles, with verbatim, checked citations, or say that they do not answer it.

        Args:
            question: In any language; the answer speaks it too.
            k: How many passages to retrieve; 0 for the server's own number.
            language: BCP 47 code: only articles in this language.
        """
        try:
            checked, passages = check_question(question, k)
            return shown_json(answer_json(await assistant.aask(checked, k=passages, filters=_filters(language))))
        except AssistantError as error:
            raise ToolError(str(error)) from error

    @server.tool()
    async def search(question: str, k: int = 0, language: str = "") -> dict[str, Any]:
        """Find the passages that fit a question best.

        Args:
            question: In any language, about articles in any language.
            k: How many passages to retrieve; 0 for the server's own number.
            language: BCP 47 code: only articles in this language.
        """
        try:
            checked, passages = check_question(question, k)
            return shown_json(search_json(await assistant.asearch(checked, passages, _filters(language))))
        except AssistantError as error:
            raise ToolError(str(error)) from error

    @server.tool()
    def articles(language: str = "", limit: int = 0, offset: int = 0) -> list[dict[str, Any]]:
        """List the articles that questions are answered from, ordered by title.

        Args:
            language: BCP 47 code: only articles in this language.
            limit: How many articles at most; 0 for all.
            offset: How many of the first to leave out.
        """
        try:
            most, first = check_page(limit, offset)
            summaries = assistant.articles(_filters(language), limit=most, offset=first)
            return [shown_json(summary_json(summary)) for summary in summaries]
        except AssistantError as error:
            raise ToolError(str(error)) from error

    return server


def _filters(language: str) -> Filters | None:
    return Filters(languages=(language,)) if language else None
