"""A date field, the browser's own: it knows the visitor's calendar and is open to screen readers."""

import gradio as gr
from gradio.i18n import I18nData


def build_day(label: I18nData, elem_id: str) -> gr.HTML:
    """Return a field whose value is a day as `YYYY-MM-DD`, or ""."""
    return gr.HTML(
        "",
        label=label,
        html_template='<label class="day"><span>${label}</span><input type="date" value="${value}"></label>',
        js_on_load='element.addEventListener("change", (event) => { props.value = event.target.value; });',
        elem_id=elem_id,
    )
