"""What visitors said is kept: versions, questions without an answer, searching and sharing."""

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest

from assistant.answering.answer import Answer, Citation, Status
from assistant.articles.article import Article
from assistant.conversation.history import Conversations, Unanswered
from assistant.conversation.history_database import SCHEMA_VERSION, NoConversationError, ReplacedError
from assistant.conversation.turn import Turn
from assistant.errors import ConversationError
from assistant.passages.passage import Passage, Span
from assistant.settings import DatabaseUrl
from assistant.store.postgres.postgres_tables import PlainConnection
from assistant.store.postgres.schema import CONVERSATIONS

ALI, MALLORY, TALK = "ali's secret", "mallory's secret", "a" * 32
TEXT = "The ferry to Trabzon leaves at noon."
LATER = "x" * 32


def turn(question, said=TEXT):
    article = Article("/srv/ferries.txt", "Ferries", TEXT, "en")
    passage = Passage(article.id, 0, len(TEXT), TEXT, (Span(0, len(TEXT)),), "en")
    citation = Citation(1, article, passage, TEXT, 0, len(TEXT), 0.9)
    answer = Answer(question, f"{said} [1]", Status.ANSWERED, "en", "extractive", (citation,))
    return Turn(question, question, answer)


@pytest.fixture(params=["folder", "database"])
def place(request, tmp_path):
    return request.getfixturevalue("database") if request.param == "database" else tmp_path / "store"


@pytest.fixture
def kept(place):
    return Conversations(place)


@contextmanager
def tables(place):
    """A connection to the tables themselves, in SQL that both databases take."""
    if isinstance(place, DatabaseUrl):
        with psycopg.connect(place.get_secret_value()) as connection:
            connection.execute(f"SET search_path = {CONVERSATIONS}")
            yield PlainConnection(connection)
    else:
        with closing(sqlite3.connect(place / "conversations.sqlite")) as connection, connection:
            yield connection


def ask(kept, question, said=TEXT, *, conversation=TALK, visitor=ALI, replaces=None):
    kept.ask(visitor, conversation, question, replaces=replaces, begins=True)
    return kept.record(visitor, conversation, turn(question, said), 0.5, replaces=replaces).id


def shown(kept, conversation=TALK):
    return [stored.id for stored in kept.turns(ALI, conversation)]


# -- Versions


def test_a_replaced_turn_is_called_back_with_what_followed_it_and_the_newer_one_too(kept):
    first, second, third = (ask(kept, question) for question in ("When?", "And where?", "And who?"))
    newer = ask(kept, "And how?", replaces=second)
    after = ask(kept, "And why?")
    assert shown(kept) == [first, newer, after]
    assert [stored.versions for stored in kept.turns(ALI, TALK)] == [(first,), (second, newer), (after,)]

    kept.restore(ALI, second)
    assert shown(kept) == [first, second, third]
    assert kept.turn(ALI, newer).turn.question == "And how?"

    kept.restore(ALI, newer)
    assert shown(kept) == [first, newer, after]


def test_the_first_question_has_versions_and_each_goes_on_by_itself(kept):
    first = ask(kept, "When?")
    second, third = ask(kept, "When exactly?", replaces=first), ask(kept, "And where?")
    newest = ask(kept, "When at all?", replaces=second)
    kept.restore(ALI, first)
    follow_up = ask(kept, "And who?")

    assert shown(kept) == [first, follow_up]
    assert kept.turn(ALI, newest).versions == (first, second, newest)
    kept.restore(ALI, second)
    assert shown(kept) == [second, third]


def test_what_is_not_shown_any_more_is_not_replaced(kept):
    first = ask(kept, "When?")
    ask(kept, "When exactly?", replaces=first)

    with pytest.raises(ReplacedError):
        kept.ask(ALI, TALK, "When at all?", replaces=first)
    with pytest.raises(ReplacedError):
        kept.record(ALI, TALK, turn("When at all?"), 0.5, replaces=first)


def test_what_comes_before_a_question_is_what_is_shown_before_it(kept):
    first, second = ask(kept, "When?"), ask(kept, "And where?")
    newer = ask(kept, "And how?", replaces=second)

    assert [one.id for one in kept.before(ALI, TALK)] == [first, newer]
    assert [one.id for one in kept.before(ALI, TALK, replaces=newer)] == [first]
    assert kept.before(ALI, TALK, replaces=first) == []


def test_a_long_conversation_is_deleted_with_all_versions_and_their_articles(kept, place):
    last = ask(kept, "When?")
    with tables(place) as connection:
        for _ in range(1100):
            (last,) = connection.execute(
                "INSERT INTO turns (conversation, document, seconds, parent) "
                "SELECT conversation, document, seconds, id FROM turns WHERE id = ? RETURNING id",
                [last],
            ).fetchone()
        connection.execute("UPDATE conversations SET tip = ?", [last])
    assert len(shown(kept)) == 1101

    kept.delete(ALI, TALK)

    with tables(place) as connection:
        for table in ("conversations", "turns", "articles", "cited", "unanswered"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_a_conversation_of_an_earlier_version_is_a_row_of_turns(tmp_path):
    before = Conversations(tmp_path)
    ids = [ask(before, question) for question in ("When?", "And where?", "And who?")]
    path = tmp_path / "conversations.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "DROP INDEX turns_after; ALTER TABLE turns DROP COLUMN parent; ALTER TABLE turns DROP COLUMN written; ALTER TABLE conversations DROP COLUMN tip;"
            "DROP TABLE shared; DROP TABLE unanswered; PRAGMA user_version = 0"
        )

    kept = Conversations(tmp_path)

    assert shown(kept) == ids
    assert [one.versions for one in kept.turns(ALI, TALK)] == [(number,) for number in ids]
    assert [one.turn for one in kept.search(ALI, "trabzon who")] == [ids[2]]
    newer = ask(kept, "And how?", replaces=ids[1])
    assert shown(kept) == [ids[0], newer]


def test_what_a_later_version_kept_is_refused_by_name(tmp_path):
    Conversations(tmp_path)
    path = tmp_path / "conversations.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    with pytest.raises(ConversationError, match=r"conversations\.sqlite were kept by a later version"):
        Conversations(tmp_path)


# -- Questions without an answer


def test_a_question_that_was_stopped_or_failed_stays_until_another_is_answered(kept):
    kept.ask(ALI, TALK, "When does the ferry leave?", begins=True)
    assert kept.unanswered(ALI, TALK) == Unanswered("When does the ferry leave?", None, "")
    assert [one.title for one in kept.of(ALI)] == ["When does the ferry leave?"]
    assert kept.turns(ALI, TALK) == []

    kept.fail(ALI, TALK, "The model is gone.")
    assert kept.unanswered(ALI, TALK).reason == "The model is gone."

    kept.ask(ALI, TALK, "When does it leave?")
    assert kept.unanswered(ALI, TALK) == Unanswered("When does it leave?", None, "")
    kept.record(ALI, TALK, turn("When does it leave?"), 0.5)
    assert kept.unanswered(ALI, TALK) is None


def test_a_question_that_was_to_replace_a_turn_says_so_while_that_turn_is_shown(kept):
    first = ask(kept, "When?")
    kept.ask(ALI, TALK, "When exactly?", replaces=first)
    assert kept.unanswered(ALI, TALK) == Unanswered("When exactly?", first, "")
    assert shown(kept) == [first]

    kept.record(ALI, TALK, turn("When?"), 0.5, replaces=first)
    newer = shown(kept)[0]
    kept.ask(ALI, TALK, "When exactly?", replaces=newer)
    kept.restore(ALI, first)
    assert kept.unanswered(ALI, TALK).replaces is None


def test_a_conversation_that_was_deleted_meanwhile_does_not_come_back(kept):
    kept.ask(ALI, TALK, "When?", begins=True)
    kept.delete(ALI, TALK)

    kept.fail(ALI, TALK, "The model is gone.")
    with pytest.raises(NoConversationError):
        kept.record(ALI, TALK, turn("When?"), 0.5)
    assert kept.of(ALI) == []


def test_nobody_asks_fails_restores_or_shares_in_anothers_conversation(kept):
    number = ask(kept, "When?")
    kept.ask(ALI, TALK, "And where?")
    kept.fail(MALLORY, TALK, "ha")
    assert kept.unanswered(ALI, TALK).reason == ""

    for trespass in (
        lambda: kept.ask(MALLORY, TALK, "Who?", begins=True),
        lambda: kept.unanswered(MALLORY, TALK),
        lambda: kept.restore(MALLORY, number),
        lambda: kept.share(MALLORY, number),
        lambda: kept.unshare(MALLORY, number),
        lambda: kept.restore(ALI, number + 1),
        lambda: kept.share(ALI, number + 1),
    ):
        with pytest.raises(NoConversationError):
            trespass()
    assert kept.search(MALLORY, "ferry") == []


# -- Searching


@pytest.mark.parametrize(
    ("said", "words", "match"),
    [
        ("The Straße in ISTANBUL is closed.", "strasse istanbul", "Straße"),
        ("İstanbul'da vapur seferleri ertelendi.", "istanbul vapur", "İstanbul"),
        ("تغادر العبّارة من مدينة أضنة عند الظهر.", "العباره اضنه", "العبّارة"),
        ("وصل رئيس الوزراء إلى القاهرة.", "القاهره", "القاهرة"),
        ("渡轮将于中午离开釜山港。", "釜山", "釜山"),
        ("フェリーは正午に出港します。", "ﾌｪﾘｰ", "フェリー"),
        ("Поезд придёт в полдень.", "придет", "придёт"),
        ("Sleva 100% na lodní lístky_2.", "100% listky_2", "100%"),
    ],
)
def test_words_are_found_however_they_are_written(kept, said, words, match):
    number = ask(kept, "Question?", said)
    ask(kept, "Question?", "Nothing of the kind.", conversation=LATER)

    [found] = kept.search(ALI, words)

    assert (found.id, found.title, found.turn, found.match) == (TALK, "Question?", number, match)
    assert f"{found.before}{found.match}{found.after}" == f"{said} [1]"


@pytest.mark.parametrize("words", ["", "  ", "%", "_", "ferry harbour", '" OR 1=1 --'])
def test_what_is_nowhere_is_not_found(kept, words):
    ask(kept, "Question?", "The ferry left.")
    assert kept.search(ALI, words) == []


def test_the_latest_comes_first_and_titles_and_unanswered_questions_are_found_too(kept):
    ask(kept, "When does the ferry leave?")
    kept.ask(ALI, LATER, "Is the ferry late?", begins=True)
    ask(kept, "Who?", "Nobody.", conversation="c" * 32)
    kept.rename(ALI, "c" * 32, "About a Ferry")

    found = kept.search(ALI, "ferry")

    assert [(one.id, one.match) for one in found] == [("c" * 32, "Ferry"), (LATER, "ferry"), (TALK, "ferry")]
    assert [one.turn is None for one in found] == [True, True, False]


def test_a_replaced_turn_is_not_found_and_a_long_answer_is_cut_around_the_match(kept):
    words = " ".join(f"word{number}" for number in range(200))
    first = ask(kept, "Question?", f"{words} lighthouse {words}")
    [found] = kept.search(ALI, "lighthouse")
    assert found.match == "lighthouse"
    assert found.before.startswith("…word")
    assert found.after.endswith("…")
    assert len(found.before) + len(found.after) < 200

    ask(kept, "Question?", "No.", replaces=first)
    assert kept.search(ALI, "lighthouse") == []


# -- Sharing


def test_an_answer_is_shared_by_a_token_until_it_is_not(kept):
    number, other = ask(kept, "When?"), ask(kept, "And where?")
    token = kept.share(ALI, number)

    assert len(token) >= 32
    assert kept.share(ALI, number) == token
    assert kept.share(ALI, other) != token
    assert kept.shared(token).id == number
    assert kept.shared(token).turn.answer.citations[0].quote == TEXT
    assert [one.token for one in kept.turns(ALI, TALK)] == [token, kept.share(ALI, other)]

    kept.unshare(ALI, number)
    assert kept.shared(token) is None
    assert kept.turn(ALI, number).token == ""
    assert kept.share(ALI, number) != token


def test_a_shared_answer_goes_with_its_conversation_and_no_other_token_is_known(kept):
    token = kept.share(ALI, ask(kept, "When?"))
    assert kept.shared("") is None
    assert kept.shared(token[:-1]) is None
    assert kept.shared(token.swapcase()) is None

    kept.delete(ALI, TALK)

    assert kept.shared(token) is None


def test_what_is_kept_is_what_was_said(kept):
    asked = turn("When?")
    number = ask(kept, "When?")
    stored = kept.turn(ALI, number)
    assert stored.turn == replace(asked, answer=replace(asked.answer, hits=()))
    kept.rate(ALI, number, 1, "good")
    assert [(one.id, one.rating, one.comment) for one in kept.rated()] == [(number, 1, "good")]


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"answer": 3}', '{"question": "Why?"}'])
def test_a_damaged_turn_is_told_in_one_line_and_its_conversation_can_be_deleted(kept, place, damage):
    ask(kept, "When does the weir open?")
    with tables(place) as connection:
        connection.execute("UPDATE turns SET document = ?", [damage])
    with pytest.raises(ConversationError, match="is damaged: delete the conversation, or restore"):
        kept.turns(ALI, TALK)
    kept.delete(ALI, TALK)
    assert kept.of(ALI) == []
