"""Markdown: the text a reader of the rendered page sees, so that quotes and passages are free of markup."""

from lxml import etree
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from assistant.articles.decoding import NotTextError, decode
from assistant.articles.front_matter import FrontMatterError, split_front_matter
from assistant.articles.html_text import Segment, headline_of, html_notes, parse, segments, structured_text_of
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem
from assistant.articles.structure import StructuredText
from assistant.errors import message_of

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin)


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,
    options: ReadOptions = AS_USUAL,  # noqa: ARG001 - see `Reader`
) -> Reading:
    """Read one article; see `Reader`. Without front matter, the first top heading is the title."""
    try:
        found, markdown = split_front_matter(decode(content, charset))
    except (NotTextError, FrontMatterError) as error:
        raise problem(source, message_of(error)) from error
    article = _segments(markdown)
    found.setdefault("title", next((segment.text for segment in article if segment.element.tag == "h1"), ""))
    text = structured_text_of(article)
    return Reading((build_article(source, text, found, headline=headline_of(article)),))


def read_markdown(markdown: str) -> StructuredText:
    r"""Return what a reader of rendered Markdown sees.

    Example:
        >>> read_markdown("1. Moor at the *pier*.\n2. Pay.").text
        '1. Moor at the pier.\n2. Pay.'
    """
    return structured_text_of(_segments(markdown))


def _segments(markdown: str) -> list[Segment]:
    tree = parse(_PARSER.render(markdown))
    _show_pictures(tree)
    html_notes(tree)
    return segments(tree)


def _show_pictures(tree: etree._Element) -> None:
    """Put in the place of a picture what its author wrote for those who do not see it."""
    for picture in list(tree.iter("img")):
        picture.tail = f"{picture.get('alt', '')}{picture.tail or ''}"
