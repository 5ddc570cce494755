"""The library tab: what can be asked about, to find, read, add, remove and rebuild."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.assistant import Assistant
from assistant.chat_models.registry import EXTRACTIVE
from assistant.errors import AssistantError, Message, PrivateAddressError, ReadError, message_of
from assistant.feeds.state import Followed
from assistant.indexing.sync import SyncReport
from assistant.language.normalise import normalise
from assistant.passages.passage import Span
from assistant.progress import Progress
from assistant.store.passage_store import ArticleSummary, Filters
from assistant.text.controls import printable
from assistant.web.changes import WriteTurn
from assistant.web.context import Context, locale_of, visitor_of
from assistant.web.locales import words
from assistant.web.locales.messages import for_visitors, translate
from assistant.web.page import render
from assistant.web.page.events import LATEST, PRIVATE, QUIET, Translated, notice
from assistant.web.page.preferences import MOST_ARTICLES, Preferences
from assistant.web.page_json import language_name, summary_json
from assistant.web.rendering import name_of
from assistant.web.uploads import UploadError, forget_uploads, keep_upload

PAGE_SIZE = 100
LOOK_AGAIN_SECONDS = 5
MOST_ADDRESS = 2000


class LibraryTab:
    """The components of the library tab, and what happens to them.

    Args:
        context: What all parts of the page share.
        t: Gives the page's words.
        reader: Shows whole articles.
        preferences: How questions are to be answered.
    """

    def __init__(self, context: Context, t: Translated, reader: gr.HTML, preferences: gr.BrowserState) -> None:
        self._context = context
        self._reader = reader
        self._preferences = preferences
        self._ids = gr.State([])
        self._article = gr.State("")
        self._count = gr.State(PAGE_SIZE)
        with gr.Row():
            with gr.Column(scale=3, min_width=320):
                with gr.Row(elem_id="find-articles"):
                    self._find = gr.Textbox(
                        elem_id="find",
                        label=t("find_label"),
                        show_label=False,
                        placeholder=t("find_label"),
                        max_lines=1,
                        container=False,
                    )
                    self._language = gr.Dropdown(
                        [], label=t("language"), show_label=False, container=False, elem_id="find-language"
                    )
                self._found = gr.Markdown(elem_id="found")
                self.table = gr.Dataframe(
                    elem_id="articles",
                    interactive=False,
                    label=t("library"),
                    show_label=False,
                    datatype="str",
                    type="array",
                    wrap=True,
                    max_height=560,
                    buttons=[],
                    column_count=5,
                    column_widths=["30%", "18%", "17%", "19%", "16%"],
                )
                self._more = gr.Button(t("more"), visible=False, size="sm", elem_id="more")
            with gr.Column(scale=2, min_width=300):
                with gr.Column(visible=False, elem_id="chosen") as self._chosen:
                    self._title = gr.HTML()
                    with gr.Row():
                        self._read = gr.Button(t("read"), size="sm", elem_id="read")
                        self._summarise = gr.Button(t("summarise"), size="sm", elem_id="summarise")
                        self._only = gr.Button(t("ask_only"), size="sm", elem_id="ask-only")
                        self._remove = gr.Button(t("remove"), size="sm", variant="stop", elem_id="remove")
                with gr.Column(visible=False, elem_id="confirm-remove") as self._sure:
                    self._question = gr.HTML()
                    with gr.Row():
                        self._yes = gr.Button(t("remove"), size="sm", variant="stop", elem_id="remove-yes")
                        self._no = gr.Button(t("cancel"), size="sm", elem_id="remove-no")
                self._files = gr.File(label=t("add_articles"), file_count="multiple", height=170, elem_id="upload")
                self._url = gr.Textbox(label=t("url_label"), max_lines=1, submit_btn=t("add"), elem_id="url")
                self._jobs = gr.HTML(elem_id="jobs")
                self._cancel = gr.Button(t("cancel"), visible=False, size="sm", elem_id="cancel-changes")
                self._rebuild = gr.Button(t("rebuild"), size="sm", elem_id="rebuild")
                self._following = gr.HTML(elem_id="following")
        self._look = gr.Timer(LOOK_AGAIN_SECONDS, active=False)
        # By tab of a browser, what was begun there.
        self._begun: dict[str | None, list[_Job]] = {}

    @property
    def listed(self) -> list[Any]:
        """What `show_list` changes."""
        return [self.table, self._ids, self._found, self._language, self._more, self._following]

    def connect(self, tab: gr.Tab, others: list[gr.Tab]) -> None:
        """Say what happens when, `tab` and `others` being the page's tabs."""
        search = [self._find, self._language, self._count]
        for event in (self._find.change, self._language.input, tab.select, self._look.tick):
            event(self.show_list, search, self.listed, **PRIVATE, **LATEST)
        for event in (tab.select, self._look.tick):
            # What was begun before the page was loaded anew.
            event(self._may_cancel, None, self._cancel, **QUIET)
        tab.select(lambda: gr.Timer(active=True), None, self._look, **QUIET)
        for other in others:
            other.select(lambda: gr.Timer(active=False), None, self._look, **QUIET)
        self._more.click(lambda count: count + PAGE_SIZE, self._count, self._count, **QUIET).then(
            self.show_list, search, self.listed, **PRIVATE
        )
        chosen = [self._article, self._chosen, self._title, self._sure]
        self.table.select(self._choose, self._ids, chosen, **PRIVATE).then(
            # On a phone it stands below the list.
            None, None, None, js="() => document.querySelector('#chosen')?.scrollIntoView({ block: 'nearest' })",
        )  # fmt: skip
        self._read.click(self._show, self._article, self._reader, **PRIVATE)
        self._summarise.click(self._sum_up, self._article, self._reader, **PRIVATE)
        self._only.click(self._ask_only, [self._article, self._preferences], self._preferences, **PRIVATE)
        self._remove.click(self._ask_sure, self._article, [self._sure, self._question], **PRIVATE)
        self._no.click(lambda: gr.update(visible=False), None, self._sure, **QUIET)
        forgotten = [self._chosen, self._sure, self._preferences]
        self._yes.click(self._forget, [self._article, self._preferences], forgotten, **PRIVATE).then(
            self.show_list, search, self.listed, **PRIVATE
        )
        for begin in (self._files.upload, self._url.submit, self._rebuild.click):
            # Before what it cancels: Gradio waits for one handler of an event before it calls the next.
            begin(lambda: gr.update(visible=True), None, self._cancel, **QUIET)
        # More may be added while one is: they wait for each other (`changes.py`).
        adding = {**PRIVATE, "concurrency_limit": None, "trigger_mode": "multiple"}
        self._cancel.click(self._cancel_mine, None, None, **QUIET)
        self._files.upload(self._add_files, self._files, [self._jobs, self._files], **adding).then(
            self.show_list, search, self.listed, **PRIVATE
        ).then(self._may_cancel, None, self._cancel, **QUIET)
        self._url.submit(self._add_url, self._url, [self._jobs, self._url], **adding).then(
            self.show_list, search, self.listed, **PRIVATE
        ).then(self._may_cancel, None, self._cancel, **QUIET)
        self._rebuild.click(self._encode_anew, None, self._jobs, **{**adding, "trigger_mode": "once"}).then(
            self.show_list, search, self.listed, **PRIVATE
        ).then(self._may_cancel, None, self._cancel, **QUIET)

    def show_list(self, query: str, language: str | None, count: int, request: gr.Request) -> tuple[Any, ...]:
        """List the articles whose title or source has each word of a query, in whatever form it is written."""
        locale = locale_of(request)
        w = words(locale)
        assistant = self._context.assistant
        codes = assistant.languages()
        languages = [(w["any_language"], ""), *((language_name(code, locale), code) for code in codes)]
        # At first nothing is chosen, not even "any".
        if is_reset := language != "" and language not in codes:
            language = ""
        filters = Filters(languages=(language,)) if language else None
        total = sum(codes.values())
        if normalise(query).strip():
            chosen = [article for article in assistant.articles(filters) if _matches(article, query)]
            shown, matching = chosen[:count], len(chosen)
        else:
            # A page of a large library, without reading the rest.
            shown = assistant.articles(filters, limit=count)
            matching = codes.get(language, 0) if language else total
        rows = [summary_json(article, locale) for article in shown]
        headers = [w["article"], w["source"], w["language"], w["published"], w["passages"]]
        data = [
            [
                row["title"],
                row["source"],
                row["language_name"],
                # So that they can be sorted.
                row["published"] or w["undated"],
                row["passages"],
            ]
            for row in rows
        ]
        found = render.fill(w["found_of"], found=matching, total=total) if total else w["welcome_empty"]
        return (
            {"headers": headers, "data": data},
            [row["id"] for row in rows],
            found,
            # What is chosen stays where it can: it may be another by now.
            gr.update(choices=languages, value="") if is_reset else gr.update(choices=languages),
            gr.update(visible=matching > count),
            render.following([_followed(feed, locale) for feed in self._context.assistant.following()], locale),
        )

    def _choose(self, ids: list[str], event: gr.SelectData, request: gr.Request) -> tuple[Any, ...]:
        article = ids[event.index[0]]
        title = self._summary(article).title
        return article, gr.update(visible=True), render.title(title, locale_of(request)), gr.update(visible=False)

    def _summary(self, article: str) -> ArticleSummary:
        [summary] = self._context.assistant.articles(Filters(articles=(article,)))
        return summary

    def _show(self, article: str, request: gr.Request) -> dict[str, Any]:
        return render.article(self._context.assistant.article(article), Span(0, 0), locale_of(request))

    def _sum_up(self, article: str, request: gr.Request) -> dict[str, Any]:
        """Show the central sentences of an article."""
        locale, title = locale_of(request), printable(self._summary(article).title)
        return render.summary(self._context.assistant.summarise(article, chat_model=EXTRACTIVE), title, locale)

    def _ask_only(self, article: str, kept: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        chosen, locale = Preferences.read(kept), locale_of(request)
        articles = {**chosen.articles, article: printable(self._summary(article).title)}
        w = words(locale)
        if len(articles) > MOST_ARTICLES:
            notice(render.fill(w["too_many_articles"], most=MOST_ARTICLES), locale)
            return kept
        notice(render.fill(w["asking_only"], n=len(articles)), locale)
        return chosen.model_copy(update={"articles": articles}).kept()

    def _ask_sure(self, article: str, request: gr.Request) -> tuple[Any, str]:
        locale = locale_of(request)
        title = printable(self._summary(article).title)
        return gr.update(visible=True), render.title(render.fill(words(locale)["remove_confirm"], title=title), locale)

    def _forget(self, article: str, kept: dict[str, Any], request: gr.Request) -> tuple[Any, Any, dict[str, Any]]:
        assistant, chosen = self._context.assistant, Preferences.read(kept)
        sources = _sources(assistant, Filters(articles=(article,)))
        assistant.remove(article)
        forget_uploads(assistant.settings.folder, sources, _sources(assistant))
        notice(words(locale_of(request))["removed"], locale_of(request))
        # Where nothing else may answer, nothing would.
        others = {id_: title for id_, title in chosen.articles.items() if id_ != article}
        return gr.update(visible=False), gr.update(visible=False), chosen.model_copy(update={"articles": others}).kept()

    async def _add_files(self, paths: list[str], request: gr.Request) -> AsyncIterator[tuple[str, Any]]:
        """Add files one after another, telling how far each is; one that fails does not hold up the others."""
        locale = locale_of(request)
        jobs = [_Job(printable(Path(path).name), locale) for path in paths]
        self._begin(jobs, request)
        yield self._drawn(request), None
        for job, path in zip(jobs, paths, strict=True):
            try:
                kept = await asyncio.to_thread(keep_upload, Path(path), self._context.assistant.settings.folder)
            except UploadError as error:
                job.fail(translate(message_of(error), locale))
                yield self._drawn(request), gr.skip()
                continue
            async for _ in job.follow(self._added(str(kept), visitor_of(request))):
                yield self._drawn(request), gr.skip()

    async def _add_url(self, url: str, request: gr.Request) -> AsyncIterator[tuple[str, Any]]:
        locale, address = locale_of(request), url.strip()[:MOST_ADDRESS]
        job = _Job(printable(address), locale)
        self._begin([job], request)
        if not address.startswith(("http://", "https://")):
            job.fail(words(locale)["no_address"])
            yield self._drawn(request), gr.skip()
            return
        yield self._drawn(request), ""
        async for _ in job.follow(self._added(address, visitor_of(request))):
            yield self._drawn(request), gr.skip()

    async def _encode_anew(self, request: gr.Request) -> AsyncIterator[str]:
        locale = locale_of(request)
        job = _Job(words(locale)["rebuild"], locale)
        self._begin([job], request)

        def work(progress: Progress) -> int:
            # An assistant of its own: this one goes on answering from the store as it was until the new one is there.
            with Assistant(**self._context.assistant.settings.model_dump()) as other:
                return other.rebuild(progress=progress)

        async for _ in job.follow(self._context.changes.run(work, visitor_of(request))):
            yield self._drawn(request)

    def _begin(self, jobs: list["_Job"], request: gr.Request) -> None:
        """Show more jobs, in place of those that have ended."""
        before = self._begun.get(request.session_hash, [])
        self._begun[request.session_hash] = [*(job for job in before if not job.has_ended), *jobs]

    def _drawn(self, request: gr.Request) -> str:
        return render.files([job.shown for job in self._begun.get(request.session_hash, [])], locale_of(request))

    def close(self, request: gr.Request) -> None:
        """Forget a tab of the browser that was closed."""
        self._begun.pop(request.session_hash, None)

    def _cancel_mine(self, request: gr.Request) -> None:
        self._context.changes.cancel(visitor_of(request))

    def _may_cancel(self, request: gr.Request) -> Any:
        return gr.update(visible=self._context.changes.is_busy(visitor_of(request)))

    async def _added(self, source: str, visitor: str) -> AsyncIterator[Any]:
        assistant = self._context.assistant

        def work(progress: Progress, turn: WriteTurn) -> SyncReport:
            try:
                return assistant.add(source, progress=progress, write_lock=turn)
            finally:
                # An upload from which no article came is of no use.
                forget_uploads(assistant.settings.folder, [source], _sources(assistant))

        async for event in self._context.changes.run_with_write_turn(work, visitor):
            yield (event, source) if isinstance(event, SyncReport) else event


class _Job:
    """One change of the library as the page shows it."""

    def __init__(self, name: str, locale: str) -> None:
        self._locale = locale
        self.shown: dict[str, Any] = {"name": name, "done": 0, "total": 0, "reasons": []}
        self._say("waiting", words(locale)["waiting"])

    @property
    def has_ended(self) -> bool:
        """Whether it is done or has failed."""
        return self.shown["state"] in ("done", "failed")

    async def follow(self, events: AsyncIterator[Any]) -> AsyncIterator[None]:
        """Take the events of a change: its progress, and its result or error last."""
        w = words(self._locale)
        try:
            async for event in events:
                match event:
                    case {"stage": stage, "done": done, "total": total}:
                        self._say("running", w.get(stage, stage), done, total)
                    case int(passages):
                        self._say("done", render.fill(w["rebuilt"], n=passages))
                    case (SyncReport() as report, str(source)):
                        self._report(report, source)
                yield
        except AssistantError as error:
            self.fail(translate(for_visitors(message_of(error)), self._locale))
            yield

    def fail(self, *reasons: str) -> None:
        """Say that nothing came of it, and why."""
        self._say("failed", words(self._locale)["failed"])
        self.shown["reasons"] = list(reasons)

    def _report(self, report: SyncReport, source: str) -> None:
        w, added = words(self._locale), len(report.added) + len(report.changed)
        problems = [translate(_problem_for_visitors(problem, source), self._locale) for problem in report.problems]
        if problems and not added:
            self.fail(*problems)
            return
        outcome = w["unchanged"] if not added else w["added"] if added == 1 else render.fill(w["added_rows"], n=added)
        self._say("done", outcome)
        self.shown["reasons"] = problems

    def _say(self, state: str, text: str, done: int = 0, total: int = 0) -> None:
        self.shown |= {"state": state, "text": text, "done": done, "total": total}


def _followed(feed: Followed, locale: str) -> dict[str, Any]:
    error = translate(for_visitors(feed.error), locale)
    return {"title": printable(feed.title), "articles": feed.articles, "checked": feed.checked, "error": error}


def _matches(summary: ArticleSummary, query: str) -> bool:
    text = normalise(f"{summary.title} {name_of(summary.source)} {summary.id}").casefold()
    return all(word in text for word in normalise(query).casefold().split())


def _sources(assistant: Assistant, filters: Filters | None = None) -> list[str]:
    summaries = assistant.articles(filters)
    return [source for summary in summaries for source in (summary.source, *summary.other_sources)]


def _problem_for_visitors(problem: ReadError, source: str) -> Message:
    """Return a problem without its source, which the visitor has named, and without what only the owner can set."""
    if isinstance(problem, PrivateAddressError):
        return Message("its host is on the server's own machine or local network, from which nothing is read.")
    message = message_of(problem)
    reason = message.values.get("reason") if problem.source == source else None
    return for_visitors(reason if isinstance(reason, Message) else message)
