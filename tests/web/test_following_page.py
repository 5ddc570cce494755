"""What is followed, on the library tab, in a language of the page."""

import pytest

from assistant import Assistant
from assistant.articles.web import refusal
from assistant.errors import message_of
from assistant.feeds.state import FeedState, Followed

HOSTILE = "<img src=x onerror=alert(1)>Harbour"


@pytest.mark.parametrize(("locale", "said"), [("en", "the server answered"), ("ar", "أجاب خادمه")])
def test_what_is_followed_is_shown_with_what_failed(tmp_path, encoder, serving, visitor_at, locale, said):
    with Assistant(tmp_path / "store") as assistant:
        assistant.__dict__["_encoder"] = encoder
        assistant.create()
    url = "https://harbour.example/feed.xml"
    error = message_of(refusal(url, 500))
    FeedState(tmp_path / "store").put(
        Followed(url, given=url, kind="RSS", title=HOSTILE, error=error, failures=1, due=9e9)
    )
    with serving(tmp_path / "store") as server:
        visitor = visitor_at(server.url, headers={"Accept-Language": locale})
        shown = visitor.call("find", "change", "", None, None)["following"]
    assert "&lt;img src=x onerror=alert(1)&gt;Harbour" in shown
    assert "<img" not in shown
    assert said in shown
