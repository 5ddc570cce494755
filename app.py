"""Starts the page: `python app.py`. The options are those of `assistant serve`.

Gradio's own ways work too, on the store that the settings name: `from app import demo`, and `gradio app.py`, which
loads the page anew when a file changes.
"""

import os

from assistant.cli.serve import main


def __getattr__(name: str) -> object:
    """Return `demo`, which takes seconds to build, only to those who ask for it."""
    if name == "demo":
        from assistant.web.demo import build_demo  # noqa: PLC0415

        return build_demo()
    raise AttributeError(name)


if __name__ == "__main__":
    if "GRADIO_WATCH_DIRS" in os.environ:
        __getattr__("demo").launch()  # type: ignore[attr-defined]
    else:
        main()
