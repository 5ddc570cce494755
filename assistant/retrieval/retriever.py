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
from assistant.language.interrogatives import asks_time, without_asking_words
from assistant.language.terms import index_terms
from assistant.observability import record, stage
from assistant.passages.passage import Passage
from assistant.passages.statements import may_answer
from assistant.qa_model.loading import load_qa_model
from assistant.qa_model.qa_model import UNREAD, QaModel
from assistant.retrieval.candidates import Candidates
from assistant.retrieval.evidence import gather, highest_of_article, matched_words
from assistant.retrieval.hit import Hit, SearchResult
from assistant.retrieval.language_centring import LanguageCentring
from assistant.retrieval.late_interaction import Tokens
from assistant.retrieval.qa_input import is_prose, qa_input
from assistant.retrieval.reranker import RERANKED, load_reranker, rerank
from assistant.retrieval.scoring import PREFERRED_ARTICLE_BONUS, aboutness, rank_scores, relevance
from assistant.retrieval.spelling import SpelledQuestion, spell
from assistant.settings import Settings
from assistant.store.passage_store import Filters, PassageStore

LEXICAL_CANDIDATE_RATIO = 4
"""Full-text search adds at most one candidate for every so many that `candidates` in the settings allows."""

SUBJECT_SHARE = 1 / 3
"""Weight of a token that only names the follow-up's topic, relative to the follow-up's own tokens. With full weight,
search often finds the previous answer again (docs/turns.md)."""

CANDIDATES_PER_HIT = 3
"""For each hit that is asked for, at least so many passages are compared."""

QUESTION_CACHE_SIZE = 32
"""So many encoded questions are kept."""

EXPANDED_CANDIDATES = 4
"""The articles of so many of the first candidates by vectors, by words and by sound are expanded: their other passages
become candidates too."""

PASSAGES_PER_ARTICLE = 12
"""So many of the first passages of an article become candidates when it is expanded."""

MAX_PHONETIC_MATCHES = 8
"""At most so many passages become candidates because they hold a name of the question in another script."""

QA_DEPTH = 3
"""So many of the first candidates the QA model reads, which takes most of a search's time. If none of them answers, it
also reads those of the next so many that are in another language than the question: further ones in the question's own
language hardly ever answer."""


class _Laps:
    """Measures the stages of a search, each from the end of the one before it.

    Attributes:
        seconds: How long each stage took.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def end(self, stage: str, seconds: float | None = None) -> None:
        """End a stage. Pass `seconds` if they were measured elsewhere."""
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
        # One thread: several would wait for each other longer than the work takes.
        with self._blas.limit(limits=1, user_api="blas"):
            statistics = load_statistics(encoder.name, encoder.dimension)
            adapter = None if statistics is None else load_question_adapter()
            self._centring = LanguageCentring(statistics, codec, adapter)
        self._reranker = load_reranker(settings.reranker)
        self._workers = ThreadPoolExecutor(thread_name_prefix="question")
        # Loaded in the background, while the first search waits for other things too.
        self._qa_model = self._workers.submit(load_qa_model, settings)
        # Classifying a turn needs the same vectors before the search does.
        self._encode = lru_cache(maxsize=QUESTION_CACHE_SIZE)(
            stage("encode_question")(lambda question: encoder.encode_questions([question])[0])
        )

    def language_of(self, question: str) -> str:
        """Return the BCP 47 code of a question's language; short ones are expected in one of the articles'."""
        is_short = len(question.split()) <= EXPECTED_WORDS
        return identify_language(question, self._store.languages() if is_short else ())

    @stage("search")
    def search(
        self,
        question: str,
        k: int | None = None,
        filters: Filters | None = None,
        *,
        prefix_length: int = 0,
        preferred_articles: Collection[str] = (),
    ) -> SearchResult:
        """Return the passages that answer a question best.

        Args:
            question: In any language.
            k: How many hits; by default the setting `k`.
            filters: Which passages may be found.
            prefix_length: How many characters at its beginning only name its topic, as in "next summit: And where?".
            preferred_articles: Ids of the articles that the conversation speaks of, which a follow-up is likely to be
                about.

        Returns:
            The hits, best first; fewer than `k` only where fewer passages pass the filters. None for a blank question.
        """
        k = self._settings.k if k is None else k
        language = self.language_of(question)
        if not question.strip() or k < 1:
            return SearchResult(question, language, ())
        wanted = max(k, RERANKED) if self._reranker else k
        # Other processes may write meanwhile: everything read here comes from one state of the store.
        with self._store.snapshot():
            candidates, timings = self.compare(
                question, language, wanted, filters, prefix_length=prefix_length, preferred_articles=preferred_articles
            )
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
        prefix_length: int = 0,
        preferred_articles: Collection[str] = (),
    ) -> tuple[Candidates | None, dict[str, float]]:
        """Compare a question with its candidates, and measure how many seconds each stage takes.

        Args:
            question: In any language.
            language: BCP 47 code of the question.
            k: How many hits are wanted.
            filters: Which passages may be found.
            prefix_length: As for `search`.
            preferred_articles: As for `search`.

        Returns:
            The candidates with what speaks for them, or `None` if no passage passes the filters; and the seconds by
            stage. The stages "encode" and "full_text" run at the same time.
        """
        laps = _Laps()
        spelled = self._spell(question, language, filters, prefix_length)
        question = spelled.question
        laps.end("spelling")
        # The model and the full-text search do not need each other's results.
        encoding_soon = self._workers.submit(copy_context().run, self._encode_timed, question)
        # Function words occur in most passages: they would take most of the time and decide nothing.
        terms = index_terms(without_asking_words(question), language)
        most_lexical = -(-self._settings.candidates // LEXICAL_CANDIDATE_RATIO)
        sharing_words = self._store.lexical_candidates(terms, most_lexical, filters)
        lexical = {candidate.passage_id: candidate.score for candidate in sharing_words}
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
            # An article is found by its subject, which the passage that answers may not name.
            by_sound = list(spelled.phonetic_matches)[:MAX_PHONETIC_MATCHES]
            first = [number for found in (ids, list(lexical), by_sound) for number in found[:EXPANDED_CANDIDATES]]
            siblings = self._store.siblings(first, PASSAGES_PER_ARTICLE)
            ids = list(dict.fromkeys([*ids, *lexical, *by_sound, *siblings]))
        laps.end("siblings")
        candidates = None
        if ids and len(encoding.token_ids):
            # Such small products take far longer on several threads, which wait for each other and for the index's.
            with self._blas.limit(limits=1, user_api="blas"):
                scores = [lexical.get(number, 0.0) for number in ids]
                candidates = self._compare(spelled, encoding, language, terms, ids, scores, preferred_articles)
        laps.end("rank")
        if candidates is not None:
            candidates = self._read(spelled, candidates)
        laps.end("qa")
        return candidates, laps.seconds

    def read(self, question: str, language: str, articles: Sequence[Article]) -> list[list[tuple[Passage, Vector]]]:
        """Have the QA model read the first passages of articles, up to `PASSAGES_PER_ARTICLE` of each.

        Args:
            question: In any language.
            language: BCP 47 code of the question.
            articles: Articles of the store.

        Returns:
            For each article its passages that are running text, each with the log-odds that its sentences answer, shape
            `(sentences,)`; no passages without a QA model.
        """
        qa_model = self._qa_model.result()
        if qa_model is None:
            return [[] for _ in articles]
        with self._store.snapshot():
            spelled = self._spell(question, language)
            passages_of = [self._store.passages_of([article.id], PASSAGES_PER_ARTICLE) for article in articles]
            odds_of = [self._odds(qa_model, spelled, passages) for passages in passages_of]
        return [
            [(passage, odds) for passage, odds in zip(passages, sentence_odds, strict=True) if odds is not None]
            for passages, sentence_odds in zip(passages_of, odds_of, strict=True)
        ]

    def related(self, article: Article, most: int, filters: Filters | None = None) -> list[Hit]:
        """Return the articles with a passage near to an article's first passage; no question is involved.

        Args:
            article: An article of the store.
            most: How many articles at most.
            filters: Which passages may be found.

        Returns:
            The nearest passage of each article, nearest first, as a hit with relevance 0 and the passage's first
            sentence.
        """
        with self._store.snapshot():
            first = self._store.passages_of([article.id], 1)
            if not first:
                return []
            [vector] = self._store.vectors([first[0].id])
            candidates = self._store.dense_candidates(vector, most * PASSAGES_PER_ARTICLE, filters)
            passages = self._store.passages([candidate.passage_id for candidate in candidates])
            nearest: dict[str, Passage] = {}
            for passage in passages:
                if passage.article_id != article.id and len(nearest) < most:
                    nearest.setdefault(passage.article_id, passage)
            articles = self._store.articles(nearest)
        return [
            Hit(rank, 0.0, 0.0, 0.0, articles[id_], passage, passage.sentences[0])
            for rank, (id_, passage) in enumerate(nearest.items(), start=1)
        ]

    def _spell(
        self, question: str, language: str, filters: Filters | None = None, prefix_length: int = 0
    ) -> SpelledQuestion:
        count_tokens = self._encoder.count_tokens
        return spell(question, language, self._store, count_tokens, filters, prefix_length=prefix_length)

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

    def question_tokens(self, text: str, language: str) -> tuple[Matrix, NDArray[np.int32]]:
        """Return the token vectors of a question without its language's mean, and where each token lies in `text`.

        Returns:
            The vectors, shape `(tokens, dimension)`, and the places, shape `(tokens, 2)`.
        """
        encoding = self._encode(text)
        return self._centring.token_vectors(encoding, language), encoding.offsets

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
        encoded again. That gives the same vectors, except within a table: there they differ slightly, because the
        table's header was encoded with the stored ones.
        """
        compressed = self._stored_tokens(passage)
        if compressed is None:
            compressed = self._codec.compress(self._encoder.encode_passages([passage.text])[0])
        tokens = self._centring.passage(self._codec.expand(compressed), passage.language)
        return tokens.chosen(tokens.offsets[:, 1] > 0) if len(tokens.offsets) else tokens

    def _stored_tokens(self, passage: Passage) -> bytes | None:
        try:
            with self._store.snapshot():
                # A passage that was added later may have the id of one that was removed.
                if self._store.passages([passage.id]) == [passage]:
                    return self._store.token_vectors([passage.id])[0]
        except StoreError:
            return None
        return None

    def _compare(
        self,
        spelled: SpelledQuestion,
        encoding: Encoding,
        language: str,
        terms: Sequence[str],
        ids: Sequence[int],
        lexical: Sequence[float],
        preferred_articles: Collection[str],
    ) -> Candidates:
        passages = self._store.passages(ids)
        is_preferred = np.array([passage.article_id in preferred_articles for passage in passages], np.float32)
        languages = [passage.language for passage in passages]
        batch = self._codec.batch(self._store.token_vectors(ids))
        tokens = self._centring.question(encoding, language, batch)
        in_prefix = encoding.offsets[:, 1] <= spelled.prefix_length
        if spelled.prefix_length:
            tokens = tokens.lessened(in_prefix, SUBJECT_SHARE)
        centres = self._centring.centres(languages, batch)
        matches = [spelled.phonetic_matches.get(number, ()) for number in ids]
        evidence = gather(tokens, batch, centres, passages, matches, asks_time=asks_time(spelled.question))
        pooled = np.stack(self._store.vectors(ids))
        closeness = highest_of_article(
            self._centring.closeness(encoding.pooled, language, pooled, languages), evidence.articles
        )
        scores = (
            pooled @ encoding.pooled
            if self._settings.ranking == "dense"
            else rank_scores(evidence, lexical, languages, language) + PREFERRED_ARTICLE_BONUS * is_preferred
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
            ~in_prefix,
            np.full(len(passages), np.nan, np.float32),
        )

    def _read(self, spelled: SpelledQuestion, candidates: Candidates) -> Candidates:
        """Have the QA model read the first candidates; choose their best sentences and order the candidates again."""
        qa_model = self._qa_model.result()
        if qa_model is None:
            return candidates
        places, further = candidates.order[:QA_DEPTH], candidates.order[QA_DEPTH : 2 * QA_DEPTH]
        odds_of = self._odds(qa_model, spelled, [candidates.passages[at] for at in places])
        if not any(odds is not None and odds.max(initial=UNREAD) > 0 for odds in odds_of):
            foreign = [at for at in further if candidates.passages[at].language != candidates.language]
            odds_of += self._odds(qa_model, spelled, [candidates.passages[at] for at in foreign])
            places = np.append(places, foreign).astype(places.dtype)
        return candidates.rescored_by_qa(places, odds_of)

    def _odds(self, qa_model: QaModel, spelled: SpelledQuestion, passages: Sequence[Passage]) -> list[Vector | None]:
        """Return the QA model's log-odds for the sentences of each passage; None for a table or code."""
        articles = self._store.articles(dict.fromkeys(passage.article_id for passage in passages))
        texts = [
            qa_input(spelled.in_passage(passage.id), passage, articles[passage.article_id])
            if is_prose(passage)
            else None
            for passage in passages
        ]
        read = iter(qa_model.read([text for text in texts if text]))
        return [
            np.where(may_answer(passage, articles[passage.article_id], text.question), next(read), UNREAD)
            if text
            else None
            for passage, text in zip(passages, texts, strict=True)
        ]

    def _hits(self, candidates: Candidates, k: int) -> tuple[Hit, ...]:
        passages, evidence, order = candidates.passages, candidates.evidence, candidates.order[:k]
        articles = self._store.articles(dict.fromkeys(passages[at].article_id for at in order))
        covered = candidates.covered()
        # A hit is never more relevant than the one before it, whatever the regression predicts.
        features = candidates.features(order, articles, covered)
        relevances = np.minimum.accumulate(relevance(features))
        return tuple(
            Hit(
                rank=rank,
                score=float(score),
                dense=float(candidates.scores[at]),
                lexical=candidates.lexical[at],
                article=articles[passages[at].article_id],
                passage=passages[at],
                sentence=passages[at].sentences[evidence.best_sentence[at]],
                sentence_score=float(score),
                aboutness=float(about),
                covered=float(covered[evidence.articles[at]]),
                matched=matched_words(evidence, candidates.tokens, int(at), passages[at]),
            )
            for rank, (at, score, about) in enumerate(zip(order, relevances, aboutness(features), strict=True), start=1)
        )
