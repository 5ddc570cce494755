"""OpenDocument texts, through odfdo, which writes them as Markdown."""

import io

from lxml import etree
from odfdo import Document

from assistant.articles.archives import DAMAGE, open_archive
from assistant.articles.readers.markdown import read_markdown
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem
from assistant.articles.titles import unless_placeholder

_DAMAGE = (*DAMAGE, etree.XMLSyntaxError, AttributeError, TypeError)


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,  # noqa: ARG001 - see `Reader`
    options: ReadOptions = AS_USUAL,  # noqa: ARG001 - see `Reader`
) -> Reading:
    """Read one article; see `Reader`."""
    try:
        if b"manifest:encryption-data" in open_archive(content, source).get("META-INF/manifest.xml", b""):
            raise problem(source, "it is encrypted; save it without a password.")
        document = Document(io.BytesIO(content))
        text = read_markdown(str(document.to_markdown()))
        title, author = document.meta.title or "", document.meta.initial_creator or document.meta.creator or ""
    except _DAMAGE as error:
        raise problem(source, "it is damaged or not an OpenDocument text; open it and save it again.") from error
    return Reading((build_article(source, text, {"title": unless_placeholder(title), "author": author}),))
