"""Reports that libraries send elsewhere: those to their makers are off, traces are when they are not allowed."""

import os

_OFF = {
    # A device id and events of each session, kept in the user's cache and sent from there.
    "ORT_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def switch_off() -> None:
    """Switch them off, in this process and those that it starts; before the libraries are imported."""
    os.environ.update(_OFF)


def is_tracing_asked_for() -> bool:
    """Return whether the variables of LangSmith ask for traces, which `ASSISTANT_ALLOW_TRACING` lets through."""
    names = (f"{prefix}_{name}" for prefix in ("LANGSMITH", "LANGCHAIN") for name in ("TRACING", "TRACING_V2"))
    return any(os.environ.get(name) == "true" for name in names)
