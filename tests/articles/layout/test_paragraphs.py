from assistant.articles.layout.paragraphs import Line, join_paragraphs


def lines(*rows, page=0, left=50.0, top=700.0, pitch=14.0):
    """One line below another; a row is a text and, where it is not 400, its width; an empty row is a gap."""
    made = []
    for text, *width in rows:
        if text:
            made.append(Line(text, page, left, top - 10, left + (width[0] if width else 400), top))
        top -= pitch
    return made


def joined(made):
    return [paragraph.text for paragraph in join_paragraphs(made)]


def test_wrapped_lines_are_joined_and_gaps_divide():
    made = lines(
        ("The summit will be held",),
        ("in Moscow. The day is",),
        ("known.", 60),
        ("",),
        ("Next paragraph",),
        ("goes on.", 80),
    )
    assert joined(made) == ["The summit will be held in Moscow. The day is known.", "Next paragraph goes on."]


def test_a_short_line_that_ends_a_sentence_ends_a_paragraph():
    made = lines(("The first paragraph has",), ("a last line.", 150), ("The second has no gap",), ("above it.", 90))
    assert joined(made) == ["The first paragraph has a last line.", "The second has no gap above it."]


def test_words_broken_by_a_hyphen_are_whole_again():
    made = lines(("The organi-",), ("sation met in Nagorno-",), ("Karabakh, a soft hy\u00ad",), ("phen vanishes.",))
    assert joined(made) == ["The organisation met in Nagorno-Karabakh, a soft hyphen vanishes."]


def test_a_sentence_goes_on_over_columns_and_pages():
    made = [
        *lines(("The summit will be",), ("held, as they said,",)),
        *lines(("in Moscow, on the",), ("eleventh of the month",), left=500.0),
        *lines(("of November.", 120), ("",), ("Then more.", 100), page=1),
    ]
    assert joined(made) == [
        "The summit will be held, as they said, in Moscow, on the eleventh of the month of November.",
        "Then more.",
    ]


def test_page_numbers_do_not_join_what_follows():
    made = [*lines(("The end of it all.",), ("",), ("12", 15)), *lines(("A new page begins.",), page=1)]
    assert joined(made) == ["The end of it all.", "12", "A new page begins."]


def test_chinese_lines_are_joined_without_a_space():
    assert joined(lines(("峰会将在莫",), ("斯科举行。", 100))) == ["峰会将在莫斯科举行。"]


def test_no_lines_make_no_paragraph():
    assert joined([]) == []
