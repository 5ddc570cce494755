"""`normalise`: one written form for what readers take to be the same word."""

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
