"""The kind of answer that a question asks for, and whether an article has it."""
