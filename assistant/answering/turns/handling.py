"""`TurnHandler`: classifies what somebody says, and answers what needs no passage search: small talk, summaries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answering.answer import Answer, Choice, Status
from assistant.answering.extractive import refuse
from assistant.answering.library import Library
from assistant.answering.marks import Mark, parse_marks
from assistant.answering.parts import two_things
from assistant.answering.periods import Today
from assistant.answering.phrases import Phrase, phrase
from assistant.answering.suggestions import choice_of, suggest, title_chosen
from assistant.answering.summaries import ARTICLES, Summaries
from assistant.answering.turns.kinds import LONGEST, SEARCHED, SMALL_TALK, TurnKind, load_classifier
from assistant.answering.turns.replies import language_of_reply, reply
from assistant.answering.turns.subject import load_subject_finder
from assistant.chat_models.registry import EXTRACTIVE
from assistant.language.identify import identify_language
from assistant.language.interrogatives import without_asking_words
from assistant.language.scripts import UNSPACED_SCRIPTS, main_script
from assistant.language.sentences import QUESTION_MARKS
from assistant.retrieval.hit import SearchResult
from assistant.retrieval.retriever import Retriever
from assistant.store.passage_store import ArticleSummary, Filters

ABOUT_GAP = 0.1
"""An article is summarised together with the nearest one if it covers at most this much less of the subject."""

CHOICES = 4
"""How many choices are offered."""

KEYWORDS = 3
"""A keyword query has at most this many words; in scripts without spaces, at most twice as many characters."""


@dataclass(frozen=True, slots=True)
class PreviousTurn:
    """The turn before, if it was about the articles.

    Attributes:
        question: What was asked, so that it can be understood alone.
        answer: What was answered.
    """

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody said.

    Attributes:
        text: The words.
        kind: What they want.
        language: BCP 47 code of the language to answer in.
        fallback_kind: What they want if no passage answers.
        title: The title of the article that they chose to have summarised.
    """

    text: str
    kind: TurnKind
    language: str
    fallback_kind: TurnKind | None = None
    title: str = ""


class TurnHandler:
    """Classifies what somebody wants, and answers what needs no passage search.

    Args:
        retriever: Finds and holds the articles.
        today: Says which day it is.
    """

    def __init__(self, retriever: Retriever, today: Today) -> None:
        encoder = retriever.encoder
        self._retriever = retriever
        self._classifier = load_classifier(encoder.name, encoder.dimension)
        self._subjects = load_subject_finder(encoder.name, encoder.dimension)
        self.library = Library(retriever, self._subjects, today)
        self.summaries = Summaries(retriever)

    def classify(self, text: str, spoken: str | None = None, *, follows: bool = False) -> Utterance:
        """Classify what somebody wants who says something.

        Args:
            text: What was said.
            spoken: BCP 47 code of the language spoken before, if any.
            follows: An earlier turn was about the articles.
        """
        chosen = title_chosen(text)
        if chosen:
            title, language = chosen
            return Utterance(text, TurnKind.SUMMARY, language, title=title)
        identified = self._retriever.language_of(text)
        # Without a classifier, for another embedding model, everything is a question.
        if self._classifier is None or self._subjects is None or not text.strip():
            return Utterance(text, TurnKind.FACT, identified)
        tokens, _ = self._retriever.question_tokens(text, identified)
        manner = self._retriever.question_manner(text, identified, self._subjects.probabilities(tokens))
        kind = self._classifier.kind(manner, is_long=len(text) > LONGEST, follows=follows)
        language = identified if kind in SEARCHED else language_of_reply(text, identified, spoken)
        return Utterance(text, kind, language, self._classifier.fallback_kind(manner) if kind in SEARCHED else None)

    def says_subject(self, question: str, language: str) -> bool:
        """Return whether a question says what it is about; `True` if there is no subject classifier.

        Args:
            question: Any question.
            language: BCP 47 code of the question.
        """
        subject = self.library.subject(question, language)
        return self._subjects is None or bool(without_asking_words(subject).strip())

    def answer(
        self, utterance: Utterance, filters: Filters | None = None, previous: PreviousTurn | None = None
    ) -> Answer | None:
        """Return the answer if no passage search is needed, else None.

        Args:
            utterance: What was said.
            filters: Which articles may be used.
            previous: The turn before, if it was about the articles.
        """
        match utterance.kind:
            case kind if kind in SMALL_TALK:
                offers = kind in (TurnKind.GREETING, TurnKind.HELP)
                choices = self.suggestions(utterance.language, filters) if offers else ()
                return replace(reply(utterance.text, kind, utterance.language), choices=choices)
            case TurnKind.LIBRARY | TurnKind.NEWS:
                return self.library.answer(
                    utterance.text, utterance.language, filters, news=utterance.kind is TurnKind.NEWS
                )
            case TurnKind.SUMMARY:
                return self._summarise(utterance, filters, previous)
            case TurnKind.SHORTER if previous and previous.answer.citations:
                return _first_sentence(previous.answer, utterance)
            case TurnKind.UNCLEAR | TurnKind.SHORTER | TurnKind.LONGER | TurnKind.TRANSLATION if previous is None:
                return self.clarify(utterance, Phrase.CLARIFY, self.suggestions(utterance.language, filters))
        return None

    def summarise(
        self, articles: Sequence[str], about: str = "", language: str | None = None, filters: Filters | None = None
    ) -> Answer:
        """Summarise articles (see `Assistant.summarise`)."""
        question, chosen = about, list(articles)
        if about:
            near = self.library.articles_about(about, filters, ABOUT_GAP)
            chosen += [summary.id for summary in near if summary.id not in chosen]
            spoken = language or identify_language(about)
        else:
            whole = self._retriever.store.articles(chosen)
            spoken = language or next((article.language for article in whole.values()), "en")
            titles = ", ".join(article.title for article in whole.values())
            question = phrase(Phrase.SUMMARISE, spoken).format(title=titles)
        if not chosen:
            return refuse(SearchResult(question, spoken, ()), EXTRACTIVE)
        return self.summaries.summarise(chosen[:ARTICLES], question, spoken)

    def after_refusal(self, utterance: Utterance, filters: Filters | None = None) -> Answer | None:
        """Return an answer from what is known of the articles, after no passage answered; None if that is not wanted.

        Args:
            utterance: What was said.
            filters: Which articles may be used.
        """
        if utterance.kind is TurnKind.COMPARISON:
            return self._side_by_side(utterance, filters)
        if utterance.kind in (TurnKind.EXPLANATION, TurnKind.UNCLEAR) or is_keyword_query(utterance.text):
            subject = self.library.subject(utterance.text, utterance.language) or utterance.text
            near = self.library.articles_about(subject, filters)
            return self.which_article(utterance, near) if near else None
        if utterance.fallback_kind is None:
            return None
        request = self.library.request(utterance.text, utterance.language, filters)
        if not request.subject and not request.period:
            # A refusal alone does not mean that the reader asked for all articles.
            return None
        answer = self.answer(replace(utterance, kind=utterance.fallback_kind), filters)
        return answer if answer and answer.status is Status.ANSWERED else None

    def suggestions(self, language: str, filters: Filters | None = None, most: int = CHOICES) -> tuple[Choice, ...]:
        """Return what the library can be asked, in the words of a language (BCP 47)."""
        return suggest(self._retriever.store.summaries(filters), language, most)

    def clarify(self, utterance: Utterance, asked: Phrase, choices: Sequence[Choice]) -> Answer:
        """Ask the reader what is meant."""
        text = phrase(asked, utterance.language)
        return Answer(utterance.text, text, Status.CLARIFY, utterance.language, EXTRACTIVE, choices=tuple(choices))

    def which_article(self, utterance: Utterance, articles: Sequence[ArticleSummary]) -> Answer:
        """Ask which of some articles is meant."""
        return self.clarify(
            utterance,
            Phrase.CLARIFY_ARTICLE,
            [choice_of(summary, utterance.language) for summary in articles[:CHOICES]],
        )

    def _summarise(self, utterance: Utterance, filters: Filters | None, previous: PreviousTurn | None) -> Answer:
        store = self._retriever.store
        titled = (
            [summary.id for summary in store.summaries(filters) if summary.title == utterance.title]
            if utterance.title
            else []
        )
        chosen = titled or (filters.articles if filters else ())
        if chosen:
            return self.summaries.summarise(chosen, utterance.text, utterance.language)
        request = self.library.request(utterance.text, utterance.language, filters)
        if request.subject:
            about = self.library.articles_about(request.subject, request.filters, ABOUT_GAP)
            if not about:
                return refuse(SearchResult(utterance.text, utterance.language, ()), EXTRACTIVE)
            return self.summaries.summarise(
                [summary.id for summary in about[:ARTICLES]], utterance.text, utterance.language
            )
        if request.period:
            found = store.summaries(request.filters)
        elif previous and previous.answer.citations:
            return self.summaries.summarise(
                [previous.answer.citations[0].article.id], utterance.text, utterance.language
            )
        else:
            found = store.summaries(filters)
        if 0 < len(found) <= (ARTICLES if request.period else 1):
            return self.summaries.summarise([summary.id for summary in found], utterance.text, utterance.language)
        return self.clarify(utterance, Phrase.CLARIFY_ARTICLE, suggest(found, utterance.language, CHOICES))

    def _side_by_side(self, utterance: Utterance, filters: Filters | None) -> Answer | None:
        """Return the summaries of two articles, one for each of two things that are compared; None if one has none."""
        things = two_things(self.library.subject(utterance.text, utterance.language), utterance.language)
        found = [self.library.articles_about(thing, filters) for thing in things]
        if len(found) != 2 or not all(found):
            return None
        first = [articles[0].id for articles in found]
        return self.summaries.summarise(first, utterance.text, utterance.language) if first[0] != first[1] else None


def is_keyword_query(text: str) -> bool:
    """Return whether a text is a few words as one types them into a search box, no question.

    Example:
        >>> is_keyword_query("tavarra lighthouse"), is_keyword_query("why?"), is_keyword_query("柳塘夜市")
        (True, False, True)
    """
    length, most = (len(text), 2 * KEYWORDS) if main_script(text) in UNSPACED_SCRIPTS else (len(text.split()), KEYWORDS)
    return length <= most and not text.rstrip().endswith(QUESTION_MARKS)


def _first_sentence(answer: Answer, utterance: Utterance) -> Answer:
    """Return an answer up to its first citation."""
    kept: list[str] = []
    for piece in parse_marks(answer.text, len(answer.citations)):
        if isinstance(piece, Mark):
            first = answer.citations[piece.numbers[0] - 1]
            text = f"{''.join(kept).strip()} {Mark((1,))}"
            return replace(answer, question=utterance.text, text=text, citations=(replace(first, number=1),), notes=())
        kept.append(piece)
    return replace(answer, question=utterance.text)
