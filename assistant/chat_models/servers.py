"""`find_servers`: the chat model servers that run on this machine, and what they serve.

Only loopback addresses are asked, and only at the ports that such servers take by themselves. What answers with
anything but a list of models is left alone. The names in a list are text of strangers: one with anything but the
characters that model names have is left out, so that none can do harm where it is shown.
"""

import contextlib
import functools
import http.client
import json
import logging
import os
import re
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.chat_models.loopback import LOOPBACK, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

OLLAMA_PORT = 11434
PORTS = {1234: "LM Studio", 8080: "llama.cpp", 8000: "vLLM"}
"""Where servers listen that speak OpenAI's API, and whose port that is."""

CONNECT_SECONDS = 0.2
TOTAL_SECONDS = 1.0
MOST_BYTES = 1 << 20
MOST_MODELS = 200
FEW_PARAMETERS = 3e9
"""Models with fewer parameters read slowly and forget instructions, as the small one of the catalogue does."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/@+~()-]{0,199}")
_NO_CHAT = re.compile(r"embed|rerank", re.IGNORECASE)
_BILLIONS = re.compile(r"(\d+(?:\.\d+)?)\s*([BM])", re.IGNORECASE)

log = logging.getLogger(__name__)


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
        software: "Ollama", "LM Studio", "llama.cpp" or "vLLM": whose port and answers these are.
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


def find_servers() -> tuple[Server, ...]:
    """Return the servers on this machine that have a chat model to offer, Ollama first.

    They are looked for once in a process, all at the same time, within `TOTAL_SECONDS`: one that comes up later, or
    that dawdles, is not found.

    Example:
        >>> [server.software for server in find_servers()]  # doctest: +SKIP
        ['Ollama', 'LM Studio']
    """
    return _found(ollama_address(os.environ.get("OLLAMA_HOST", "")), tuple(PORTS))


def ollama_address(setting: str) -> str:
    """Return where on this machine Ollama is to be looked for, given what `OLLAMA_HOST` says.

    Only a host of this machine's own counts; where another is named, it is the usual address all the same.

    Example:
        >>> ollama_address(""), ollama_address("localhost:8123"), ollama_address("http://192.168.1.7:8123")
        ('127.0.0.1:11434', '127.0.0.1:8123', '127.0.0.1:11434')
    """
    usual = f"{LOOPBACK}:{OLLAMA_PORT}"
    try:
        parts = urlsplit(setting if "://" in setting else f"//{setting}")
        host, port = parts.hostname or "", parts.port or OLLAMA_PORT
    except ValueError:
        return usual
    host = LOOPBACK if host == "localhost" else host
    if not is_loopback(host):
        return usual
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@functools.cache
def _found(ollama: str, ports: tuple[int, ...]) -> tuple[Server, ...]:
    addresses = [ollama, *(address for port in ports if (address := f"{LOOPBACK}:{port}") != ollama)]
    deadline = time.monotonic() + TOTAL_SECONDS
    peers = [_Peer(address, _ollama if address == ollama else _openai, deadline) for address in addresses]
    for peer in peers:
        peer.start()
    for peer in peers:
        peer.join(max(0.0, deadline - time.monotonic()))
        peer.hang_up()
    return tuple(peer.found for peer in peers if peer.found and peer.found.models)


class _OtherAnswerError(Exception):
    """A peer is not what was looked for."""


class _Peer(threading.Thread):
    """Whatever listens at an address, asked in a thread of its own.

    `http.client` knows neither proxies nor redirects, so what is asked here stays on this machine.
    """

    def __init__(self, address: str, read: "Callable[[_Peer], Server]", deadline: float) -> None:
        super().__init__(daemon=True)  # a peer may dawdle, and nobody waits for it when the program ends
        host, _, port = address.rpartition(":")
        self.address = address
        self.found: Server | None = None
        self._read = read
        self._deadline = deadline
        self._connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=CONNECT_SECONDS)

    def run(self) -> None:
        """Ask; `found` is what it is, if it is one."""
        try:
            self.found = self._read(self)
        except _OtherAnswerError as error:
            log.info("What listens at %s is left alone: %s", self.address, error)
        except (OSError, http.client.HTTPException) as error:
            log.debug("%s: %s", self.address, error)
        finally:
            self._connection.close()

    def hang_up(self) -> None:
        """End what is still going on."""
        sock = self._connection.sock
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def get(self, path: str) -> Any:
        """Return the JSON at a path.

        Raises:
            _OtherAnswerError: there is something else.
            OSError, HTTPException: there is nothing, or no HTTP.
        """
        if self._connection.sock is None:
            self._connection.connect()
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise _OtherAnswerError("it dawdles")
        self._connection.sock.settimeout(seconds)
        self._connection.request("GET", path, headers={"Accept": "application/json"})
        response = self._connection.getresponse()
        if response.status != http.client.OK:
            raise _OtherAnswerError(f"{path} gives {response.status}")
        body = response.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise _OtherAnswerError(f"{path} gives too much")
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise _OtherAnswerError(f"{path} gives no JSON") from error


def _ollama(peer: _Peer) -> Server:
    """Read Ollama's own lists: the models it has, newest first, and those in memory, the last used first."""
    listed = _records(peer.get("/api/tags"), "models")
    loaded = [_text(one, "model") or _text(one, "name") for one in _records(peer.get("/api/ps"), "models")]
    models = [
        ServedModel(name, name, name in loaded, _is_small(_inside(one, "details").get("parameter_size")))
        for one in listed
        if (name := _text(one, "model") or _text(one, "name")) and _chats_here(one, name)
    ]
    order = {name: place for place, name in enumerate(loaded)}
    models.sort(key=lambda model: order.get(model.name, len(order)))
    return Server("Ollama", peer.address, tuple(models))


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


def _openai(peer: _Peer) -> Server:
    """Read the list that OpenAI's API has, and what each software says besides."""
    listed = _records(peer.get("/v1/models"), "data")
    port = int(peer.address.rpartition(":")[2])
    owners = {_text(one, "owned_by") for one in listed}
    software = PORTS.get(port, "OpenAI-compatible")
    kinds: dict[str, dict[str, Any]] = {}
    if "llamacpp" in owners:
        software = "llama.cpp"
        peer.get("/props")  # which it refuses, unlike the list, where it asks for a key
    elif "vllm" in owners:
        software = "vLLM"
    elif software == "LM Studio":
        # It lists what it could load, too, and says only here which of that it has loaded, and what is for embedding.
        kinds = {_text(one, "id"): one for one in _records(peer.get("/api/v0/models"), "data")}
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
    return Server(software, peer.address, tuple(models))


def _records(document: Any, name: str) -> list[dict[str, Any]]:
    """Return the list of objects under a name.

    Raises:
        _OtherAnswerError: there is none.
    """
    listed = document.get(name) if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise _OtherAnswerError("it has no list of models")
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
