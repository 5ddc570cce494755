"""Reads a question and a passage together, and predicts which sentence answers, if any."""
