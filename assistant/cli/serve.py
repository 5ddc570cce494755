"""`serve`: the page in a browser, and the endpoints for programs."""

import logging
import sys
from getpass import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import options
from assistant.cli.console import messages, output, plain
from assistant.errors import AssistantError
from assistant.web.limiter import AT_ONCE, MOST_WAITING
from assistant.web.serve_options import DEFAULT_PORT, ServeOptions

if TYPE_CHECKING:
    from assistant.assistant import Assistant

Host = Annotated[
    str, typer.Option("--host", help="Address to listen on. Beyond this machine, it takes --auth or --no-auth.")
]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")]
Auth = Annotated[
    str,
    typer.Option(
        "--auth",
        metavar="USER:HASH",
        envvar="ASSISTANT_AUTH",
        show_envvar=False,
        help="Ask for this name and password.",
    ),
]
NoAuth = Annotated[bool, typer.Option("--no-auth", help="Let in anybody who can reach the address.")]
RootPath = Annotated[
    str, typer.Option("--root-path", metavar="PATH", help="Path under which a proxy publishes the page.")
]
Mcp = Annotated[bool, typer.Option("--mcp", help="Serve the tools ask, search and articles at /mcp too.")]
AllowSharing = Annotated[
    bool,
    typer.Option("--allow-sharing", help="Let visitors share an answer by a link. Or ASSISTANT_ALLOW_SHARING=true."),
]
Concurrency = Annotated[int, typer.Option("--concurrency", min=1, max=64, help="Questions answered at once.")]
Waiting = Annotated[int, typer.Option("--waiting", min=0, max=10000, help="Questions that may wait.")]
Refresh = Annotated[
    float | None,
    typer.Option(
        "--refresh",
        metavar="MINUTES",
        min=0,
        help="How often what is followed is refreshed; 0 for never. Without it: ASSISTANT_REFRESH_MINUTES, else 60.",
    ),
]
LogFormat = Annotated[
    str | None,
    typer.Option(
        metavar="FORMAT", help='"text", or "json" for a line of JSON each. Without it: ASSISTANT_LOG_FORMAT, else text.'
    ),
]
Drain = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        min=0,
        max=3600,
        help="How long answers may go on after SIGTERM. Without it: ASSISTANT_DRAIN_SECONDS, else 0.",
    ),
]
HashPassword = Annotated[
    bool, typer.Option("--hash-password", help="Ask for a password, print its hash for --auth, and end.")
]


def serve_command(
    store: options.Store = None,
    chat_model: options.ChatModel = None,
    host: Host = "127.0.0.1",
    port: Port = DEFAULT_PORT,
    auth: Auth = "",
    no_auth: NoAuth = False,
    root_path: RootPath = "",
    mcp: Mcp = False,
    concurrency: Concurrency = AT_ONCE,
    waiting: Waiting = MOST_WAITING,
    allow_sharing: AllowSharing = False,
    refresh: Refresh = None,
    log_format: LogFormat = None,
    drain: Drain = None,
    hash_password: HashPassword = False,
) -> None:
    """Open the page for a browser, and the endpoints for programs. Ctrl-C stops.

    Example: assistant serve --port 8000
    """
    if hash_password:
        from assistant.web.basic_auth import hash_password as hashed  # noqa: PLC0415 - serving alone needs the server

        output.print(plain(hashed(getpass("Password: "))), soft_wrap=True)
        return
    from assistant.web.listening import serve  # noqa: PLC0415 - as above

    chosen = ServeOptions(host, port, auth, no_auth, root_path, mcp, concurrency, waiting, allow_sharing)

    def open_assistant() -> "Assistant":
        opened = options.open_assistant(
            store, chat_model=chat_model, refresh_minutes=refresh, log_format=log_format, drain_seconds=drain
        )
        _log_as(opened.settings.log_format)
        return opened

    serve(open_assistant, chosen)


def _log_as(form: str) -> None:
    """Write what a server logs to standard error, as "text" or as "json"."""
    if form == "json":
        from assistant.observability.logs import log_json  # noqa: PLC0415 - as the settings say

        log_json(sys.stderr)
        return
    from rich.logging import RichHandler  # noqa: PLC0415 - as above

    handler = RichHandler(console=messages, show_time=False, show_level=False, show_path=False)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[handler])


def main() -> None:
    """Run `serve` as a program of its own."""
    try:
        typer.run(serve_command)
    except AssistantError as error:
        messages.print(plain(str(error)), style="red", soft_wrap=True)
        raise SystemExit(1) from error
