"""`Context`: what all parts of the page share, and how a request says who asks."""

import secrets
from dataclasses import dataclass, field

from fastapi import HTTPException, Request, Response

from assistant.assistant import Assistant
from assistant.conversation.history import Conversations
from assistant.errors import Message
from assistant.language.tags import primary_subtag
from assistant.web.changes import Changes
from assistant.web.limiter import ConcurrencyLimiter
from assistant.web.locales import DEFAULT, LOCALES
from assistant.web.questions import Questions
from assistant.web.streams import Streams

VISITOR_COOKIE = "assistant_visitor"
LOCALE_COOKIE = "assistant_locale"
PAGE_HEADER = "x-assistant-page"
YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Context:
    """What all parts of the page share.

    Attributes:
        assistant: Answers and holds the library.
        conversations: What visitors said.
        answering: Limits how many questions are answered at once.
        allow_sharing: Whether visitors may share an answer by a link.
        questions: What is being answered.
        changes: Lets one change of the library happen at a time.
        streams: What is being sent.
    """

    assistant: Assistant
    conversations: Conversations
    answering: ConcurrencyLimiter
    allow_sharing: bool = False
    questions: Questions = field(default_factory=Questions)
    changes: Changes = field(default_factory=Changes)
    streams: Streams = field(default_factory=Streams)

    def stop(self) -> None:
        """End what is going on, because the server stops. May be called from a signal handler."""
        self.changes.stop()
        self.streams.stop()
        self.questions.stop()


def visitor_of(request: Request) -> str:
    """Return the secret that this browser is known by.

    Raises:
        HTTPException: the browser did not get one from the page, or another site sends the request in its name.
    """
    if request.method not in ("GET", "HEAD") and PAGE_HEADER not in request.headers:
        raise HTTPException(403, Message("This request does not come from the page."))
    visitor = request.cookies.get(VISITOR_COOKIE, "")
    if not visitor:
        raise HTTPException(401, Message("Reload the page: it keeps your conversations by a cookie that is not there."))
    return visitor


def know_visitor(request: Request, response: Response) -> None:
    """Give the browser a secret to be known by, unless it has one."""
    visitor = request.cookies.get(VISITOR_COOKIE) or secrets.token_urlsafe(24)
    response.set_cookie(
        VISITOR_COOKIE,
        visitor,
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def locale_of(request: Request) -> str:
    """Return the language of the page: as chosen, else as the browser prefers, else English."""
    chosen = request.query_params.get("lang") or request.cookies.get(LOCALE_COOKIE)
    wanted = [chosen] if chosen else request.headers.get("accept-language", "").split(",")
    for tag in wanted:
        code = primary_subtag(tag.partition(";")[0].strip())
        if code in LOCALES:
            return code
    return DEFAULT
