"""`keep_fresh`: refreshes what is followed while the server runs."""

import asyncio
import logging
from functools import partial

from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.feeds.state import Followed
from assistant.progress import Progress
from assistant.web.changes import Changes, StoppingError

POLL_SECONDS = 30.0

log = logging.getLogger(__name__)


async def keep_fresh(assistant: Assistant, changes: Changes) -> None:
    """Refresh whatever is due, for ever; do nothing where the setting `refresh_minutes` is 0, or nothing is followed.

    Each feed is a change of its own, so that what visitors add waits for one feed at most. How it went is kept beside
    what is followed.

    Args:
        assistant: Refreshes.
        changes: Lets one change of the library happen at a time.
    """
    interval = assistant.settings.refresh_minutes * 60
    while interval:
        await asyncio.sleep(min(POLL_SECONDS, interval))
        try:
            for followed in await asyncio.to_thread(_due, assistant):
                async for _ in changes.run(partial(_refresh, assistant, followed.address)):
                    pass
        except StoppingError:
            return
        except AssistantError as error:
            log.warning("What is followed could not be refreshed. %s", error)


def _due(assistant: Assistant) -> list[Followed]:
    return [followed for followed in assistant.following() if followed.is_due]


def _refresh(assistant: Assistant, address: str, progress: Progress) -> None:
    for problem in assistant.refresh([address], only_due=True, progress=progress).problems:
        log.warning("Not refreshed: %s", problem)
