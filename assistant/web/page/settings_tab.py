"""The settings tab: which chat model answers, from which articles. They are kept in the visitor's browser."""

from typing import Any

import gradio as gr

from assistant.chat_models.registry import EXTRACTIVE
from assistant.web.context import Context, locale_of
from assistant.web.locales import words
from assistant.web.models import Pulls, offered_models, shown_default
from assistant.web.page import render
from assistant.web.page.components.day import build_day
from assistant.web.page.events import LATEST, PRIVATE, QUIET, Translated
from assistant.web.page.preferences import Preferences
from assistant.web.page_json import language_name

LOOK_AGAIN_SECONDS = 0.7
# States that change by themselves.
PASSING = ("downloading", "verifying", "loading")
MOST_PASSAGES = 20


class SettingsTab:
    """The components of the settings tab, and what happens to them.

    Args:
        context: What all parts of the page share.
        t: Gives the page's words.
        preferences: Where the choices are kept.
    """

    def __init__(self, context: Context, t: Translated, preferences: gr.BrowserState) -> None:
        self._context = context
        self._preferences = preferences
        self._pulls = Pulls(context.assistant.settings)
        with gr.Column(elem_id="settings"):
            self._model = gr.Dropdown([("", "")], value="", label=t("chat_model"), elem_id="model")
            self._state = gr.HTML(elem_id="model-state")
            self._pull = gr.Button(t("pull"), visible=False, size="sm", elem_id="pull")
            self._k = gr.Slider(1, MOST_PASSAGES, value=context.assistant.settings.k, step=1, label=t("k"), elem_id="k")
            self._articles = gr.Dropdown([], value=[], multiselect=True, label=t("only_articles"), elem_id="only")
            self._language = gr.Dropdown([("", "")], value="", label=t("filter_language"), elem_id="only-language")
            with gr.Row():
                self._from, self._to = build_day(t("from"), "from"), build_day(t("to"), "to")
            self._reset = gr.Button(t("reset"), size="sm", elem_id="reset")
        self._look = gr.Timer(LOOK_AGAIN_SECONDS, active=False)

    @property
    def fields(self) -> list[Any]:
        """The components of the choices, in the order of `show`."""
        return [self._model, self._k, self._language, self._from, self._to, self._articles]

    def connect(self, tab: gr.Tab) -> None:
        """Say what happens when, `tab` being this one."""
        changes = [field.input for field in (self._model, self._language, self._articles)]
        changes += [self._k.change, self._from.change, self._to.change]
        for changed in changes:
            changed(self._keep, [*self.fields, self._preferences], self._preferences, **QUIET, **LATEST)
        state = [self._state, self._pull, self._look]
        self._model.change(self._tell, self._model, state, **QUIET)
        tab.select(self.show, self._preferences, self.fields, **PRIVATE).then(self._tell, self._model, state, **QUIET)
        self._look.tick(self._tell, self._model, state, **QUIET)
        self._pull.click(self._begin_pull, self._model, state, **PRIVATE)
        self._reset.click(lambda: Preferences().kept(), None, self._preferences, **QUIET).then(
            self.show, self._preferences, self.fields, **PRIVATE
        )

    def show(self, kept: dict[str, Any], request: gr.Request) -> tuple[Any, ...]:
        """Show what there is to choose from, and what was chosen."""
        chosen, locale = Preferences.read(kept), locale_of(request)
        w, settings = words(locale), self._context.assistant.settings
        default = shown_default(settings, locale)
        shown_names = {EXTRACTIVE: w["extractive"]}
        models = [(render.fill(w["default_model"], name=shown_names.get(default, default)), "")]
        models += [
            (shown_names.get(offered["name"]) or offered["description"] or offered["name"], offered["name"])
            for offered in self._offered(locale)
        ]
        codes = sorted({*self._context.assistant.languages(), chosen.language} - {""})
        languages = [(w["any_language"], ""), *((language_name(code, locale), code) for code in codes)]
        articles = [(title, id_) for id_, title in chosen.articles.items()]
        return (
            gr.update(choices=models, value=chosen.model if chosen.model in {name for _, name in models} else ""),
            chosen.k or settings.k,
            gr.update(choices=languages, value=chosen.language),
            chosen.published_from.isoformat() if chosen.published_from else "",
            chosen.published_to.isoformat() if chosen.published_to else "",
            gr.update(choices=articles, value=list(chosen.articles)),
        )

    def _keep(self, *values: Any) -> dict[str, Any]:
        """Keep the choices; an article can only be taken off here, because the library is where one is chosen."""
        model, k, language, published_from, published_to, articles, kept = values
        before = Preferences.read(kept)
        return Preferences.read(
            {
                "model": model or "",
                "k": k if k != self._context.assistant.settings.k else None,
                "language": language or "",
                "published_from": published_from,
                "published_to": published_to,
                "articles": {id_: title for id_, title in before.articles.items() if id_ in (articles or ())},
            }
        ).kept()

    def _tell(self, name: str, request: gr.Request) -> tuple[str, Any, Any]:
        """Say how far a chat model is."""
        locale = locale_of(request)
        model = next((offered for offered in self._offered(locale) if offered["name"] == name), None)
        if model is None:
            return "", gr.update(visible=False), gr.Timer(active=False)
        is_passing = model["state"] in PASSING
        return (
            render.model(model, locale),
            gr.update(visible=model["can_pull"] and not is_passing),
            gr.Timer(active=is_passing),
        )

    def _begin_pull(self, name: str, request: gr.Request) -> tuple[str, Any, Any]:
        if any(offered["name"] == name and offered["can_pull"] for offered in self._offered(locale_of(request))):
            self._pulls.start(name)
        return self._tell(name, request)

    def _offered(self, locale: str) -> list[dict[str, Any]]:
        return offered_models(self._context.assistant.settings, self._pulls, locale)
