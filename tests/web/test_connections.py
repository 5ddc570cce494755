"""Connections that idle or send by halves, and what one address may do, over real sockets."""

import asyncio
import logging
import socket
import threading
import time
from contextlib import contextmanager, suppress

import httpx2
import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from assistant.web import connections
from assistant.web.addresses import network_of
from assistant.web.basic_auth import MOST_WRONG, Account, BasicAuth, hash_password
from assistant.web.connections import BoundedConnection, RateLimitedLog
from assistant.web.headers import SecureHeaders
from assistant.web.rate_limits import FixedWindowRateLimit, LimitUploads


async def reads_all(scope, receive, send):
    """An app that answers when it has the whole body."""
    more = scope["type"] == "http"
    while more:
        more = (message := await receive()).get("more_body", False) and message["type"] != "http.disconnect"
    if scope["type"] == "http":
        await PlainTextResponse("all")(scope, receive, send)


@contextmanager
def listening(app=reads_all, keep_alive=60):
    """Serve an app with our connections on a free port; gives the port."""
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=0, http=BoundedConnection, log_level="error", lifespan="off", timeout_keep_alive=keep_alive
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)


def is_closed(connection, seconds):
    """Whether the server closes a connection within so many seconds without a word."""
    connection.settimeout(seconds)
    with suppress(ConnectionResetError):
        try:
            return connection.recv(1) == b""
        except TimeoutError:
            return False
    return True


def receives_all(connection):
    """Whether the answer of `reads_all` comes whole."""
    answer = b""
    while not answer.endswith(b"all"):
        if not (received := connection.recv(1000)):
            return False
        answer += received
    return True


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"G"])
def test_a_connection_without_a_whole_head_is_closed(monkeypatch, sent):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    with listening() as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent)
        assert is_closed(connection, 30)


def test_a_head_that_comes_a_byte_at_a_time_has_no_more_time(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 1.0)
    with listening() as port, socket.create_connection(("127.0.0.1", port)) as connection:
        with suppress(OSError):
            for _ in range(600):
                connection.sendall(b"G")
                time.sleep(0.05)
        assert is_closed(connection, 5)


def test_the_second_head_of_a_connection_is_bound_too(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    with listening() as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.settimeout(30)
        assert receives_all(connection)
        connection.sendall(b"GET /")
        assert is_closed(connection, 30)


@pytest.mark.parametrize(("keep_alive", "head_seconds"), [(1, 60.0), (60, 1.0)])
def test_a_request_that_comes_while_the_server_is_busy_is_answered_though_its_time_is_over(
    monkeypatch, keep_alive, head_seconds
):
    monkeypatch.setattr(connections, "HEAD_SECONDS", head_seconds)
    is_busy, is_sent = threading.Event(), threading.Event()

    def hold():
        is_busy.set()
        is_sent.wait(30)

    async def answers_and_is_busy(scope, receive, send):
        await reads_all(scope, receive, send)
        if not is_busy.is_set():
            loop = asyncio.get_running_loop()
            # The first makes the second and the connection's time be due in one round of the loop, in this order.
            loop.call_later(0.5, time.sleep, 1)
            loop.call_later(0.6, hold)

    request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    with (
        listening(answers_and_is_busy, keep_alive) as port,
        socket.create_connection(("127.0.0.1", port)) as connection,
    ):
        connection.settimeout(30)
        connection.sendall(request)
        assert receives_all(connection)
        assert is_busy.wait(30)
        connection.sendall(request)
        is_sent.set()
        assert receives_all(connection)


def test_a_body_that_stops_is_given_up(monkeypatch):
    monkeypatch.setattr(connections, "BODY_SILENCE_SECONDS", 0.5)
    with listening() as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
        assert is_closed(connection, 30)


def test_a_body_that_goes_on_and_an_answer_that_takes_long_are_waited_for(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(connections, "BODY_SILENCE_SECONDS", 20)

    async def slow(scope, receive, send):
        await asyncio.sleep(1)
        await reads_all(scope, receive, send)

    with listening(slow) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n")
        for _ in range(3):
            time.sleep(0.2)
            connection.sendall(b"x")
        connection.settimeout(30)
        assert connection.recv(12) == b"HTTP/1.1 200"


def test_hundreds_of_half_sent_heads_do_not_keep_another_out():
    with listening() as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
        for connection in held:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert httpx2.get(f"http://127.0.0.1:{port}/", timeout=30).text == "all"
        for connection in held:
            connection.close()


def test_beyond_the_most_connections_are_closed_at_once(monkeypatch):
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 5)
    with listening() as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        time.sleep(0.2)
        with socket.create_connection(("127.0.0.1", port)) as beyond:
            assert is_closed(beyond, 10)
        for connection in held:
            assert not is_closed(connection, 0.05)
            connection.close()


def test_one_address_has_a_share_of_the_connections(monkeypatch):
    monkeypatch.setattr(connections, "MOST_OF_ADDRESS", 3)
    monkeypatch.setattr(connections, "LOOPBACK_ADDRESSES", frozenset())
    with listening() as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        time.sleep(0.2)
        with socket.create_connection(("127.0.0.1", port)) as beyond:
            assert is_closed(beyond, 10)
        for connection in held:
            connection.close()
        time.sleep(0.2)
        assert httpx2.get(f"http://127.0.0.1:{port}/", timeout=30).text == "all"


def test_the_same_message_is_logged_a_few_times():
    limited = RateLimitedLog()
    records = [logging.LogRecord("a", 30, "", 0, "Refused: %s", (number,), None) for number in range(50)]
    shown = [record.getMessage() for record in records if limited.filter(record)]
    assert len(shown) == 6
    assert shown[-1] == "Refused: 5 (More of these are left out for a minute.)"
    assert limited.filter(logging.LogRecord("a", 30, "", 0, "Another.", (), None))


def asked(app, requests):
    """The answers of an app to requests, each a function of a client."""

    async def run():
        transport = httpx2.ASGITransport(app, client=("198.51.100.7", 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
            return [await request(client) for request in requests]

    return asyncio.run(run())


def test_an_address_that_guesses_is_locked_out_but_those_who_are_in_stay():
    guarded = BasicAuth(reads_all, Account.parse(f"ali:{hash_password('right')}"))

    def with_password(password):
        return lambda client: client.get("/", auth=("ali", password))

    guesses = [with_password(f"guess {number}") for number in range(MOST_WRONG + 2)]
    answers = asked(guarded, [with_password("right"), *guesses, with_password("right")])
    codes = [answer.status_code for answer in answers]
    assert codes == [200, *[401] * MOST_WRONG, 429, 429, 200]
    assert int(answers[-2].headers["retry-after"]) > 0


def test_uploads_of_an_address_have_a_limit():
    app = LimitUploads(reads_all, "/up", 250)
    answers = asked(app, [lambda client: client.post("/up", content=b"x" * 100)] * 3 + [lambda client: client.get("/")])
    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]


def test_a_quota_is_given_anew_after_its_window():
    now = [0.0]
    quota = FixedWindowRateLimit(10, 60, clock=lambda: now[0])
    assert quota.take("a", 10) == 0
    assert quota.take("a", 1) == quota.wait("a") == 60
    assert quota.take("b", 10) == 0
    now[0] = 61
    assert quota.wait("a") == quota.take("a", 10) == 0


@pytest.mark.parametrize("address", ["127.0.0.9", "::1", "::ffff:127.0.0.1"])
def test_all_of_loopback_is_one_address(address):
    assert network_of(address) in connections.LOOPBACK_ADDRESSES


def test_every_answer_says_that_it_is_what_it_is():
    [answer] = asked(SecureHeaders(reads_all), [lambda client: client.get("/")])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
