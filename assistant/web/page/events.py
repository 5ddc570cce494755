"""What the parts of the page have in common: options of their events, notices, and words."""

import html
from collections.abc import Callable
from typing import Any, Final

import gradio as gr

from assistant.web.limits import MAX_ROW
from assistant.web.locales import words

# Gives one of the page's words by its name, for Gradio to show in the visitor's language.
Translated = Callable[[str], Any]

# Not for programs, and shown by what it does rather than by Gradio's spinner.
PRIVATE: Final[dict[str, Any]] = {"api_visibility": "private", "show_progress": "hidden"}
# So short that it need not wait in the queue.
QUIET: Final[dict[str, Any]] = {**PRIVATE, "queue": False}
# What is chosen while the handler is at work is not passed over, but handled once it has ended.
LATEST: Final[dict[str, Any]] = {"trigger_mode": "always_last"}


def notice(text: str, locale: str) -> None:
    """Show a short notice in a corner of the page, from a handler that is queued: only of those Gradio shows any."""
    # Gradio takes it for HTML, which would fetch images.
    gr.Info(html.escape(text, quote=False), title=words(locale)["notice"])


def payload_of(event: gr.EventData) -> dict[str, Any]:
    """Return the data of an event of our own components; the browser chooses it, so it may be anything."""
    payload = event._data  # noqa: SLF001 - what it lacks is raised as an attribute
    return payload if isinstance(payload, dict) else {}


def number_of(event: gr.EventData, name: str) -> int:
    """Return a number that an event says; 0 where it says none that the database could have."""
    number = payload_of(event).get(name)
    return number if isinstance(number, int) and 0 <= number <= MAX_ROW else 0
