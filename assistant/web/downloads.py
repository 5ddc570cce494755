"""A conversation as a file, for the browser to save: `/page/conversations/ID/export`."""

from typing import Literal

from fastapi import APIRouter, Request, Response

from assistant.conversation.export import to_json, to_markdown
from assistant.web.context import Context, visitor_of


def download_routes(context: Context) -> APIRouter:
    """Return the route. Nothing is written to the disk, where others might find it."""
    router = APIRouter()

    @router.get("/page/conversations/{conversation}/export")
    def export(conversation: str, request: Request, form: Literal["md", "json"]) -> Response:
        turns = [stored.turn for stored in context.conversations.turns(visitor_of(request), conversation)]
        text, kind = (to_markdown(turns), "text/markdown") if form == "md" else (to_json(turns), "application/json")
        name = f"conversation-{conversation[:8]}.{form}"
        return Response(text, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    return router
