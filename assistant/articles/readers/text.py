"""Plain text, with or without front matter."""

from assistant.articles.decoding import NotTextError, decode
from assistant.articles.front_matter import FrontMatterError, split_front_matter
from assistant.articles.reading import AS_USUAL, Reading, ReadOptions, build_article, problem
from assistant.errors import message_of


def read(
    content: bytes,
    source: str,
    *,
    charset: str | None = None,
    options: ReadOptions = AS_USUAL,  # noqa: ARG001 - see `Reader`
) -> Reading:
    """Read one article; see `Reader`."""
    try:
        found, text = split_front_matter(decode(content, charset))
    except (NotTextError, FrontMatterError) as error:
        raise problem(source, message_of(error)) from error
    return Reading((build_article(source, text, found),))
