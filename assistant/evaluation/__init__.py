"""Evaluation: question sets to figures with intervals."""
