"""`BasicAuth`: one account with a name and password (HTTP Basic), kept as a scrypt hash."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import SettingsError
from assistant.web.addresses import LOOPBACK_ADDRESSES
from assistant.web.limiter import BusyError, ConcurrencyLimiter
from assistant.web.limits import path_of
from assistant.web.rate_limits import FixedWindowRateLimit, client_of

OPEN_PATHS = ("/health", "/ready")
# Requests to these paths need a key of their own.
OWNER = "/owner/"
# One password is checked at a time, which leaves a core to those who are signed in; a few may wait, more are refused.
CHECKED_AT_ONCE = 1
WAITING = 8
# After this many wrong passwords within this time, further ones from the same address are refused.
MOST_WRONG = 10
WRONG_SECONDS = 300.0
# A proxy on this machine may stand for many visitors, so a wrong password from there counts less.
_SHARE_OF_LOOPBACK = 0.1


def hash_password(password: str) -> str:
    """Return the hash of a password for `--auth USER:HASH`: scrypt with a salt of its own (RFC 7914)."""
    salt = secrets.token_bytes(16)
    return f"scrypt.{salt.hex()}.{_derive(password, salt).hex()}"


@dataclass(frozen=True, slots=True)
class Account:
    """The one account that may sign in.

    Attributes:
        user: Its name.
        hash: The hash of its password.
    """

    user: str
    hash: str
    _seen: set[bytes] = field(default_factory=set, compare=False, repr=False)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> "Account":
        """Read `USER:HASH`.

        Raises:
            SettingsError: it has another form, for example a password instead of a hash.
        """
        user, _, hashed = text.partition(":")
        parts = hashed.split(".")
        is_hash = len(parts) == 3 and parts[0] == "scrypt" and all(_is_hex(part) for part in parts[1:])
        if not user or not is_hash:
            raise SettingsError(
                "--auth takes USER:HASH, not a password: make the hash with `assistant serve --hash-password`."
            )
        return cls(user, hashed)

    def remembers(self, authorization: str) -> bool:
        """Return whether this `Authorization` header was accepted before (fast)."""
        return self._digest(authorization) in self._seen

    def admits(self, authorization: str) -> bool:
        """Return whether an `Authorization` header is right. The time does not depend on where a comparison fails.

        This takes almost a tenth of a second, because scrypt is slow on purpose: call it in a thread.
        """
        user, password = _credentials(authorization)
        _, salt, expected = self.hash.split(".")
        right = hmac.compare_digest(_derive(password, bytes.fromhex(salt)), bytes.fromhex(expected))
        if hmac.compare_digest(user.encode(), self.user.encode()) and right:
            self._seen.add(self._digest(authorization))
            return True
        return False

    def _digest(self, authorization: str) -> bytes:
        return hmac.digest(self._key, authorization.encode(), "sha256")


class BasicAuth:
    """ASGI middleware that refuses requests without the account, except to `OPEN_PATHS`.

    Guessing passwords slows down neither `/health` nor those who are signed in, and the number of guesses is limited.
    """

    def __init__(self, app: ASGIApp, account: Account) -> None:
        self._app = app
        self._account = account
        self._checking = ConcurrencyLimiter(CHECKED_AT_ONCE, WAITING)
        self._wrong = FixedWindowRateLimit(MOST_WRONG, WRONG_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan" or scope["path"] in OPEN_PATHS or path_of(scope).startswith(OWNER):
            await self._app(scope, receive, send)
            return
        authorization = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        is_guess = bool(authorization) and not self._account.remembers(authorization)
        if is_guess and (wait := self._wrong.wait(client_of(scope))):
            later = {"Retry-After": str(round(wait) + 1)}
            locked = PlainTextResponse("Too many wrong passwords came from your address: try again later.", 429, later)
            await locked(scope, receive, send)
            return
        try:
            is_admitted = await self._admits(authorization)
        except BusyError:
            busy = PlainTextResponse("Too many passwords are being checked: try again.", 503, {"Retry-After": "1"})
            await busy(scope, receive, send)
            return
        if is_admitted:
            await self._app(scope, receive, send)
            return
        if is_guess:
            address = client_of(scope)
            self._wrong.take(address, _SHARE_OF_LOOPBACK if address in LOOPBACK_ADDRESSES else 1)
        challenge = {"WWW-Authenticate": 'Basic realm="Article assistant", charset="UTF-8"'}
        await PlainTextResponse("A name and password are needed.", 401, challenge)(scope, receive, send)

    async def _admits(self, authorization: str) -> bool:
        if not authorization or self._account.remembers(authorization):
            return bool(authorization)
        async with self._checking.passing():
            # Several requests of one browser come at once; the check of the first one serves the others.
            if self._account.remembers(authorization):
                return True
            return await asyncio.to_thread(self._account.admits, authorization)


def _credentials(authorization: str) -> tuple[str, str]:
    kind, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded, validate=True).decode() if kind.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        decoded = ""
    user, _, password = decoded.partition(":")
    return user, password


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def _is_hex(text: str) -> bool:
    return bool(text) and len(text) % 2 == 0 and all(character in "0123456789abcdef" for character in text)
