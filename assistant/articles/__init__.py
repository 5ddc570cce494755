"""Articles: file or URL to `Article`."""
