"""What the page's own handlers have in common: options of their events, and notices."""

import html
from typing import Any, Final

import gradio as gr

# Not for programs, and shown by what it does rather than by Gradio's spinner.
PRIVATE: Final[dict[str, Any]] = {"api_visibility": "private", "show_progress": "hidden"}
# So short that it need not wait in the queue.
QUIET: Final[dict[str, Any]] = {**PRIVATE, "queue": False}


def notice(text: str) -> None:
    """Show a short notice in a corner of the page. Gradio takes it for HTML, which would fetch images."""
    gr.Info(html.escape(text, quote=False))
