"""What is found where a site is followed."""

import pytest
from feed_server import Reply, texts

from assistant.errors import ReadError


def sitemap(site, *places, tag="url", root="urlset"):
    entries = "".join(
        f"<{tag}><loc>{site.base}{path}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</{tag}>"
        for path, day in places
    )
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return Reply(f'<?xml version="1.0"?><{root} xmlns="{namespace}">{entries}</{root}>', "application/xml")


def test_a_sites_feed_is_found(site, assistant):
    site.page("/blog/", "Blog", head='<link rel="alternate" type="application/rss+xml" href="news.xml">')
    site.page("/pier", "Pier")
    url = site.rss({"link": "/pier"}, path="/blog/news.xml")
    assert assistant.follow(f"{site.base}/blog/").address == url
    assert assistant.refresh().added == (f"{site.base}/pier",)
    assistant.unfollow(f"{site.base}/blog/")
    assert assistant.following() == []


def test_a_feed_that_is_gone_is_passed_by_for_the_next(site, assistant):
    head = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{name}.xml">' for name in "ab")
    site.page("/", "Home", head=head)
    url = site.rss({"link": "/pier"}, path="/b.xml")
    assert assistant.follow(site.base).address == url


def test_a_sitemap_is_found_in_robots_txt_and_its_changes_are_seen(site, assistant):
    site.page("/news/", "News")
    site.page("/news/pier", "Pier")
    site.page("/about", "About")
    site.replies["/robots.txt"] = Reply(f"User-agent: *\nSitemap: {site.base}/maps/index.xml", "text/plain")
    site.replies["/maps/index.xml"] = sitemap(site, ("/maps/1.xml", ""), tag="sitemap", root="sitemapindex")
    site.replies["/maps/1.xml"] = sitemap(site, ("/news/pier", "2025-02-01"), ("/about", "2025-01-01"))

    followed = assistant.follow(f"{site.base}/news/")

    assert (followed.kind, followed.address) == ("sitemap", f"{site.base}/maps/index.xml")
    assert assistant.refresh().added == (f"{site.base}/news/pier",)
    assert assistant.articles()[0].published is None  # the day of a change is none of publication
    assert assistant.refresh().encoded == 0
    site.page("/news/pier", "Pier", text="The pier of {name} burnt down on Friday. The ferries go from the quay now.")
    assert assistant.refresh().encoded == 0
    site.replies["/maps/1.xml"] = sitemap(site, ("/news/pier", "2025-03-01"))
    assert assistant.refresh().changed == (f"{site.base}/news/pier",)


def test_a_sitemap_is_guessed(site, assistant):
    site.page("/", "Home")
    site.page("/pier", "Pier")
    site.replies["/sitemap.xml"] = sitemap(site, ("/pier", ""))
    assert assistant.follow(site.base).address == f"{site.base}/sitemap.xml"


def test_a_site_with_neither_is_refused(site, assistant):
    site.page("/", "Home")
    with pytest.raises(ReadError, match="neither a feed nor a sitemap was found on this site"):
        assistant.follow(site.base)
    with pytest.raises(ReadError, match="404"):
        assistant.follow(f"{site.base}/nothing")
    with pytest.raises(ReadError, match="only http and https"):
        assistant.follow("ftp://127.0.0.1/feed")
    assert assistant.following() == []


def test_atom_and_json_feeds(site, assistant):
    site.page("/pier", "Pier")
    site.replies["/atom.xml"] = Reply(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom news</title><entry><id>urn:x:1</id>'
        '<title>Pier</title><link href="/pier"/><published>2024-05-03T23:30:00-05:00</published>'
        "<updated>2024-06-01T00:00:00Z</updated></entry></feed>",
        "application/atom+xml",
    )
    site.replies["/feed.json"] = Reply(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "JSON news", "items": [{"id": 7, "title": "Note", '
        '"content_text": "The market opens on Sunday.", "date_published": "2024-01-02T00:00:00Z"}]}',
        "application/feed+json",
    )
    assert assistant.follow(f"{site.base}/atom.xml").kind == "Atom"
    assert assistant.follow(f"{site.base}/feed.json").kind == "JSON"
    assert len(assistant.refresh().added) == 2
    days = {one.title: str(one.published) for one in assistant.articles()}
    assert days == {"Pier": "2024-05-03", "Note": "2024-01-02"}
    assert "The market opens on Sunday." in texts(assistant).values()
    assert assistant.refresh().encoded == 0
