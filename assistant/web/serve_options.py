"""`ServeOptions`: how a server is to be reached, and by whom."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import SettingsError
from assistant.web.addresses import LOOPBACK
from assistant.web.limiter import AT_ONCE, MOST_WAITING

if TYPE_CHECKING:
    from assistant.web.basic_auth import Account

DEFAULT_PORT = 7860


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve.

    Attributes:
        host: Address to listen on. Beyond loopback, an account is needed, or `no_auth`.
        port: Port to listen on; 0 takes a free one.
        auth: `USER:HASH` of the account that may come in; empty for none.
        no_auth: Let anybody in who can reach the address.
        root_path: Path under which a proxy publishes the server, "/assistant" for instance.
        mcp: Serve the MCP tools at `/mcp` too.
        limit: How many questions are answered at once.
        waiting: How many may wait; more are turned away.
        allow_sharing: Let visitors share an answer by a link, as the setting of that name does too.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    auth: str = ""
    no_auth: bool = False
    root_path: str = ""
    mcp: bool = False
    limit: int = AT_ONCE
    waiting: int = MOST_WAITING
    allow_sharing: bool = False

    @property
    def is_private(self) -> bool:
        """Whether only people at this machine are meant: no account, no proxy, and nobody let in on purpose."""
        return self.host in LOOPBACK and not (self.auth or self.no_auth or self.root_path)

    @property
    def is_open(self) -> bool:
        """Whether anybody at another machine may come in."""
        return self.host not in LOOPBACK and not self.auth

    def account(self) -> "Account | None":
        """Return the account that may come in, or None where anybody may.

        Raises:
            SettingsError: the address is open to others, and neither an account nor `no_auth` is given.
        """
        if self.auth:
            from assistant.web.basic_auth import Account  # noqa: PLC0415 - most servers have none

            return Account.parse(self.auth)
        if self.host not in LOOPBACK and not self.no_auth:
            raise SettingsError(
                f"--host {self.host} lets others in: give --auth USER:HASH (make the hash with `assistant serve "
                "--hash-password`), or --no-auth if anybody may read and change the library."
            )
        return None
