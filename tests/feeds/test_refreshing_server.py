"""`assistant serve` refreshes what is followed, as a real process beside a real feed server."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from assistant import Assistant

PATIENCE = 60


@pytest.mark.slow
def test_serving_brings_the_news(site, tmp_path, encoder):
    site.page("/pier", "Pier")
    store = tmp_path / "store"
    with Assistant(store, allow_private_addresses=True) as assistant:
        assistant.__dict__["_encoder"] = encoder
        assistant.create()
        assistant.follow(site.rss({"title": "Pier", "link": "/pier"}, ETag='"1"'))
    command = [sys.executable, "-m", "assistant", "serve", "--store", str(store), "--chat-model", "extractive"]
    server = subprocess.Popen(
        [*command, "--port", "0", "--refresh", "0.02"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "ASSISTANT_ALLOW_PRIVATE_ADDRESSES": "true"},
    )
    try:
        with Assistant(store) as reader:
            reader.__dict__["_encoder"] = encoder
            wait_until(lambda: [one.title for one in reader.articles()] == ["Pier"])
            site.page("/market", "Market")
            site.rss({"title": "Market", "link": "/market"}, {"title": "Pier", "link": "/pier"}, ETag='"2"')
            wait_until(lambda: len(reader.articles()) == 2)
            asked = len(site.asked("/feed.xml"))
            wait_until(lambda: len(site.asked("/feed.xml")) > asked + 1)
            assert (reader.following()[0].articles, reader.following()[0].error) == (2, "")
    finally:
        server.send_signal(signal.SIGINT)
        _, told = server.communicate(timeout=PATIENCE)
    assert len(site.asked("/pier")) == len(site.asked("/market")) == 1
    assert re.search(r"Traceback|failed|Not refreshed", told) is None, told


def wait_until(happened):
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)
