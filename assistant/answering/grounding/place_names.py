"""Whether an answer calls a place by its name: a model that misreads "موسكو" writes "Músico" for Moscow."""

from difflib import SequenceMatcher

from assistant.answering.grounding.folding import bare_forms, fold, words
from assistant.answering.grounding.gazetteer import names_in, names_to_look_for
from assistant.answering.grounding.names import is_named

_ALIKE = 0.7
"""How much of its letters a name shares with the usual one at least: endings and other spellings differ by less."""


def misspells_place(name: str, language: str, text: str, spoken: str) -> bool:
    """Return whether a name sounds like a place that a text names, and is not what its language calls that place.

    Args:
        name: A name in an answer.
        language: BCP 47 code of the answer. Where CLDR has no name for the place in it, any spelling will do.
        text: What the answer is taken from.
        spoken: BCP 47 code of the text.

    Example:
        >>> misspells_place("Músico", "es", "ستعقد القمة في موسكو", "ar")
        True
        >>> misspells_place("Moscú", "es", "ستعقد القمة في موسكو", "ar")
        False
    """
    known = names_to_look_for(spoken.partition("-")[0])
    usual = names_in(language.partition("-")[0])
    for word in words(fold(text)):
        places = {code for form in bare_forms(word.text) for code in known.get(form, ())}
        right = [listed for code in places for listed in usual.get(code, ())]
        if right and is_named(name, word.text) and not any(_alike(fold(name), listed) for listed in right):
            return True
    return False


def _alike(name: str, listed: str) -> bool:
    return any(SequenceMatcher(None, name, part).ratio() >= _ALIKE for part in (listed, *listed.split()))
