"""Measures the assistant with question sets, over the façade alone. See `docs/evaluation.md`."""

from assistant.errors import AssistantError

try:
    from assistant.evaluation.report import Report
    from assistant.evaluation.runner import Options, evaluate
except ModuleNotFoundError as error:
    if error.name not in ("ir_measures", "scipy"):
        raise
    raise AssistantError(
        "Evaluation needs the package {package}: `pip install 'article-assistant[eval]'`.", package=error.name
    ) from error

__all__ = ["Options", "Report", "evaluate"]
