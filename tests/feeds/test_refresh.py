"""Following feeds on a real server, through the façade."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from feed_server import PARAGRAPH, Reply, texts

from assistant.articles import web
from assistant.errors import PrivateAddressError, ReadError


def test_a_feed_is_followed_and_refreshed_and_nothing_comes_twice(site, assistant):
    site.page("/pier", "Pier")
    site.page("/market", "Market")
    url = site.rss(
        {"title": "Pier", "link": "/pier", "pubDate": datetime(2025, 3, 4, tzinfo=UTC)},
        {"title": "Market", "link": "/market"},
        ETag='"1"',
    )

    followed = assistant.follow(url)
    assert (followed.kind, followed.title, followed.address) == ("RSS", "Harbour news", url)

    first = assistant.refresh()
    assert sorted(first.added) == [f"{site.base}/market", f"{site.base}/pier"]
    assert first.encoded > 0
    assert "Two ferries a day" in texts(assistant)[f"{site.base}/pier"]
    [pier] = [one for one in assistant.articles() if one.source.endswith("/pier")]
    assert str(pier.published) == "2025-03-04"

    before = len(site.seen)
    second = assistant.refresh()
    assert (second.added, second.changed, second.encoded, second.problems) == ((), (), 0, ())
    assert [path for path, _ in site.seen[before:]] == ["/feed.xml"]
    assert site.asked("/feed.xml")[-1]["If-None-Match"] == '"1"'
    [state] = assistant.following()
    assert (state.articles, state.error, state.failures) == (2, "", 0)


def test_without_an_etag_pages_are_not_fetched_again(site, assistant):
    site.page("/pier", "Pier")
    assistant.follow(site.rss({"title": "Pier", "link": "/pier"}))
    assistant.refresh()
    assert assistant.refresh().encoded == 0
    assert len(site.asked("/pier")) == 1


def test_a_changed_entry_is_read_again_and_replaces_the_old_text(site, assistant):
    site.page("/pier", "Pier", ETag='"a"')
    assistant.follow(site.rss({"title": "Pier", "link": "/pier"}))
    assistant.refresh()
    site.rss({"title": "Pier (updated)", "link": "/pier"})
    assert assistant.refresh().encoded == 0
    assert site.asked("/pier")[-1]["If-None-Match"] == '"a"'
    site.page(
        "/pier", "Pier", text="The pier of {name} burnt down on Friday. Nobody was hurt. The ferries go from the quay."
    )
    site.rss({"title": "Pier (burnt)", "link": "/pier"})
    report = assistant.refresh()
    assert report.changed == (f"{site.base}/pier",)
    [text] = texts(assistant).values()
    assert "burnt down" in text


def test_the_page_is_stored_once_under_its_canonical_address(site, assistant):
    canonical = '<link rel="canonical" href="/pier">'
    for path in ("/pier", "/pier?utm_source=rss", "/amp/pier"):
        site.page(path, "Pier", head=canonical)
    site.replies["/go"] = Reply(status=302, headers={"Location": "/amp/pier"})
    assistant.follow(
        site.rss({"link": "/pier?utm_source=rss", "guid": "1"}, {"link": "/go", "guid": "2", "title": "B"})
    )
    assistant.refresh()
    assert list(texts(assistant)) == [f"{site.base}/pier"]


def test_pages_that_all_call_themselves_by_one_address_do_not_replace_each_other(site, assistant):
    head = '<link rel="canonical" href="/all">'
    site.page("/pier", "Pier", head=head)
    site.page("/market", "Market", head=head)
    assistant.follow(site.rss({"link": "/pier", "title": "Pier"}, {"link": "/market", "title": "Market"}))
    assistant.refresh()
    assert len(texts(assistant)) == 2


def test_another_sites_address_is_not_believed(site, assistant):
    site.page("/pier", "Pier", head='<link rel="canonical" href="https://bank.example/news">')
    assistant.follow(site.rss({"link": "/pier"}))
    assistant.refresh()
    assert list(texts(assistant)) == [f"{site.base}/pier"]


def test_the_feeds_text_is_taken_where_the_page_cannot_be_read(site, assistant):
    site.rss({"title": "Gone", "link": "/gone", "description": "The &lt;b&gt;lighthouse&lt;/b&gt; keeper retired."})
    assistant.follow(f"{site.base}/feed.xml")
    report = assistant.refresh()
    assert texts(assistant) == {f"{site.base}/gone": "The lighthouse keeper retired."}
    assert [str(note) for note in report.from_feed] == [f"{site.base}/gone: the server answered 404 Not Found."]
    assert report.problems == ()
    assert assistant.articles()[0].title == "Gone"


def test_the_feeds_text_is_taken_where_the_page_has_a_fraction_of_it(site, assistant):
    site.page("/pier", "Pier", text="The pier of {name}. Subscribe to read on, it costs two coins a month.")
    assistant.follow(site.rss({"title": "Pier", "link": "/pier", "description": PARAGRAPH.format(name="Rosk")}))
    assistant.refresh()
    assert "Its roof was paid for" in texts(assistant)[f"{site.base}/pier"]


def test_a_page_that_fails_for_a_moment_is_read_later(site, assistant):
    site.replies["/pier"] = Reply("busy", status=503)
    assistant.follow(site.rss({"title": "Pier", "link": "/pier", "description": "The pier is open."}, ETag='"1"'))
    assistant.refresh()
    assert list(texts(assistant).values()) == ["The pier is open."]
    site.page("/pier", "Pier")
    assert assistant.refresh().changed == (f"{site.base}/pier",)
    [text] = texts(assistant).values()
    assert "Two ferries a day" in text
    assert assistant.refresh().encoded == 0
    assert site.asked("/feed.xml")[-1]["If-None-Match"] == '"1"'


def test_a_page_that_fails_later_does_not_lose_its_article(site, assistant):
    site.page("/pier", "Pier")
    assistant.follow(site.rss({"title": "Pier", "link": "/pier"}))
    assistant.refresh()
    del site.replies["/pier"]
    site.rss({"title": "Pier, again", "link": "/pier"})
    assistant.refresh()
    [text] = texts(assistant).values()
    assert "Two ferries a day" in text


def test_a_feed_that_has_moved_for_good_is_followed_there(site, assistant):
    site.page("/pier", "Pier")
    old = site.rss({"link": "/pier"}, path="/old.xml")
    assistant.follow(old)
    assistant.refresh()
    site.rss({"link": "/pier"}, path="/new.xml")
    site.replies["/old.xml"] = Reply(status=301, headers={"Location": "/new.xml"})
    assert assistant.refresh().encoded == 0
    [followed] = assistant.following()
    assert (followed.address, followed.articles) == (f"{site.base}/new.xml", 1)
    assistant.unfollow(old)
    assert assistant.following() == []


def test_a_feed_that_is_elsewhere_for_a_while_keeps_its_address(site, assistant):
    old = site.rss(path="/old.xml")
    assistant.follow(old)
    site.rss(path="/new.xml")
    site.replies["/old.xml"] = Reply(status=302, headers={"Location": "/new.xml"})
    assistant.refresh()
    assert assistant.following()[0].address == old


def test_a_redirect_to_what_is_no_feed_moves_nothing(site, assistant):
    old = site.rss(path="/old.xml")
    assistant.follow(old)
    site.page("/login", "Log in")
    site.replies["/old.xml"] = Reply(status=301, headers={"Location": "/login"})
    assert "neither a feed nor a sitemap" in str(assistant.refresh().problems[0])
    assert assistant.following()[0].address == old


def test_a_server_that_asks_to_wait_is_left_alone(site, assistant):
    url = site.rss()
    assistant.follow(url)
    site.replies["/feed.xml"] = Reply("slow down", status=429, headers={"Retry-After": "300"})
    assert "asks to be left alone until" in str(assistant.refresh().problems[0])
    before = len(site.seen)
    assert "asks to be left alone until" in str(assistant.refresh().problems[0])
    assert len(site.seen) == before
    assert 200 < assistant.following()[0].wait_until - datetime.now(UTC).timestamp() <= 300


def test_a_feed_that_fails_is_due_later_and_later(site, assistant):
    assistant.follow(site.rss())
    site.replies["/feed.xml"] = Reply("oh", status=500)
    dues = []
    for _ in range(3):
        assert "500 Internal Server Error" in str(assistant.refresh().problems[0])
        [followed] = assistant.following()
        dues.append(followed.due - followed.checked)
    assert dues == pytest.approx([3600, 7200, 14400])
    assert (followed.failures, "500" in followed.error) == (3, True)
    before = len(site.seen)
    assert assistant.refresh(only_due=True).problems == ()
    assert len(site.seen) == before
    site.rss()
    assert assistant.refresh().problems == ()
    assert (assistant.following()[0].failures, assistant.following()[0].error) == (0, "")


def test_one_feed_that_fails_does_not_hold_up_the_others(site, assistant):
    site.page("/pier", "Pier")
    assistant.follow(site.rss(path="/a.xml", title="A"))
    assistant.follow(site.rss({"link": "/pier"}, path="/b.xml", title="B"))
    site.replies["/a.xml"] = Reply("<rss><channel><item>", "application/rss+xml", status=500)
    report = assistant.refresh()
    assert len(report.problems) == 1
    assert report.added == (f"{site.base}/pier",)


@pytest.mark.parametrize(
    ("slowness", "said"),
    [
        # Never silent for long, so that only the limit of the whole can end it.
        ({"between_bytes": 0.1}, "it took longer than 2 seconds; try again later."),
        ({"silence": 4.0}, "the server was silent for 1 seconds; try again later."),
    ],
)
def test_a_slow_server_is_given_up_and_the_others_go_on(site, assistant, monkeypatch, slowness, said):
    for name in ("pier", "market", "quay"):
        site.page(f"/{name}", name)
    assistant.follow(site.rss(path="/slow.xml", title="Slow"))
    assistant.follow(site.rss({"link": "/pier"}, {"link": "/market", "title": "M"}, path="/b.xml", title="B"))
    assistant.follow(site.rss({"link": "/quay"}, path="/c.xml", title="C"))
    monkeypatch.setattr(web, "TOTAL_SECONDS", 2.0)
    monkeypatch.setattr(web, "SILENCE_SECONDS", 1.0)
    body = site.replies["/slow.xml"].body.ljust(1000)
    site.replies["/slow.xml"] = Reply(body, "application/rss+xml", **slowness)
    site.replies["/market"] = replace(site.replies["/market"], **slowness)

    began = time.monotonic()
    report = assistant.refresh()
    took = time.monotonic() - began

    assert took < 15
    assert report.added == (f"{site.base}/pier", f"{site.base}/market", f"{site.base}/quay")
    [problem] = report.problems
    assert str(problem) == f"{site.base}/slow.xml: {said}"
    # Of the page that is slow there is the teaser, until the page can be had.
    assert str(report.from_feed[0]) == f"{site.base}/market: {said}"
    assert texts(assistant)[f"{site.base}/market"] == "A teaser."
    errors = {followed.title: followed.error for followed in assistant.following()}
    assert said in errors["Slow"]
    assert errors["B"] == errors["C"] == ""

    site.replies["/slow.xml"] = Reply(body, "application/rss+xml")
    site.replies["/market"] = replace(site.replies["/market"], silence=0.0, between_bytes=0.0)
    again = assistant.refresh()
    assert again.problems == ()
    assert "Two ferries a day" in texts(assistant)[f"{site.base}/market"]


def test_robots_are_kept_to_for_pages(site, assistant):
    site.page("/secret/pier", "Pier")
    site.replies["/robots.txt"] = Reply("User-agent: *\nDisallow: /secret/", "text/plain")
    assistant.follow(site.rss({"title": "Pier", "link": "/secret/pier", "description": "The pier is open."}))
    report = assistant.refresh()
    assert site.asked("/secret/pier") == []
    assert "robots.txt" in str(report.from_feed[0])
    assert list(texts(assistant).values()) == ["The pier is open."]
    assert len(site.asked("/robots.txt")) == 1


def test_a_host_is_left_alone_between_requests(site, assistant, monkeypatch):
    from assistant.feeds import polite_client

    monkeypatch.setattr(polite_client, "DELAY_SECONDS", 0.2)
    for name in ("a", "b", "c"):
        site.page(f"/{name}", name)
    assistant.follow(site.rss(*({"link": f"/{name}", "title": name} for name in "abc")))
    began = datetime.now(UTC)
    assistant.refresh()  # the feed, robots.txt and three pages
    assert datetime.now(UTC) - began > timedelta(seconds=0.8)


def test_private_addresses_are_refused(site, assistant, tmp_path):
    from assistant import Assistant

    with Assistant(tmp_path / "closed") as closed, pytest.raises(PrivateAddressError):
        closed.follow(site.rss())


def test_what_is_to_be_kept_is_kept_and_no_more(site, assistant):
    now = datetime.now(UTC)
    items = [{"title": f"N{age}", "link": f"/{age}", "pubDate": now - timedelta(days=age)} for age in (40, 1, 3, 2)]
    for age in (0, 1, 2, 3, 40):
        site.page(f"/{age}", f"News {age}")
    url = site.rss(*items)
    assistant.follow(url, keep_articles=2)
    assistant.refresh()
    assert sorted(texts(assistant)) == [f"{site.base}/1", f"{site.base}/2"]
    assert site.asked("/40") == []
    site.rss({"title": "N0", "link": "/0", "pubDate": now}, *items)
    report = assistant.refresh()
    assert (report.added, report.removed) == ((f"{site.base}/0",), (f"{site.base}/2",))
    assert assistant.refresh().added == ()
    assistant.follow(url, keep_days=10)
    assistant.refresh()
    assert sorted(texts(assistant)) == [f"{site.base}/{age}" for age in (0, 1, 2, 3)]


def test_unfollowing_keeps_the_articles_unless_told_otherwise(site, assistant):
    site.page("/pier", "Pier")
    site.page("/own", "Own")
    assistant.add(f"{site.base}/own")
    url = site.rss({"link": "/pier"}, {"link": "/own", "title": "Own"})
    assistant.follow(url)
    assistant.refresh()
    assistant.unfollow(url)
    assert len(assistant.articles()) == 2
    with pytest.raises(ReadError, match="it is not followed"):
        assistant.unfollow(url)


def test_articles_that_were_there_before_stay_when_a_feed_goes(site, assistant):
    site.page("/pier", "Pier")
    site.page("/own", "Own")
    assistant.add(f"{site.base}/own")
    assistant.follow(site.rss({"link": "/pier"}, {"link": "/own", "title": "Own"}))
    assistant.refresh()
    assert assistant.unfollow(f"{site.base}/feed.xml", remove_articles=True) == (f"{site.base}/pier",)
    assert list(texts(assistant)) == [f"{site.base}/own"]


def test_an_article_that_a_person_removed_does_not_come_back(site, assistant):
    site.page("/pier", "Pier")
    assistant.follow(site.rss({"link": "/pier"}))
    assistant.refresh()
    assistant.remove(assistant.articles()[0].id)
    assistant.refresh()
    assert assistant.articles() == []


def test_a_folder_is_followed(assistant, tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text("The pier is open. Ferries go daily.", encoding="utf-8")
    assert assistant.follow(folder).kind == "folder"
    assert assistant.refresh().added == (str(folder / "a.txt"),)
    assert assistant.refresh().encoded == 0
    (folder / "a.txt").unlink()
    assert assistant.refresh().removed == (str(folder / "a.txt"),)
    with pytest.raises(ReadError, match="stay as long as its files"):
        assistant.follow(folder, keep_days=3)
    with pytest.raises(ReadError, match="no such folder"):
        assistant.follow(tmp_path / "missing")
