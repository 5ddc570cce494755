"""`fetch` and `exchange`: what a URL returns, from public addresses unless others are allowed, within limits."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import httpcore2
import httpx2

from assistant.articles.reading import problem
from assistant.errors import Message, PrivateAddressError, ReadError, message_of
from assistant.text.controls import printable

MAX_BYTES = 20 * 1024 * 1024
MAX_REDIRECTS = 5
SILENCE_SECONDS = 10.0
TOTAL_SECONDS = 25.0

_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/rtf": ".rtf",
    "application/rtf": ".rtf",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/epub+zip": ".epub",
    "message/rfc822": ".eml",
    "multipart/related": ".mhtml",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
# What servers say of files that they do not know, and of text of any kind.
_UNKNOWN = ("", "application/octet-stream", "binary/octet-stream")
_WRITTEN_AS_TEXT = frozenset({".md", ".markdown", ".csv", ".tsv", ".json", ".jsonl", ".ndjson"})
USER_AGENT = "article-assistant"
_ACCEPT = ", ".join(_SUFFIXES)
_HEADERS = {"User-Agent": USER_AGENT}
_MOVED_FOR_GOOD = (301, 308)
_SHORTEST_WAIT = 0.01
_PRIVATE = Message(
    "its host is on this machine or its local network; set ASSISTANT_ALLOW_PRIVATE_ADDRESSES=true to read it."
)
# All that is allocated to the public internet so far (IANA, "Internet Protocol Version 6 Address Space").
_ALLOCATED = ipaddress.ip_network("2000::/3")
# Where clouds tell their machines secrets, besides link-local addresses: these lie among those of the public internet,
# or in networks that an owner may let be read.
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("168.63.129.16", "192.0.0.192", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe"),
    )
)
# For protocols of the network itself (RFC 6890); Python takes two of them for public.
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL returned.

    Attributes:
        content: The body, decompressed.
        suffix: The file name suffix of its format, as the registry knows it.
        charset: The encoding the server declared, if any.
    """

    content: bytes
    suffix: str
    charset: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, whatever it was.

    Attributes:
        status: Of HTTP: 200, 304, 404, ...
        url: The address that answered, after all redirects.
        moved_to: The address to ask from now on: another than was asked for where that has moved for good.
        headers: By name in small letters.
        content: The body, decompressed; empty unless the status is 200.
        charset: The encoding the server declared, if any.
    """

    status: int
    url: str
    moved_to: str
    headers: Mapping[str, str]
    content: bytes
    charset: str | None


def fetch(url: str, *, allow_private: bool = False) -> Fetched:
    """Fetch `url` over HTTP or HTTPS, directly, without cookies or proxies.

    Args:
        url: An absolute URL.
        allow_private: Also connect to this machine and its local network, though not to link-local addresses, where
            clouds tell their machines secrets. Every address a host name stands for is checked, at each redirect anew,
            and the connection goes to the very address that was checked.

    Raises:
        PrivateAddressError: the URL leads to this machine or its local network, which is not allowed.
        ReadError: the URL is refused, does not answer in time, is too large, or is of a format no reader knows.
    """
    with _answered(url, allow_private, {"Accept": _ACCEPT}, None) as (response, _):
        if response.status_code != httpx2.codes.OK:
            raise refusal(url, response.status_code)
        suffix = suffix_of(url, str(response.url), response.headers)
        return Fetched(_body(url, response, MAX_BYTES), suffix, response.charset_encoding)


def exchange(
    url: str,
    *,
    allow_private: bool = False,
    headers: Mapping[str, str] | None = None,
    before: Callable[[str], None] | None = None,
    check: Callable[[Reply], object] | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reply:
    """Ask for `url` as `fetch` does, and return whatever is answered.

    Args:
        url: An absolute URL.
        allow_private: See `fetch`.
        headers: What else the request says.
        before: Called with each address before it is asked, those of redirects too; what it raises ends the exchange.
        check: Called with an answer before its body is read; what it raises ends the exchange.
        max_bytes: How large the body may be.

    Raises:
        PrivateAddressError: the URL leads to this machine or its local network, which is not allowed.
        ReadError: the URL is refused, does not answer in time, or is too large.
    """
    with _answered(url, allow_private, headers or {}, before) as (response, moved_to):
        heads = {name.lower(): value for name, value in response.headers.items()}
        reply = Reply(response.status_code, str(response.url), moved_to, heads, b"", response.charset_encoding)
        if reply.status != httpx2.codes.OK:
            return reply
        if check is not None:
            check(reply)
        return replace(reply, content=_body(url, response, max_bytes))


@contextmanager
def _answered(
    url: str, allow_private: bool, headers: Mapping[str, str], before: Callable[[str], None] | None
) -> Iterator[tuple[httpx2.Response, str]]:
    """Give the answer at the end of all redirects, its body unread, and the address to ask from now on."""
    if before is not None:
        before(url)
    deadline = time.monotonic() + TOTAL_SECONDS
    transport = _CheckedTransport(allow_private=allow_private, deadline=deadline)
    sent = {**_HEADERS, **headers}
    moved_to, for_good = url, True
    try:
        with httpx2.Client(transport=transport, timeout=SILENCE_SECONDS, trust_env=False, headers=sent) as client:
            request = client.build_request("GET", url)
            for redirects in range(MAX_REDIRECTS + 1):
                _check_url(url, request.url)
                if redirects and before is not None:
                    before(str(request.url))
                response = client.send(request, stream=True)
                try:
                    if response.next_request is None:
                        yield response, moved_to
                        return
                    request = response.next_request
                    for_good = for_good and response.status_code in _MOVED_FOR_GOOD
                    moved_to = str(request.url) if for_good else moved_to
                finally:
                    response.close()
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise problem(url, "it is not a valid URL ({reason}).", reason=printable(error)) from error
    except httpx2.TimeoutException as error:
        if time.monotonic() > deadline - _SHORTEST_WAIT:
            raise problem(
                url, "it took longer than {seconds:.0f} seconds; try again later.", seconds=TOTAL_SECONDS
            ) from error
        raise problem(
            url, "the server was silent for {seconds:.0f} seconds; try again later.", seconds=SILENCE_SECONDS
        ) from error
    except _PrivateHostError as error:
        raise PrivateAddressError("{name}: {reason}", source=url, name=printable(url), reason=_PRIVATE) from error
    except httpx2.HTTPError as error:
        raise problem(url, "it cannot be reached ({reason}).", reason=message_of(error).map(printable)) from error
    raise problem(url, "it was redirected more than {limit} times.", limit=MAX_REDIRECTS)


def _check_url(given: str, url: httpx2.URL) -> None:
    if url.scheme not in ("http", "https") or not url.host:
        raise problem(given, "only http and https URLs are read, and this leads to {url}.", url=printable(url))
    if url.userinfo:
        raise problem(given, "a URL with a user name or password in it is not read.")


def _body(url: str, response: httpx2.Response, max_bytes: int) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > max_bytes:
            raise problem(url, "it is larger than {limit} MiB.", limit=max_bytes // 1024**2)
    return bytes(content)


def refusal(url: str, status: int) -> ReadError:
    """Return the error that says that a server answered with this status in place of a page."""
    phrase = httpx2.codes.get_reason_phrase(status)
    return problem(url, "the server answered {status} {phrase}.", status=status, phrase=phrase)


def suffix_of(asked: str, answered: str, headers: Mapping[str, str]) -> str:
    """Return the file name suffix of what an address answered with.

    Args:
        asked: The address, for the message.
        answered: The one after all redirects.
        headers: What the server said.

    Raises:
        ReadError: no reader knows the format.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    named = PurePosixPath(httpx2.URL(answered).path).suffix.lower()
    if media_type == "text/plain" and named in _WRITTEN_AS_TEXT:
        return named
    if media_type in _SUFFIXES:
        return _SUFFIXES[media_type]
    if media_type in _UNKNOWN and (named in _SUFFIXES.values() or named in _WRITTEN_AS_TEXT):
        return named
    raise problem(
        asked,
        "no reader knows its format ({media_type}).",
        media_type=printable(media_type) or Message("the server names none"),
    )


class _PrivateHostError(httpx2.ConnectError):
    """A host is where nothing may be read from, unless that is allowed."""


class _CheckedTransport(httpx2.BaseTransport):
    """Resolves a host itself, and connects to an address it has checked: a second look-up might answer otherwise."""

    def __init__(self, *, allow_private: bool, deadline: float) -> None:
        self._allow_private = allow_private
        self._http = _TimedTransport(deadline)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.raw_host.decode("ascii").strip("[]")
        failure: httpx2.ConnectError | httpx2.ConnectTimeout | None = None
        for address in self._addresses(host, request):
            pinned = httpx2.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,  # with the name the user gave as Host
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return self._http.handle_request(pinned)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
        raise failure or httpx2.ConnectError(Message("its host has no address"), request=request)

    def close(self) -> None:
        self._http.close()

    def _addresses(self, host: str, request: httpx2.Request) -> list[_Address]:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpx2.ConnectError(
                Message("its host is not known: {reason}", reason=error.strerror), request=request
            ) from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        if any(address.is_link_local for address in map(_unwrapped, addresses)):
            raise httpx2.ConnectError(Message("its host has a link-local address"), request=request)
        if any(address in _METADATA for address in map(_unwrapped, addresses)):
            raise httpx2.ConnectError(Message("its host tells a cloud's machines their secrets"), request=request)
        if not self._allow_private and not all(map(is_public, addresses)):
            raise _PrivateHostError(_PRIVATE, request=request)
        return addresses


class _TimedTransport(httpx2.HTTPTransport):
    """HTTP whose every step ends by the deadline; httpx2's own time limits start anew with each byte that comes."""

    def __init__(self, deadline: float) -> None:
        ssl_context = httpx2.create_ssl_context(trust_env=False)
        super().__init__(verify=ssl_context)
        self._pool = httpcore2.ConnectionPool(ssl_context=ssl_context, network_backend=_TimedBackend(deadline))


class _TimedBackend(httpcore2.SyncBackend):
    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        timeout = _until(self._deadline, timeout)
        stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _until(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _until(self._deadline, timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        timeout = _until(self._deadline, timeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


def _until(deadline: float, timeout: float | None) -> float:
    """Return how long a step may take: as long as it would, but not beyond the deadline."""
    left = deadline - time.monotonic()
    if left <= _SHORTEST_WAIT:
        raise httpcore2.TimeoutException
    return left if timeout is None else min(left, timeout)


def is_public(address: _Address) -> bool:
    """Return whether `address` is on the public internet, looking through IPv6 wrappings of IPv4 addresses.

    Example:
        >>> is_public(ipaddress.ip_address("::ffff:127.0.0.1"))
        False
    """
    address = _unwrapped(address)
    if isinstance(address, ipaddress.IPv6Address) and (address not in _ALLOCATED or address.teredo is not None):
        return False
    return address.is_global and not address.is_multicast and address not in _METADATA and address not in _PROTOCOLS


def _unwrapped(address: _Address) -> _Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
