"""`follow`, `refresh`, `following` and `unfollow` as a user runs them."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def test_a_site_is_followed_from_the_command_line(site, tmp_path, encoder):
    del encoder  # the model is unpacked before the program is judged
    site.page("/", "Home", head='<link rel="alternate" type="application/rss+xml" href="/feed.xml">')
    site.page("/pier", "Pier")
    site.rss({"title": "Pier", "link": "/pier"}, {"title": "Gone", "link": "/gone", "description": "It is gone."})

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "assistant", *arguments],
            cwd=tmp_path,
            env={**os.environ, "ASSISTANT_ALLOW_PRIVATE_ADDRESSES": "true"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert "Nothing is followed" in run("refresh").stderr
    assert json.loads(run("follow", site.base, "--json").stdout)["address"] == f"{site.base}/feed.xml"
    first = run("refresh")
    assert (first.returncode, "2 added" in first.stderr) == (0, True)
    assert f"Only the feed's text: {site.base}/gone: the server answered 404 Not Found." in first.stderr
    again = json.loads(run("refresh", "--json").stdout)
    assert (again["encoded"], again["added"], len(again["unchanged"])) == (0, [], 2)
    assert run("following").stdout.startswith("Harbour news\tRSS\t2\t")
    unfollowed = run("unfollow", site.base, "--remove-articles", "--json")
    assert sorted(json.loads(unfollowed.stdout)["removed"]) == [f"{site.base}/gone", f"{site.base}/pier"]
    missing = run("unfollow", site.base)
    assert (missing.returncode, "it is not followed" in missing.stderr) == (1, True)
