"""Markdown: the text a reader of the rendered page sees, so that quotes and passages are free of markup."""

from itertools import pairwise

import lxml.html
from lxml.etree import ParserError
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.articles.decoding import NotTextError, decode
from assistant.articles.front_matter import FrontMatterError, split_front_matter
from assistant.articles.lines import join_lines
from assistant.articles.reading import Reading, build_article, problem
from assistant.errors import message_of

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_LINES_TOGETHER = frozenset(
    f"{block}_{end}" for block in ("bullet_list", "ordered_list", "table") for end in ("open", "close")
)


def read(content: bytes, source: str, *, charset: str | None = None) -> Reading:
    """Read one article; see `Reader`. Without front matter, the first top heading is the title."""
    try:
        found, markdown = split_front_matter(decode(content, charset))
    except (NotTextError, FrontMatterError) as error:
        raise problem(source, message_of(error)) from error
    tokens = _PARSER.parse(markdown)
    found.setdefault("title", _title(tokens))
    return Reading((build_article(source, render(tokens), found),))


def render(tokens: list[Token]) -> str:
    """Return the visible text: blocks apart by an empty line, the items of a list and rows of a table by a line end."""
    blocks: list[list[str]] = []
    cells: list[str] | None = None
    depth = 0
    for token in tokens:
        if token.type in _LINES_TOGETHER:
            depth += token.nesting
            if depth == 1 and token.nesting == 1:
                blocks.append([])
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            blocks[-1].append(" | ".join(cells or []))
            cells = None
        elif content := _content(token):
            if cells is not None:
                cells.append(content)
            elif depth:
                blocks[-1].append(content)
            else:
                blocks.append([content])
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _content(token: Token) -> str:
    match token.type:
        case "inline":
            return _inline(token)
        case "code_block" | "fence":
            return token.content.rstrip("\n")
        case "html_block":
            return _html_text(token.content)
        case _:
            return ""


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
    return join_lines("".join(parts).split("\n"))


def _title(tokens: list[Token]) -> str:
    for heading, content in pairwise(tokens):
        if heading.type == "heading_open" and heading.tag == "h1":
            return _inline(content)
    return ""


def _html_text(html: str) -> str:
    try:
        # As bytes: lxml refuses a string that declares its encoding.
        element = lxml.html.fromstring(html.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except ParserError:
        return ""
    for hidden in list(element.iter("script", "style")):
        hidden.drop_tree()
    return " ".join(str(element.text_content()).split())
