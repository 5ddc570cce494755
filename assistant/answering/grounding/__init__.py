"""Grounding: whether what a sentence says stands in the sentence it cites."""
