"""Retrieval: question to ranked hits."""
