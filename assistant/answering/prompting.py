"""What a chat model is shown: numbered passages of the best hits, and the question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from babel import Locale, UnknownLocaleError

from assistant.answering.execution import Prompt
from assistant.answering.marks import without_marks
from assistant.answering.relevance import is_near
from assistant.articles.article import Article
from assistant.chat_models.chat_model import ChatModel
from assistant.language.tags import primary_subtag
from assistant.passages.passage import Passage, Span
from assistant.passages.tables import header_above
from assistant.retrieval.hit import Hit, Role

MAX_WINDOWS = 4
WINDOW_GAP = 2.0
"""Log-odds of relevance below the best hit at which another article distracts more than it helps."""
MAX_QUESTION = 1000
MAX_TITLE = 80
# Angle brackets delimit articles in the prompt and special tokens in chat templates; braces are templates' own.
_HARMLESS = str.maketrans({"<": "‹", ">": "›"})


@dataclass(frozen=True, slots=True)
class PromptSize:
    """How much a chat model is asked to read, and how it is asked.

    Attributes:
        instructions: Name of the prompt with the instructions.
        explaining: Name of the one where several sentences are wanted.
        request: Name of the prompt with articles and question.
        budget: UTF-8 bytes of article text, which follow the number of tokens closely in all scripts (some 4 a token).
        at_once: UTF-8 bytes of an article that it reads at once for a summary.
        takes_other_readings: Whether it is shown what was found for another reading of the question, too.
    """

    instructions: str
    explaining: str
    request: str
    budget: int
    at_once: int
    takes_other_readings: bool

    def shown(self, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits that passages may be chosen from."""
        return [hit for hit in hits if self.takes_other_readings or hit.role is not Role.OTHER_READING]


SMALL = PromptSize("answer_small", "explanation_small", "question_small", 2400, 2400, takes_other_readings=False)
"""For a small model on this machine, which reads slowly, writes marks badly and gives up too readily."""
LARGE = PromptSize("answer", "explanation", "question", 6000, 12000, takes_other_readings=True)


def prompt_size(model: ChatModel) -> PromptSize:
    """Return how much a chat model is asked to read."""
    return SMALL if model.reads_little else LARGE


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a passage that a prompt shows.

    Attributes:
        article: The article that the passage is from.
        passage: The passage, whole.
        sentences: What is shown of it, as spans of the article's text, in reading order.
    """

    article: Article
    passage: Passage
    sentences: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The characters from its first sentence to its last, below the header of the table that it begins within."""
        text = self.article.text
        shown = text[self.sentences[0].start : self.sentences[-1].end]
        header = header_above(text, self.sentences[0].start)
        return shown if header is None else f"{header.of(text)}\n{shown}"


def read_prompt(name: str) -> str:
    """Return the prompt in `prompts/NAME.md`."""
    return files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()


def choose_windows(
    hits: Sequence[Hit], budget: int = SMALL.budget, limit: int = MAX_WINDOWS, *, by_article: bool = False
) -> list[Window]:
    """Return the passages of the best hits, whole as long as the budget lasts.

    First come those of the best hit's article, then those nearly as relevant. Which sentence answers is for the model
    to find, so a passage is cut only where it does not fit: then to a window around its best sentence. Passages of one
    article stand together in reading order, so that questions about one article begin their prompts alike, and what a
    server has read for one serves the next.

    Args:
        hits: Best first.
        budget: UTF-8 bytes of article text.
        limit: The most windows.
        by_article: Show a passage of each article first, none longer than its share.
    """
    chosen: list[Window] = []
    left = budget
    worth_reading = _one_of_each(_worth_reading(hits)) if by_article else _worth_reading(hits)
    articles = {hit.article.id for hit in worth_reading}
    share = budget // min(limit, len(articles)) if by_article and articles else budget
    for hit in worth_reading:
        window = window_within(Window(hit.article, hit.passage, hit.passage.sentences), hit.sentence, min(left, share))
        fits = not chosen or _bytes(window) <= left
        if len(chosen) < limit and fits and not any(_shows(other, hit) for other in chosen):
            chosen.append(window)
            left -= _bytes(window)
    order = list(dict.fromkeys(window.article.id for window in chosen))
    return sorted(chosen, key=lambda window: (order.index(window.article.id), window.sentences[0].start))


def _worth_reading(hits: Sequence[Hit]) -> list[Hit]:
    own = [hit for hit in hits if hit.article.id == hits[0].article.id]
    near = [hit for hit in hits if hit not in own and is_near(hit.score, hits[0].score, WINDOW_GAP)]
    return own + near


def _one_of_each(hits: Sequence[Hit]) -> list[Hit]:
    """Return hits with the best of each article before the others."""
    first = {hit.article.id: hit for hit in reversed(hits)}
    return sorted(hits, key=lambda hit: hit is not first[hit.article.id])


def window_within(window: Window, sentence: Span, budget: int) -> Window:
    """Return a window, or as much of it around a sentence as fits, but at least that sentence."""
    sentences = window.sentences
    best = next((index for index, span in enumerate(sentences) if span.covers(sentence)), None)
    if best is None:
        return replace(window, sentences=(sentence,))
    first, last = 0, len(sentences) - 1
    while _bytes(window) > budget and first < last:
        # What comes before explains who is meant, so what comes after goes first.
        first, last = (first, last - 1) if last - best >= best - first else (first + 1, last)
        window = replace(window, sentences=sentences[first : last + 1])
    return window


def _shows(window: Window, hit: Hit) -> bool:
    same = window.article.id == hit.article.id
    return same and any(span.overlaps(hit.sentence) for span in window.sentences)


def _bytes(window: Window) -> int:
    return len(window.text.encode("utf-8"))


def show_windows(windows: Sequence[Window], first: int = 1) -> str:
    """Write windows as the prompt shows them, numbered from `first`, each a line that no article's text can close."""
    return "\n".join(
        f"<article {number}>{_heading(window)}{harmless(window.text)}</article>"
        for number, window in enumerate(windows, first)
    )


def language_name(language: str) -> str:
    """Return the English name of a language, or "the language of the question" where it is not known."""
    try:
        name = Locale.parse(primary_subtag(language)).get_language_name("en")
    except (UnknownLocaleError, ValueError):
        name = None
    return name if name and language != "und" else "the language of the question"


def answer_prompt(
    size: PromptSize, question: str, language: str, windows: Sequence[Window], sentence: str = "", **values: str
) -> Prompt:
    """Return what asks a chat model for an answer.

    Args:
        size: How it is asked.
        question: The question.
        language: BCP 47 code of the question.
        windows: What the model may answer from.
        sentence: The one that answers best, which a small model is shown again.
        **values: What else the request says.
    """
    return fill_prompt(
        size.instructions,
        size.request,
        articles=show_windows(windows),
        sentence=harmless(sentence),
        question=harmless(question)[:MAX_QUESTION],
        language=language_name(language),
        **values,
    )


def fill_prompt(instructions: str, request: str, **values: str) -> Prompt:
    """Return a prompt from two files, of which the second is filled with values.

    The instructions come first and never change, so a server that caches prefixes reads them once.
    """
    return [("system", read_prompt(instructions)), ("human", read_prompt(request).format_map(values))]


def _heading(window: Window) -> str:
    article = window.article
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
