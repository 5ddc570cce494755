"""Questions that belong together: follow-ups, what was said, and where it is kept."""
