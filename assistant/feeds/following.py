"""`follow` and `unfollow`: find what an address, a site or a folder publishes, and note that it is followed."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from trafilatura.feeds import FeedParameters, determine_feed
from trafilatura.sitemaps import GUESSES

from assistant.articles.decoding import NotTextError, decode
from assistant.articles.reading import problem
from assistant.articles.web import Reply, refusal
from assistant.errors import PrivateAddressError, ReadError
from assistant.feeds.feed_format import Feed, clean_address, kind_of, parse_feed
from assistant.feeds.polite_client import PoliteClient, WaitError
from assistant.feeds.state import FeedState, Followed
from assistant.text.paths import is_url

MAX_FEED_BYTES = 5 * 1024 * 1024
FOLDER = "folder"
SITEMAP = "sitemap"
_MOST_TRIED = 5


def follow(
    given: str | Path,
    state: FeedState,
    client: PoliteClient,
    *,
    keep_days: int | None = None,
    keep_articles: int | None = None,
) -> Followed:
    """Note that a feed, a site or a folder is followed; following it again changes how much of it is kept.

    Args:
        given: The address of a feed, of a sitemap or of a page of a site, or a folder.
        state: Where it is noted.
        client: Fetches what has to be looked at.
        keep_days: Remove its articles when they are older; None keeps them.
        keep_articles: Keep so many of its articles, the newest; None keeps all.

    Returns:
        What is followed: for a site, the feed that was found, or else its sitemap.

    Raises:
        ReadError: there is no such folder, the address cannot be read, or the site has neither feed nor sitemap.
        StoreError: it cannot be noted.
    """
    if not is_url(given):
        found = _folder(Path(given), keep_days, keep_articles)
    else:
        found = replace(_found_at(str(given).strip(), client), keep_days=keep_days, keep_articles=keep_articles)
    for known in state.followed():
        if known.address == found.address:
            # What was left out before may be wanted now, so the feed is to be looked at as a whole.
            state.note(known.address, (), [entry.key for entry in state.entries(known.address) if not entry.source])
            known = replace(known, etag="", modified="")  # noqa: PLW2901 - the same, as it is from now on
            found = replace(known, given=found.given, keep_days=keep_days, keep_articles=keep_articles)
    state.put(found)
    return found


def unfollow(given: str | Path, state: FeedState) -> Followed:
    """Follow something no longer; its articles stay.

    Args:
        given: Its address, that of its site as it was named to `follow`, or a folder.
        state: Where it is noted.

    Returns:
        What was followed.

    Raises:
        ReadError: it is not followed.
    """
    found = followed_as(given, state)
    state.remove(found.address)
    return found


def followed_as(given: str | Path, state: FeedState) -> Followed:
    """Return what is followed under an address or folder, as the feed has it or as a person named it.

    Raises:
        ReadError: it is not followed.
    """
    wanted = {str(given).strip(), clean_address(str(given)) if is_url(given) else os.path.abspath(given)}  # noqa: PTH100
    for known in state.followed():
        if not wanted.isdisjoint((known.address, known.given)):
            return known
    raise problem(str(given), "it is not followed; `assistant following` lists what is.")


def _folder(path: Path, keep_days: int | None, keep_articles: int | None) -> Followed:
    if not path.is_dir():
        raise problem(path, "there is no such folder to follow; an address begins with https://.")
    if keep_days is not None or keep_articles is not None:
        raise problem(path, "a folder's articles stay as long as its files; only a feed's can be kept for a time.")
    address = os.path.abspath(path)  # noqa: PTH100 - as sync has it: links stay as they are named
    return Followed(address, given=address, kind=FOLDER, title=Path(address).name)


def _found_at(url: str, client: PoliteClient) -> Followed:
    reply = client.get(url, was_named=True, max_bytes=MAX_FEED_BYTES)
    if reply.status != 200:
        raise refusal(url, reply.status)
    if kind_of(reply.content) is not None:
        return _followed(reply.moved_to, url, read_feed(reply))
    for address in _feeds_of(reply):
        if (feed := _fetched(address, client)) is not None and feed[1].entries:
            return _followed(feed[0].moved_to, url, feed[1])
    for address in _sitemaps_of(reply, client):
        feed = _fetched(address, client)
        if feed is not None and feed[1].kind == SITEMAP and (feed[1].entries or feed[1].sitemaps):
            parts = urlsplit(reply.url)
            below = reply.url if parts.path.strip("/") else ""
            return replace(_followed(feed[0].moved_to, url, feed[1]), title=parts.netloc, below=below)
    raise problem(url, "neither a feed nor a sitemap was found on this site; name the address of its feed.")


def _followed(address: str, given: str, feed: Feed) -> Followed:
    return Followed(address, given=given, kind=feed.kind, title=feed.title or urlsplit(address).netloc)


def read_feed(reply: Reply) -> Feed:
    """Return the feed that a server answered with; raises `ReadError`."""
    return parse_feed(reply.content, reply.url, reply.headers.get("content-type", ""))


def _fetched(address: str, client: PoliteClient) -> tuple[Reply, Feed] | None:
    """Return a feed or sitemap that was found, or only guessed at; None where it is not one that can be read."""
    try:
        reply = client.get(address, max_bytes=MAX_FEED_BYTES)
        return (reply, read_feed(reply)) if reply.status == 200 else None
    except (PrivateAddressError, WaitError):
        raise
    except ReadError:
        return None


def _feeds_of(reply: Reply) -> list[str]:
    try:
        page = decode(reply.content, reply.charset)
    except NotTextError:
        return []
    host = urlsplit(reply.url).netloc
    return determine_feed(page, FeedParameters(reply.url, host, reply.url))[:_MOST_TRIED]


def _sitemaps_of(reply: Reply, client: PoliteClient) -> Iterator[str]:
    parts = urlsplit(reply.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    rules = client.robots(origin)
    named = [clean_address(address, origin) for address in rules.sitemaps] if rules is not None else []
    yield from dict.fromkeys([*filter(None, named[:_MOST_TRIED]), *(f"{origin}/{name}" for name in GUESSES)])
