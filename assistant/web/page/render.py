"""What the page shows, as HTML in which every string from outside is escaped.

Gradio's own sanitizer looks through messages once more, and the page's security policy stands behind both.
"""

import html
from datetime import date, datetime
from functools import cache
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined

from assistant.answering.answer import Answer
from assistant.articles.article import Article
from assistant.conversation.history_database import StoredTurn
from assistant.passages.passage import Span
from assistant.web.locales import LOCALES, words
from assistant.web.page_json import article_json, turn_json
from assistant.web.rendering import marked_lines, visible

Message = dict[str, Any]

# The keyboard shortcuts, and the words that say what they do. They act in static/page.js.
SHORTCUTS = (
    ("/", "shortcut_question"),
    ("Esc", "shortcut_stop"),
    ("Alt+N", "shortcut_new"),
    ("Alt+K", "shortcut_find"),
    ("Alt+1 … 3", "shortcut_tabs"),
    ("?", "shortcut_help"),
)


def asked(question: str) -> str:
    """Return a question as the text of a message.

    What would be read as HTML is parted by a character without width, so that Gradio's editor shows what was typed.
    """
    text = visible(question).replace("<", f"<{_PART}")
    return text if html.unescape(text) == text else text.replace("&", f"&{_PART}")


def typed(text: str) -> str:
    """Return a question as it was typed, from the text of its message."""
    return text.replace(_PART, "")


def draft(text: str, kind: str = "draft") -> str:
    """Return an answer that is being written, or with `kind` "failure" why there is none."""
    return f'<p dir="auto" class="{kind}">{html.escape(visible(text), quote=False)}</p>'


def answer(stored: StoredTurn, locale: str, *, sharing: bool = False) -> str:
    """Return an answer with its marks, and what it is; with `sharing`, it can be shared."""
    return template("answer", locale, turn=turn_json(stored, locale), sharing=sharing)


def share(turn: int, token: str, locale: str) -> dict[str, Any]:
    """Return the value of the reader that shows the link to an answer."""
    return {"html": template("share", locale, turn=turn, token=token), "close": words(locale)["close"]}


def sources(stored: StoredTurn | None, locale: str) -> dict[str, Any]:
    """Return the value of the panel of sources."""
    turn = turn_json(stored, locale) if stored else None
    return {"turn": stored.id if stored else 0, "html": template("sources", locale, turn=turn)}


def article(shown_article: Article, highlight: Span, locale: str) -> dict[str, Any]:
    """Return the value of the reader that shows a whole article, with the characters of `highlight` marked."""
    shown = template("article", locale, article=article_json(shown_article, highlight, locale))
    return {"html": shown, "close": words(locale)["close"]}


def brand(locale: str) -> str:
    """Return the page's heading."""
    return template("brand", locale)


def shortcuts(locale: str) -> dict[str, Any]:
    """Return the value of the reader that shows the keyboard shortcuts."""
    return {"html": template("help", locale, shortcuts=SHORTCUTS), "close": words(locale)["close"]}


def files(rows: list[dict[str, Any]], locale: str) -> str:
    """Return how far the files are that are being added."""
    return template("files", locale, files=rows)


def following(followed: list[dict[str, Any]], locale: str) -> str:
    """Return what is followed, with its `title`, `articles`, `checked` (seconds since 1970, or None) and `error`."""
    rows = [{**feed, "checked": feed["checked"] and moment(feed["checked"], locale)} for feed in followed]
    return template("following", locale, followed=rows)


def moment(seconds: float, locale: str) -> str:
    """Return a moment, in seconds since 1970, as people of a language write it, in the server's time zone."""
    return format_datetime(datetime.fromtimestamp(seconds).astimezone(), "short", locale=locale)


def exports(conversation: str, locale: str) -> str:
    """Return links to a conversation as files."""
    return template("exports", locale, conversation=conversation)


def model(entry: dict[str, Any], locale: str) -> str:
    """Return how far a chat model is, as `offered_models` says it."""
    percent = 100 * entry["done"] // entry["total"] if entry["total"] else 0
    return template("model", locale, model=entry, percent=percent)


def title(text: str, locale: str) -> str:
    """Return a line of text that is laid out by its own direction."""
    return template("title", locale, title=text)


def day(iso: str | date | None, locale: str) -> str:
    """Return a day as people of a language write it, "" for none.

    Example:
        >>> day("2026-11-11", "en")
        'November 11, 2026'
    """
    return format_date(date.fromisoformat(iso) if isinstance(iso, str) else iso, "long", locale) if iso else ""


def messages(turns: list[StoredTurn], locale: str, *, sharing: bool = False, offers: bool = True) -> list[Message]:
    """Return a conversation as messages: a question and an answer for each turn.

    With `offers`, under the last answer stands what may be asked next, known by its place among the answer's choices.
    """
    shown: list[Message] = []
    for stored in turns:
        shown.append({"role": "user", "content": asked(stored.turn.question)})
        shown.append({"role": "assistant", "content": answer(stored, locale, sharing=sharing)})
    if offers and turns and (choices := turns[-1].turn.answer.choices):
        shown[-1]["options"] = [
            {"value": str(place), "label": visible(choice.label)} for place, choice in enumerate(choices)
        ]
    return shown


def summary(answer: Answer, title: str, locale: str) -> dict[str, Any]:
    """Return the value of the reader that shows the summary of an article."""
    lines = marked_lines(answer.text, len(answer.citations))
    shown = template("summary", locale, title=title, lines=lines, language=answer.language)
    return {"html": shown, "close": words(locale)["close"]}


def fill(template: str, **values: object) -> str:
    """Return one of the page's words with its `{values}`."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template


# U+2060 WORD JOINER
_PART = "\u2060"


def template(name: str, locale: str, **values: Any) -> str:
    """Return what a file of `templates/` makes of some values; it knows the page's words as `w`."""
    return _environment(locale).get_template(f"{name}.html.j2").render(**values)


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals |= {"w": words(locale), "locale": locale, "direction": LOCALES[locale]}
    environment.filters["fill"] = fill
    environment.filters["day"] = lambda iso: day(iso, locale)
    environment.filters["amount"] = lambda seconds: format_decimal(max(seconds, 0.01), "0.##", locale)
    return environment
