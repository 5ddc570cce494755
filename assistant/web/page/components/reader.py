"""`Reader`: a dialog over the page that shows a whole article, or help."""

from typing import Any

import gradio as gr

from assistant.web.page.components import script


class Reader(gr.HTML):
    """A modal dialog, shown while its value has HTML, which is safe by now.

    The value is `{"html": text, "close": label of the button}`. What it shows has a heading with the id `reader-title`.
    """

    def __init__(self, **others: Any) -> None:
        super().__init__(
            value={"html": "", "close": ""},
            html_template=(
                '<dialog class="reader" aria-labelledby="reader-title"><div>${value.html}</div>'
                '<form method="dialog"><button>${value.close}</button></form></dialog>'
            ),
            js_on_load=script("reader"),
            elem_id="reader",
            apply_default_css=False,
            **others,
        )

    def api_info(self) -> dict[str, Any]:
        """Return what programs would have to send: nothing of this is for them."""
        return {"type": "object"}
