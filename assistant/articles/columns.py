"""`column_for`, `Columns`: which column of a table, or key of an object, holds an article's text, title or date."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Names that columns go by, best first. Case, accents, spaces, "-", "_" and the parts before a dot do not matter.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": (
        *("text", "content", "body", "articlebody", "article", "fulltext", "maintext", "story", "articletext"),
        *("bodytext", "contenthtml", "bodyhtml", "html", "markdown"),
        *("texte", "contenu", "corps", "texto", "contenido", "cuerpo", "conteudo", "corpo", "inhalt", "volltext"),
        *("testo", "contenuto", "metin", "icerik", "текст", "содержание", "النص", "نص", "المحتوى", "محتوى", "المقال"),
        *("متن", "محتوا", "טקסט", "תוכן", "正文", "内容", "文本", "本文", "본문", "내용"),
    ),
    "title": (
        *("title", "headline", "heading", "subject", "name", "titre", "titulo", "titular", "titel", "titolo"),
        *(
            "uberschrift",
            "schlagzeile",
            "baslik",
            "baslık",
            "заголовок",
            "название",
            "العنوان",
            "عنوان",
            "כותרת",
            "标题",
            "題名",
        ),
        *("タイトル", "제목"),
    ),
    "date": (
        *("date", "published", "publishedat", "datepublished", "publicationdate", "publishdate", "pubdate"),
        *("publishedtime", "publishedon", "dateofpublication", "releasedate"),
        *("datedepublication", "fecha", "fechadepublicacion", "data", "datadepublicacao", "datum", "tarih", "дата"),
        *("التاريخ", "تاريخ", "تاريخالنشر", "تاریخ", "תאריך", "日期", "発行日", "日付", "날짜"),
    ),
    "url": ("url", "link", "uri", "permalink", "sourceurl", "canonical", "canonicalurl", "الرابط"),
    "language": ("language", "lang", "locale", "langue", "idioma", "sprache", "язык", "اللغة"),
    "author": (
        *("author", "authors", "byline", "by", "creator", "auteur", "autor", "autore", "yazar", "автор"),
        *("الكاتب", "المؤلف", "كاتب", "نویسنده", "作者", "著者"),
    ),
}


def column_for(name: str, names: Iterable[str]) -> str | None:
    """Return which of the columns `names` holds an article's `name` (a key of `COLUMNS`), or None.

    Example:
        >>> column_for("date", ["Headline", "Published-At"])
        'Published-At'
    """
    by_plain_name = {_plain(column): column for column in reversed(list(names))}
    return next((by_plain_name[plain] for plain in map(_plain, COLUMNS[name]) if plain in by_plain_name), None)


@dataclass(frozen=True, slots=True)
class Columns:
    """Finds an article's text, title and so on in a row or object: where the owner says, else under the usual names.

    Attributes:
        chosen: Columns or keys, by the names of `COLUMNS`. Dots lead to nested keys.

    Example:
        >>> Columns({"text": "fields.body"}).value("text", {"id": 4, "fields": {"Body": "It rained."}})
        'It rained.'
    """

    chosen: Mapping[str, str]

    def value(self, name: str, row: Mapping[str, object]) -> object:
        """Return what a row has for `name` (a key of `COLUMNS`), or None."""
        if name in self.chosen:
            return _at(row, self.chosen[name])
        column = column_for(name, row)
        return row[column] if column is not None else None

    def are_in(self, names: Iterable[str]) -> bool:
        """Return whether columns of these names have a text."""
        return self.value("text", dict.fromkeys(names, "")) is not None

    def needed(self) -> str:
        """Return what a message says a column of text may be called."""
        return self.chosen.get("text") or ", ".join(COLUMNS["text"][:3])


def _at(row: Mapping[str, object], path: str) -> object:
    """Return what a row has under a key, or under nested ones with dots between them."""
    key = _key(row, path)
    if key is not None:
        return row[key]
    for place, character in enumerate(path):
        key = _key(row, path[:place]) if character == "." else None
        inner = row[key] if key is not None else None
        if isinstance(inner, Mapping) and (found := _at(inner, path[place + 1 :])) is not None:
            return found
    return None


def _key(row: Mapping[str, object], name: str) -> str | None:
    return name if name in row else next((key for key in row if _plain(key) == _plain(name)), None)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]", "", "".join(letter for letter in letters if not unicodedata.combining(letter)))
