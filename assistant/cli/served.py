"""`ask_server`: asks a server of the same store that runs on this machine, where there is one."""

import http.client
import json
import secrets
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError
from assistant.web.running_server import RunningServer, find_server

if TYPE_CHECKING:
    from assistant.settings import Settings

_HELLO_SECONDS = 2.0
_ANSWER_SECONDS = 3600.0


class ServedError(AssistantError):
    """What the server said in place of an answer: the same as this process would have said."""


def ask_server(settings: "Settings", path: str, question: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a server answers; None where no server would answer as this process does.

    The question goes to a loopback address alone, past every proxy, and only to whoever knows the server's key.

    Args:
        settings: Name the store, and everything that an answer depends on.
        path: What is asked for, "ask" or "search".
        question: The question, with how many passages and which filters.

    Raises:
        ServedError: the question cannot be answered.
    """
    server = find_server(settings) if settings.use_server else None
    if server is None:
        return None
    # Not `urllib`, nor any client that reads proxies from the environment.
    connection = http.client.HTTPConnection(server.host, server.port, timeout=_HELLO_SECONDS)
    try:
        said = _asked(connection, server, path, question)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    if said is not None and "error" in said:
        raise ServedError(said["error"])
    return said or None


def _asked(
    connection: http.client.HTTPConnection, server: RunningServer, path: str, question: dict[str, Any]
) -> dict[str, Any] | None:
    nonce = secrets.token_urlsafe(32)
    connection.request("GET", f"/owner/hello?nonce={nonce}")
    hello = _json(connection)
    if hello is None or not secrets.compare_digest(str(hello.get("proof")).encode(), server.proof(nonce).encode()):
        return None
    if connection.sock is not None:
        connection.sock.settimeout(_ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
    connection.request("POST", f"/owner/{path}", json.dumps(question).encode(), headers)
    return _json(connection)


def _json(connection: http.client.HTTPConnection) -> dict[str, Any] | None:
    with connection.getresponse() as response:
        content = response.read()
    if response.status != http.client.OK:
        return None
    said = json.loads(content)
    return said if isinstance(said, dict) else None
