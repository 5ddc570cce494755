"""`Sources`: the panel of passages that an answer cites."""

from typing import Any

import gradio as gr

from assistant.web.page.components import script


class Sources(gr.HTML):
    """The passages that an answer cites, as HTML that is safe by now.

    The value is `{"turn": number, "html": text}`. Events: `cite` asks for the sources of another turn (`turn`), `read`
    for a whole article (`turn`, `article`, `start`, `end`).

    Args:
        value: What to show; nothing without it.
    """

    def __init__(self, value: dict[str, Any] | None = None, **others: Any) -> None:
        super().__init__(
            value=value or {"turn": 0, "html": ""},
            # Only `${value}` takes text as it stands: `{{value}}` would run what the text has in `${...}`.
            html_template="${value.html}",
            js_on_load=script("sources"),
            elem_id="sources",
            apply_default_css=False,
            **others,
        )

    def api_info(self) -> dict[str, Any]:
        """Return what programs would have to send: nothing of this is for them."""
        return {"type": "object"}
