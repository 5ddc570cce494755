from dataclasses import replace

from assistant.articles.article import Article, canonical_text


def test_text_is_brought_into_one_form():
    decomposed = "\ufeffcafe\u0301\r\nsecond\rthird\x00"
    assert canonical_text(decomposed) == "café\nsecond\nthird"
    assert canonical_text(canonical_text(decomposed)) == canonical_text(decomposed)


def test_lone_surrogates_cannot_break_hashing():
    text = canonical_text("a\ud800b")
    assert text == "a\ufffdb"
    assert len(Article(source="/a", title="a", text=text).id) == 16


def test_arabic_marks_and_tatweel_are_kept():
    text = "القِمّةُ المـــقبلة ٢٠٢٦"
    assert len(canonical_text(text)) == len(text)
    assert "ـــ" in canonical_text(text)


def test_equal_text_has_equal_ids_whatever_its_source():
    assert Article("/a", "A", "same").id == Article("/b", "B", "same").id
    assert Article("/a", "A", "same").id != Article("/a", "A", "other").id


def test_a_text_is_hashed_once():
    article = Article("/a", "A", "same")
    assert article.content_hash is article.content_hash
    assert replace(article, text="other").id == Article("/a", "A", "other").id


def test_of_a_language_its_region_and_script_are_left_out():
    assert [Article("/a", "A", "a", tag).language for tag in ("pt-BR", "zh_Hant", "EN", "und")] == [
        "pt",
        "zh",
        "en",
        "und",
    ]
