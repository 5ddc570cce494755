"""What a question asks for by its form and its names, and whether an article says such a thing."""
