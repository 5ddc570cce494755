"""Feeds, sites and folders that are followed: what is new in them comes into the store."""
