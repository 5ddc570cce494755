"""Measures the assistant with question sets, over the façade alone. See `docs/evaluation.md`."""

from assistant.evaluation.runner import Options, evaluate
from assistant.evaluation.report import Report

__all__ = ["Options", "Report", "evaluate"]
