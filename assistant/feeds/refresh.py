"""`Refresher`: brings what is new or changed in feeds, sitemaps and folders into the store."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from assistant.articles.article import Article
from assistant.articles.web import refusal
from assistant.errors import ReadError, message_of
from assistant.feeds.entry_reading import EntryReader, EntryText
from assistant.feeds.feed_format import Entry, Feed
from assistant.feeds.following import FOLDER, MAX_FEED_BYTES, SITEMAP, read_feed
from assistant.feeds.polite_client import PoliteClient, WaitError, left_alone
from assistant.feeds.state import FeedState, Followed, SeenEntry
from assistant.indexing.sync import Indexer, SyncReport
from assistant.progress import Progress, no_progress
from assistant.store.passage_store import PassageStore

MOST_TRIES = 3
"""How often a page is asked for that cannot be read just now."""
MOST_SITEMAPS = 20
"""How many sitemaps of an index are read."""
BATCH = 10
_LONGEST_BACKOFF_SECONDS = 24 * 3600.0
_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class RefreshReport(SyncReport):
    """What a refresh did.

    Attributes:
        from_feed: Pages that could not be read, with the reason: what their feed says of them is stored.
    """

    from_feed: tuple[ReadError, ...] = ()


class Refresher:
    """Refreshes what is followed, one after another. What fails is noted and does not hold up the others.

    Args:
        state: What is followed.
        client: Fetches feeds and pages.
        indexer: Reads folders, and takes the articles.
        store: Where they go.
        interval_seconds: How long until each is due again.
    """

    def __init__(
        self, state: FeedState, client: PoliteClient, indexer: Indexer, store: PassageStore, interval_seconds: float
    ) -> None:
        self._state = state
        self._client = client
        self._indexer = indexer
        self._store = store
        self._interval = interval_seconds
        self._reader = EntryReader(client, indexer.options)

    def refresh(self, chosen: Sequence[Followed], progress: Progress = no_progress) -> RefreshReport:
        """Bring the store level with feeds, sites and folders.

        Args:
            chosen: What to refresh, of what is followed.
            progress: Told about reading and encoding as they go on.

        Raises:
            StoreError: the store cannot be written.
            ModelError: the embedding model failed.
        """
        reports = [self._one(followed, progress) for followed in chosen]
        return _merged(reports)

    def _one(self, followed: Followed, progress: Progress) -> RefreshReport:
        now = time.time()
        try:
            if followed.wait_until > now:
                raise left_alone(followed.address, followed.wait_until)
            if followed.kind == FOLDER:
                report = _as_refresh(self._indexer.sync([followed.address], progress))
                done = followed
            else:
                done, report = self._feed(followed, progress)
        except ReadError as error:
            # A feed that fails is asked again later and later.
            backoff = min(self._interval * 2**followed.failures, _LONGEST_BACKOFF_SECONDS)
            wait_until = error.until if isinstance(error, WaitError) else 0.0
            failed = replace(
                followed,
                checked=now,
                due=max(now + backoff, wait_until),
                wait_until=wait_until,
                failures=min(followed.failures + 1, 30),
                error=message_of(error),
            )
            self._state.put(failed)
            return RefreshReport(problems=(error,))
        done = replace(done, checked=now, due=now + self._interval, wait_until=0.0, failures=0, error="")
        self._state.put(done)
        return report

    def _feed(self, followed: Followed, progress: Progress) -> tuple[Followed, RefreshReport]:
        """Refresh a feed or sitemap; return it as it is to be noted, and what was done."""
        known = {entry.key: entry for entry in self._state.entries(followed.address)}
        headers = {"Accept": _ACCEPT}
        if followed.etag:
            headers["If-None-Match"] = followed.etag
        if followed.modified:
            headers["If-Modified-Since"] = followed.modified
        reply = self._client.get(followed.address, headers=headers, was_named=True, max_bytes=MAX_FEED_BYTES)
        if reply.status == 304:
            held = [entry.source for entry in known.values() if entry.source]
            return followed, replace(self._retain(followed), unchanged=tuple(held))
        if reply.status != 200:
            raise refusal(followed.address, reply.status)
        feed = read_feed(reply)
        entries = self._with_sitemaps(feed, followed)
        moved = replace(followed, address=reply.moved_to)
        if moved.address != followed.address:
            # Only now, that a feed has answered there: a server in between may redirect everything for a while.
            self._state.put(moved, former=followed.address)
        report = self._entries(moved, _newest(entries, moved), known, progress)
        named = {entry.key for entry in entries}
        self._state.note(moved.address, (), [key for key, one in known.items() if key not in named and not one.source])
        removed = self._retain(moved)
        complete = not feed.sitemaps and not any(entry.tries for entry in self._state.entries(moved.address))
        noted = replace(
            moved,
            kind=feed.kind,
            title=feed.title or moved.title,
            # What is worth another try is in the feed, so it has to come whole again.
            etag=reply.headers.get("etag", "") if complete else "",
            modified=reply.headers.get("last-modified", "") if complete else "",
        )
        return noted, replace(report, removed=(*report.removed, *removed.removed))

    def _with_sitemaps(self, feed: Feed, followed: Followed) -> list[Entry]:
        """Return a feed's entries; those of an index of sitemaps are in the sitemaps."""
        entries = list(feed.entries)
        for address in feed.sitemaps[:MOST_SITEMAPS]:
            reply = self._client.get(address, max_bytes=MAX_FEED_BYTES)
            if reply.status != 200:
                raise refusal(address, reply.status)
            entries += read_feed(reply).entries
        if feed.kind == SITEMAP:
            entries = [entry for entry in entries if entry.url.startswith(followed.below)]
            entries.sort(key=lambda entry: entry.day or date.min, reverse=True)
        return list({entry.key: entry for entry in entries}.values())

    def _entries(
        self, feed: Followed, entries: Sequence[Entry], known: dict[str, SeenEntry], progress: Progress
    ) -> RefreshReport:
        by_page = {entry.url: entry for entry in known.values() if entry.url}
        reports: list[RefreshReport] = []
        waiting: list[tuple[SeenEntry | None, SeenEntry, Article]] = []
        for number, entry in enumerate(entries):
            progress("reading", number, len(entries))
            before = known.get(entry.key)
            if before is None and not entry.anchor and entry.url in by_page:
                # The same page under another id.
                before = by_page[entry.url]
            if before is not None and before.digest == entry.digest and not before.tries:
                if before.source:
                    reports.append(RefreshReport(unchanged=(before.source,)))
                continue
            found = self._reader.read(entry, feed, before)
            reports.append(RefreshReport(from_feed=found.notes))
            seen = _seen(entry, found, before)
            if found.article is None:
                if found.notes and not seen.source:
                    reports[-1] = RefreshReport(problems=found.notes)
                elif seen.source:
                    reports.append(RefreshReport(unchanged=(seen.source,)))
                self._note(feed, before, seen)
                continue
            waiting.append((before, *self._at_home(feed, entry, seen, found, waiting)))
            if len(waiting) >= BATCH:
                reports.append(self._store_all(feed, waiting, progress))
                waiting = []
        progress("reading", len(entries), len(entries))
        reports.append(self._store_all(feed, waiting, progress))
        return _merged(reports)

    def _at_home(
        self,
        feed: Followed,
        entry: Entry,
        seen: SeenEntry,
        found: EntryText,
        waiting: Sequence[tuple[SeenEntry | None, SeenEntry, Article]],
    ) -> tuple[SeenEntry, Article]:
        """Return an entry and its article under the address that it is to have.

        That is the one that the page calls its own, unless another article is there already: sites that give all their
        pages the address of one would have each of them replace the one before.
        """
        assert found.article is not None
        article = found.article
        others = [one for _, one, other in waiting if other.source == article.source and other.id != article.id]
        if not others and self._store.article_of(article.source) not in (None, article.id):
            others = [
                replace(seen, key=key, url=url)
                for name, key, url in self._state.holders(article.source)
                if (name, key) != (feed.address, entry.key)
            ]
        if any(_path(other.url) != _path(entry.url) for other in others):
            article = replace(article, source=found.own_address)
        held = self._store.article_of(article.source) is not None and not self._state.holders(article.source)
        return replace(seen, source=article.source, is_ours=seen.is_ours and not held), article

    def _store_all(
        self, feed: Followed, waiting: Sequence[tuple[SeenEntry | None, SeenEntry, Article]], progress: Progress
    ) -> RefreshReport:
        if not waiting:
            return RefreshReport()
        report = self._indexer.add_articles([article for _, _, article in waiting], progress)
        gone: list[str] = []
        for before, seen, _ in waiting:
            if before is not None and before.source and before.source != seen.source and before.is_ours:
                gone.append(before.source)
            self._note(feed, before, seen)
        return _as_refresh(replace(report, removed=(*report.removed, *self._drop(gone))))

    def _note(self, feed: Followed, before: SeenEntry | None, seen: SeenEntry) -> None:
        renamed = [before.key] if before is not None and before.key != seen.key else []
        self._state.note(feed.address, [seen], renamed)

    def _retain(self, feed: Followed) -> RefreshReport:
        """Remove what is older or more than is to be kept."""
        held = [entry for entry in self._state.entries(feed.address) if entry.source]
        held.sort(key=lambda entry: (_day_of(entry), entry.seen), reverse=True)
        kept = held if feed.keep_articles is None else held[: feed.keep_articles]
        if feed.keep_days is not None:
            first = _today() - timedelta(days=feed.keep_days)
            kept = [entry for entry in kept if _day_of(entry) >= first]
        gone = [entry for entry in held if entry not in kept]
        if not gone:
            return RefreshReport()
        self._state.note(feed.address, [replace(entry, source=None, tries=0) for entry in gone])
        return RefreshReport(removed=tuple(self._drop([str(entry.source) for entry in gone if entry.is_ours])))

    def drop_articles(self, feed: Followed) -> tuple[str, ...]:
        """Remove the articles that the store has from a feed alone; return their sources."""
        if feed.kind == FOLDER:
            known = self._store.known_files()
            below = [path for path in known if path.startswith(f"{feed.address.rstrip('/')}/")]
            self._store.remove_files(below)
            return tuple(source for path in below for source in known[path].articles)
        entries = self._state.entries(feed.address)
        self._state.note(feed.address, [replace(entry, source=None) for entry in entries])
        return tuple(self._drop([entry.source for entry in entries if entry.source and entry.is_ours]))

    def _drop(self, sources: Sequence[str]) -> list[str]:
        """Remove sources that no entry of any feed has; return which."""
        gone = [
            source
            for source in dict.fromkeys(sources)
            if not self._state.holders(source) and self._store.article_of(source) is not None
        ]
        if gone:
            self._store.remove_sources(gone)
            self._store.publish()
        return gone


def _newest(entries: Sequence[Entry], feed: Followed) -> list[Entry]:
    """Return the entries that are to be kept at all, so that none is fetched only to be removed."""
    if feed.keep_days is not None:
        first = _today() - timedelta(days=feed.keep_days)
        entries = [entry for entry in entries if entry.day is None or entry.day >= first]
    return list(entries[: feed.keep_articles])


def _seen(entry: Entry, found: EntryText, before: SeenEntry | None) -> SeenEntry:
    """Return what is to be noted of an entry, its source being what it was until its article is stored."""
    tries = before.tries if before is not None and before.digest == entry.digest else 0
    tries = tries + 1 if found.was_asked else max(tries, 1)
    return SeenEntry(
        key=entry.key,
        url=entry.url,
        digest=entry.digest,
        source=before.source if before else None,
        day=entry.day or (found.article.published if found.article else None) or (before.day if before else None),
        seen=before.seen if before else time.time(),
        etag=found.etag,
        modified=found.modified,
        tries=tries if found.is_worth_a_try and tries < MOST_TRIES else 0,
        is_whole=found.is_whole,
        is_ours=before.is_ours if before and before.source else True,
    )


def _merged(reports: Sequence[RefreshReport]) -> RefreshReport:
    def every(name: str) -> tuple[Any, ...]:
        return tuple(item for report in reports for item in getattr(report, name))

    return RefreshReport(
        added=every("added"),
        changed=every("changed"),
        removed=every("removed"),
        unchanged=tuple(dict.fromkeys(every("unchanged"))),
        problems=every("problems"),
        passed_over=every("passed_over"),
        from_feed=every("from_feed"),
        encoded=sum(report.encoded for report in reports),
    )


def _as_refresh(report: SyncReport) -> RefreshReport:
    return RefreshReport(**{field.name: getattr(report, field.name) for field in fields(SyncReport)})


def _day_of(entry: SeenEntry) -> date:
    return entry.day or datetime.fromtimestamp(entry.seen, UTC).date()


def _today() -> date:
    return datetime.now(UTC).date()


def _path(url: str) -> str:
    return url.partition("?")[0].partition("#")[0].rstrip("/")
