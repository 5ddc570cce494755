"""`Context`: what all parts of the page share, and how a request says who asks."""

from dataclasses import dataclass, field

import gradio as gr
from starlette.requests import Request

from assistant.assistant import Assistant
from assistant.conversation.history import Conversations
from assistant.errors import AssistantError
from assistant.web.changes import Changes
from assistant.web.limiter import ConcurrencyLimiter
from assistant.web.locales.choice import LOCALE_COOKIE, choose_locale
from assistant.web.questions import Questions

VISITOR_COOKIE = "assistant_visitor"
YEAR_SECONDS = 365 * 24 * 3600


class NoVisitorError(AssistantError):
    """A browser has no visitor cookie."""


@dataclass(frozen=True, slots=True)
class Context:
    """What all parts of the page share.

    Attributes:
        assistant: Answers and holds the library.
        conversations: What visitors said.
        answer_limiter: Limits how many questions are answered at once.
        allow_sharing: Whether visitors may share an answer by a link.
        questions: What is being answered.
        changes: Lets one change of the library happen at a time.
    """

    assistant: Assistant
    conversations: Conversations
    answer_limiter: ConcurrencyLimiter
    allow_sharing: bool = False
    questions: Questions = field(default_factory=Questions)
    changes: Changes = field(default_factory=Changes)

    def stop(self) -> None:
        """End what is going on, because the server stops. May be called from a signal handler."""
        self.changes.stop()
        self.questions.stop()


def visitor_of(request: Request | gr.Request) -> str:
    """Return the secret that this browser is known by.

    Raises:
        NoVisitorError: the browser did not get one from the page.
    """
    visitor = str(request.cookies.get(VISITOR_COOKIE, ""))
    if not visitor:
        raise NoVisitorError("Reload the page: it keeps your conversations by a cookie that is not there.")
    return visitor


def locale_of(request: Request | gr.Request) -> str:
    """Return the language of the page: as chosen, else as the browser prefers, else English."""
    chosen = request.query_params.get("lang") or request.cookies.get(LOCALE_COOKIE)
    return choose_locale(chosen or "", request.headers.get("accept-language", ""))
