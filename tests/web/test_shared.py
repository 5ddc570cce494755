"""A shared answer: read by whoever has its link, where the owner allows it, and by nobody else."""

import re
from datetime import date
from html.parser import HTMLParser

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.answering.answer import Answer, Citation, Status
from assistant.articles.article import Article, Section
from assistant.conversation.history import Conversations
from assistant.conversation.turn import Turn
from assistant.passages.passage import Passage, Span
from assistant.web.context import Context
from assistant.web.limiter import ConcurrencyLimiter
from assistant.web.shared import shared_routes

ALI, TALK = "ali's secret", "a" * 32
ARABIC = "تغادر العبّارة عند الظهر.\nوتعود في المساء."
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(2)> {{ 7 * 7 }} \u202eevil'


def turn(
    question,
    text,
    *,
    title="العبّارات",
    source="/srv/secret/ferries.txt",
    said="It leaves at noon [1].",
    notes=(),
    pages=(),
    sections=(),
):
    article = Article(source, title, text, "ar", date(2026, 3, 5), pages=pages, sections=sections)
    passage = Passage(article.id, 0, len(text), text, (Span(0, len(text)),), "ar")
    citation = Citation(1, article, passage, text, 0, len(text), 0.9)
    return Turn(question, question, Answer(question, said, Status.ANSWERED, "en", "extractive", (citation,), (), notes))


@pytest.fixture
def kept(tmp_path):
    return Conversations(tmp_path)


@pytest.fixture
def share(kept):
    def sharing(said):
        kept.ask(ALI, TALK, said.question, begins=True)
        return kept.share(ALI, kept.record(ALI, TALK, said, 0.5).id)

    return sharing


@pytest.fixture
def reader(kept):
    """Opens shared answers, without having been to the page."""
    return reading(kept, allow_sharing=True)


def reading(kept, **options):
    app = FastAPI()
    # Shared answers ask nothing of the assistant.
    app.include_router(shared_routes(Context(None, kept, ConcurrencyLimiter(1, 1), **options)))
    return TestClient(app)


class Elements(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data


def test_it_shows_question_answer_and_the_source_word_for_word(share, reader):
    response = reader.get(f"/shared/{share(turn('When does the ferry leave?', ARABIC))}")

    assert response.status_code == 200
    html = Elements(response.text)
    assert "When does the ferry leave?" in html.text
    assert "It leaves at noon" in html.text
    assert ARABIC in html.text
    assert ("href", "#source-1") in html.attributes
    assert ("id", "source-1") in html.attributes
    assert "ferries.txt" in html.text
    assert "March 5, 2026" in html.text
    assert "secret" not in response.text
    assert ALI not in response.text
    assert TALK not in response.text
    assert "set-cookie" not in response.headers
    assert re.search(r'<blockquote dir="auto" lang="ar">', response.text)
    assert re.search(r'<html lang="en" dir="ltr">', response.text)


def test_it_speaks_the_reader_s_language_around_the_answer(share, reader):
    path = f"/shared/{share(turn('When does the ferry leave?', ARABIC))}"

    response = reader.get(path, headers={"Accept-Language": "ar-EG,en;q=0.5"})

    assert '<html lang="ar" dir="rtl">' in response.text
    assert "<h2>المصادر</h2>" in response.text
    assert '<h1 dir="auto">When does the ferry leave?</h1>' in response.text


@pytest.mark.parametrize(("locale", "page"), [("en", "p. 2"), ("ar", "ص 2")])
def test_it_tells_page_and_section_of_a_quote(share, reader, locale, page):
    said = turn("When does the ferry leave?", ARABIC, pages=(0, 0, 400), sections=(Section(0, "الأوقات <b>"),))
    path = f"/shared/{share(said)}"

    shown = reader.get(path, headers={"Accept-Language": locale}).text

    # Each is set apart, so that neither reorders what is around it.
    assert f"<bdi>{page}</bdi> · § <bdi>الأوقات &lt;b&gt;</bdi></p>" in shown


def test_nothing_in_it_runs_is_fetched_or_is_listed(share, reader):
    said = turn(
        HOSTILE,
        HOSTILE,
        title=HOSTILE,
        source="javascript:alert(3)//x",
        said=f"{HOSTILE} [1]",
        notes=(HOSTILE,),
        sections=(Section(0, HOSTILE),),
    )
    response = reader.get(f"/shared/{share(said)}")

    html = Elements(response.text)
    assert not {"script", "img", "iframe", "form", "link", "object"} & set(html.tags)
    assert not [name for name, _ in html.attributes if name.startswith("on") or name == "src"]
    assert [value for name, value in html.attributes if name == "href"] == ["#source-1"]
    assert "<script>alert(1)</script>" in html.text
    assert "{{ 7 * 7 }}" in html.text
    assert "\u202e" not in response.text
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'nonce-")
    assert "unsafe" not in policy
    nonce = re.search(r"'nonce-([\w-]+)'", policy)[1]
    assert response.text.count(f'<style nonce="{nonce}">') == 1
    assert response.headers["x-robots-tag"].startswith("noindex")
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-store"
    assert '<meta name="robots" content="noindex' in response.text


def test_a_web_address_is_linked_without_telling_it_from_where(share, reader):
    said = turn("When?", ARABIC, source="https://example.org/ferries?a=1&b=2")
    response = reader.get(f"/shared/{share(said)}")
    assert 'href="https://example.org/ferries?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in response.text


def test_what_was_not_found_is_shared_too(kept, share, reader):
    said = Turn("When?", "When?", Answer("When?", "The articles do not say.", Status.NOT_FOUND, "en", "extractive"))
    response = reader.get(f"/shared/{share(said)}")
    assert response.status_code == 200
    assert "The articles do not say." in response.text


def test_it_is_gone_when_unshared_deleted_or_not_allowed(kept, share, reader):
    said = turn("When?", ARABIC)
    token = share(said)
    path = f"/shared/{token}"
    assert reader.get(path).status_code == 200
    off = reading(kept).get(path)
    assert off.status_code == 404
    assert "العبّارة" not in off.text

    [stored] = kept.turns(ALI, TALK)
    kept.unshare(ALI, stored.id)
    gone = reader.get(path)
    assert gone.status_code == 404
    assert "not shared any more" in gone.text
    assert gone.headers["x-robots-tag"].startswith("noindex")

    path = f"/shared/{kept.share(ALI, stored.id)}"
    assert reader.head(path).status_code == 200
    kept.delete(ALI, TALK)
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize("token", ["x", "%00", "%ff", "..%2f..%2fetc", "a" * 4000, "' OR 1=1 --", "%F0%9F%9A%A2"])
def test_a_guess_is_told_nothing(share, reader, token):
    share(turn("When?", ARABIC))
    assert reader.get(f"/shared/{token}").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "environment", "status"),
    [((), {}, 404), (("--allow-sharing",), {}, 200), ((), {"ASSISTANT_ALLOW_SHARING": "true"}, 200)],
)
def test_the_owner_allows_it_by_option_or_environment(kept, share, tmp_path, serving, options, environment, status):
    path = f"/shared/{share(turn('When?', ARABIC))}"

    with serving(tmp_path, *options, environment=environment) as running:
        response = httpx2.get(running.url + path)

    assert response.status_code == status
    assert (ARABIC in Elements(response.text).text) == (status == 200)
