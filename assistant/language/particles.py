"""Particles that a script writes onto a word, as patterns for `re` and `regex`."""

# "لال" is no spelling of the preposition with the article, which is "لل": in "لالتزام" the "ال" belongs to the word.
ARABIC_ARTICLE = "(?:[وف]?(?:[بك]?ال|لل))"
"""The Arabic article, with the conjunction and the preposition that may stand before it."""

ARABIC_PARTICLES = f"(?:{ARABIC_ARTICLE}|[وف][بكل]?|[بكل])"
"""The Arabic conjunctions and prepositions that are written onto the next word, with the article or without."""

PARTICLES_BEFORE = {"ar": f"{ARABIC_PARTICLES}?", "he": "[בהוכלמש]{0,2}"}
"""What a language may write before a word, by its code."""

PARTICLES_BEHIND = {"ko": r"\w*"}
"""What a language may write behind a word, by its code: Korean particles, of which several may follow each other."""
