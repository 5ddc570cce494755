"""Ask questions about a collection of articles and get answers with verbatim, checked citations.

Example:
    >>> from assistant import Assistant
    >>> with Assistant("vectorstore") as assistant:  # doctest: +SKIP
    ...     print(assistant.ask("When is the next CSTO summit?").text)
"""

from assistant.telemetry import switch_off

switch_off()

from assistant.assistant import Assistant  # noqa: E402 - the libraries that it imports would report before

__all__ = ["Assistant"]
