"""`search` and `ask`: one question, one result."""

from typing import Annotated

import typer
from rich.text import Text

from assistant.answering.answer import Answer, Status
from assistant.answering.json_format import answer_json, search_json
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.places import place_of
from assistant.articles.article import Article
from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json, show
from assistant.passages.passage import Passage
from assistant.passages.tables import header_above
from assistant.retrieval.hit import Hit

NO_PASSAGES = "There was no passage to search. Fill the store with `assistant sync PATH`, or widen the filters."

Question = Annotated[str, typer.Argument(metavar="QUESTION", help="In any language.", show_default=False)]


def search(
    question: Question,
    k: options.K = None,
    store: options.Store = None,
    language: options.Language = None,
    source: options.Source = None,
    article: options.ArticleId = None,
    published_from: options.PublishedFrom = None,
    published_to: options.PublishedTo = None,
    json: options.Json = False,
) -> None:
    """Find the passages that fit a question best.

    Example: assistant search "nuclear plant" -k 3
    """
    chosen = options.filters(language, source, article, published_from, published_to)
    with options.open_assistant(store) as assistant:
        result = assistant.search(_asked(question), k, chosen)
    if json:
        print_json(search_json(result))
        return
    for hit in result.hits:
        show_hit(hit)
    if not result.hits:
        messages.print(NO_PASSAGES, style="yellow")


def ask(
    question: Question,
    k: options.K = None,
    store: options.Store = None,
    chat_model: options.ChatModel = None,
    language: options.Language = None,
    source: options.Source = None,
    article: options.ArticleId = None,
    published_from: options.PublishedFrom = None,
    published_to: options.PublishedTo = None,
    translate: options.Translate = None,
    json: options.Json = False,
) -> None:
    """Answer a question from the articles, with the sentences that say so, or say that they do not.

    Example: assistant ask "when is the next CSTO summit?"
    """
    chosen = options.filters(language, source, article, published_from, published_to)
    with options.open_assistant(store, chat_model=chat_model, translate=translate) as assistant:
        answer = assistant.ask(_asked(question), k=k, filters=chosen)
    if json:
        print_json(answer_json(answer))
        return
    show_answer(answer)
    if not answer.hits and answer.status is Status.NOT_FOUND:
        messages.print(NO_PASSAGES, style="yellow")


def summarise(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ARTICLE", help="Ids of articles.")] = None,
    about: Annotated[str | None, typer.Option("--about", metavar="SUBJECT", help="The articles on a subject.")] = None,
    store: options.Store = None,
    chat_model: options.ChatModel = None,
    language: options.Language = None,
    source: options.Source = None,
    published_from: options.PublishedFrom = None,
    published_to: options.PublishedTo = None,
    json: options.Json = False,
) -> None:
    """Summarise articles: in the chat model's words, each sentence checked, or by their central sentences, verbatim.

    The filters go with --about: which articles may be on the subject.

    Example: assistant summarise --about "nuclear plant"
    """
    subject = (about or "").strip()
    if bool(ids) == bool(subject):
        raise typer.BadParameter("give the ids of articles, or --about and a subject", param_hint="ARTICLE")
    chosen = options.filters(language, source, None, published_from, published_to)
    with options.open_assistant(store, chat_model=chat_model) as assistant:
        answer = assistant.summarise(ids or (), about=subject, filters=chosen)
    if json:
        print_json(answer_json(answer))
    else:
        show_answer(answer)


def show_answer(answer: Answer) -> None:
    """Print an answer with its citations, or the refusal with the nearest passages."""
    show(plain(answer.text, style="bold"))
    for citation in answer.citations:
        output.print()
        source = plain(f"[{citation.number}] {citation.article.title}", style="cyan")
        show(source)
        published = f", {citation.article.published}" if citation.article.published else ""
        place = place_of(citation, answer.language)
        show(plain(f"{citation.article.source}{published}{place and f', {place}'}", style="dim"), indent=4)
        _show_header(citation.article, citation.passage)
        show(_marked(citation.passage.text, citation.start - citation.passage.start, len(citation.quote)), indent=4)
        for one in (one for one in answer.translations if one.number == citation.number):
            show(plain(f"{one.language} ({one.model}): {one.text}", style="italic"), indent=4)
    for number, choice in enumerate(answer.choices, start=1):
        show(plain(f"{number}. {choice.label}", style="cyan"), indent=4)
    if answer.status is Status.NOT_FOUND and answer.closest:
        output.print()
        output.print(phrase(Phrase.CLOSEST, answer.language), style="cyan")
        for hit in answer.closest:
            show_hit(hit)
    for note in answer.notes:
        messages.print()
        messages.print(plain(note), style="yellow")


def show_hit(hit: Hit) -> None:
    """Print one hit: its score and article, and the passage with its best sentence marked."""
    show(plain(f"{hit.rank}. {hit.article.title}", style="cyan"))
    published = f", {hit.article.published}" if hit.article.published else ""
    place = place_of(hit, "en")
    about = f"{hit.article.source}{published}{place and f', {place}'}, relevance {hit.score:.2f}"
    show(plain(about, style="dim"), indent=4)
    _show_header(hit.article, hit.passage)
    length = hit.sentence.end - hit.sentence.start
    show(_marked(hit.passage.text, hit.sentence.start - hit.passage.start, length), indent=4)


def _show_header(article: Article, passage: Passage) -> None:
    """Print the header of the table that a passage begins within, and that rows between are left out."""
    header = header_above(article.text, passage.start)
    if header is not None:
        show(plain(f"{header.of(article.text)}\n…", style="dim"), indent=4)


def _marked(text: str, start: int, length: int) -> Text:
    """Return `text` with the characters from `start` in bold and the rest dim; in a pipe, between brackets instead."""
    opening, closing = ("", "") if output.is_terminal else ("⟦", "⟧")
    return Text.assemble(
        plain(text[:start], style="dim"),
        plain(f"{opening}{text[start : start + length]}{closing}", style="bold"),
        plain(text[start + length :], style="dim"),
    )


def _asked(question: str) -> str:
    if not question.strip():
        raise typer.BadParameter("the question is empty", param_hint="QUESTION")
    return question
