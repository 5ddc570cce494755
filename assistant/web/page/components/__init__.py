"""Components that Gradio has no ready one for, made of `gr.HTML`.

They are functions, because Gradio writes a file beside each class that extends one of its own.
"""

from importlib.resources import files


def script(name: str) -> str:
    """Return a component's JavaScript, which Gradio runs when it has put the component on the page."""
    return files(__package__).joinpath(f"{name}.js").read_text(encoding="utf-8")
