"""`primary_subtag`: the language itself in a BCP 47 tag."""


def primary_subtag(tag: str) -> str:
    """Return the language subtag of a BCP 47 tag or a POSIX locale, in lower case.

    Example:
        >>> primary_subtag("zh-Hant"), primary_subtag("ar_SA"), primary_subtag("EN")
        ('zh', 'ar', 'en')
    """
    return tag.replace("_", "-").partition("-")[0].lower()
