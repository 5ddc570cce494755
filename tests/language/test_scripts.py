import pytest
import regex

from assistant.language.scripts import (
    UNSPACED_CHARACTERS,
    UNSPACED_SCRIPTS,
    is_unspaced,
    main_script,
    script_of,
    script_of_language,
)


@pytest.mark.parametrize(
    ("character", "script"),
    [
        ("a", "LATIN"),
        ("ж", "CYRILLIC"),
        ("ق", "ARABIC"),
        ("峰", "HAN"),
        ("々", "HAN"),
        ("ー", "KANA"),
        ("1", ""),
        ("\n", ""),
    ],
)
def test_the_script_of_a_character(character, script):
    assert script_of(character) == script


def test_the_characters_of_unspaced_scripts_are_those_of_the_class():
    in_class = regex.compile(f"[{UNSPACED_CHARACTERS}]")
    for character in "峰々サーの〆ไລខမབ":
        assert script_of(character) in UNSPACED_SCRIPTS
        assert in_class.fullmatch(character)
    for character in "aжقक한":
        assert script_of(character) not in UNSPACED_SCRIPTS
        assert not in_class.fullmatch(character)


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "ja", "th", "lo", "km", "my", "bo"])
def test_languages_without_spaces(language):
    assert is_unspaced(language)


@pytest.mark.parametrize("language", ["ko", "vi", "ar", "hi", "en", "und"])
def test_languages_with_spaces(language):
    assert not is_unspaced(language)


def test_the_script_of_a_tag_is_that_of_its_language():
    assert script_of_language("ar-EG") == script_of_language("ar_EG") == "ARABIC"


@pytest.mark.parametrize(("text", "script"), [("日本語です", "HAN"), ("what is القمة المقبلة", "ARABIC"), ("", "")])
def test_the_main_script_of_a_text(text, script):
    assert main_script(text) == script
