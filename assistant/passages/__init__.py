"""Passages: `Article` to runs of whole sentences with exact offsets."""
