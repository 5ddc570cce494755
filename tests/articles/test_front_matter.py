import pytest

from assistant.articles.front_matter import FrontMatterError, split_front_matter


def test_known_keys_are_found_under_their_usual_names():
    text = "---\nTitle: 'A: B'\npubDate: 2024-05-03\nauthors:\n  - One\n  - Two\nlang: no\nlink: https://example.org/a\ntags: [x]\n---\nBody\n"
    found, body = split_front_matter(text)
    assert found == {
        "title": "A: B",
        "date": "2024-05-03",
        "author": "One, Two",
        "language": "no",
        "url": "https://example.org/a",
    }
    assert body == "Body\n"


@pytest.mark.parametrize(
    "text",
    ["---\nA rule, then text.\n\n---\nMore", "No front matter\n---\na: b\n---\n", "---\ntitle: never closed\n", ""],
)
def test_rules_and_unclosed_blocks_stay_text(text):
    assert split_front_matter(text) == ({}, text)


def test_broken_yaml_is_named_with_its_line():
    with pytest.raises(FrontMatterError, match="line 3"):
        split_front_matter("---\ndate: 2024-05-03\n- stray\n---\nText")


@pytest.mark.parametrize(
    "title",
    ["Foo: bar", "The 'old' pier: a: b", "[Update] Pier", "@pier", "'Pier' and 'quay'", "50 % more: why", "* pier"],
)
def test_a_value_that_should_have_been_quoted_is_read_as_it_was_meant(title):
    found, body = split_front_matter(f"---\ntitle: {title}\ndate: 2024-05-03\n---\nText")
    assert found == {"title": title, "date": "2024-05-03"}
    assert body == "Text"


def test_toml_is_front_matter_too():
    text = '+++\ntitle = "Quay: the works"\ndate = 1994-05-03T10:00:00Z\nauthors = ["One", "Two"]\n[params]\nx = 1\n+++\nBody\n'
    found, body = split_front_matter(text)
    assert found == {"title": "Quay: the works", "date": "1994-05-03T10:00:00+00:00", "author": "One, Two"}
    assert body == "Body\n"
    with pytest.raises(FrontMatterError, match="line 1"):
        split_front_matter("+++\ntitle = Quay\n+++\nBody\n")


def test_yaml_cannot_build_objects_or_blow_up():
    found, _ = split_front_matter("---\ntitle: !!python/object/apply:os.system ['true']\nauthor: ok\n---\n")
    assert found == {"title": "true", "author": "ok"}
    assert split_front_matter("---\ntitle: " + "[" * 15000 + "\n---\n")[0] == {"title": "[" * 15000}
    with pytest.raises(FrontMatterError):
        split_front_matter("---\ntags:\n- " + "[" * 15000 + "\n---\n")


def test_windows_line_ends_and_a_byte_order_mark_are_no_obstacle():
    assert split_front_matter("\ufeff---\r\ntitle: T\r\n---\r\nBody") == ({"title": "T"}, "Body")


@pytest.mark.parametrize("control", ["\x01", "\x0b"])
def test_control_characters_in_a_block_are_an_error_of_it(control):
    with pytest.raises(FrontMatterError, match="control characters"):
        split_front_matter(f"---\ntitle: a{control}b\n---\nText")
