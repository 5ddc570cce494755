"""`EntryReader`: the article of one entry of a feed, from its page, or from the feed where the page has less."""

from dataclasses import dataclass, replace
from urllib.parse import urldefrag, urlsplit

from assistant.articles.article import Article
from assistant.articles.dates import parse_date
from assistant.articles.reading import AS_USUAL, ReadOptions, build_article
from assistant.articles.registry import read_content
from assistant.articles.titles import shorten
from assistant.articles.web import MAX_BYTES, Reply, refusal, suffix_of
from assistant.errors import PrivateAddressError, ReadError
from assistant.feeds.feed_format import Entry, anchor_of, clean_address
from assistant.feeds.polite_client import ForbiddenError, PoliteClient, WaitError
from assistant.feeds.state import Followed, SeenEntry

_MUCH_MORE = 1.25
"""How much longer a feed's text must be than its page's to be the whole of it, as behind a paywall."""
_PAGES = "text/html, application/xhtml+xml, application/pdf;q=0.9, text/plain;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class EntryText:
    """What became of an entry.

    Attributes:
        article: Its article; None where there is nothing new to store.
        own_address: The address to store it under where the one that its page names is another article's.
        is_whole: Whether its text is from its page.
        is_worth_a_try: Whether its page may be read another time.
        was_asked: Whether its server was asked for it, and did not turn us away for a while.
        etag: By which the server knows its page.
        modified: When that had last been changed, in the server's words.
        notes: Why its page could not be read.
    """

    article: Article | None
    own_address: str = ""
    is_whole: bool = False
    is_worth_a_try: bool = False
    was_asked: bool = True
    etag: str = ""
    modified: str = ""
    notes: tuple[ReadError, ...] = ()


class EntryReader:
    """Reads the articles of entries.

    Args:
        client: Fetches their pages.
        options: How those are read.
    """

    def __init__(self, client: PoliteClient, options: ReadOptions = AS_USUAL) -> None:
        self._client = client
        self._options = options

    def read(self, entry: Entry, feed: Followed, before: SeenEntry | None) -> EntryText:
        """Read the article of an entry; nothing is raised for a page that cannot be read.

        Args:
            entry: The entry.
            feed: The feed that it is in.
            before: What was known of it.
        """
        own_address = _own_address(entry, feed)
        if not entry.url or entry.anchor:
            return EntryText(self._of_feed(entry, feed, own_address), own_address)
        unreadable: list[ReadError] = []
        try:
            reply = self._page(entry, before, unreadable)
            if reply.status == 304 and before is not None:
                return EntryText(None, is_whole=True, etag=before.etag, modified=before.modified)
            page = _article_of(reply, entry, self._options, unreadable)
        except _RefusedError as refused:
            error = refusal(entry.url, refused.status)
            return self._without_page(entry, feed, before, error, is_worth_a_try=refused.status >= 500)
        except ReadError as error:
            for_good = error in unreadable or isinstance(error, PrivateAddressError | ForbiddenError)
            return self._without_page(entry, feed, before, error, is_worth_a_try=not for_good)
        found = EntryText(
            page,
            own_address=urldefrag(clean_address(reply.url)).url,
            is_whole=True,
            etag=reply.headers.get("etag", ""),
            modified=reply.headers.get("last-modified", ""),
        )
        text = self._of_feed(entry, feed, page.source)
        if text is not None and len(text.text) > len(page.text) * _MUCH_MORE:
            return replace(found, article=replace(text, published=text.published or page.published))
        return replace(found, article=_completed(page, entry, feed))

    def _page(self, entry: Entry, before: SeenEntry | None, unreadable: list[ReadError]) -> Reply:
        """Fetch an entry's page; where it is of a format that nobody reads, the error is in `unreadable` too."""

        def check(reply: Reply) -> None:
            try:
                suffix_of(entry.url, reply.url, reply.headers)
            except ReadError as error:
                unreadable.append(error)
                raise

        headers = {"Accept": _PAGES}
        if before is not None and before.is_whole and before.source and before.etag:
            headers["If-None-Match"] = before.etag
        if before is not None and before.is_whole and before.source and before.modified:
            headers["If-Modified-Since"] = before.modified
        reply = self._client.get(entry.url, headers=headers, check=check, max_bytes=MAX_BYTES)
        if reply.status not in (200, 304):
            raise _RefusedError(reply.status)
        return reply

    def _without_page(
        self, entry: Entry, feed: Followed, before: SeenEntry | None, error: ReadError, *, is_worth_a_try: bool
    ) -> EntryText:
        """Return what the feed says of an entry, unless its page was read before, which said more."""
        was_asked = not isinstance(error, WaitError)
        if before is not None and before.source and before.is_whole:
            return EntryText(
                None,
                is_whole=True,
                is_worth_a_try=is_worth_a_try,
                was_asked=was_asked,
                etag=before.etag,
                modified=before.modified,
                notes=(error,),
            )
        own_address = _own_address(entry, feed)
        article = self._of_feed(entry, feed, own_address)
        return EntryText(article, own_address, is_worth_a_try=is_worth_a_try, was_asked=was_asked, notes=(error,))

    def _of_feed(self, entry: Entry, feed: Followed, source: str) -> Article | None:
        text = entry.text
        if not text.strip():
            return None
        found = {
            "title": entry.title,
            "date": entry.published,
            "author": entry.author,
            "url": entry.url,
            "sitename": feed.title,
        }
        try:
            return build_article(source, text, found)
        except ReadError:
            return None  # nothing but spaces and signs that are not seen


class _RefusedError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _own_address(entry: Entry, feed: Followed) -> str:
    if entry.url and not entry.anchor:
        return entry.url
    anchor = entry.anchor or anchor_of(entry.key)
    return f"{urldefrag(entry.url or feed.address).url}#{anchor}"


def _article_of(reply: Reply, entry: Entry, options: ReadOptions, unreadable: list[ReadError]) -> Article:
    """Return the article of a page, under the address that the page calls its own.

    Raises:
        ReadError: it has none; the error is in `unreadable` too.
    """
    answered = urldefrag(clean_address(reply.url)).url or reply.url
    suffix = suffix_of(entry.url, reply.url, reply.headers)
    reading = read_content(reply.content, answered, suffix, reply.charset, options)
    if not reading.articles:
        unreadable.append(reading.problems[0])
        raise reading.problems[0]
    article = reading.articles[0]
    canonical = urldefrag(clean_address(article.metadata.get("url", ""), answered)).url
    return replace(article, source=canonical) if _is_its_own(canonical, answered) else article


def _is_its_own(canonical: str, answered: str) -> bool:
    """Return whether a page may call itself so: not by an address of another site, nor by that of its home page."""
    named, real = urlsplit(canonical), urlsplit(answered)
    if not canonical or _site(named.netloc) != _site(real.netloc):
        return False
    return bool(named.path.strip("/") or named.query) or not real.path.strip("/")


def _site(host: str) -> str:
    return host.lower().removeprefix("www.").removeprefix("m.").removeprefix("amp.")


def _completed(article: Article, entry: Entry, feed: Followed) -> Article:
    """Return the article of a page with what only its feed says of it."""
    first_line = next((line for line in article.text.splitlines() if line.strip()), "")
    title = article.title
    if entry.title and title == shorten(" ".join(first_line.split()), 120):
        title = shorten(entry.title, 120)
    said = {"author": entry.author, "sitename": feed.title}
    return replace(
        article,
        title=title,
        published=article.published or parse_date(entry.published, article.language),
        metadata={**{name: value for name, value in said.items() if value}, **article.metadata},
    )
