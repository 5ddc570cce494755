"""`column_for`: which column of a table, or key of a front matter, holds an article's text, title or date."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

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
        *("uberschrift", "schlagzeile", "baslik", "заголовок", "название", "العنوان", "عنوان", "כותרת", "标题", "題名"),
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


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]", "", "".join(letter for letter in letters if not unicodedata.combining(letter)))
