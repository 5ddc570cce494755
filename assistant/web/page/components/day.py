"""`Day`: a date field, the browser's own."""

from typing import Any

import gradio as gr


class Day(gr.HTML):
    """A day as `YYYY-MM-DD`, or "". The browser's picker knows the visitor's calendar and is open to screen readers.

    Args:
        label: What the day is.
    """

    def __init__(self, label: Any, **others: Any) -> None:
        super().__init__(
            value="",
            label=label,
            html_template=('<label class="day"><span>${label}</span><input type="date" value="${value}"></label>'),
            js_on_load='element.addEventListener("change", (event) => { props.value = event.target.value; });',
            **others,
        )

    def api_info(self) -> dict[str, Any]:
        """Return what programs would have to send: nothing of this is for them."""
        return {"type": "string"}
