"""`search` and `ask`: one question, one result."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from assistant.answering.citation_location import location
from assistant.answering.phrases import Phrase, phrase
from assistant.cli import options
from assistant.cli.console import messages, output, plain, print_json, show
from assistant.cli.served import ask_server

if TYPE_CHECKING:
    from assistant.store.passage_store import Filters

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
    use_server: options.UseServer = None,
    json: options.Json = False,
) -> None:
    """Find the passages that fit a question best.

    Example: assistant search "nuclear plant" -k 3
    """
    chosen = (language, source, article, published_from, published_to)
    overrides: dict[str, Any] = {"store": store, "use_server": use_server}
    asked = {"question": _asked(question), "k": k, "filters": options.filters_json(*chosen)}
    served = ask_server(options.chosen_settings(**overrides), "search", asked)
    found = served["found"] if served else _search_here(question, k, options.filters(*chosen), overrides)
    if json:
        print_json(found)
        return
    for hit in found["hits"]:
        show_hit(hit)
    if not found["hits"]:
        messages.print(NO_PASSAGES, style="yellow")


def _search_here(question: str, k: int | None, filters: "Filters | None", overrides: dict[str, Any]) -> dict[str, Any]:
    from assistant.answering.json_format import search_json  # noqa: PLC0415 - a server does without

    with options.open_assistant(**overrides) as assistant:
        return search_json(assistant.search(question, k, filters))


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
    use_server: options.UseServer = None,
    json: options.Json = False,
) -> None:
    """Answer a question from the articles, with the sentences that say so, or say that they do not.

    Example: assistant ask "when is the next CSTO summit?"
    """
    chosen = (language, source, article, published_from, published_to)
    overrides: dict[str, Any] = {
        "store": store,
        "chat_model": chat_model,
        "translate": translate,
        "use_server": use_server,
    }
    asked = {"question": _asked(question), "k": k, "filters": options.filters_json(*chosen)}
    said = ask_server(options.chosen_settings(**overrides), "ask", asked)
    said = said or _ask_here(question, k, options.filters(*chosen), overrides)
    if json:
        print_json(said["answer"])
        return
    show_answer(said["answer"])
    if not said["searched"] and said["answer"]["status"] == "not_found":
        messages.print(NO_PASSAGES, style="yellow")


def _ask_here(question: str, k: int | None, filters: "Filters | None", overrides: dict[str, Any]) -> dict[str, Any]:
    from assistant.answering.json_format import answer_json  # noqa: PLC0415 - a server does without

    with options.open_assistant(**overrides) as assistant:
        answer = assistant.ask(question, k=k, filters=filters)
        return {"answer": answer_json(answer), "searched": bool(answer.hits)}


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
    from assistant.answering.json_format import answer_json  # noqa: PLC0415 - as in `ask`

    subject = (about or "").strip()
    if bool(ids) == bool(subject):
        raise typer.BadParameter("give the ids of articles, or --about and a subject", param_hint="ARTICLE")
    chosen = options.filters(language, source, None, published_from, published_to)
    with options.open_assistant(store, chat_model=chat_model) as assistant:
        answer = answer_json(assistant.summarise(ids or (), about=subject, filters=chosen))
    if json:
        print_json(answer)
    else:
        show_answer(answer)


def show_answer(answer: dict[str, Any]) -> None:
    """Print an answer, as `answer_json` gives it, or the refusal with the nearest passages.

    Each cited passage is printed once, under the numbers of all its quotes.
    """
    show(plain(answer["text"], style="bold"))
    for citations in _by_passage(answer["citations"]):
        output.print()
        article, passage = citations[0]["article"], citations[0]["passage"]
        numbers = "".join(f"[{one['number']}]" for one in citations)
        show(plain(f"{numbers} {article['title']}", style="cyan"))
        places = dict.fromkeys(location(one["page"], one["section"], answer["language"]) for one in citations)
        where = "; ".join(filter(None, places))
        show(plain(f"{_origin(article)}{where and f', {where}'}", style="dim"), indent=4)
        _show_header(passage)
        show(_marked(passage, [(one["start"], one["end"]) for one in citations]), indent=4)
        cited = {one["number"] for one in citations}
        for one in (one for one in answer["translations"] if one["number"] in cited):
            show(plain(f"{one['language']} ({one['model']}): {one['text']}", style="italic"), indent=4)
    for number, choice in enumerate(answer["choices"], start=1):
        show(plain(f"{number}. {choice['label']}", style="cyan"), indent=4)
    if answer["status"] == "not_found" and answer["closest"]:
        output.print()
        output.print(phrase(Phrase.CLOSEST, answer["language"]), style="cyan")
        for hit in answer["closest"]:
            show_hit(hit)
    for note in answer["notes"]:
        messages.print()
        messages.print(plain(note), style="yellow")


def show_hit(hit: dict[str, Any]) -> None:
    """Print one hit, as `hit_json` gives it: its score and article, and the passage with its best sentence marked."""
    article, passage, sentence = hit["article"], hit["passage"], hit["sentence"]
    show(plain(f"{hit['rank']}. {article['title']}", style="cyan"))
    where = location(hit["page"], hit["section"], "en")
    show(plain(f"{_origin(article)}{where and f', {where}'}, relevance {hit['score']:.2f}", style="dim"), indent=4)
    _show_header(passage)
    show(_marked(passage, [(sentence["start"], sentence["end"])]), indent=4)


def _origin(article: dict[str, Any]) -> str:
    return f"{article['source']}, {article['published']}" if article["published"] else str(article["source"])


def _show_header(passage: dict[str, Any]) -> None:
    """Print the header of the table that a passage begins within, and that rows between are left out."""
    if passage["header"] is not None:
        show(plain(f"{passage['header']}\n…", style="dim"), indent=4)


def _by_passage(citations: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return citations with those of one passage together, in the order of the first of each."""
    groups: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
    for one in citations:
        place_of = one["article"]["id"], one["passage"]["start"], one["passage"]["end"]
        groups.setdefault(place_of, []).append(one)
    return list(groups.values())


def _marked(passage: dict[str, Any], places: list[tuple[int, int]]) -> Text:
    """Return a passage's text with the characters at places of its article in bold and the rest dim.

    In a pipe, these stand between brackets instead. What two places share is marked once.
    """
    opening, closing = ("", "") if output.is_terminal else ("⟦", "⟧")
    text, told, marked = passage["text"], 0, Text()
    for start, end in sorted((start - passage["start"], end - passage["start"]) for start, end in places):
        if end > told:
            begin = max(start, told)
            marked.append_text(plain(text[told:begin], style="dim"))
            marked.append_text(plain(f"{opening}{text[begin:end]}{closing}", style="bold"))
            told = end
    return marked.append_text(plain(text[told:], style="dim"))


def _asked(question: str) -> str:
    if not question.strip():
        raise typer.BadParameter("the question is empty", param_hint="QUESTION")
    return question
