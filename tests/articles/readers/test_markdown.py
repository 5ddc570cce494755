from datetime import date

PAGE = """---
date: 2024-05-03
url: https://example.org/summit
---
Intro before the heading.

# The *next* summit

The summit will be held in **Moscow**, as
[the agency](https://example.org "title") said.\\
New line. ![a map](map.png)

- one
- two
  1. two and a half

     more of it

| place | day |
|---|---|
| Moscow | 11 November 2026 |

> A quote.

```python
code = "[kept](as it is)"
```

<div>Raw <b>HTML</b><script>alert(1)</script></div>

<!-- a comment -->

Last &amp; least <i>inline</i> ~~gone~~.
"""


def test_the_text_is_what_the_rendered_page_shows(read_one):
    article = read_one("a.md", PAGE)
    assert article.text == (
        "Intro before the heading.\n\n"
        "The next summit\n\n"
        "The summit will be held in Moscow, as the agency said.\nNew line. a map\n\n"
        "one\ntwo\n1. two and a half\nmore of it\n\n"
        "place | day\nMoscow | 11 November 2026\n\n"
        "A quote.\n\n"
        'code = "[kept](as it is)"\n\n'
        "Raw HTML\n\n"
        "Last & least inline gone."
    )


def test_title_date_and_url_come_from_the_page(read_one):
    article = read_one("a.md", PAGE)
    assert article.title == "The next summit"
    assert article.published == date(2024, 5, 3)
    assert article.metadata == {"url": "https://example.org/summit"}


def test_front_matter_comes_before_the_heading(read_one):
    assert read_one("a.markdown", "---\ntitle: From above\n---\n# Heading\n\nText.").title == "From above"


def test_without_either_the_first_line_is_the_title(read_one):
    assert read_one("a.md", "## Section\n\nText.").title == "Section"


def test_a_thematic_break_is_not_front_matter(read_one):
    assert read_one("a.md", "---\n\nText between.\n\n---\n").text == "Text between."


def test_arabic_markdown(read_one, arabic_paragraphs):
    article = read_one("a.md", "# عنوان\n\n" + "\n\n".join(arabic_paragraphs))
    assert article.title == "عنوان"
    assert article.text.split("\n\n")[1:] == arabic_paragraphs


def test_pictures_alone_are_no_article(read_problem):
    assert "no text" in read_problem("a.md", "<!-- nothing -->\n\n---\n")


def test_deep_nesting_ends(read_one):
    assert read_one("a.md", ">" * 5000 + " deep\n\nText [" * 500 + "\n").text


def test_an_xml_declaration_is_markup_like_any_other(read_one):
    article = read_one("a.md", 'Before.\n\n<?xml version="1.0" encoding="utf-8"?>\n\n<p>قمة</p>\n\nAfter.\n')
    assert article.text == "Before.\n\nقمة\n\nAfter."
