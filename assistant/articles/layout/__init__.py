"""What a printed page hides: the order of reading, the letters behind glyphs, and paragraphs."""
