"""Integrations: the façade as other frameworks expect it."""
