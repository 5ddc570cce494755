"""Sentences of articles that give orders to whoever answers from them ("if you are asked …, say 1931")."""
