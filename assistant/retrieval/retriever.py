"""`Retriever`: from a question to ranked hits."""

import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from assistant.articles.article import Article
from assistant.embedding.encoder import Encoder, Encoding, Matrix, Vector
from assistant.embedding.language_statistics import load_statistics
from assistant.embedding.question_adapter import load_question_adapter
from assistant.embedding.token_codec import TokenCodec
from assistant.errors import StoreError
from assistant.language.identify import EXPECTED_WORDS, identify_language
from assistant.language.question_words import asks_time, without_asking_words
from assistant.language.terms import index_terms
from assistant.observability import record, stage
from assistant.passages.passage import Passage
from assistant.passages.statements import may_answer
from assistant.qa_model.loading import load_qa_model
from assistant.qa_model.qa_model import UNREAD, QaModel
from assistant.retrieval.candidates import Candidates
from assistant.retrieval.evidence import gather, highest_of_article, matched_words
from assistant.retrieval.hit import Hit, SearchResult
from assistant.retrieval.late_interaction import LanguageCentring, Tokens
from assistant.retrieval.qa_input import is_prose, qa_input
from assistant.retrieval.reranker import RERANKED, load_reranker, rerank
from assistant.retrieval.scoring import STAYING_SHARE, aboutness, rank_scores, relevance
from assistant.retrieval.spelling import Spelling, spell
from assistant.settings import Settings
from assistant.store.passage_store import Filters, PassageStore

LEXICAL_PART = 4
"""One in so many candidates may be there for its words alone."""

SUBJECT_SHARE = 1 / 3
"""What a word counts that only says what a follow-up is about, beside one of the follow-up's own. Counting as much, it
often brings back the sentence that answered the question before (docs/turns.md)."""

CANDIDATES_PER_HIT = 3
"""At least so many passages are compared for each hit that is asked for."""


ENCODED = 32
"""So many questions are kept as they were encoded."""

HEADS = 4
"""Of so many of the first candidates, by vectors and by words, the articles' other passages are compared too."""

SIBLINGS = 12
"""So many of the first passages of such an article."""

HEARD = 8
"""So many passages are compared for the names that are heard in them in another script."""

READ = 3
"""So many of the first candidates the QA model reads, which takes most of a search's time. Where none of them answers,
it reads those of as many more that are in another language than the question: in its own, further ones hardly ever
answer."""


class _Laps:
    """Times stages, each from where the one before it ended.

    Attributes:
        seconds: How long each took.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def end(self, stage: str, seconds: float | None = None) -> None:
        """End a stage; its seconds are given where they were measured elsewhere."""
        now = time.perf_counter()
        self.seconds[stage] = now - self._since if seconds is None else seconds
        self._since = now


class Retriever:
    """Finds the passages of a store that answer a question, whatever languages the two are in.

    Args:
        store: Where the passages are.
        encoder: The model they were encoded with.
        codec: What compressed their token vectors.
        settings: Says how many hits and candidates to take, and which reranker to use.

    Raises:
        ModelError: the reranker cannot be loaded.

    Example:
        >>> retriever = Retriever(store, encoder, codec, settings)  # doctest: +SKIP
        >>> retriever.search("When is the next summit?", k=3).hits[0].sentence_text  # doctest: +SKIP
    """

    def __init__(self, store: PassageStore, encoder: Encoder, codec: TokenCodec, settings: Settings) -> None:
        self._store = store
        self._encoder = encoder
        self._codec = codec
        self._settings = settings
        self._blas = ThreadpoolController()
        # One thread: several wait for each other longer than the work takes.
        with self._blas.limit(limits=1, user_api="blas"):
            statistics = load_statistics(encoder.name, encoder.dimension)
            adapter = None if statistics is None else load_question_adapter()
            self._centring = LanguageCentring(statistics, codec, adapter)
        self._reranker = load_reranker(settings.reranker)
        self._workers = ThreadPoolExecutor(thread_name_prefix="question")
        # Loaded beside what else a first search waits for.
        self._qa_model = self._workers.submit(load_qa_model, settings)
        # What is told from a question before it is searched for needs the same vectors.
        self._encode = lru_cache(maxsize=ENCODED)(
            stage("encode_question")(lambda question: encoder.encode_questions([question])[0])
        )

    @stage("search")
    def language_of(self, question: str) -> str:
        """Return the BCP 47 code of a question's language; a few words are most likely in one of the articles'."""
        is_short = len(question.split()) <= EXPECTED_WORDS
        return identify_language(question, self._store.languages() if is_short else ())

    def search(
        self,
        question: str,
        k: int | None = None,
        filters: Filters | None = None,
        *,
        lead: int = 0,
        staying: Collection[str] = (),
    ) -> SearchResult:
        """Return the passages that answer a question best.

        Args:
            question: In any language.
            k: How many hits; by default the setting `k`.
            filters: Which passages may be found.
            lead: How many characters at its beginning only say what it is about, as in "next summit: And where?".
            staying: Ids of the articles that the conversation speaks of: a question that follows on may stay with them.

        Returns:
            The hits, best first; fewer than `k` only where fewer passages pass the filters. None for a blank question.
        """
        k = self._settings.k if k is None else k
        language = self.language_of(question)
        if not question.strip() or k < 1:
            return SearchResult(question, language, ())
        wanted = max(k, RERANKED) if self._reranker else k
        # Other processes may write meanwhile: all that is read here comes from one state of the store.
        with self._store.snapshot():
            candidates, timings = self.compare(question, language, wanted, filters, lead=lead, staying=staying)
            # Encoding is a stage of its own (`encode_question`).
            for name in ("spelling", "full_text", "dense", "siblings", "rank", "qa"):
                record("assistant.stage.duration", timings[name], stage=name)
            started = time.perf_counter()
            hits = self._hits(candidates, wanted) if candidates else ()
        if self._reranker:
            hits = rerank(self._reranker, question, hits, k)
        return SearchResult(question, language, hits, timings | {"hits": time.perf_counter() - started})

    def compare(
        self,
        question: str,
        language: str,
        k: int,
        filters: Filters | None = None,
        *,
        lead: int = 0,
        staying: Collection[str] = (),
    ) -> tuple[Candidates | None, dict[str, float]]:
        """Compare a question with its candidates, and say how many seconds each stage took.

        Args:
            question: In any language.
            language: Which one it is.
            k: How many hits are wanted.
            filters: Which passages may be found.
            lead: As for `search`.
            staying: As for `search`.

        Returns:
            The candidates and what speaks for them, `None` where no passage passes the filters, and the timings. Those
            of "encode" and "full_text" go on at the same time.
        """
        laps = _Laps()
        spelling = self._spell(question, language, filters, lead)
        question, lead = spelling.question, spelling.lead
        laps.end("spelling")
        # The model and the full-text search need nothing of each other.
        encoding_soon = self._workers.submit(copy_context().run, self._encode_timed, question)
        # Words that most passages hold would take most of the time and decide nothing.
        terms = index_terms(without_asking_words(question), language)
        found = self._store.lexical_candidates(terms, -(-self._settings.candidates // LEXICAL_PART), filters)
        lexical = {candidate.passage_id: candidate.score for candidate in found}
        laps.end("full_text")
        encoding, seconds = encoding_soon.result()
        laps.end("encode", seconds)
        dense = self._settings.ranking == "dense"
        # The passages nearest to the question without its language, and those that share words with it; with the dense
        # ranking, those nearest to the question as it is.
        vector = encoding.pooled if dense else self._centring.neutral(encoding.pooled, language)
        nearest = self._store.dense_candidates(vector, max(self._settings.candidates, CANDIDATES_PER_HIT * k), filters)
        ids = [candidate.passage_id for candidate in nearest]
        laps.end("dense")
        if not dense:
            # The passage that answers may say nothing of its article's subject, by which the article is found.
            heard = list(spelling.heard)[:HEARD]
            siblings = self._store.siblings([*ids[:HEADS], *list(lexical)[:HEADS], *heard[:HEADS]], SIBLINGS)
            ids = list(dict.fromkeys([*ids, *lexical, *heard, *siblings]))
        laps.end("siblings")
        candidates = None
        if ids and len(encoding.token_ids):
            # Products this small take far longer on several threads, which wait for each other and for the index's.
            with self._blas.limit(limits=1, user_api="blas"):
                scores = [lexical.get(number, 0.0) for number in ids]
                candidates = self._compare(spelling, encoding, language, terms, ids, scores, staying)
        laps.end("rank")
        if candidates is not None:
            candidates = self._read(spelling, candidates)
        laps.end("qa")
        return candidates, laps.seconds

    def read(self, question: str, language: str, articles: Sequence[Article]) -> list[list[tuple[Passage, Vector]]]:
        """Have the QA model read the first passages of articles, up to `SIBLINGS` of each.

        Args:
            question: In any language.
            language: Which one it is.
            articles: Their passages are read from the store.

        Returns:
            For each article its passages that are running text, each with the log-odds that its sentences answer; none
            without a QA model.
        """
        qa_model = self._qa_model.result()
        if qa_model is None:
            return [[] for _ in articles]
        with self._store.snapshot():
            spelling = self._spell(question, language)
            of_each = [self._store.passages_of([article.id], SIBLINGS) for article in articles]
            said = [self._odds(qa_model, spelling, passages) for passages in of_each]
        return [
            [(passage, odds) for passage, odds in zip(passages, of_passages, strict=True) if odds is not None]
            for passages, of_passages in zip(of_each, said, strict=True)
        ]

    def related(self, article: Article, most: int, filters: Filters | None = None) -> list[Hit]:
        """Return the articles whose passages are nearest to an article's first one, whatever the question.

        Args:
            article: One of the store's.
            most: How many articles at most.
            filters: Which passages may be found.

        Returns:
            The nearest passage of each, nearest first, as a hit of no relevance with its first sentence.
        """
        with self._store.snapshot():
            first = self._store.passages_of([article.id], 1)
            if not first:
                return []
            [vector] = self._store.vectors([first[0].id])
            near = self._store.dense_candidates(vector, most * SIBLINGS, filters)
            passages = self._store.passages([one.passage_id for one in near])
            nearest: dict[str, Passage] = {}
            for passage in passages:
                if passage.article_id != article.id and len(nearest) < most:
                    nearest.setdefault(passage.article_id, passage)
            articles = self._store.articles(nearest)
        return [
            Hit(rank, 0.0, 0.0, 0.0, articles[id_], passage, passage.sentences[0])
            for rank, (id_, passage) in enumerate(nearest.items(), start=1)
        ]

    def _spell(self, question: str, language: str, filters: Filters | None = None, lead: int = 0) -> Spelling:
        return spell(question, language, self._store, self._encoder.count_tokens, filters, lead=lead)

    def _encode_timed(self, question: str) -> tuple[Encoding, float]:
        """Return a question's vectors, and how many seconds they took."""
        started = time.perf_counter()
        return self._encode(question), time.perf_counter() - started

    @property
    def encoder(self) -> Encoder:
        """The embedding model."""
        return self._encoder

    def question_manner(self, text: str, language: str, subject: Vector | None = None) -> Vector:
        """Return how a question in `language` (BCP 47) is worded, shape `(dimension,)` (`LanguageCentring.manner`)."""
        return self._centring.manner(self._encode(text), language, subject)

    def sentence_wording(self, text: str, language: str) -> Vector:
        """Return how a sentence in `language` (BCP 47) is worded (`LanguageCentring.sentence_wording`)."""
        return self._centring.sentence_wording(self._encoder.encode_passages([text])[0], language)

    def question_words(self, text: str, language: str) -> tuple[Matrix, NDArray[np.int32]]:
        """Return the token vectors of a question without what says its language, and their places in it."""
        encoding = self._encode(text)
        return self._centring.words(encoding, language), encoding.offsets

    @property
    def store(self) -> PassageStore:
        """Where the passages are."""
        return self._store

    def statement_tokens(self, text: str, language: str) -> Tokens:
        """Return the tokens of a text in `language` (BCP 47), to be compared with those of `passage_tokens`."""
        return self._centring.statement(self._encoder.encode_passages([text])[0], language)

    def passage_tokens(self, passage: Passage) -> Tokens:
        """Return the tokens of a passage that was found, with their places in its text.

        They are read from the store. If the passage is no longer there, or the store has been closed since, the text is
        encoded anew, which gives the same, or nearly so within a table, whose header was encoded with it.
        """
        compressed = self._stored_tokens(passage)
        if compressed is None:
            compressed = self._codec.compress(self._encoder.encode_passages([passage.text])[0])
        tokens = self._centring.passage(self._codec.expand(compressed), passage.language)
        return tokens.chosen(tokens.offsets[:, 1] > 0) if len(tokens.offsets) else tokens

    def _stored_tokens(self, passage: Passage) -> bytes | None:
        try:
            with self._store.snapshot():
                # The number of a passage that was removed may have been given to another.
                if self._store.passages([passage.id]) == [passage]:
                    return self._store.token_vectors([passage.id])[0]
        except StoreError:
            return None
        return None

    def _compare(
        self,
        spelling: Spelling,
        encoding: Encoding,
        language: str,
        terms: Sequence[str],
        ids: Sequence[int],
        lexical: Sequence[float],
        staying: Collection[str],
    ) -> Candidates:
        passages = self._store.passages(ids)
        stays = np.array([passage.article_id in staying for passage in passages], np.float32)
        languages = [passage.language for passage in passages]
        batch = self._codec.batch(self._store.token_vectors(ids))
        tokens = self._centring.question(encoding, language, batch)
        leading = encoding.offsets[:, 1] <= spelling.lead
        if spelling.lead:
            tokens = tokens.lessened(leading, SUBJECT_SHARE)
        centres = self._centring.centres(languages, batch)
        heard = [spelling.heard.get(number, ()) for number in ids]
        evidence = gather(tokens, batch, centres, passages, heard, asks_time=asks_time(spelling.question))
        pooled = np.stack(self._store.vectors(ids))
        closeness = highest_of_article(
            self._centring.closeness(encoding.pooled, language, pooled, languages), evidence.articles
        )
        scores = (
            pooled @ encoding.pooled
            if self._settings.ranking == "dense"
            else rank_scores(evidence, lexical, languages, language) + STAYING_SHARE * stays
        )
        order = np.argsort(-scores, kind="stable")
        return Candidates(
            language,
            terms,
            passages,
            tokens,
            evidence,
            lexical,
            closeness,
            scores,
            order,
            ~leading,
            np.full(len(passages), np.nan, np.float32),
        )

    def _read(self, spelling: Spelling, candidates: Candidates) -> Candidates:
        """Have the QA model read the first candidates, which chooses their sentences and their order anew."""
        qa_model = self._qa_model.result()
        if qa_model is None:
            return candidates
        places, further = candidates.order[:READ], candidates.order[READ : 2 * READ]
        read = self._odds(qa_model, spelling, [candidates.passages[at] for at in places])
        if not any(odds is not None and odds.max(initial=UNREAD) > 0 for odds in read):
            foreign = [at for at in further if candidates.passages[at].language != candidates.language]
            read += self._odds(qa_model, spelling, [candidates.passages[at] for at in foreign])
            places = np.append(places, foreign).astype(places.dtype)
        return candidates.as_read(places, read)

    def _odds(self, qa_model: QaModel, spelling: Spelling, passages: Sequence[Passage]) -> list[Vector | None]:
        """Return what the QA model says of the sentences of each passage; None where it is no text that it knows."""
        articles = self._store.articles(dict.fromkeys(passage.article_id for passage in passages))
        texts = [
            qa_input(spelling.in_passage(passage.id), passage, articles[passage.article_id])
            if is_prose(passage)
            else None
            for passage in passages
        ]
        said = iter(qa_model.read([text for text in texts if text]))
        return [
            np.where(may_answer(passage, articles[passage.article_id], text.question), next(said), UNREAD)
            if text
            else None
            for passage, text in zip(passages, texts, strict=True)
        ]

    def _hits(self, candidates: Candidates, k: int) -> tuple[Hit, ...]:
        passages, evidence, order = candidates.passages, candidates.evidence, candidates.order[:k]
        articles = self._store.articles(dict.fromkeys(passages[at].article_id for at in order))
        covered = candidates.covered()
        # A hit is never more relevant than the one before it, whatever the regression makes of its details.
        features = candidates.features(order, articles)
        relevances = np.minimum.accumulate(relevance(features))
        return tuple(
            Hit(
                rank=rank,
                score=float(score),
                dense=float(candidates.scores[at]),
                lexical=candidates.lexical[at],
                article=articles[passages[at].article_id],
                passage=passages[at],
                sentence=passages[at].sentences[evidence.best[at]],
                sentence_score=float(score),
                aboutness=float(about),
                covered=float(covered[evidence.articles[at]]),
                matched=matched_words(evidence, candidates.tokens, int(at), passages[at]),
            )
            for rank, (at, score, about) in enumerate(zip(order, relevances, aboutness(features), strict=True), start=1)
        )
