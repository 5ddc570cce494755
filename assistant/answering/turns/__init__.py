"""What kind of turn it is that somebody takes: a question for the articles, or small talk."""
