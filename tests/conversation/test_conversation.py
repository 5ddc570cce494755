import asyncio
import json
from dataclasses import replace

import pytest

from assistant.answering.answer import Status, Translation
from assistant.answering.events import Finished, Step
from assistant.answering.marks import Mark, parse_marks
from assistant.answering.relevance import answering_hits
from assistant.answering.responder import Responder
from assistant.conversation.conversation import MAX_TURNS, Conversation
from assistant.conversation.export import escape, to_json, to_markdown
from assistant.conversation.follow_up import accept_rewriting, interleaved, language_of, topic_prefix
from assistant.errors import ConversationError
from assistant.retrieval.hit import Role
from assistant.settings import load_settings

SUMMIT = "When is the next CSTO summit?"


@pytest.mark.parametrize(
    ("first", "follow_up", "quoted"),
    [
        (SUMMIT, "And where?", "في موسكو"),
        (SUMMIT, "وأين؟", "في موسكو"),
        (SUMMIT, "Where will it be held?", "في موسكو"),
        ("متى تعقد القمة المقبلة؟", "وأين؟", "في موسكو"),
        ("متى تعقد القمة المقبلة؟", "And where?", "في موسكو"),
        ("Когда пройдёт следующий саммит ОДКБ?", "А где?", "في موسكو"),
        ("下一届集安组织峰会什么时候举行？", "在哪里？", "في موسكو"),
    ],
)
def test_follow_ups_are_answered_without_a_model(respond, first, follow_up, quoted):
    conversation = Conversation(respond())
    conversation.ask(first)
    answer = conversation.ask(follow_up)
    assert quoted in answer.citations[0].quote
    assert "11 نوفمبر 2026" in answer.citations[0].quote
    assert answer.question == follow_up


def test_the_language_of_the_follow_up_is_answered(respond):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    assert conversation.ask("وأين؟").language == "ar"


def test_a_new_subject_is_not_mixed_with_the_old_one(respond):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    answer = conversation.ask("On which dates did Putin visit Bishkek?")
    assert conversation.turns[-1].standalone == "On which dates did Putin visit Bishkek?"
    assert "بين 25 و27 نوفمبر" in answer.citations[0].quote
    assert "أرمينيا" in conversation.ask("What did Putin say about Armenia's participation?").citations[0].quote


def test_the_subject_is_carried_through_several_follow_ups():
    second = topic_prefix(SUMMIT) + "And where?"
    assert second == "next CSTO summit: And where?"
    assert topic_prefix(second) == topic_prefix(SUMMIT)
    assert topic_prefix("التقى بوتين الرئيس القرغيزستاني: Et quand ?") == "التقى بوتين الرئيس القرغيزستاني: "


def test_behind_the_first_hit_are_those_of_both_readings_of_a_follow_up(respond):
    search = respond().retriever.search
    chosen, other = search("Where is the CSTO summit?", 4), search("What did Putin call nonsense and lies?", 4)
    found = interleaved(chosen, other)
    assert found.question == chosen.question
    assert found.hits[0] == chosen.hits[0]
    assert [hit.rank for hit in found.hits] == [1, 2, 3, 4]
    assert len({hit.passage.id for hit in found.hits}) == 4
    assert {hit.passage.id for hit in found.hits} > {other.hits[0].passage.id}
    relevances = [hit.score for hit in found.hits]
    assert relevances == sorted(relevances, reverse=True)


def test_what_another_reading_found_is_not_quoted(respond):
    responder = respond()
    chosen = responder.retriever.search("Where is the CSTO summit?", 3)
    hits = tuple(replace(hit, score=0.99, role=Role.OTHER_READING) for hit in chosen.hits)
    assert not answering_hits(replace(chosen, hits=hits))


def test_what_a_follow_up_retrieves_becomes_no_turn(respond):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    found = conversation.search("And where?", 3)
    assert "في موسكو" in found.hits[0].sentence_text
    assert len(found.hits) == 3
    assert len(conversation.turns) == 1


@pytest.mark.parametrize(
    "question",
    [
        "How do beekeepers protect their hives from the cold?",
        "كيف يحمي النحالون خلاياهم من البرد ومنها خلايا الجبال؟",
        "Wie schützen Imker ihre Bienenstöcke vor der Kälte?",
    ],
)
def test_a_question_of_another_subject_is_not_answered_from_the_one_before(respond, question):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    answer = conversation.ask(question)
    [_, turn] = conversation.turns
    assert turn.standalone.endswith(question)
    assert answer.citations == ()


@pytest.mark.parametrize("question", ["Who is he?", "Where will it be held?"])
def test_a_question_with_a_pronoun_for_its_subject_is_completed(respond, question):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    conversation.ask(question)
    assert conversation.turns[-1].standalone == f"next CSTO summit: {question}"


@pytest.mark.parametrize(
    ("question", "earlier", "language"),
    [
        ("And where?", "en", "en"),
        ("Et où ?", "fr", "fr"),
        ("وأين؟", "en", "ar"),
        ("Why?", "und", "en"),
        ("А где?", "ru", "ru"),
        ("And where?", "nl", "en"),
        ("En Moskou?", "nl", "nl"),
        ("Per què?", "ca", "ca"),
        ("Hvor mange?", "no", "no"),
        ("Corvane Setúbal", "fr", "fr"),
        ("Anton van der Velde Junior", "en", "en"),
    ],
)
def test_the_language_of_short_questions(question, earlier, language):
    assert language_of(question, earlier) == language


@pytest.mark.parametrize(
    ("written", "accepted"),
    [
        ("Where is the next CSTO summit?", True),
        ('"Where is the next CSTO summit?"\n', True),
        ("Where is the next CSTO summit in 2027?", False),
        ("Where is the next NATO summit?", False),
        ("أين تعقد القمة؟", False),
        ("Sure! Here it is:\nWhere is the next CSTO summit?", False),
        ("", False),
        ("Where is it " * 50, False),
    ],
)
def test_a_rewriting_may_not_invent(written, accepted):
    assert (
        bool(accept_rewriting(written, "And where?", "en", f"Question: {SUMMIT}\nAnswer: 11 November 2026")) is accepted
    )


def test_a_hosted_model_rewrites_and_reads_no_marks(respond):
    responder = respond(
        "The next CSTO summit is on 11 November 2026 [1].", "Where is the next CSTO summit?", "In Moscow [1]."
    )
    conversation = Conversation(responder)
    conversation.ask(SUMMIT)
    answer = conversation.ask("And where?")
    assert conversation.turns[-1].standalone == "Where is the next CSTO summit?"
    assert answer.text == "In Moscow [1]."
    rewriting = responder.model.connect().asked[1]
    assert "11 November 2026" in rewriting
    assert not any(isinstance(piece, Mark) for piece in parse_marks(rewriting, 9))


def test_a_rewriting_that_fails_falls_back_to_the_rule(respond):
    conversation = Conversation(
        respond("The next CSTO summit is on 11 November 2026 [1].", TimeoutError("slow"), "In Moscow [1].")
    )
    conversation.ask(SUMMIT)
    assert conversation.ask("And where?").text == "In Moscow [1]."
    assert conversation.turns[-1].standalone == "next CSTO summit: And where?"


def test_cancelling_the_task_hangs_up_on_a_model_that_rewrites(retriever, respond):
    async def ask_and_cancel():
        is_asked, is_hung_up = asyncio.Event(), asyncio.Event()

        async def never_answer(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            is_asked.set()
            while await reader.read(4096):
                pass
            is_hung_up.set()
            writer.close()

        async with await asyncio.start_server(never_answer, "127.0.0.1", 0) as server:
            address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            settings = load_settings(chat_model="openai:any", chat_base_url=address, chat_api_key="none")
            conversation = Conversation(Responder(retriever, settings), before.turns)
            task = asyncio.create_task(conversation.aask("And where?"))
            await asyncio.wait_for(is_asked.wait(), 20)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(is_hung_up.wait(), 5)
            return conversation

    before = Conversation(respond())
    before.ask(SUMMIT)
    assert asyncio.run(ask_and_cancel()).turns == before.turns


def test_citations_never_come_from_an_earlier_turn(respond):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    answer = conversation.ask("When was the lighthouse of Port Alder built?")
    assert answer.citations
    assert all(citation.article.title.startswith("The lighthouse") for citation in answer.citations)
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))


def test_history_is_bounded(respond):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    turn = conversation.turns[0]
    full = Conversation(respond(), [turn] * (MAX_TURNS + 5))
    full.ask(SUMMIT)
    assert len(full.turns) == MAX_TURNS


def test_async_conversations_do_the_same(respond):
    async def talk():
        conversation = Conversation(respond())
        await conversation.aask(SUMMIT)
        return [event async for event in conversation.astream("And where?")]

    events = asyncio.run(talk())
    assert events[0] == Step("rewrite")
    assert isinstance(events[-1], Finished)
    assert "في موسكو" in events[-1].answer.citations[0].quote


def test_a_stream_that_is_given_up_is_not_remembered(respond):
    conversation = Conversation(respond())
    events = conversation.stream(SUMMIT)
    next(events)
    events.close()
    assert conversation.turns == ()


def test_a_saved_conversation_reopens_with_its_citations_and_goes_on(respond, tmp_path):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    conversation.save(tmp_path / "deep" / "talk.json")
    reopened = Conversation.open(tmp_path / "deep" / "talk.json", respond())
    [before], [after] = conversation.turns, reopened.turns
    assert after.answer.citations == before.answer.citations
    assert (after.question, after.standalone, after.answer.text) == (
        before.question,
        before.standalone,
        before.answer.text,
    )
    assert "في موسكو" in reopened.ask("And where?").citations[0].quote
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["talk.json"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda saved: saved.update(format=99),
        lambda saved: saved["turns"][0]["answer"].update(status="maybe"),
        lambda saved: saved["turns"][0]["answer"]["citations"][0].update(article="0000"),
        lambda saved: saved["turns"][0]["answer"]["citations"][0].update(start=9, end=9),
        lambda saved: next(iter(saved["articles"].values())).update(text="Something else entirely, and longer. " * 99),
        lambda saved: next(iter(saved["articles"].values())).update(title="Another title"),
        lambda saved: saved.pop("turns"),
    ],
)
def test_a_damaged_conversation_is_refused(respond, tmp_path, damage):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    path = tmp_path / "talk.json"
    conversation.save(path)
    saved = json.loads(path.read_text("utf-8"))
    damage(saved)
    path.write_text(json.dumps(saved), "utf-8")
    with pytest.raises(ConversationError, match=r"talk\.json") as caught:
        Conversation.open(path, respond())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{}", b"null"])
def test_what_is_no_conversation_is_refused(respond, tmp_path, content):
    path = tmp_path / "talk.json"
    path.write_bytes(content)
    with pytest.raises(ConversationError, match=r"talk\.json"):
        Conversation.open(path, respond())


def test_a_missing_file_and_an_unwritable_one_are_named(respond, tmp_path):
    with pytest.raises(ConversationError, match="none"):
        Conversation.open(tmp_path / "none.json", respond())
    (tmp_path / "file").write_text("")
    with pytest.raises(ConversationError, match="file"):
        Conversation(respond()).save(tmp_path / "file" / "talk.json")


def test_exports_carry_the_citations_and_escape_hostile_text(respond):
    conversation = Conversation(respond())
    conversation.ask("When was the lighthouse of Port Alder built?")
    conversation.ask("# What about <script>alert(1)</script> ![x](http://x) the lighthouse?")
    markdown = to_markdown(conversation.turns)
    assert "<script>" not in markdown
    assert "![x]" not in markdown
    assert [line for line in markdown.splitlines() if line.startswith("#")] == [
        f"## {escape(turn.question)}" for turn in conversation.turns
    ]
    quote = conversation.turns[0].answer.citations[0].quote
    assert f"> {escape(f'[1] {quote}')}" in markdown
    turns = json.loads(to_json(conversation.turns))
    assert turns[0]["citations"][0]["quote"] == quote
    assert turns[0]["standalone"] == conversation.turns[0].standalone


def test_escaped_text_is_one_line_and_reads_back_as_it_was():
    markdown_it = pytest.importorskip("markdown_it")
    hostile = "1. a\n- b\n> c <b>*d*</b> [e](f) `g` | h | &amp; https://x.example ~~i~~ $j$ _k_ +l = m"
    rendered = markdown_it.MarkdownIt().enable(["table", "strikethrough"]).renderInline(escape(hostile))
    assert rendered == hostile.replace("\n", " ").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    ("first", "said", "follow_up"),
    [(SUMMIT, "thank you!", "And where?"), ("متى تعقد القمة المقبلة؟", "شكرا", "وأين؟"), (SUMMIT, "ok", "And where?")],
)
def test_thanks_become_no_subject(respond, first, said, follow_up):
    conversation = Conversation(respond())
    conversation.ask(first)
    assert conversation.ask(said).status is Status.REPLY
    answer = conversation.ask(follow_up)
    assert "في موسكو" in answer.citations[0].quote
    assert said not in conversation.turns[-1].standalone


@pytest.mark.parametrize(
    "question",
    ["Who is the queen of Denmark?", "谁是丹麦女王？", "Сколько лет живут черепахи?", "¿Quién pintó la Mona Lisa?"],
)
def test_what_is_refused_alone_is_refused_in_conversation(respond, question):
    responder = respond()
    assert responder.ask(question).status is Status.NOT_FOUND
    conversation = Conversation(responder)
    conversation.ask(SUMMIT)
    assert conversation.ask(question).status is Status.NOT_FOUND
    assert conversation.turns[-1].standalone == question


@pytest.mark.parametrize(
    ("first", "refused", "follow_up", "quoted"),
    [
        (SUMMIT, "who will pay for it?", "And where?", "في موسكو"),
        (SUMMIT, "what will they eat?", "وأين؟", "في موسكو"),
        ("Who built the lighthouse of Port Alder?", "Is she married?", "How high?", "40 metres"),
    ],
)
def test_a_refused_question_without_a_subject_does_not_change_the_subject(respond, first, refused, follow_up, quoted):
    conversation = Conversation(respond())
    conversation.ask(first)
    assert conversation.ask(refused).status is Status.NOT_FOUND
    assert quoted in conversation.ask(follow_up).citations[0].quote


@pytest.mark.parametrize(
    ("refused", "follow_up"),
    [("Who is Churchill?", "And when?"), ("What about Einstein?", "And where?"), ("Кто такой Черчилль?", "А когда?")],
)
def test_a_refused_question_with_a_subject_of_its_own_changes_the_subject(respond, refused, follow_up):
    conversation = Conversation(respond())
    conversation.ask("Who built the lighthouse of Port Alder?")
    assert not conversation.ask(refused).citations
    assert not conversation.ask(follow_up).citations


def test_a_new_subject_is_asked_by_itself(respond):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    answer = conversation.ask("Who built the lighthouse of Port Alder?")
    assert "Maria Lindqvist" in answer.citations[0].quote
    assert conversation.turns[-1].standalone == "Who built the lighthouse of Port Alder?"


def test_a_question_may_lean_on_the_turn_before_the_last(respond):
    conversation = Conversation(respond())
    conversation.ask("Who built the lighthouse of Port Alder?")
    conversation.ask("Is it open to visitors?")
    answer = conversation.ask("How high above the sea is its lamp?")
    assert "40 metres" in answer.citations[0].quote


def test_a_saved_conversation_keeps_choices_closest_passages_and_translations(respond, tmp_path):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    conversation.ask("hello")
    conversation.ask("Who won the chess game in Reykjavik?")
    said, greeting, refused = conversation.turns
    translation = Translation(1, "en", "The next summit is in Moscow.", "openai:gpt")
    translated = replace(said, answer=replace(said.answer, translations=(translation,)))
    assert greeting.answer.choices
    assert refused.answer.closest
    Conversation(respond(), [translated, greeting, refused]).save(tmp_path / "talk.json")
    kept = Conversation.open(tmp_path / "talk.json", respond()).turns
    assert kept == tuple(
        replace(turn, answer=replace(turn.answer, hits=())) for turn in (translated, greeting, refused)
    )


def test_a_conversation_of_the_format_before_is_refused_with_what_to_do(respond, tmp_path):
    path = tmp_path / "talk.json"
    path.write_text('{"format": 1, "articles": {}, "turns": []}', "utf-8")
    with pytest.raises(ConversationError, match=r"format 1.* open it with the version that saved it"):
        Conversation.open(path, respond())


def test_small_talk_is_saved_and_opened_again(respond, tmp_path):
    conversation = Conversation(respond())
    conversation.ask(SUMMIT)
    conversation.ask("thanks a lot")
    conversation.save(tmp_path / "talk.json")
    [_, turn] = Conversation.open(tmp_path / "talk.json", respond()).turns
    assert turn.answer.status is Status.REPLY
    assert "You're welcome" in to_markdown([turn]).replace("\\", "")
