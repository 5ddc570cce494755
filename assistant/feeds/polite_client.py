"""`PoliteClient`: asks servers for feeds and pages as often, as fast and for as much as they allow."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from protego import Protego

from assistant.articles.reading import problem
from assistant.articles.web import USER_AGENT, Reply, exchange
from assistant.errors import PrivateAddressError, ReadError

DELAY_SECONDS = 1.0
"""How long one host is left alone between two requests."""
LONGEST_DELAY_SECONDS = 30.0
"""The longest delay that a site may ask for in its robots.txt."""
LONGEST_WAIT_SECONDS = 24 * 3600.0
"""The longest time that a server may turn us away for."""
_TOO_MANY, _UNAVAILABLE = 429, 503
_WAIT_SECONDS = 60.0
_ROBOTS_BYTES = 1024**2
_ROBOTS_SECONDS = 24 * 3600.0


class WaitError(ReadError):
    """A server has asked to be left alone for a while.

    Attributes:
        until: When it may be asked again, in seconds since 1970.
    """

    until: float = 0.0


class ForbiddenError(ReadError):
    """A site does not want programs to read an address."""


class PoliteClient:
    """Fetches as `exchange` does, keeps to robots.txt, and leaves each host alone for a moment between requests.

    Args:
        allow_private: Whether addresses on this machine and its local network may be asked.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._asked: dict[str, float] = {}
        self._until: dict[str, float] = {}
        self._robots: dict[str, tuple[float, Protego | None]] = {}

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        was_named: bool = False,
        check: Callable[[Reply], object] | None = None,
        max_bytes: int,
    ) -> Reply:
        """Ask for an address.

        Args:
            url: The address.
            headers: What else to say.
            was_named: Whether a person has named this very address: robots.txt is for those that a program finds.
            check: See `exchange`.
            max_bytes: How large the body may be.

        Raises:
            WaitError: its server asks, or has asked, to be left alone for a while.
            ReadError: it cannot be reached, or its site does not want programs to read it.
        """

        def before(address: str) -> None:
            if not was_named:
                self._refuse_forbidden(url, address)
            self._wait_for(url, address)

        reply = exchange(
            url, allow_private=self._allow_private, headers=headers, before=before, check=check, max_bytes=max_bytes
        )
        asked_to_wait = reply.status == _UNAVAILABLE and "retry-after" in reply.headers
        if reply.status == _TOO_MANY or asked_to_wait:
            until = time.time() + _seconds(reply.headers.get("retry-after", ""))
            self._until[urlsplit(reply.url).netloc] = until
            raise left_alone(url, until)
        return reply

    def _wait_for(self, url: str, address: str) -> None:
        parts = urlsplit(address)
        until = self._until.get(parts.netloc, 0.0)
        if until > time.time():
            raise left_alone(url, until)
        _, rules = self._robots.get(f"{parts.scheme}://{parts.netloc}", (0.0, None))
        wanted = rules.crawl_delay(USER_AGENT) if rules is not None else None
        delay = min(max(DELAY_SECONDS, wanted or 0.0), LONGEST_DELAY_SECONDS)
        left = self._asked.get(parts.netloc, 0.0) + delay - time.monotonic()
        if parts.netloc in self._asked and left > 0:
            time.sleep(left)
        self._asked[parts.netloc] = time.monotonic()

    def _refuse_forbidden(self, url: str, address: str) -> None:
        parts = urlsplit(address)
        rules = self.robots(f"{parts.scheme}://{parts.netloc}")
        if rules is None:
            raise problem(url, "its site's robots.txt cannot be read just now, so the site is left alone.")
        if not rules.can_fetch(address, USER_AGENT):
            raise ForbiddenError("{name}: its site asks programs not to read it (robots.txt).", source=url, name=url)

    def robots(self, origin: str) -> Protego | None:
        """Return a site's rules; None where they cannot be read, which forbids everything (RFC 9309).

        Args:
            origin: The beginning of its addresses, `https://example.org`.
        """
        read, rules = self._robots.get(origin, (0.0, None))
        if origin not in self._robots or time.monotonic() > read + _ROBOTS_SECONDS:
            rules = self._fetch_robots(f"{origin}/robots.txt")
            self._robots[origin] = (time.monotonic(), rules)
        return rules

    def _fetch_robots(self, url: str) -> Protego | None:
        try:
            reply = exchange(
                url,
                allow_private=self._allow_private,
                before=lambda address: self._wait_for(url, address),
                max_bytes=_ROBOTS_BYTES,
            )
        except PrivateAddressError:
            raise
        except ReadError:
            return None
        if reply.status == _TOO_MANY or reply.status >= 500:
            return None
        return Protego.parse(reply.content.decode("utf-8", "replace"))


def left_alone(url: str, until: float) -> WaitError:
    """Return the error that says until when a server is to be left alone, in seconds since 1970."""
    moment = datetime.fromtimestamp(until).astimezone()
    error = WaitError(
        "{name}: its server asks to be left alone until {time}.",
        source=url,
        name=url,
        time=moment.isoformat(sep=" ", timespec="minutes"),
    )
    error.until = until
    return error


def _seconds(said: str) -> float:
    """Return how long to wait, which servers say in seconds or as a date."""
    try:
        seconds = float(said)
    except ValueError:
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return _WAIT_SECONDS
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = moment.timestamp() - time.time()
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)
