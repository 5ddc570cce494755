import asyncio
import inspect
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from assistant.answering.answer import Status
from assistant.answering.events import Finished, Retrieved, Step, Token
from assistant.answering.marks import Mark, parse_marks
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.responder import Responder
from assistant.conversation.conversation import Conversation
from assistant.errors import ModelError
from assistant.settings import load_settings

SUMMIT = "When is the next CSTO summit?"
DELEGATION = "When will the American delegation arrive in Moscow?"


def written_by(responder):
    """Return the scripted chat model of a responder."""
    return responder.model.connect()


def check(answer):
    """What holds for every answer, whatever a model wrote."""
    used = {number for piece in parse_marks(answer.text, 99) if isinstance(piece, Mark) for number in piece.numbers}
    assert used == {citation.number for citation in answer.citations}
    for citation in answer.citations:
        assert citation.quote == citation.article.text[citation.start : citation.end]
    assert (answer.status is Status.ANSWERED) == bool(answer.citations)
    return answer


def test_a_supported_answer_is_kept_with_the_sentence_that_supports_it(respond):
    answer = check(respond("The next CSTO summit is on 11 November 2026, in Moscow [1].").ask(SUMMIT))
    assert answer.text == "The next CSTO summit is on 11 November 2026, in Moscow [1]."
    assert "11 نوفمبر 2026" in answer.citations[0].quote
    assert answer.model == "scripted"
    assert {"encode", "first_token", "write", "check"} <= set(answer.timings)


@pytest.mark.parametrize(
    ("question", "written"),
    [
        (SUMMIT, "11 November 2026, Moscow [1]"),
        (SUMMIT, "11 November 2026 [3]"),
        (SUMMIT, "The next CSTO summit will be held on November 11, 2026."),
        ("Когда пройдёт следующий саммит ОДКБ?", "Следующий саммит ОДКБ пройдёт 11 ноября 2026 года в Москве [1]."),
        (
            "Quand aura lieu le prochain sommet de l'OTSC ?",
            "Le prochain sommet de l'OTSC aura lieu le 11 novembre 2026 à Moscou [1].",
        ),
        ("متى تعقد القمة المقبلة؟", "ستعقد القمة المقبلة في ١١ نوفمبر ٢٠٢٦ في موسكو [١]."),
    ],
)
def test_the_right_sentence_is_cited_whatever_was_cited(respond, question, written):
    answer = check(respond(written).ask(question))
    assert answer.model == "scripted"
    assert len(answer.citations) == 1
    assert "11 نوفمبر 2026" in answer.citations[0].quote


@pytest.mark.parametrize(
    ("question", "written"),
    [
        (DELEGATION, "The American delegation will arrive on November 11, 2026 [3]"),
        (DELEGATION, "November 11, 2026 [1]"),
        (SUMMIT, "The next CSTO summit is on 12 November 2026 [1]."),
        (SUMMIT, "The next CSTO summit is on 11 November 2026 in Astana [1]."),
        (SUMMIT, "Russia won the 2022 World Cup [1]."),
        (SUMMIT, "PWNED [1]"),
        (SUMMIT, "I am a large language model and cannot answer."),
    ],
)
def test_what_the_articles_do_not_say_never_reaches_the_user(respond, question, written):
    answer = check(respond(written).ask(question))
    assert answer.model == "extractive"
    assert answer.notes == (phrase(Phrase.QUOTED_UNSUPPORTED, "en"),)
    assert answer.left_out >= 1
    assert answer.text == f"{answer.citations[0].quote} [1]"


@pytest.mark.parametrize(("relevance", "refused"), [(0.79, True), (0.81, False)])
@pytest.mark.parametrize(("written", "logprob"), [("The dam broke in 1957.", 0.0), ("The dam broke on Monday.", -2.0)])
def test_a_dropped_draft_is_replaced_only_by_what_answers_by_itself(
    respond, retriever, hit, result, written, logprob, relevance, refused
):
    model = respond(written).model
    model.connect().logprob = logprob
    found = result(hit(["The dam broke on Monday."], sentence_score=relevance), question="When did the dam break?")
    responder = Responder(retriever, load_settings(chat_model="extractive"), model)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retriever, "search", lambda *_, **__: found)
        answer = check(responder.ask("When did the dam break?"))
    assert (answer.status is Status.NOT_FOUND) is refused
    assert answer.left_out == 1


def test_a_person_named_in_another_script_is_kept(respond):
    question = "Which Kyrgyz leader did Putin meet in Bishkek?"
    answer = check(respond("Putin met President Sadyr Japarov [1].").ask(question))
    assert answer.text == "Putin met President Sadyr Japarov [1]."
    assert "صادر جباروف" in answer.citations[0].quote


@pytest.mark.parametrize("name", ["Karakalpazov", "Bakiyev", "Jeenbekov"])
def test_an_invented_name_like_another_word_never_reaches_the_user(respond, name):
    question = "Which Kyrgyz leader did Putin meet in Bishkek?"
    answer = check(respond(f"Putin met President {name} [1].").ask(question))
    assert answer.model == "extractive"
    assert "صادر جباروف" in answer.citations[0].quote


def test_how_many_is_not_answered_without_a_number(respond):
    responder = respond("Russia produces 4,000 drones a year [1].", tool_calls=0)
    answer = check(responder.ask("How many drones does Russia produce each year?"))
    assert answer.text == phrase(Phrase.REFUSAL, "en")
    assert written_by(responder).asked == []


def test_a_mark_alone_points_to_the_sentence_to_quote(respond):
    answer = check(respond("[1]").ask(SUMMIT))
    assert "11 نوفمبر 2026" in answer.text
    assert (answer.model, answer.notes) == ("extractive", ())


def test_a_hosted_model_may_say_that_the_articles_do_not_answer(respond):
    answer = check(respond("NOT FOUND").ask(SUMMIT))
    assert (answer.text, answer.model) == (phrase(Phrase.REFUSAL, "en"), "scripted")
    assert answer.closest


def test_unsupported_sentences_are_left_out_and_the_rest_is_kept(respond):
    answer = check(
        respond("The next CSTO summit is on 11 November 2026 [1]. Russia won the 2022 World Cup [1].").ask(SUMMIT)
    )
    assert answer.text == "The next CSTO summit is on 11 November 2026 [1]."
    assert answer.notes == (phrase(Phrase.LEFT_OUT, "en"),)
    assert answer.left_out == 1


def test_what_commas_set_apart_is_left_out_where_only_that_has_no_support(respond):
    answer = check(respond("The next CSTO summit is on 11 November 2026, in Astana [1].").ask(SUMMIT))
    assert answer.text == "The next CSTO summit is on 11 November 2026 [1]."
    assert (answer.model, answer.notes, answer.left_out) == ("scripted", (phrase(Phrase.LEFT_OUT, "en"),), 1)


@pytest.mark.parametrize(
    ("question", "written", "logprob", "kept"),
    [
        (SUMMIT, "The next CSTO summit is on 11 November 2026 [1].", -0.24, True),
        (SUMMIT, "The next CSTO summit is on 11 November 2026 [1].", -0.26, False),
        ("متى تعقد القمة المقبلة؟", "ستعقد القمة المقبلة في 11 نوفمبر 2026 [1].", -0.19, True),
        ("متى تعقد القمة المقبلة؟", "ستعقد القمة المقبلة في 11 نوفمبر 2026 [1].", -0.21, False),
    ],
)
def test_a_model_that_is_not_sure_gives_way_to_the_articles(respond, question, written, logprob, kept):
    responder = respond(written)
    written_by(responder).logprob = logprob
    answer = check(responder.ask(question))
    assert (answer.model == "scripted") is kept
    assert (answer.notes == (phrase(Phrase.QUOTED_UNSURE, answer.language),)) is not kept
    assert answer.left_out == (0 if kept else 1)
    assert "11 نوفمبر 2026" in answer.citations[0].quote


@pytest.mark.parametrize(
    ("question", "quoted"),
    [("متى تعقد القمة المقبلة؟", True), (SUMMIT, False), ("Когда пройдёт следующий саммит ОДКБ?", False)],
)
def test_a_model_is_not_asked_in_a_language_in_which_quoting_answers_better(respond, retriever, question, quoted):
    model = replace(respond("11 November 2026 [1]").model, quotes_in=("ar",))
    responder = Responder(retriever, load_settings(chat_model="extractive"), model)
    answer = check(responder.ask(question))
    assert (written_by(responder).asked == []) is quoted
    assert (answer.model == "extractive") is quoted
    assert answer.notes == ()
    assert "11 نوفمبر 2026" in answer.citations[0].quote


def test_nothing_relevant_means_no_model_call_and_a_refusal(respond):
    responder = respond("Everest is 8849 metres high [1].")
    answer = check(responder.ask("Wer hat 2022 den Oscar gewonnen?"))
    assert answer.text == phrase(Phrase.REFUSAL, "de")
    assert answer.closest
    assert written_by(responder).asked == []


def test_a_model_that_is_not_there_is_told_of_even_where_none_is_needed(retriever):
    responder = Responder(retriever, load_settings(chat_model="nobody:x"))
    with pytest.raises(ModelError, match="nobody"):
        responder.ask("Wer hat 2022 den Oscar gewonnen?")


def test_a_model_that_fails_in_the_middle_gives_way_to_the_articles(respond):
    answer = check(respond(ModelError("The model ran out of memory.")).ask(SUMMIT))
    assert answer.model == "extractive"
    assert answer.notes == (f"{phrase(Phrase.QUOTED_AFTER_FAILURE, 'en')} The model ran out of memory.",)
    assert "11 نوفمبر 2026" in answer.citations[0].quote


@pytest.mark.parametrize("error", [TimeoutError("timed out"), ConnectionResetError("reset")])
def test_a_models_own_timeouts_are_failures_too(respond, error):
    assert check(respond(error).ask(SUMMIT)).model == "extractive"


def test_a_model_that_writes_nothing_has_failed(respond):
    answer = check(respond("").ask(SUMMIT))
    assert answer.notes[0].startswith(phrase(Phrase.QUOTED_AFTER_FAILURE, "en"))


def test_a_model_that_does_not_stop_is_stopped(respond):
    responder = respond("The next summit is in Moscow [1]. " * 1000)
    answer = check(responder.ask(SUMMIT))
    assert written_by(responder).closed == 1
    assert len(answer.text) < 3000


def test_a_hostile_article_changes_neither_prompt_nor_citations(respond):
    responder = respond("The lighthouse was built in 1874 [1]. PWNED [2]. The lighthouse was built in 1999 [2].")
    answer = check(responder.ask("When was the lighthouse of Port Alder built?"))
    assert "PWNED" not in answer.text
    assert answer.text.startswith("The lighthouse was built in 1874 [1]")
    assert "1874" in answer.citations[0].quote
    assert written_by(responder).asked[0].count("<article 1>") == 1


def test_relative_dates_carry_the_articles_date(respond):
    answer = check(
        respond("The ferry to Port Alder sails again next week [1].").ask(
            "When does the ferry to Port Alder sail again?"
        )
    )
    assert answer.text == "The ferry to Port Alder sails again next week (article dated March 14, 2025) [1]."


def test_extractive_answers_carry_it_too(respond):
    answer = check(respond().ask("When does the ferry to Port Alder sail again?"))
    assert answer.text.endswith("(article dated March 14, 2025) [1]")
    assert answer.model == "extractive"


def test_a_stream_retrieves_writes_checks_and_finishes(respond):
    events = list(respond("The next CSTO summit is on 11 November 2026 [1, 9].").stream(SUMMIT))
    kinds = [type(event) for event in events if not isinstance(event, Token)]
    assert kinds == [Step, Retrieved, Step, Step, Finished]
    assert [event.name for event in events if isinstance(event, Step)] == ["search", "write", "check"]
    assert (
        "".join(event.text for event in events if isinstance(event, Token))
        == "The next CSTO summit is on 11 November 2026 [1]."
    )


def test_closing_a_stream_stops_the_model(respond):
    responder = respond("The next CSTO summit is on 11 November 2026 [1].")
    events = responder.stream(SUMMIT)
    next(event for event in events if isinstance(event, Token))
    events.close()
    assert written_by(responder).closed == 1


def test_cancelling_an_async_stream_stops_the_model(respond):
    responder = respond("The next CSTO summit is on 11 November 2026 [1].")

    async def read_one_token():
        events = responder.astream(SUMMIT)
        async for event in events:
            if isinstance(event, Token):
                break
        await events.aclose()

    asyncio.run(read_one_token())
    assert written_by(responder).closed == 1


@pytest.mark.parametrize(
    ("question", "script"),
    [
        (SUMMIT, "The next CSTO summit is on 11 November 2026 [1]."),
        (SUMMIT, "Russia won the 2022 World Cup [1]."),
        (SUMMIT, ModelError("gone")),
        ("How high is Mount Everest?", "Very high [1]."),
    ],
)
def test_async_does_the_same(respond, question, script):
    def outline(events):
        return [event.answer.text if isinstance(event, Finished) else event for event in events]

    async def collect():
        return [event async for event in respond(script).astream(question)]

    assert outline(asyncio.run(collect())) == outline(respond(script).stream(question))
    answers = respond(script).ask(question), asyncio.run(respond(script).aask(question))
    assert answers[0].text == answers[1].text
    assert answers[0].citations == answers[1].citations


def test_an_answer_at_once_can_be_asked_for_where_an_event_loop_runs(respond):
    async def ask():
        return respond("The next CSTO summit is on 11 November 2026 [1].").ask(SUMMIT), list(respond().stream(SUMMIT))

    answer, events = asyncio.run(ask())
    assert answer.model == "scripted"
    assert isinstance(events[-1], Finished)


def test_several_threads_may_ask_at_once(respond):
    responder = respond()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(responder.ask, [SUMMIT, DELEGATION] * 4))
    assert [answer.citations for answer in answers] == [answer.citations for answer in answers[:2]] * 4
    assert answers[0].citations != answers[1].citations


def test_the_event_loop_is_free_while_an_answer_is_made(retriever, respond):
    async def ask():
        return threading.get_ident(), searched_in, (await respond().aask(SUMMIT)).citations

    searched_in = []
    search = retriever.search

    def noting(*args, **kwargs):
        searched_in.append(threading.get_ident())
        return search(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retriever, "search", noting)
        loop_thread, threads, citations = asyncio.run(ask())
    assert citations
    assert threads
    assert loop_thread not in threads


def test_a_stream_that_nobody_reads_on_stops_the_model(respond):
    responder = respond("The next CSTO summit is on 11 November 2026 [1].")
    events = responder.stream(SUMMIT)
    next(event for event in events if isinstance(event, Token))
    del events
    assert written_by(responder).closed == 1


def test_async_and_sync_take_the_same_arguments():
    assert inspect.signature(Responder.ask) == inspect.signature(Responder.aask)
    parameters = [inspect.signature(method).parameters for method in (Responder.stream, Responder.astream)]
    assert parameters[0] == parameters[1]


@pytest.mark.parametrize(
    "question",
    [
        "When was the lighthouse of Port Alder built and how high is its lamp?",
        "Who won the World Cup in 1874 and who trained the team?",
        "Which was built earlier, the lighthouse of Port Alder or the ferry?",
    ],
)
@pytest.mark.parametrize("talk", [lambda responder: responder, Conversation], ids=["alone", "conversation"])
def test_nothing_is_searched_twice_for_one_question(retriever, respond, monkeypatch, question, talk):
    searched = []
    search = retriever.search

    def noting(question, k=None, filters=None, *, prefix_length=0, preferred_articles=()):
        searched.append((question, prefix_length, preferred_articles))
        return search(question, k, filters, prefix_length=prefix_length, preferred_articles=preferred_articles)

    monkeypatch.setattr(retriever, "search", noting)
    talk(respond()).ask(question)
    assert len(searched) > 1
    assert len(searched) == len(set(searched))
