"""The chat models a visitor may choose, and pulling one that is not here yet."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.chat_models.catalogue import LOCAL, load_catalogue
from assistant.chat_models.download import pull
from assistant.chat_models.local_process import Stage, servers_of
from assistant.chat_models.pulled import find_pulled
from assistant.chat_models.registry import AUTO, Kind, ModelInfo, State, available_models, resolve
from assistant.errors import ModelError, message_of
from assistant.settings import Settings
from assistant.text.paths import without_folders
from assistant.web.locales.messages import for_visitors, translate


@dataclass(slots=True)
class Pull:
    """A model on its way here.

    Attributes:
        stage: "downloading" or "verifying"; "ready" or "failed" at the end.
        done: Bytes of this stage that are done.
        total: Bytes of this stage.
        reason: Why it failed.
    """

    stage: str = "downloading"
    done: int = 0
    total: int = 0
    reason: str = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note of progress."""
        self.stage, self.done, self.total = stage, done, total


@dataclass(slots=True)
class Pulls:
    """The pulls since the server started, by model. One runs for a model at a time."""

    settings: Settings
    by_name: dict[str, Pull] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, name: str) -> None:
        """Begin to pull a model, unless that is going on."""
        with self.lock:
            if name in self.by_name and self.by_name[name].stage in ("downloading", "verifying"):
                return
            self.by_name[name] = Pull()
        threading.Thread(target=self._pull, args=(name, self.by_name[name]), daemon=True).start()

    def _pull(self, name: str, state: Pull) -> None:
        try:
            pull(name, self.settings, state)
        except ModelError as error:
            state.reason, state.stage = message_of(error), "failed"
        else:
            state.stage = "ready"


def choose_model(name: str, settings: Settings) -> str:
    """Return the chat model a visitor asks for; "" is what the settings name.

    Raises:
        ModelError: it is none of those offered, so that nobody names files or services of their own.
    """
    if not name or name in (AUTO, _shown_name(settings.chat_model)):
        return settings.chat_model
    if name not in {model.name for model in _offered(settings) if model.state is State.READY}:
        raise ModelError("That chat model is not ready: choose another in the settings.")
    return name


def offered_models(settings: Settings, pulls: Pulls, locale: str) -> list[dict[str, Any]]:
    """Return the chat models that a visitor may choose, and how far each is."""
    return [_model_json(model, pulls, locale) for model in _offered(settings)]


def shown_default(settings: Settings, locale: str) -> str:
    """Return the name of the chat model that answers where a visitor chooses none; of a server's, where it runs too."""
    name = resolve(settings).name if settings.chat_model == AUTO else settings.chat_model
    served = next((model for model in _offered(settings) if model.name == name and model.kind is Kind.SERVER), None)
    return translate(for_visitors(served.description), locale) if served else _shown_name(name)


def _offered(settings: Settings) -> list[ModelInfo]:
    """Return the extractive answers, what runs on this machine, and the hosted model that the settings name, if any."""
    offered = [model for model in available_models(settings) if model.kind is not Kind.HOSTED]
    if settings.chat_model not in {AUTO, *(model.name for model in offered)}:
        offered.append(ModelInfo(settings.chat_model, "", State.READY))
    elif settings.chat_provider:
        offered.append(ModelInfo(settings.chat_provider, "", State.READY))
    return offered


def _model_json(model: ModelInfo, pulls: Pulls, locale: str) -> dict[str, Any]:
    state, reason = str(model.state), model.remedy
    pulling = pulls.by_name.get(model.name)
    if pulling is not None and model.state is State.NOT_PULLED:
        state, reason = pulling.stage, pulling.reason
    elif model.state is State.READY and (path := _file_of(model.name, pulls.settings)):
        state, reason = _running_state(path)
    return {
        "name": _shown_name(model.name),
        "description": translate(model.description, locale),
        "state": state,
        "remedy": translate(for_visitors(reason), locale),
        "can_pull": model.state is State.NOT_PULLED,
        "done": pulling.done if pulling else 0,
        "total": pulling.total if pulling else 0,
    }


def _running_state(path: Path) -> tuple[str, str]:
    """Return how far the server of a model's file is, and why it failed. One that has not started yet is ready to."""
    servers = servers_of(path)
    if any(server.stage is Stage.LOADING for server in servers):
        return Stage.LOADING, ""
    failures = [server.failure for server in servers if server.failure]
    return (Stage.FAILED, failures[0]) if failures else (State.READY, "")


def _file_of(name: str, settings: Settings) -> Path | None:
    """Return the file of a local chat model, None of another."""
    if pulled := find_pulled(name, settings):
        return pulled.path(settings)
    if name == LOCAL:
        return load_catalogue().local(settings).path(settings)
    if not name.startswith(f"{LOCAL}:"):
        return None
    wanted = name.removeprefix(f"{LOCAL}:")
    known = {entry.name for entry in load_catalogue().models}
    return load_catalogue().find(wanted).path(settings) if wanted in known else Path(wanted).expanduser()


def _shown_name(name: str) -> str:
    """Return a chat model's name as visitors see it: a file without the server's folders."""
    return f"{LOCAL}:{without_folders(name)}" if name.startswith(f"{LOCAL}:") and "/" in name else name
