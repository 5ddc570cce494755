"""What a chat model is shown: numbered windows of the sentences that matter, and the question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from babel import Locale, UnknownLocaleError

from assistant.answering.execution import Prompt
from assistant.answering.marks import without_marks
from assistant.answering.relevance import is_near
from assistant.language.tags import primary_subtag
from assistant.passages.passage import Span
from assistant.retrieval.hit import Hit

MAX_WINDOWS = 3
WINDOW_GAP = 2.0
"""Log-odds of relevance below the best hit at which a further one distracts more than it helps."""
MAX_QUESTION = 1000
MAX_TITLE = 80
# Angle brackets delimit articles in the prompt and special tokens in chat templates; braces are templates' own.
_HARMLESS = str.maketrans({"<": "‹", ">": "›"})


@dataclass(frozen=True, slots=True)
class PromptSize:
    """How much a chat model is asked to read, and how it is asked.

    Attributes:
        instructions: Name of the prompt with the instructions.
        request: Name of the prompt with articles and question.
        budget: UTF-8 bytes of article text, which follow the number of tokens closely in all scripts (some 4 a token).
    """

    instructions: str
    request: str
    budget: int


SMALL = PromptSize("answer_small", "question_small", 1000)
"""For a small model on this machine, which reads slowly, writes marks badly and gives up too readily."""
LARGE = PromptSize("answer", "question", 6000)


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


def choose_windows(hits: Sequence[Hit], budget: int = SMALL.budget, limit: int = MAX_WINDOWS) -> list[Window]:
    """Return windows around the best sentences of the best hits.

    First comes the best sentence of each hit that is nearly as relevant as the first, unless another window already
    shows it; then neighbours are added while the
    budget lasts, the best hit's first. The first best sentence is taken whole, however long it is.

    Args:
        hits: Best first.
        budget: UTF-8 bytes of article text.
        limit: The most windows.
    """
    chosen: list[_Growing] = []
    left = budget
    for hit in (hit for hit in hits if is_near(hit.score, hits[0].score, WINDOW_GAP)):
        window = _Growing.around_best_sentence(hit)
        fits = not chosen or window.size <= left
        if len(chosen) < limit and fits and not any(other.shows(window) for other in chosen):
            chosen.append(window)
            left -= window.size
    grows = bool(chosen)
    while grows:
        grows = False
        # Two steps for the first window to one for any other: it is right far more often than all others together.
        for window in chosen[:1] + chosen:
            cost = window.grow(left)
            left -= cost
            grows = grows or cost > 0
    return [window.finish() for window in chosen]


@dataclass(slots=True)
class _Growing:
    """A window that may still grow: sentences `first` to `last` of its hit's passage."""

    hit: Hit
    sentences: tuple[Span, ...]
    first: int
    last: int
    before_next: bool = True

    @classmethod
    def around_best_sentence(cls, hit: Hit) -> "_Growing":
        best = next((index for index, span in enumerate(hit.passage.sentences) if span.covers(hit.sentence)), None)
        return cls(hit, (hit.sentence,), 0, 0) if best is None else cls(hit, hit.passage.sentences, best, best)

    @property
    def size(self) -> int:
        return self._bytes(self.first, self.last)

    def shows(self, other: "_Growing") -> bool:
        same = self.hit.article.id == other.hit.article.id
        return same and any(span.overlaps(other.hit.sentence) for span in self.finish().sentences)

    def grow(self, left: int) -> int:
        """Take one more sentence, before or after in turn, if it costs no more than `left`; return what it cost."""
        # What comes before explains who is meant, so it is tried first.
        steps = [(self.first - 1, self.last), (self.first, self.last + 1)]
        for first, last in steps if self.before_next else reversed(steps):
            if first >= 0 and last < len(self.sentences):
                cost = self._bytes(first, last) - self.size
                if cost <= left:
                    self.first, self.last, self.before_next = first, last, last != self.last
                    return cost
        return 0

    def finish(self) -> Window:
        return Window(self.hit, self.sentences[self.first : self.last + 1])

    def _bytes(self, first: int, last: int) -> int:
        text = self.hit.article.text[self.sentences[first].start : self.sentences[last].end]
        return len(text.encode("utf-8"))


def show_windows(windows: Sequence[Window]) -> str:
    """Write windows as the prompt shows them, each an element of one line that no article's text can close."""
    return "\n".join(
        f"<article {number}>{_heading(window)}{harmless(window.text)}</article>"
        for number, window in enumerate(windows, 1)
    )


def language_name(language: str) -> str:
    """Return the English name of a language, or "the language of the question" where it is not known."""
    try:
        name = Locale.parse(primary_subtag(language)).get_language_name("en")
    except (UnknownLocaleError, ValueError):
        name = None
    return name if name and language != "und" else "the language of the question"


def answer_prompt(size: PromptSize, question: str, language: str, windows: Sequence[Window]) -> Prompt:
    """Return what asks a chat model for an answer.

    Args:
        size: How it is asked.
        question: The question.
        language: BCP 47 code of the question.
        windows: What the model may answer from.
    """
    return fill_prompt(
        size.instructions,
        size.request,
        articles=show_windows(windows),
        sentence=harmless(windows[0].hit.sentence_text) if windows else "",
        question=harmless(question)[:MAX_QUESTION],
        language=language_name(language),
    )


def fill_prompt(instructions: str, request: str, **values: str) -> Prompt:
    """Return a prompt from two files, of which the second is filled with values.

    The instructions come first and never change, so a server that caches prefixes reads them once.
    """
    return [("system", read_prompt(instructions)), ("human", read_prompt(request).format_map(values))]


def _heading(window: Window) -> str:
    article = window.hit.article
    title = harmless(article.title)[:MAX_TITLE]
    # An article without a title goes by its first words, cut short, which each window would repeat; a small model reads
    # slowly. And a title that is the article's first line would only repeat what the first window says.
    is_cut = article.title.endswith("…") and harmless(article.text[: 2 * MAX_TITLE]).startswith(title[:40])
    shown = "" if is_cut or (title[:40] and title[:40] in harmless(window.text)) else title
    dated = f"({article.published.isoformat()})" if article.published else ""
    heading = " ".join(part for part in (shown, dated) if part)
    return f"{heading}: " if heading else ""


def harmless(text: str) -> str:
    """Return text as one line without anything that reads as a mark, a delimiter or a special token."""
    return re.sub(r"\s+", " ", without_marks(text).translate(_HARMLESS)).strip()
