from datetime import date

import pytest

PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="{charset}"><title>{title} | Site</title>{head}</head>
<body><header><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World news</a></li></ul></nav></header>
<main><article><h1>{title}</h1>{body}</article></main>
<aside><h2>Most read</h2><ul><li><a href="/x">Ten things to see</a></li></ul></aside>
<footer><p>Copyright 2020 Site. All rights reserved.</p></footer></body></html>"""


@pytest.fixture
def page(arabic_paragraphs):
    def fill(head="", body=None, charset="utf-8", lang="ar"):
        body = body or "".join(f"<p>{paragraph}</p>" for paragraph in arabic_paragraphs)
        return PAGE.format(title="قمة منظمة معاهدة الأمن الجماعي", head=head, body=body, charset=charset, lang=lang)

    return fill


def test_the_article_comes_without_its_surroundings(read_one, page, arabic_paragraphs):
    article = read_one("a.html", page())
    assert article.title == "قمة منظمة معاهدة الأمن الجماعي"
    assert article.language == "ar"
    assert article.text.split("\n\n")[1:] == arabic_paragraphs
    for noise in ("Home", "World news", "Most read", "Copyright"):
        assert noise not in article.text


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2024-05-03T23:30:00+03:00">',
        '<meta name="date" content="2024-05-03"><meta property="article:modified_time" content="2024-06-30">',
        '<meta itemprop="datePublished" content="2024-05-03">',
        '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2024-05-03T08:00:00Z"}</script>',
        '<script type="application/ld+json">{"dateModified":"2024-06-30","datePublished":"2024-05-03"}</script>',
    ],
)
def test_the_declared_date_is_found(read_one, page, head):
    assert read_one("a.html", page(head)).published == date(2024, 5, 3)


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<meta property="article:modified_time" content="2024-06-30">',
        '<meta property="og:updated_time" content="2024-06-30">',
        '<meta name="copyright" content="2024 Site">',
        '<meta name="date" content="soon">',
    ],
)
def test_a_date_in_the_text_or_of_a_change_is_not_when_it_was_published(read_one, page, head):
    assert "11 نوفمبر 2026" in read_one("a.html", page(head)).text
    assert read_one("a.html", page(head)).published is None


def test_a_time_element_counts_only_where_it_says_so(read_one, page):
    body = "<p>The next summit is on <time datetime='2021-11-11'>11 November</time> in Moscow, they say.</p>" * 5
    assert read_one("a.html", page(body=body)).published is None
    labelled = "<time itemprop='datePublished' datetime='2021-05-03'>3 May</time>" + body
    assert read_one("a.html", page(body=labelled)).published == date(2021, 5, 3)


def test_short_pages_keep_their_sentences_whole(read_one):
    article = read_one(
        "a.html",
        "<html><head><title>A note</title></head><body><nav><a href='/'>Home</a></nav><div><h1>Head</h1>"
        "<p>The summit will be held in <b>Moscow</b> on <i>11 November</i> 2026.</p><p>Second paragraph.</p></div></body></html>",
    )
    assert "The summit will be held in Moscow on 11 November 2026.\n\nSecond paragraph." in article.text
    assert article.published is None


def test_lists_tables_and_line_breaks_keep_their_lines(read_one, page):
    body = (
        "<p>"
        + "A long enough paragraph to be the article. " * 10
        + "</p><ul><li>one thing</li><li>two things</li></ul>"
        "<table><tr><th>place</th><th>day</th></tr><tr><td>Moscow</td><td>11 November</td></tr></table>"
        "<p>First line<br>second line with <a href='/x'>a link</a>.</p>"
    )
    text = read_one("a.htm", page(body=body)).text
    assert "one thing\ntwo things\n\nplace | day\nMoscow | 11 November\n\nFirst line\nsecond line with a link." in text


@pytest.mark.parametrize("charset", ["windows-1256", "iso-8859-6", "utf-16"])
def test_pages_in_other_encodings(read_one, page, arabic_paragraphs, charset):
    body = "".join(f"<p>{p}</p>" for p in arabic_paragraphs).replace("–", "-").translate({0x201C: '"', 0x201D: '"'})
    article = read_one("a.html", page(body=body, charset=charset).encode(charset))
    assert "11 نوفمبر 2026 في موسكو" in article.text


def test_author_site_and_address_become_metadata(read_one, page):
    head = (
        '<meta name="author" content="Layla Haddad"><meta property="og:site_name" content="Agency">'
        '<link rel="canonical" href="https://example.org/summit">'
    )
    metadata = read_one("a.html", page(head)).metadata
    assert metadata["author"] == "Layla Haddad"
    assert metadata["url"] == "https://example.org/summit"
    assert metadata["sitename"] == "Agency"


def test_scripts_never_become_text(read_one, page):
    body = "<p>" + "Harmless words of a paragraph. " * 10 + "<script>alert('x')</script></p><style>p{color:red}</style>"
    text = read_one("a.html", page(body=body)).text
    assert "alert" not in text
    assert "color" not in text


def test_entities_are_not_expanded_and_files_not_included(read_bytes):
    content = (
        b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        b"<html><body><p>Some words here &b; and &f; there, enough for a page.</p></body></html>"
    )
    (article,) = read_bytes("a.html", content).articles
    assert "Some words here" in article.text
    assert "root:" not in article.text
    assert "hahaha" not in article.text


@pytest.mark.parametrize(
    "content", ["<html></html>", "<!-- -->", "<html><body><nav><a href='/'>Home</a></nav></body></html>"]
)
def test_pages_without_an_article_are_problems(read_bytes, content):
    reading = read_bytes("a.html", content.encode())
    assert (len(reading.articles), len(reading.problems)) == (0, 1)


def test_a_page_of_ten_thousand_open_elements_ends(read_bytes):
    reading = read_bytes("a.html", b"<html><body>" + b"<div><p>word " * 10_000)
    assert len(reading.articles) + len(reading.problems) == 1


@pytest.mark.parametrize("charset", ["base64", "undefined"])
def test_a_charset_that_is_none_is_passed_over(read_one, charset):
    sentence = "القمة المقبلة لمنظمة معاهدة الأمن الجماعي ستعقد في موسكو. " * 5
    page = f'<html><head><meta charset="{charset}"></head><body><p>{sentence}</p></body></html>'
    assert read_one("a.html", page.encode("cp1256")).text == sentence.strip()


@pytest.mark.parametrize("damage", ["x'=''", "\"<='1'", "itemid='a\x01b'", "xml:lang='ar'"])
def test_damaged_attributes_beside_a_date_do_not_matter(read_one, damage):
    page = (
        f"<html><head><title>T</title><meta name='date' content='2024-05-03' {damage}></head>"
        "<body><article><p>A paragraph that is long enough to be taken for the article.</p></article></body></html>"
    )
    assert str(read_one("a.html", page).published) == "2024-05-03"


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ('<meta property="article:published_time" content="2024-05">', None),
        ('<meta name="date" content="05/06/2024">', None),
        ('<meta name="date" content="05/31/2024">', date(2024, 5, 31)),
        ('<meta name="DC.date.issued" content="1987-05-06">', date(1987, 5, 6)),
        (
            (
                '<script type="application/ld+json">{"@graph": [{"@type": "WebPage", "datePublished": "2020-01-01"}, '
                '{"@type": "Article", "comment": [{"datePublished": "2024-06-30"}], "datePublished": "2024-05-06"}]}</script>'
            ),
            date(2024, 5, 6),
        ),
        ('<script type="application/ld+json">{"datePublished": </script>', None),
    ],
)
def test_the_articles_own_day_is_taken_and_none_invented(read_one, page, head, published):
    assert read_one("a.html", page(head)).published == published


@pytest.mark.parametrize(
    ("mark", "published"),
    [
        ('<time class="entry-date published" datetime="2024-05-06T10:00:00+00:00">May 6</time>', date(2024, 5, 6)),
        ('<time class="updated" datetime="2024-05-06">May 6</time>', None),
        ('<div class="comments"><time class="published" datetime="2024-05-06">May 6</time></div>', None),
    ],
)
def test_marked_times_count_where_they_are_the_articles(read_one, page, arabic_paragraphs, mark, published):
    body = mark + "".join(f"<p>{paragraph}</p>" for paragraph in arabic_paragraphs)
    assert read_one("a.html", page(body=body)).published == published


def test_the_sites_name_is_no_title(read_one, arabic_paragraphs):
    page = (
        "<html><head><title>السد اكتمل - أخبار - صحيفة النهر</title></head><body><header><h1><a href=/>صحيفة النهر</a></h1>"
        f"</header><main><h2>السد اكتمل</h2><p>{arabic_paragraphs[1]}</p><p>{arabic_paragraphs[2]}</p></main></body></html>"
    )
    assert read_one("a.html", page).title == "السد اكتمل"


def test_a_page_that_scripts_write_says_so(read_problem):
    page = "<html><head><title>T</title></head><body><div id=root></div><script src=/app.js></script></body></html>"
    assert "written by JavaScript; save it from a browser" in read_problem("a.html", page)
