"""What the parts of the page have in common: options of their events, notices, and words."""

import html
from collections.abc import Callable
from typing import Any, Final

import gradio as gr

# Gives one of the page's words by its name, for Gradio to show in the visitor's language.
Translated = Callable[[str], Any]

# Not for programs, and shown by what it does rather than by Gradio's spinner.
PRIVATE: Final[dict[str, Any]] = {"api_visibility": "private", "show_progress": "hidden"}
# So short that it need not wait in the queue.
QUIET: Final[dict[str, Any]] = {**PRIVATE, "queue": False}


def notice(text: str) -> None:
    """Show a short notice in a corner of the page. Gradio takes it for HTML, which would fetch images."""
    gr.Info(html.escape(text, quote=False))
