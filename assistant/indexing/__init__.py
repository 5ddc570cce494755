"""Indexing: articles read, cut into passages, encoded and put into a store."""
