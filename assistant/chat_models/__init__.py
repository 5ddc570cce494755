"""Chat models by name: hosted providers, and models that run on this machine."""
