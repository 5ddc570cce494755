"""The panel of passages that an answer cites."""

import gradio as gr

# Gradio knows an event of our own by its name here, in quotes.
_CONNECT = "connectSources({element, props, trigger, watch}, ['cite', 'read', 'version', 'link', 'unlink', 'look'])"


def build_sources() -> gr.HTML:
    """Return the panel. Its HTML is safe by the time that it is given to it.

    The value is `{"turn": number, "html": text}`. Events: `cite` asks for the sources of another turn (`turn`), `read`
    for a whole article (`turn`, `article`, `start`, `end`), `look` comes when the visitor turns to this
    tab of the browser.
    """
    return gr.HTML(
        {"turn": 0, "html": ""},
        # Only `${value}` takes text as it stands: `{{value}}` would run what the text has in `${...}`.
        html_template="${value.html}",
        js_on_load=_CONNECT,
        elem_id="sources",
        apply_default_css=False,
    )
