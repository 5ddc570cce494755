from assistant.articles.lines import join_lines


def test_spaced_scripts_are_joined_with_a_space():
    assert join_lines(["القمة المقبلة", "  في موسكو  "]) == "القمة المقبلة في موسكو"
    assert join_lines(["정상 회담은", "모스크바에서"]) == "정상 회담은 모스크바에서"


def test_chinese_and_japanese_are_joined_without():
    assert join_lines(["峰会将在莫", "斯科举行。", "下一段"]) == "峰会将在莫斯科举行。下一段"
    assert join_lines(["会議は", "Moscow で"]) == "会議は Moscow で"


def test_empty_lines_vanish():
    assert join_lines(["", "a", "  ", "b", ""]) == "a b"
