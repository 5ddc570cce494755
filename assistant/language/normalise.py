"""One written form for what readers take to be the same word.

`normalise` is for search: numbers take one form too, and marks that make letters of their own stay. `fold` is for
comparing facts: numbers stay as they are written, since what they mean is read later, and every mark goes, so that
nothing but letters and digits is left of a word.
"""

import re
import unicodedata

# Letters that writers, keyboards and languages use for one another. Persian and Urdu letters take the Arabic code
# point, so that a name typed on either keyboard matches.
_ALIKE = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ے": "ي",
        "ک": "ك",
        "ة": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ە": "ه",
        "ۀ": "ه",
        "ۃ": "ه",
        "ё": "е",
    }
)
_BARRED = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ς": "σ"}
)
_PUNCTUATION = str.maketrans({"’": "'", "ʼ": "'", "٬": ",", "٫": "."})
# Arabic vowel and Quranic marks and tatweel; Hebrew points and accents; soft hyphens, joiners, directional marks and
# variation selectors.
_INVISIBLE = re.compile(
    "[\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufe00-\ufe0f]+"
)
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_GROUPED_NUMBER = re.compile(r"(?<![\d.,])[1-9]\d{0,2}([,.'\u00a0\u2009\u202f])\d{3}(?:\1\d{3})*+(?!\d|\1\d)")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_COMBINING_MARKS = re.compile("[\u0300-\u036f]+")


# The prime stands for a soft sign in transliterations ("Kazan′"); tatweel only widens a word.
_FOLDED = _BARRED | _ALIKE | str.maketrans({"’": "'", "ʼ": "'", "′": "'", "ـ": None})
_NO_BREAK_SPACE = re.compile("[\u00a0\u202f]")
# Stands in for the narrow no-break space while compatibility folding would make an ordinary one of it.
_KEPT_SPACE = "\ue000"


def clean(text: str) -> str:
    """Return `text` with compatibility forms, invisible characters, digits and numbers in one form; case is kept.

    Example:
        >>> clean("١٬١٩٠ and 1,190 and 3,5")
        '1190 and 1190 and 3.5'
    """
    digits = _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text.translate(_PUNCTUATION))
    # Before NFKC, which makes plain spaces of the narrow ones that group digits in French and Russian.
    numbers = _GROUPED_NUMBER.sub(lambda number: re.sub(r"\D", "", number[0]), digits)
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", numbers))
    return _DECIMAL_COMMA.sub(".", visible)


def unify_letters(word: str) -> str:
    """Return a case-folded `word` with letters and accents that people leave out or exchange in one form.

    Latin and Greek lose their accents ("erdoğan", "erdogan"); Arabic alef, ya, kaf, ha and ta marbuta take one shape
    each. Marks that make letters of their own (Cyrillic й, Hindi vowel signs) stay.
    """
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word.translate(_BARRED))
    if decomposed and decomposed[0] <= "\u03ff":
        return unicodedata.normalize("NFC", _COMBINING_MARKS.sub("", decomposed))
    return word.translate(_ALIKE)


def normalise(text: str) -> str:
    """Return the form of `text` in which spellings of one word are equal.

    Unicode NFKC (which also resolves Arabic presentation forms) and case folding; Arabic without vowel marks and
    tatweel, its forms of alef, ya and ta marbuta unified; Hebrew without points; Latin and Greek without accents;
    invisible characters dropped; every decimal digit as ASCII, thousands separators dropped, decimal commas as points.

    Example:
        >>> normalise("الأُمَّـة ٢٬٠٢٦ CAFÉ")
        'الامه 2026 cafe'
    """
    words = (unify_letters(unicodedata.normalize("NFKC", word.casefold())) for word in clean(text).split())
    return " ".join(" ".join(words).split())


def fold(text: str) -> str:
    """Return `text` without case, diacritics and other differences that say nothing about its meaning.

    Digits of all scripts become ASCII digits, and no-break spaces narrow ones, which group thousands. Offsets change.

    Example:
        >>> fold("Élan ١٢"), fold("أُنجز")
        ('elan 12', 'انجز')
    """
    kept = []
    decomposed = unicodedata.normalize("NFKD", _NO_BREAK_SPACE.sub(_KEPT_SPACE, text))
    for character in decomposed.casefold():
        category = unicodedata.category(character)
        if category[0] == "M" or category == "Cf":
            continue
        kept.append(str(unicodedata.decimal(character)) if category == "Nd" else character)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_FOLDED).replace(_KEPT_SPACE, "\u202f")
