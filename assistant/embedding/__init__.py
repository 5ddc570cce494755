"""Embedding: text to pooled and token vectors."""
