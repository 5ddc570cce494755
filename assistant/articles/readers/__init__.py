"""One small reader a format. Each module has `read(content, source, *, charset=None) -> Reading`."""
