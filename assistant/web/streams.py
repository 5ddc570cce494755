"""`produce`: the events of an answer, which end with a word whatever goes wrong."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from assistant.errors import AssistantError, ConversationError, Message, message_of
from assistant.web.locales.messages import for_visitors

Event = dict[str, Any]

STOPPING = Message("The server is stopping: ask again when it is back.")
WRONG = Message("Something went wrong in the server, and its log says what: try again.")

log = logging.getLogger(__name__)


async def produce(events: AsyncIterator[Event], put: Callable[[Event | None], None]) -> None:
    """Put each event, then None. An error becomes the last event, in words where the visitor can act on it."""
    try:
        async for event in events:
            put(event)
    except AssistantError as error:
        if type(error) is ConversationError:
            # The disk is the owner's to free; changes of the library tell them by themselves.
            log.warning("An answer could not be kept: %s", error)
        put(error_event(message_of(error)))
    except asyncio.CancelledError:
        # Nobody reads this where the visitor has left.
        put(error_event(STOPPING))
        raise
    except Exception:
        # The last place where a fault of ours can be told: the visitor would wait for an end that never comes.
        log.exception("An answer failed.")
        put(error_event(WRONG))
    finally:
        put(None)


def error_event(message: Message) -> Event:
    """Return the event that says what went wrong, without the server's folders."""
    return {"type": "error", "message": for_visitors(message)}
