"""A store in PostgreSQL with pgvector. Nothing here is imported without its extra."""
