"""What a server says of its models: Ollama's own lists, and that of OpenAI's API with what each software adds to it.

The names in a list are text of strangers: one with anything but the characters that model names have is left out, so
that none can do harm where it is shown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Get = Callable[[str], Any]
"""Gives the JSON at a path of a server; raises `OtherAnswerError` where there is something else."""

MOST_MODELS = 200
FEW_PARAMETERS = 3e9
"""Models with fewer parameters read slowly and forget instructions, as the small one of the catalogue does."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/@+~()-]{0,199}")
_NO_CHAT = re.compile(r"embed|rerank", re.IGNORECASE)
_BILLIONS = re.compile(r"(\d+(?:\.\d+)?)\s*([BM])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A chat model that a server on this machine serves.

    Attributes:
        name: As shown and chosen; a file without its folders.
        id: What the server calls it.
        is_loaded: Whether it is in memory already.
        is_small: Whether it is known to have few parameters.
    """

    name: str
    id: str
    is_loaded: bool = False
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """A server on this machine that serves chat models.

    Attributes:
        software: "Ollama", "LM Studio", "llama.cpp", "vLLM", or "A server" where it is none of these.
        address: Host and port.
        models: Its chat models, the one to take first. Models for embedding, and those that the server itself only
            passes on to a provider elsewhere, are left out.
    """

    software: str
    address: str
    models: tuple[ServedModel, ...]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.address.rpartition(":")[2])

    @property
    def base_url(self) -> str:
        """Where it speaks OpenAI's API."""
        return f"http://{self.address}/v1"


class OtherAnswerError(Exception):
    """A server is not what was looked for."""


def read_ollama(address: str, get: Get) -> Server:
    """Read Ollama's own lists: the models it has, newest first, and those in memory, the last used first.

    Raises:
        OtherAnswerError: it is no Ollama.
    """
    listed = _records(get("/api/tags"), "models")
    loaded = [_text(one, "model") or _text(one, "name") for one in _records(get("/api/ps"), "models")]
    models = [
        ServedModel(name, name, name in loaded, _is_small(_inside(one, "details").get("parameter_size")))
        for one in listed
        if (name := _text(one, "model") or _text(one, "name")) and _chats_here(one, name)
    ]
    order = {name: place for place, name in enumerate(loaded)}
    models.sort(key=lambda model: order.get(model.name, len(order)))
    return Server("Ollama", address, tuple(models))


def _chats_here(record: dict[str, Any], name: str) -> bool:
    """Tell whether a model of Ollama's can chat, and runs on this machine and not in its makers' cloud."""
    if _text(record, "remote_host") or _text(record, "remote_model") or name.endswith(("-cloud", ":cloud")):
        return False
    declared = record.get("capabilities")
    if isinstance(declared, list) and declared:
        return "completion" in declared
    families = _inside(record, "details").get("families")
    is_encoder = isinstance(families, list) and any("bert" in str(family) for family in families)
    return not is_encoder and not _NO_CHAT.search(name)


def read_openai(address: str, get: Get, software: str) -> Server:
    """Read the list that OpenAI's API has, and what each software says besides.

    Args:
        address: Host and port.
        get: Gives what stands at a path.
        software: Whose port that is; what the list says of its owner counts more.

    Raises:
        OtherAnswerError: it speaks another language, or wants a key.
    """
    listed = _records(get("/v1/models"), "data")
    owners = {_text(one, "owned_by") for one in listed}
    kinds: dict[str, dict[str, Any]] = {}
    if "llamacpp" in owners:
        software = "llama.cpp"
        get("/props")  # which it refuses, unlike the list, where it asks for a key
    elif "vllm" in owners:
        software = "vLLM"
    elif software == "LM Studio":
        kinds = _lm_studio(get)
        software = software if kinds else "A server"
    models = [
        ServedModel(
            name=_file_name(id_),
            id=id_,
            is_loaded=not kinds or kinds.get(id_, {}).get("state") == "loaded",
            is_small=_is_small(_inside(one, "meta").get("n_params")),
        )
        for one in listed
        if (id_ := _id(one))
        and _NAME.fullmatch(_file_name(id_))
        and not _NO_CHAT.search(id_)
        and kinds.get(id_, {}).get("type", "llm") in ("llm", "vlm")
    ]
    models.sort(key=lambda model: not model.is_loaded)
    return Server(software, address, tuple(models))


def _lm_studio(get: Get) -> dict[str, dict[str, Any]]:
    """Return what LM Studio alone says, by model; nothing where something else has taken its port.

    It lists what it could load, too, and says only here which of that it has loaded, and what is for embedding.
    """
    try:
        return {_text(one, "id"): one for one in _records(get("/api/v0/models"), "data")}
    except OtherAnswerError:
        return {}


def _records(document: Any, name: str) -> list[dict[str, Any]]:
    """Return the list of objects under a name.

    Raises:
        OtherAnswerError: there is none.
    """
    listed = document.get(name) if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise OtherAnswerError("it has no list of models")
    return [one for one in listed[:MOST_MODELS] if isinstance(one, dict)]


def _text(record: dict[str, Any], name: str) -> str:
    """Return a text in which there is nothing but what names of models are made of; else ""."""
    value = record.get(name)
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def _id(record: dict[str, Any]) -> str:
    """Return what a server calls a model: a name, or the path of a file."""
    value = record.get("id")
    return value if isinstance(value, str) and len(value) < 1000 and value.isprintable() else ""


def _file_name(id_: str) -> str:
    is_path = id_.startswith("/") or "\\" in id_
    return id_.replace("\\", "/").rpartition("/")[2] if is_path else id_


def _inside(record: dict[str, Any], name: str) -> dict[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _is_small(parameters: object) -> bool:
    """Tell whether a number of parameters, as 1500000000 or "1.5B", is known to be small."""
    if isinstance(parameters, str) and (match := _BILLIONS.fullmatch(parameters.strip())):
        parameters = float(match[1]) * (1e9 if match[2] in "bB" else 1e6)
    return isinstance(parameters, int | float) and 0 < parameters < FEW_PARAMETERS
