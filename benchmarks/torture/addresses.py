"""Web addresses that lead to this machine, its network or a cloud's secrets: none is connected to.

    python benchmarks/torture/addresses.py

Needs no network: redirects come from a server of its own, the only one that may be connected to. Every connection that
the process makes is seen by an audit hook. Prints a JSON object.
"""

import argparse
import ipaddress
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from assistant.articles.registry import read_source

SECONDS = 30.0
PRIVATE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1",
    "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
PRIVATE_6 = [
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "ff02::1", "2001:db8::1", "::ffff:0:0",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::", "2001:0:7f00:1::", "fec0::1",
]  # fmt: skip
SCHEMES = [
    "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1:11211/", "ldap://127.0.0.1/",
    "data://text/plain,x", "javascript://127.0.0.1/%0aalert(1)", "unix:///var/run/docker.sock", "jar:http://127.0.0.1!/",
]  # fmt: skip
MALFORMED = [
    "http://", "http:///", "http://[::1", "http://[::1]x/", "http://127.0.0.1:99999/", "http://127.0.0.1:x/",
    "http://127.0.0.1\r\nHost: x/", "http://\x00127.0.0.1/", "http://user:pass@127.0.0.1/", "http://a@127.0.0.1@b/",
    "http://127.0.0.1#@example.org/", "http://127.0.0.1%2f@example.invalid/", "http://%31%32%37.0.0.1/",
    "http://localhost/", "http://localhost./", "http://LOCALHOST/", "http://ip6-localhost/", "http://１２７.0.0.1/",
    "http://①②⑦.⓪.⓪.①/", "http://xn--/", f"http://{'a' * 300}.invalid/", f"http://{'a.' * 200}invalid/",
    f"http://127.0.0.1/{'a' * 100_000}", "http://127.0.0.1/\ud800",
]  # fmt: skip


def forms(address: str) -> Iterator[str]:
    """Yield the ways to write an IPv4 address that C libraries understand."""
    number = int(ipaddress.IPv4Address(address))
    first, second, third, fourth = number.to_bytes(4, "big")
    yield address
    yield str(number)
    yield hex(number)
    yield f"0{first:o}.0{second:o}.0{third:o}.0{fourth:o}"
    yield f"[::ffff:{address}]"


class _Redirecting(BaseHTTPRequestHandler):
    """Sends on to the address that its path names."""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", unquote(self.path.removeprefix("/")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def redirecting() -> Iterator[int]:
    """Serve redirects; gives the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Redirecting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def run() -> dict[str, object]:
    """Read each address as an article."""
    connections: list[object] = []
    watching = False

    def seen(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("socket.connect", "socket.sendto"):
            connections.append(arguments[1])

    sys.addaudithook(seen)
    urls = [f"http://{form}/" for address in PRIVATE for form in forms(address)]
    urls += [f"http://[{address}]/" for address in PRIVATE_6]
    urls += [*SCHEMES, *MALFORMED]
    wrong = []
    for url in urls:
        connections.clear()
        started = time.monotonic()
        watching = True
        try:
            reading = read_source(url)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            wrong.append(f"{url[:80]!r}: {type(error).__name__}: {error}")
            continue
        finally:
            watching = False
        said = [str(problem) for problem in reading.problems]
        # Names are asked for at port 53, or through a local socket: that is no visit.
        visited = [one for one in connections if isinstance(one, tuple) and one[1] != 53]
        if reading.articles or len(said) != 1 or "\n" in said[0] or visited or time.monotonic() - started > SECONDS:
            wrong.append(f"{url[:80]!r}: {said or reading.articles} {visited}")
    redirects = _redirects(wrong)
    return {"trials": len(urls) + redirects, "wrong": wrong}


def _redirects(wrong: list[str]) -> int:
    """Follow redirects to secrets of clouds, from a server on this machine that an owner lets be read."""
    targets = [f"http://{form}/" for address in ("169.254.169.254", "168.63.129.16") for form in forms(address)]
    targets += ["http://[fd00:ec2::254]/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://[fe80::1]/"]
    with redirecting() as port:
        for target in targets:
            reading = read_source(f"http://127.0.0.1:{port}/{target}", allow_private=True)
            if reading.articles or len(reading.problems) != 1:
                wrong.append(f"redirect to {target}: {reading}")
    return len(targets)


def main() -> None:
    """Print what was found."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    print(json.dumps(run(), indent=2))


if __name__ == "__main__":
    main()
