"""Components that Gradio has no ready one for, made of `gr.HTML`."""

from importlib.resources import files


def script(name: str) -> str:
    """Return a component's JavaScript, which Gradio runs when it has put the component on the page."""
    return files(__package__).joinpath(f"{name}.js").read_text(encoding="utf-8")
