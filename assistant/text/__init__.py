"""Text safety: how text, names and sources from outside are shown so that they harm nobody."""
