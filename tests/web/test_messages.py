"""What the server says, on a page in another language."""

import ast
import json
from importlib.resources import files
from pathlib import Path

import pytest

import assistant
from assistant.chat_models.registry import available_models
from assistant.settings import load_settings
from assistant.web.locales import DEFAULT, LOCALES, words
from assistant.web.locales.messages import translate, values_in

PACKAGE = Path(assistant.__file__).parent
# What visitors can meet. Other parts fail where the server starts, to whoever starts it.
SPEAKING = [
    *(PACKAGE / "articles").rglob("*.py"),
    *(PACKAGE / "store").rglob("*.py"),
    *(PACKAGE / "chat_models" / name for name in ("catalogue.py", "download.py", "local.py", "local_process.py")),
    *(PACKAGE / "web").glob("*.py"),
]
# Raised for programs, for whoever starts the server, or caught and told in other words.
FOR_OTHERS = {"SettingsError", "RefusedError", "ToolError", "gr.Error", "ValueError", "OSError", "AssertionError"}
REASONS = {"NotTextError", "FrontMatterError", "ConnectError"}


def spoken(path):
    """Yield the form of each message that a module raises."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = ast.unparse(node.func)
        kind = name.rpartition(".")[2]
        if name == "problem" and len(node.args) > 1:
            text = node.args[1]
        elif kind.endswith("Error") and name not in FOR_OTHERS:
            text = node.args[0]
        elif kind == "HTTPException":
            text = node.args[-1]
        else:
            continue
        form = form_of(text)
        if form is not None and form.strip("{}.: "):
            yield f"{form}." if kind in ("NotTextError", "FrontMatterError") else form


def form_of(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


FORMS = sorted({form for path in SPEAKING for form in spoken(path)})


def test_the_forms_are_found():
    assert "it is empty: there is no text to read." in FORMS
    assert "it is encrypted; save it without a password." in FORMS
    assert len(FORMS) > 60


@pytest.mark.parametrize("locale", [code for code in LOCALES if code != DEFAULT])
def test_everything_that_visitors_can_be_told_is_translated(locale):
    known = json.loads(files("assistant.web.locales").joinpath(f"messages_{locale}.json").read_text(encoding="utf-8"))

    assert [form for form in FORMS if form not in known] == []
    for form, translation in known.items():
        # No value is lost that is not meant to be, and none is made up.
        translation.format(*["x"] * form.count("{}"))
    described = [model.description for model in available_models(load_settings()) if "Hosted" not in model.description]
    assert all(translate(text, locale) != text for text in described)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_has_every_word(locale):
    assert words(locale).keys() == words(DEFAULT).keys()


def test_names_stay_and_reasons_are_translated_within_reasons():
    told = translate("https://x.example/a: it cannot be reached (its host has no address).", "ar")

    assert told.startswith("\u2068https://x.example/a\u2069: ")
    assert "its host" not in told
    assert translate("a.csv: line 3: it has words of its own.", "ar") == (
        "\u2068a.csv\u2069: السطر \u20683\u2069: \u2068it has words of its own\u2069."
    )


@pytest.mark.parametrize("message", ["", ": ", "{}", "{0}", "a.txt: and {} then", "x" * 1000])
def test_what_nobody_has_translated_stays_as_it_is(message):
    assert translate(message, "ar") == message


def test_a_form_holds_what_is_between_its_words():
    assert values_in("{} is damaged ({}): restore it.", "/a (b) is damaged (why): restore it.") == ["/a (b)", "why"]
    assert values_in("ab{}ba", "aba") is None
