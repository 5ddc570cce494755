"""Feeds as they are published, damaged and hostile ones too."""

import time

import pytest

from assistant.errors import ReadError
from assistant.feeds.feed_format import MOST_ENTRIES, kind_of, parse_feed

ADDRESS = "https://news.example/feed.xml"


def rss(items, title="News", before=""):
    return f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


def test_relative_addresses_begin_at_the_feed():
    [entry] = parse_feed(rss("<item><title>A</title><link>/a?utm_medium=rss</link></item>"), ADDRESS).entries
    assert entry.url == "https://news.example/a"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "", "http://[bad"])
def test_addresses_that_are_no_pages_are_dropped(link):
    [entry] = parse_feed(rss(f"<item><title>A</title><link>{link}</link></item>"), ADDRESS).entries
    assert entry.url == ""


def test_markup_in_titles_is_no_part_of_them():
    items = "<item><title>&lt;img src=x onerror=alert(1)&gt;Salt &amp;amp; rope</title><link>/a</link></item>"
    assert parse_feed(rss(items), ADDRESS).entries[0].title == "Salt & rope"


def test_an_entry_that_comes_again_is_one():
    item = "<item><title>A</title><link>/a</link><guid>{}</guid></item>"
    assert len(parse_feed(rss(item.format(1) * 2), ADDRESS).entries) == 1
    assert len(parse_feed(rss(item.format(1) + item.format(2)), ADDRESS).entries) == 1


def test_entries_with_one_page_among_them_are_told_apart():
    items = "".join(f"<item><title>Version {n}</title><link>/changes</link><guid>{n}</guid></item>" for n in (1, 2))
    entries = parse_feed(rss(items), ADDRESS).entries
    assert len({entry.anchor for entry in entries}) == 2
    assert "" not in {entry.anchor for entry in entries}


def test_the_newest_come_first_and_only_so_many():
    items = "".join(
        f"<item><title>{n}</title><link>/{n}</link><pubDate>{1 + n % 28} Jan 2024 00:00:00 GMT</pubDate></item>"
        for n in range(MOST_ENTRIES + 100)
    )
    entries = parse_feed(rss(items), ADDRESS).entries
    assert len(entries) == MOST_ENTRIES
    assert entries[0].day.day == 28
    assert [entry.day for entry in entries] == sorted((entry.day for entry in entries), reverse=True)


def test_dublin_core_dates_of_rss_are_of_publication():
    content = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="https://news.example/1"><title>One</title>'
        b"<link>https://news.example/1</link><dc:date>2024-03-02</dc:date></item></rdf:RDF>"
    )
    assert parse_feed(content, ADDRESS).entries[0].published == "2024-03-02"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1256"])
def test_encodings(encoding):
    content = (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><title>أخبار</title>'
        "<item><title>افتتاح الميناء</title><link>/a</link></item></channel></rss>"
    ).encode(encoding)
    feed = parse_feed(content, ADDRESS)
    assert (feed.title, feed.entries[0].title) == ("أخبار", "افتتاح الميناء")


def test_a_feed_that_is_cut_off_gives_what_it_has():
    content = rss("<item><title>A</title><link>/a</link></item><item><ti").partition(b"</channel>")[0]
    assert [entry.title for entry in parse_feed(content, ADDRESS).entries] == ["A"]


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"<html><p>rss</p></html>", b'{"a": 1}', b"just text"])
def test_what_is_no_feed(content):
    assert kind_of(content) is None
    with pytest.raises(ReadError, match="neither a feed nor a sitemap"):
        parse_feed(content, ADDRESS)


def bomb():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return rss("<item><title>&e9;</title><link>/a</link></item>", before=f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>')


HOSTILE = {
    "bomb": bomb(),
    "outside": rss(
        "<item><title>A&x;</title><link>/a</link></item>",
        before='<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    ),
    "nested": b'<rss version="2.0"><channel>' + b"<a>" * 100_000,
    "nested JSON": b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000,
    "many": rss("<item><title>A</title><link>/a</link></item>" * 50_000),
    "sitemap": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><urlset><url><loc>https://x.example/&e;</loc></url></urlset>',
}


@pytest.mark.parametrize("name", ["bomb", "outside", "many", "sitemap"])
def test_hostile_feeds_are_inert(name):
    began = time.process_time()
    feed = parse_feed(HOSTILE[name], ADDRESS)
    assert len(feed.entries) == 1
    assert feed.entries[0].title in ("A", "&e9;", "")
    assert feed.entries[0].url in ("https://news.example/a", "https://x.example/")
    assert time.process_time() - began < 20


@pytest.mark.parametrize("name", ["nested", "nested JSON"])
def test_feeds_that_are_nested_without_end_are_refused(name):
    began = time.process_time()
    with pytest.raises(ReadError, match=r"\A[^\n]*the feed is damaged[^\n]*\Z"):
        parse_feed(HOSTILE[name], ADDRESS)
    assert time.process_time() - began < 20
