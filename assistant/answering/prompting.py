"""What a chat model is shown: numbered windows of the sentences that matter, and the question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from babel import Locale, UnknownLocaleError

from assistant.answering.marks import without_marks
from assistant.passages.passage import Span
from assistant.retrieval.hit import Hit

WINDOW_CHARACTERS = 420
MAX_WINDOWS = 3
MAX_QUESTION = 1000
_TITLE_CHARACTERS = 80
# Angle brackets delimit articles in the prompt and special tokens in chat templates; braces are templates' own.
_HARMLESS = str.maketrans({"<": "‹", ">": "›"})


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a hit's passage that a prompt shows.

    Attributes:
        hit: The hit it is from.
        sentences: Its sentences, as spans of the article's text, in reading order.
    """

    hit: Hit
    sentences: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The characters from its first sentence to its last."""
        return self.hit.article.text[self.sentences[0].start : self.sentences[-1].end]


def read_prompt(name: str) -> str:
    """Return the prompt in `prompts/NAME.md`."""
    return files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()


def take_window(hit: Hit, characters: int = WINDOW_CHARACTERS) -> Window:
    """Return the hit's best sentence with as many of its neighbours as fit, nearest first.

    A best sentence that is longer than `characters` is taken whole.
    """
    sentences = hit.passage.sentences
    best = next((index for index, span in enumerate(sentences) if span.covers(hit.sentence)), None)
    if best is None:
        return Window(hit, (hit.sentence,))
    first = last = best
    # What comes before explains who is meant, so it is tried first.
    grown = True
    while grown:
        grown = False
        for low, high in ((first - 1, last), (first, last + 1)):
            inside = low >= 0 and high < len(sentences)
            if inside and sentences[high].end - sentences[low].start <= characters:
                first, last, grown = low, high, True
    return Window(hit, sentences[first : last + 1])


def choose_windows(hits: Sequence[Hit], limit: int = MAX_WINDOWS) -> list[Window]:
    """Return the windows of the best hits, leaving out those whose best sentence another window already shows."""
    windows: list[Window] = []
    for hit in hits:
        shown = any(
            window.hit.article.id == hit.article.id and any(span.overlaps(hit.sentence) for span in window.sentences)
            for window in windows
        )
        if not shown:
            windows.append(take_window(hit))
        if len(windows) == limit:
            break
    return windows


def show_windows(windows: Sequence[Window]) -> str:
    """Write windows as the prompt shows them, each an element of one line that no article's text can close."""
    return "\n".join(
        f"<article {number}>{_heading(window)}{_harmless(window.text)}</article>"
        for number, window in enumerate(windows, 1)
    )


def language_name(language: str) -> str:
    """Return the English name of a language, or "the language of the question" where it is not known."""
    try:
        name = Locale.parse(language.partition("-")[0]).get_language_name("en")
    except (UnknownLocaleError, ValueError):
        name = None
    return name or "the language of the question"


def prompt_values(question: str, language: str, windows: Sequence[Window]) -> dict[str, str]:
    """Return what `prompts/question.md` is filled with."""
    return {
        "articles": show_windows(windows),
        "question": _harmless(question)[:MAX_QUESTION],
        "language": language_name(language),
    }


def _heading(window: Window) -> str:
    article = window.hit.article
    title = _harmless(article.title)[:_TITLE_CHARACTERS]
    # A title that is the article's first line would only repeat what the window says.
    shown = "" if title[:40] and title[:40] in _harmless(window.text) else title
    dated = f"({article.published.isoformat()})" if article.published else ""
    heading = " ".join(part for part in (shown, dated) if part)
    return f"{heading}: " if heading else ""


def _harmless(text: str) -> str:
    """Return text as one line without anything that reads as a mark, a delimiter or a special token."""
    return re.sub(r"\s+", " ", without_marks(text).translate(_HARMLESS)).strip()
