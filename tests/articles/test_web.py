import contextlib
import gzip
import ipaddress
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant import Assistant
from assistant.articles import web
from assistant.articles.registry import read_source
from assistant.articles.web import is_public
from assistant.errors import PrivateAddressError

DROPS, DROP_SECONDS = 1200, 0.05
"""A server that drips would take a minute."""

ARABIC_PAGE = (
    '<html lang="ar"><head><title>قمة موسكو</title><meta property="article:published_time" content="2024-05-03"></head>'
    "<body><article><h1>قمة موسكو</h1><p>"
    + "القمة المقبلة لمنظمة معاهدة الأمن الجماعي ستعقد في 11 نوفمبر 2026 في موسكو. " * 5
    + "</p></article></body></html>"
)


class Handler(BaseHTTPRequestHandler):
    """Answers each path as a test needs it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        name = self.path.partition("?")[0].strip("/").replace("-", "_").replace(".", "_") or "page"
        getattr(self, f"answer_{name}", self.answer_missing)()

    def send(self, body, content_type="text/html; charset=utf-8", status=200, **headers):
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, location):
        self.send(b"", status=302, Location=location)

    def answer_missing(self):
        self.send(b"no", status=404)

    def answer_page(self):
        self.send(ARABIC_PAGE.encode())

    def answer_windows(self):
        self.send(ARABIC_PAGE.encode("cp1256"), "text/html; charset=windows-1256")

    def answer_zipped(self):
        self.send(gzip.compress(ARABIC_PAGE.encode()), Content_Encoding="gzip")

    def answer_bomb(self):
        self.send(gzip.compress(b"a" * (3 * 1024**2)), Content_Encoding="gzip")

    def answer_text(self):
        self.send(b"Just text, in one line.", "text/plain")

    def answer_notes_md(self):
        self.send(b"# Notes\n\nSome *text*.", None)

    def answer_picture(self):
        self.send(b"\x89PNG", "image/png")

    def answer_audio(self):
        self.send(b"x", "audio/mpeg")

    def answer_raw_md(self):
        self.send(b"# Notes\n\nSome *text*.", "text/plain; charset=utf-8")

    def answer_rows_csv(self):
        self.send("title,text\nسد,اكتمل السد.\n".encode(), "text/csv")

    def answer_hop(self):
        self.redirect("/page")

    def answer_loop(self):
        self.redirect("/loop")

    def answer_to_file(self):
        self.redirect("file:///etc/passwd")

    def answer_to_inside(self):
        self.redirect(f"http://localhost:{self.server.server_port}/page")

    def answer_silent(self):
        time.sleep(3)
        self.close_connection = True

    def answer_drip(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.close_connection = True
        try:
            for _ in range(DROPS):
                self.wfile.write(b"<p>drop</p>")
                time.sleep(DROP_SECONDS)
        except OSError:  # the client has gone, as it should
            return

    def answer_drip_headers(self):
        self.close_connection = True
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(DROPS):
                self.wfile.write(b"X-%d: drop\r\n" % number)
                time.sleep(DROP_SECONDS)
        except OSError:  # the client has gone, as it should
            return

    def answer_drip_redirects(self):
        time.sleep(0.2)
        self.redirect("/drip-redirects")

    def answer_cut(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"<p>half")
        self.close_connection = True

    def log_message(self, *_):
        return


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.seen = []
        running.base = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def problem(server):
    def read(path, **options):
        reading = read_source(server.base + path, **{"allow_private": True, **options})
        assert reading.articles == ()
        (found,) = reading.problems
        assert found.source == server.base + path
        assert "\n" not in str(found)
        return str(found)

    return read


@pytest.mark.parametrize("path", ["/page", "/windows", "/zipped", "/hop", "/page?a=1#part"])
def test_a_page_is_read_as_a_file_is(server, path):
    (article,) = read_source(server.base + path, allow_private=True).articles
    assert article.source == server.base + path.partition("#")[0]
    assert (article.title, article.language, str(article.published)) == ("قمة موسكو", "ar", "2024-05-03")
    assert "11 نوفمبر 2026" in article.text


def test_the_format_decides_the_reader(server):
    (text,) = read_source(server.base + "/text", allow_private=True).articles
    assert text.text == "Just text, in one line."
    (notes,) = read_source(server.base + "/notes.md", allow_private=True).articles
    assert (notes.title, notes.text) == ("Notes", "Notes\n\nSome text.")


@pytest.mark.parametrize(("path", "format_name"), [("/picture", "image/png"), ("/audio", "audio/mpeg")])
def test_other_formats_are_refused_by_name(problem, path, format_name):
    assert f"no reader knows its format ({format_name})" in problem(path)


def test_an_error_of_the_server_is_told(problem):
    assert "the server answered 404 Not Found" in problem("/nothing")


def test_a_loop_of_redirects_ends(problem, server):
    assert "redirected more than 5 times" in problem("/loop")
    assert len(server.seen) == 6


def test_a_redirect_to_another_scheme_is_refused(problem):
    assert "only http and https URLs are read, and this leads to file://" in problem("/to-file")


def test_this_machine_is_refused_unless_allowed(problem, server):
    for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "[::ffff:127.0.0.1]"):
        (found,) = read_source(f"http://{host}:{server.server_port}/page").problems
        assert "this machine or its local network" in str(found)
    assert server.seen == []


def test_raw_files_are_read_as_what_they_are(server):
    (notes,) = read_source(server.base + "/raw.md", allow_private=True).articles
    assert notes.text == "Notes\n\nSome text."
    (row,) = read_source(server.base + "/rows.csv", allow_private=True).articles
    assert (row.title, row.text) == ("سد", "اكتمل السد.")


def test_a_page_is_one_article_whatever_is_behind_its_address(server):
    addresses = ("/page", "/page#top", "/page?utm_source=mail", "/page?utm_medium=x#y")
    sources = {read_source(server.base + address, allow_private=True).articles[0].source for address in addresses}
    assert sources == {server.base + "/page"}
    (other,) = read_source(server.base + "/page?page=2", allow_private=True).articles
    assert other.source == server.base + "/page?page=2"


def test_where_to_allow_this_machine_is_told(server):
    (found,) = read_source(server.base).problems
    assert isinstance(found, PrivateAddressError)
    assert str(found) == (
        f"{server.base}: its host is on this machine or its local network; "
        "set ASSISTANT_ALLOW_PRIVATE_ADDRESSES=true to read it."
    )


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]"])
def test_link_local_addresses_are_refused_even_then(host):
    (found,) = read_source(f"http://{host}/latest/meta-data/", allow_private=True).problems
    assert "link-local" in str(found)


@pytest.mark.parametrize(
    "host",
    ["168.63.129.16", "192.0.0.192", "100.100.100.200", "[fd00:ec2::254]", "[fd20:ce::254]", "[::ffff:168.63.129.16]"],
)
def test_where_clouds_tell_secrets_is_refused_even_then(host):
    address = ipaddress.ip_address(host.strip("[]"))
    assert not web.is_public(address)
    (found,) = read_source(f"http://{host}/latest/meta-data/", allow_private=True).problems
    assert "secrets" in str(found)


@pytest.mark.parametrize("address", ["192.0.0.9", "192.0.0.10", "192.0.0.170"])
def test_addresses_for_protocols_are_not_public(address):
    assert not web.is_public(ipaddress.ip_address(address))


def test_the_setting_lets_this_machine_be_read(server, tmp_path):
    with Assistant(tmp_path / "closed") as closed:
        assert closed.add(server.base + "/page").problems
    with Assistant(tmp_path / "open", allow_private_addresses=True) as opened:
        assert opened.add(server.base + "/hop").added == (server.base + "/hop",)
    assert [path for path, _ in server.seen] == ["/hop", "/page"]


def test_the_address_is_checked_again_after_a_redirect(problem, server, monkeypatch):
    """The first host counts as public here; the one it redirects to is looked up and refused."""
    monkeypatch.setattr(web, "is_public", lambda address: address == ipaddress.ip_address("127.0.0.1"))
    found = socket.getaddrinfo

    def look_up(host, *rest, **options):
        return found("127.0.0.2" if host == "localhost" else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert "this machine or its local network" in problem("/to-inside", allow_private=False)
    assert [path for path, _ in server.seen] == ["/to-inside"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(server, monkeypatch):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    (found,) = read_source("http://mixed.example/").problems
    assert "this machine or its local network" in str(found)


def test_the_connection_goes_to_the_address_that_was_checked(server, monkeypatch):
    """A name server that answers differently the second time (DNS rebinding) is asked only once."""
    asked = []
    found = socket.getaddrinfo

    def look_up(host, *rest, **options):
        asked.append(host)
        return found("127.0.0.1" if host == "rebinding.example" else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    (article,) = read_source(f"http://rebinding.example:{server.server_port}/page", allow_private=True).articles
    assert article.title == "قمة موسكو"
    assert asked.count("rebinding.example") == 1
    assert server.seen[0][1]["Host"] == f"rebinding.example:{server.server_port}"


def test_the_next_address_is_tried_where_one_does_not_answer(server, monkeypatch):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("127.9.9.9", "127.0.0.1")]
    found = socket.getaddrinfo

    def look_up(host, *rest, **options):
        return answers if host == "two.example" else found(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    (article,) = read_source(f"http://two.example:{server.server_port}/page", allow_private=True).articles
    assert article.title == "قمة موسكو"


def test_size_counts_after_decompression(problem, monkeypatch):
    monkeypatch.setattr(web, "MAX_BYTES", 1024**2)
    assert "larger than 1 MiB" in problem("/bomb")


def test_a_silent_server_is_left(problem, monkeypatch):
    monkeypatch.setattr(web, "SILENCE_SECONDS", 0.2)
    assert "the server was silent" in problem("/silent")


@pytest.mark.parametrize("path", ["/drip", "/drip-headers", "/drip-redirects"])
def test_a_server_that_drips_is_left(problem, monkeypatch, path):
    """None is ever silent for longer than a moment."""
    monkeypatch.setattr(web, "TOTAL_SECONDS", 0.3)
    began = time.monotonic()
    assert "took longer" in problem(path)
    assert time.monotonic() - began < DROPS * DROP_SECONDS / 2


def test_a_handshake_that_drips_is_left(monkeypatch):
    """A server that sends the first record of TLS byte by byte."""
    monkeypatch.setattr(web, "TOTAL_SECONDS", 0.3)
    record = b"\x16\x03\x03\x40\x00\x02" + bytes(DROPS)

    def drip():
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            for byte in record:
                connection.sendall(bytes([byte]))
                time.sleep(DROP_SECONDS)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        (found,) = read_source(f"https://127.0.0.1:{listening.getsockname()[1]}/", allow_private=True).problems
        assert time.monotonic() - began < DROPS * DROP_SECONDS / 2
        # On a busy machine time may be up before anybody has connected.
        socket.create_connection(listening.getsockname()).close()
        thread.join()
    assert "took longer" in str(found)


def test_a_connection_that_breaks_is_a_problem(problem):
    assert "cannot be reached" in problem("/cut")


def test_nobody_listening_is_a_problem():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (found,) = read_source(f"http://127.0.0.1:{port}/", allow_private=True).problems
    assert "cannot be reached" in str(found)


def test_an_unknown_host_is_a_problem(monkeypatch):
    def look_up(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    (found,) = read_source("https://nowhere.example/a").problems
    assert "its host is not known: Name or service not known" in str(found)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://[::1",
        "http://a b/",
        "https:///path",
        "http://\u202e.example/",
        "http://x:99999999/",
        "http://user:secret@example.org/",
    ],
)
def test_malformed_urls_are_problems(url, monkeypatch):
    def look_up(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    reading = read_source(url)
    assert reading.articles == ()
    (found,) = reading.problems
    assert "\u202e" not in str(found)


def test_environment_proxies_are_not_asked(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert read_source(server.base + "/page", allow_private=True).articles


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "fec0::1",
        "5f00::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "4000::1",
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))
