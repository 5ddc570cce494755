"""Ask questions about a collection of articles and get answers with verbatim, checked citations.

Example:
    >>> from assistant import Assistant
    >>> with Assistant("vectorstore") as assistant:  # doctest: +SKIP
    ...     print(assistant.ask("When is the next CSTO summit?").text)
"""

from typing import TYPE_CHECKING

from assistant.telemetry import switch_off

if TYPE_CHECKING:
    from assistant.assistant import Assistant

# Before any library is imported that would report.
switch_off()

__all__ = ["Assistant"]


def __getattr__(name: str) -> object:
    """Return `Assistant`, which takes a while to import, only to those who ask for it."""
    if name == "Assistant":
        from assistant.assistant import Assistant  # noqa: PLC0415

        return Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
