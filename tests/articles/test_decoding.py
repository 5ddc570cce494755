import json
import random

import pytest

from assistant.articles.decoding import NotTextError, decode

ARABIC = "القمة المقبلة لمنظمة معاهدة الأمن الجماعي ستعقد في موسكو."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1256"])
def test_arabic_comes_right_from(encoding):
    assert decode(ARABIC.encode(encoding)).removeprefix("\ufeff") == ARABIC


@pytest.mark.parametrize(("encoding", "mark"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")])
def test_a_byte_order_mark_decides(encoding, mark):
    assert decode(mark + ARABIC.encode(encoding)) == ARABIC


def test_the_sample_article_survives_windows_1256(arabic_paragraphs):
    for paragraph in arabic_paragraphs:
        assert decode(paragraph.encode("cp1256")) == paragraph


def test_every_arabic_paragraph_of_xquad_that_windows_1256_can_hold_comes_right(shared_data):
    articles = json.loads((shared_data / "xquad.ar.json").read_text(encoding="utf-8"))["data"]
    texts = [paragraph["context"] for article in articles for paragraph in article["paragraphs"]]
    held = [text for text in texts if text.encode("cp1256", "ignore").decode("cp1256") == text]
    assert len(held) > 150
    wrong = [text[:60] for text in held if decode(text.encode("cp1256")) != text]
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("ara", "cp1256"),
        ("ara", "iso8859-6"),
        ("rus", "cp1251"),
        ("rus", "koi8-r"),
        ("ukr", "cp1251"),
        ("cmn", "gb18030"),
        ("jpn", "shift_jis"),
        ("jpn", "euc-jp"),
        ("kor", "cp949"),
        ("ell", "cp1253"),
        ("tur", "cp1254"),
        ("heb", "cp1255"),
        ("pol", "cp1250"),
        ("fra", "cp1252"),
        ("deu", "cp1252"),
    ],
)
def test_three_sentences_are_enough_to_tell(language, encoding, shared_data):
    sentences = (shared_data / "tatoeba" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    choose = random.Random(1)
    tried = wrong = 0
    while tried < 40:
        text = "\n".join(choose.sample(sentences, 3))
        content = text.encode(encoding, "ignore")
        if content.decode(encoding) == text and not content.isascii():
            tried += 1
            wrong += decode(content) != text
    assert wrong <= 1


def test_a_declared_encoding_is_believed_where_utf8_does_not_fit():
    assert decode("año".encode("cp1252"), "iso-8859-1") == "año"
    assert decode("“año”".encode("cp1252"), "iso-8859-1") == "“año”"
    assert decode("año".encode(), "iso-8859-1") == "año"
    assert decode("año".encode("cp1252") * 20, "no-such-encoding")


def test_a_damaged_byte_shows_and_the_rest_stays():
    content = ARABIC.encode()
    damaged = content[:41] + b"\xff" + content[42:]
    text = decode(damaged)
    assert "\ufffd" in text
    assert text.startswith(ARABIC[:18])
    assert text.endswith(ARABIC[-20:])


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        bytes(range(1, 32)) * 20,
        b"\x7fELF\x02\x01\x01\x00",
        b"\x01\x02\x03\x04 text",
    ],
)
def test_binary_is_refused(content):
    with pytest.raises(NotTextError, match="binary"):
        decode(content)


def test_random_bytes_never_raise_anything_else():
    choose = random.Random(7)
    for size in (1, 2, 3, 10, 100, 5000):
        for _ in range(20):
            content = choose.randbytes(size)
            try:
                decode(content)
            except NotTextError:
                continue


@pytest.mark.parametrize("charset", ["base64", "rot13", "undefined", "unicode_escape", "idna", "utf-7", "\ud800"])
def test_a_declared_codec_that_is_no_encoding_of_text_is_passed_over(charset):
    text = "القمة المقبلة لمنظمة معاهدة الأمن الجماعي ستعقد في موسكو. " * 5
    assert decode(text.encode("cp1256"), charset) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["The weir\nis old.", "السد القديم في المدينة\n", "Плотина\nстарая"])
def test_utf_16_without_a_mark_is_told_by_its_spaces(text, encoding):
    assert decode(text.encode(encoding)) == text
