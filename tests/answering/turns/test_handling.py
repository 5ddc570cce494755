import pytest

from assistant.answering.answer import Status
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.turns.languages import language_named
from assistant.conversation.conversation import Conversation
from assistant.store.passage_store import Filters


@pytest.fixture
def conversation(library):
    return Conversation(library)


def windmill(library):
    return library.ask("articles about the windmill of Fenny Marsh").citations[0].article


@pytest.mark.parametrize("asked", ["why?", "و أين؟", "varför?", "那个"])
def test_what_says_nothing_by_itself_is_asked_back_with_choices(library, asked):
    answer = library.ask(asked)
    assert answer.status is Status.CLARIFY
    assert answer.choices
    assert not answer.citations


def test_the_choices_of_a_welcome_can_be_asked(library):
    choice = library.ask("hello").choices[0]
    answer = library.ask(choice.question, filters=Filters(articles=(choice.article,)))
    assert answer.status is Status.ANSWERED
    assert {citation.article.id for citation in answer.citations} == {choice.article}
    assert library.ask(choice.question).citations[0].article.id == choice.article


@pytest.mark.parametrize("language", ["en", "de", "ar", "ja"])
def test_every_choice_of_an_article_leads_to_its_summary_in_the_readers_language(library, language):
    choices = library.turns.suggestions(language)
    assert len(choices) == 4
    for choice in choices:
        answer = library.ask(choice.question)
        assert (answer.status, answer.language) == (Status.ANSWERED, language)
        assert {citation.article.id for citation in answer.citations} == {choice.article}


def test_suggestions_in_the_readers_language_come_first(library):
    assert library.turns.suggestions("de")[0].label.startswith("Fischotter")
    assert library.turns.suggestions("ar")[0].question.startswith("لخص")


@pytest.mark.parametrize(
    "asked",
    [
        "summarise the article about the windmill of Fenny Marsh",
        "Fasse den Artikel über die Windmühle von Fenny Marsh zusammen",
        "sammanfatta artikeln om väderkvarnen i Fenny Marsh",
    ],
)
def test_an_article_is_summarised_by_its_own_sentences_from_the_whole_of_it(library, asked):
    answer = library.ask(asked)
    own = [citation for citation in answer.citations if citation.article.title.startswith("Old")]
    assert own[0].start == 0
    assert len(own) >= 2
    if len(own) == len(answer.citations):
        assert 3 <= len(own) <= 5
    assert all(citation.quote in answer.text for citation in answer.citations)


def test_this_article_is_the_chosen_one_or_the_one_just_cited(library, conversation):
    article = windmill(library)
    chosen = Filters(articles=(article.id,))
    assert library.ask("summarise this article", filters=chosen).citations[0].article == article
    conversation.ask("How much did the repair of the windmill of Fenny Marsh cost?")
    assert {one.article.id for one in conversation.ask("summarise this article").citations} == {article.id}


def test_which_article_is_asked_where_none_is_meant(library):
    answer = library.ask("summarize this article")
    assert answer.status is Status.CLARIFY
    assert answer.text == phrase(Phrase.CLARIFY_ARTICLE, "en")
    assert len(answer.choices) == 4


def test_shorter_keeps_the_first_sentence_and_more_brings_others(conversation):
    summary = conversation.ask("summarise the article about the windmill")
    shorter = conversation.ask("shorter please")
    assert shorter.text == f"{summary.citations[0].quote} [1]"
    more = conversation.ask("tell me more")
    assert more.status is Status.ANSWERED
    assert {one.start for one in more.citations}.isdisjoint({one.start for one in shorter.citations})


def test_another_language_is_answered_in_and_quotations_stay(conversation):
    conversation.ask("Who grinds flour in the windmill of Fenny Marsh?")
    answer = conversation.ask("auf Deutsch bitte")
    assert (answer.status, answer.language) == (Status.ANSWERED, "de")
    assert phrase(Phrase.QUOTED_AS_WRITTEN, "de") in answer.notes


@pytest.mark.parametrize(
    ("said", "spoken", "named"),
    [
        ("in English please", "en", "en"),
        ("переведи на французский", "ru", "fr"),
        ("بالألمانية من فضلك", "ar", "de"),
        ("translate it to Turkish", "en", "tr"),
        ("can you translate that?", "en", "en"),
    ],
)
def test_the_language_asked_for_is_told(said, spoken, named):
    assert language_named(said, spoken) == named


def test_an_explanation_has_several_sentences_each_cited(library):
    answer = library.ask("explain how the windmill of Fenny Marsh was repaired")
    assert len(answer.citations) > 1
    assert len({(one.article.id, one.start) for one in answer.citations}) == len(answer.citations)


def test_two_things_are_compared_a_line_each(library):
    answer = library.ask("compare the windmill of Fenny Marsh and the watermill of Sandford")
    assert {one.article.title.split()[0] for one in answer.citations} == {"Old", "Watermill"}
    assert len(answer.text.splitlines()) == 2
