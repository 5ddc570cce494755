"""What the server says, on a page in another language."""

import ast
from pathlib import Path
from string import Formatter

import pytest

import assistant
from assistant.answering.answer import Answer, Status
from assistant.articles.reading import problem
from assistant.chat_models.registry import available_models
from assistant.conversation.conversation import Turn
from assistant.conversation.turn_json import dump_turn, load_turn
from assistant.errors import AssistantError, Message, StoreError, message_of
from assistant.feeds import polite_client  # noqa: F401 - errors that are raised where a feed is refreshed
from assistant.settings import load_settings
from assistant.web import serve  # noqa: F401 - imports every error of the server's
from assistant.web.locales import DEFAULT, LOCALES, words
from assistant.web.locales.messages import catalogue, for_visitors, translate
from assistant.web.page import build  # noqa: F401 - and of the page's
from assistant.web.page.chat_handlers import _with_notes_in

PACKAGE = Path(assistant.__file__).parent
# What visitors can meet. Other parts fail where the server starts, to whoever starts it; the page saves no conversations
# to files, and keeps no stores.
OF_COMMANDS = {
    PACKAGE / "conversation" / "saving.py",
    PACKAGE / "conversation" / "transfer.py",
    PACKAGE / "indexing" / "cluster.py",
    PACKAGE / "store" / "maintenance.py",
    PACKAGE / "store" / "postgres" / "schema.py",
    PACKAGE / "store" / "stores.py",
    PACKAGE / "store" / "transfer.py",
}
REACHING_THE_PAGE = [
    path
    for folder in ("articles", "store", "indexing", "feeds", "chat_models", "answering", "conversation", "web")
    for path in (PACKAGE / folder).rglob("*.py")
    if path not in OF_COMMANDS
]
# Raised for programs, or for whoever starts the server.
FOR_OTHERS = {"SettingsError", "RefusedError"}
# Not ours, or caught and told as the reason of one of ours: they say more than words if they are given a message.
CARRIERS = {"HTTPException": 1, "NotTextError": 0, "FrontMatterError": 0, "PdfError": 0, "SourceError": 0}
TRANSLATED = [code for code in LOCALES if code != DEFAULT]


def names_of(error):
    """Return the names of an error and of all its kinds in the modules that were imported."""
    return {error.__name__}.union(*map(names_of, error.__subclasses__()))


def templates_in(source):
    """Yield what is said in each message of a module; where that could not be translated, the code that says it."""
    ours = dict.fromkeys({"Message"} | names_of(AssistantError) - FOR_OTHERS, 0) | {"problem": 1}
    for node in ast.walk(ast.parse(source)):
        name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
        position = (ours | CARRIERS).get(name)
        if position is None or len(node.args) <= position:
            continue
        match node.args[position]:
            case ast.Constant(str(text)) if name in ours:
                yield text
            case ast.Constant() | ast.JoinedStr() | ast.BinOp():
                yield ast.unparse(node)


def values_of(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


TEMPLATES = {text for path in REACHING_THE_PAGE for text in templates_in(path.read_text(encoding="utf-8"))}


def test_the_templates_are_found():
    assert "it is empty: there is no text to read." in TEMPLATES
    assert "There is no store in {folder}: fill it with `assistant sync PATH…`, or name another with --store." in (
        TEMPLATES
    )
    assert "its host is not known: {reason}" in TEMPLATES
    assert len(TEMPLATES) > 100


@pytest.mark.parametrize("raised", ['StoreError(f"{path} is odd.")', 'problem(path, "it" + "is")', 'PdfError("odd")'])
def test_what_could_not_be_translated_is_found(raised):
    assert list(templates_in(f"raise {raised}")) == [ast.unparse(ast.parse(raised))]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_everything_that_visitors_can_be_told_is_translated(locale):
    known = {entry.id: entry.string for entry in catalogue(locale) if entry.id}
    described = {
        model.description.values["description"]
        for model in available_models(load_settings())
        if isinstance(model.description, Message) and "description" in model.description.values
    }

    assert sorted((TEMPLATES | described) - known.keys()) == []
    assert sorted(known.keys() - (TEMPLATES | described)) == []
    assert [said for said, translation in known.items() if values_of(said) != values_of(translation)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_has_every_word(locale):
    assert words(locale).keys() == words(DEFAULT).keys()


def test_a_message_in_a_message_is_translated_too():
    inner = Message("its host is not known: {reason}", reason="Name or service not known")

    told = translate(message_of(problem("https://x.example/a", "it cannot be reached ({reason}).", reason=inner)), "ar")

    assert told == (
        "\u2068https://x.example/a\u2069: لا يمكن الوصول إليه (مضيفه غير معروف: \u2068Name or service not known\u2069)."
    )


def test_numbers_keep_their_form():
    stopped = Message("it stopped after {done:,} of {size:,} bytes", done=1200, size=4000)

    assert stopped == "it stopped after 1,200 of 4,000 bytes"
    assert translate(stopped, "ar") == "توقف بعد \u20681,200\u2069 من \u20684,000\u2069 بايت"


@pytest.mark.parametrize("said", ["", "{}", "{0}", "a.txt: and {} then", Message("nobody translated {it}.", it="this")])
def test_what_nobody_has_translated_stays_as_it_is(said):
    assert translate(said, "ar") == said
    assert str(AssistantError(said)) == said


def test_visitors_are_told_no_folders():
    error = StoreError("{path} is not an article store: name another folder, or move the file away.", path="/srv/a b/c")

    assert for_visitors(message_of(error)) == "c is not an article store: name another folder, or move the file away."
    assert "/srv" not in translate(for_visitors(message_of(error)), "ar")


def test_a_note_on_a_failed_model_is_kept_in_the_language_of_the_page():
    reason = Message("Cannot read the chat model {path}: {reason}; check the path.", path="/srv/a.gguf", reason="gone")
    notes = ("Some words.", Message("{failed} {reason}", failed="Quoted instead:", reason=reason))
    turn = Turn("Who?", "Who?", Answer("Who?", "", Status.NOT_FOUND, "en", "extractive", notes=notes))

    kept = load_turn(*dump_turn(_with_notes_in("ar", turn))).answer.notes

    isolated = "\u2068a.gguf\u2069: \u2068gone\u2069"
    told = f"\u2068Quoted instead:\u2069 تعذّرت قراءة نموذج المحادثة {isolated}؛ راجع المسار."
    assert kept == ("Some words.", told)
