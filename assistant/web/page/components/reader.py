"""A dialog over the page that shows a whole article, or help."""

import gradio as gr


def build_reader() -> gr.HTML:
    """Return the dialog, shown while its value has HTML, which is safe by then.

    The value is `{"html": text, "close": label of the button}`. What it shows has a heading with the id `reader-title`.
    """
    return gr.HTML(
        {"html": "", "close": ""},
        html_template=(
            '<dialog class="reader" aria-labelledby="reader-title"><div>${value.html}</div>'
            '<form method="dialog"><button>${value.close}</button></form></dialog>'
        ),
        js_on_load="connectReader({element, props, watch})",
        elem_id="reader",
        apply_default_css=False,
    )
