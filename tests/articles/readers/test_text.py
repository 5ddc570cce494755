from datetime import date


def test_the_sample_article(read_one, arabic_paragraphs):
    article = read_one("a.txt", "\n\n".join(arabic_paragraphs))
    assert article.language == "ar"
    assert article.published is None
    assert article.title.startswith("وكالات – قال الرئيس الروسي")
    assert len(article.title) <= 120
    assert "11 نوفمبر 2026" in article.text


def test_the_text_is_the_file(read_one):
    text = "Line one,\nwrapped.\n\n  Indented.\n"
    assert read_one("a.txt", text.replace("\n", "\r\n")).text == text


def test_windows_1256_gives_the_same_article_as_utf8(read_one, arabic_paragraphs):
    text = "\n".join(arabic_paragraphs)
    assert read_one("a.txt", text.encode("cp1256")).id == read_one("b.txt", text).id


def test_front_matter_is_read_and_left_out_of_the_text(read_one):
    article = read_one("a.txt", "---\ntitle: T\ndate: 3 May 2024\nauthor: N. N.\nlang: fr\n---\nBonjour.")
    assert (article.title, article.published, article.text) == ("T", date(2024, 5, 3), "Bonjour.")
    assert article.language == "fr"
    assert article.metadata == {"author": "N. N."}


def test_a_dateline_says_the_day_that_front_matter_does_not(read_one):
    text = "Ten-man Wexley hold on\n\n18 October 2026\n\nBy Tom Garrity\n\nWexley Rovers won the derby on Sunday."
    assert read_one("a.txt", text).published == date(2026, 10, 18)
    assert read_one("a.txt", f"---\ndate: 19 October 2026\n---\n{text}").published == date(2026, 10, 19)


def test_an_invalid_date_is_no_date(read_one):
    assert read_one("a.txt", "---\ndate: 2024-13-45\n---\nText.").published is None


def test_broken_front_matter_is_a_problem(read_problem):
    assert "front matter is not valid YAML at line 3" in read_problem("a.txt", "---\ntitle: a\n- b\n---\nText.")
