"""Measures the assistant with question sets, over the façade alone. See `docs/evaluation.md`."""

from assistant.evaluation.report import Report
from assistant.evaluation.runner import Options, evaluate

__all__ = ["Options", "Report", "evaluate"]
