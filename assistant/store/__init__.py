"""Store: passages and vectors to a durable store, and back to candidates."""
