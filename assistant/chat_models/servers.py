"""`find_servers`: the chat model servers that run on this machine, and what they serve.

Only loopback addresses are asked, and only at the ports that such servers take by themselves. What answers with
anything but a list of models is left alone.
"""

import contextlib
import http.client
import json
import logging
import os
import socket
import threading
import time
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

from assistant.chat_models.loopback import LOOPBACK, is_loopback
from assistant.chat_models.server_lists import OtherAnswerError, Server, read_ollama, read_openai

OLLAMA = "Ollama"
OLLAMA_PORT = 11434
PORTS = {1234: "LM Studio", 8080: "llama.cpp", 8000: "vLLM"}
"""Where servers listen that speak OpenAI's API, and whose port that is."""

CONNECT_SECONDS = 0.2
TOTAL_SECONDS = 1.0
MOST_BYTES = 1 << 20
log = logging.getLogger(__name__)


def find_servers() -> tuple[Server, ...]:
    """Return the servers on this machine that have a chat model to offer, Ollama first.

    They are looked for once in a process, all at the same time, within `TOTAL_SECONDS`: one that comes up later, or
    that dawdles, is not found.

    Example:
        >>> [server.software for server in find_servers()]  # doctest: +SKIP
        ['Ollama', 'LM Studio']
    """
    return _found(ollama_address(os.environ.get("OLLAMA_HOST", "")), tuple(PORTS.items()))


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


@cache
def _found(ollama: str, ports: tuple[tuple[int, str], ...]) -> tuple[Server, ...]:
    addresses = {ollama: OLLAMA} | {
        address: software for port, software in ports if (address := f"{LOOPBACK}:{port}") != ollama
    }
    deadline = time.monotonic() + TOTAL_SECONDS
    peers = [_Peer(address, deadline, software) for address, software in addresses.items()]
    for peer in peers:
        peer.start()
    for peer in peers:
        peer.join(max(0.0, deadline - time.monotonic()))
        peer.hang_up()
    return tuple(peer.found for peer in peers if peer.found and peer.found.models)


class _Peer(threading.Thread):
    """Whatever listens at an address, asked in a thread of its own.

    `http.client` knows neither proxies nor redirects, so what is asked here stays on this machine.
    """

    def __init__(self, address: str, deadline: float, software: str) -> None:
        super().__init__(daemon=True)  # a peer may dawdle, and nobody waits for it when the program ends
        host, _, port = address.rpartition(":")
        self.address = address
        self.found: Server | None = None
        self._software = software
        self._deadline = deadline
        self._connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=CONNECT_SECONDS)

    def run(self) -> None:
        """Ask; `found` is what it is, if it is one."""
        try:
            is_ollama = self._software == OLLAMA
            read = read_ollama if is_ollama else partial(read_openai, software=self._software)
            self.found = read(self.address, self.get)
        except OtherAnswerError as error:
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
            OtherAnswerError: there is something else.
            OSError, HTTPException: there is nothing, or no HTTP.
        """
        if self._connection.sock is None:
            self._connection.connect()
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise OtherAnswerError("it dawdles")
        self._connection.sock.settimeout(seconds)
        self._connection.request("GET", path, headers={"Accept": "application/json"})
        response = self._connection.getresponse()
        if response.status != http.client.OK:
            raise OtherAnswerError(f"{path} gives {response.status}")
        body = response.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise OtherAnswerError(f"{path} gives too much")
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise OtherAnswerError(f"{path} gives no JSON") from error
