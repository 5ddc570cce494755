"""Answering: question and hits to a cited answer."""
