"""`PassageEncoder`: from articles to passages with everything the store keeps of them; and the store's fingerprint."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from assistant.articles.article import Article
from assistant.embedding.encoder import Encoder
from assistant.embedding.token_codec import TokenCodec
from assistant.errors import SettingsError
from assistant.language.sounds import sound_terms
from assistant.language.terms import TERMS_VERSION, index_terms
from assistant.observability import count, stage
from assistant.passages.chunker import CHUNKER_VERSION, chunk, repeats_header
from assistant.passages.passage import Passage
from assistant.passages.tables import header_above
from assistant.progress import Progress, no_progress
from assistant.settings import Settings
from assistant.store.fingerprint import Fingerprint
from assistant.store.passage_store import EncodedPassage

BATCH = 64
"""Passages given to the encoder at once: enough for it to sort them by length, few enough to commit often."""

_SPECIAL_TOKENS = 4
"""Room for the tokens a model puts around a text, and for one more where prompt and text meet."""


def passage_budget(encoder: Encoder, settings: Settings) -> int:
    """Return how many tokens a passage may have.

    Raises:
        SettingsError: the setting asks for more than the model reads; the rest of each passage would be lost.
    """
    readable = encoder.max_tokens - encoder.count_tokens([encoder.passage_prompt])[0] - _SPECIAL_TOKENS
    if settings.passage_tokens > readable:
        raise SettingsError(
            f"Setting passage_tokens={settings.passage_tokens}: {encoder.name} reads at most {readable} tokens of a "
            "passage; ask for fewer, or 0 for as many as it reads."
        )
    return settings.passage_tokens or readable


def fingerprint_of(encoder: Encoder, codec: TokenCodec, settings: Settings) -> Fingerprint:
    """Return the fingerprint of a store that these build.

    Raises:
        SettingsError: the settings ask for passages longer than the model reads.
    """
    return Fingerprint(
        embedding_model=encoder.name,
        embedding_revision=encoder.revision,
        dimension=encoder.dimension,
        question_prompt=encoder.question_prompt,
        passage_prompt=encoder.passage_prompt,
        chunker=CHUNKER_VERSION,
        passage_tokens=passage_budget(encoder, settings),
        token_codec=codec.version,
        terms=TERMS_VERSION,
    )


def title_of(article: Article) -> str:
    """Return the title that an article has beside its text; empty where the text begins with it.

    Example:
        >>> title_of(Article("a.txt", "A bridge", "A bridge. It opens in May."))
        ''
    """
    return "" if article.text.startswith(article.title.rstrip("… ")) else article.title


class PassageEncoder:
    """Cuts articles into passages, and encodes passages.

    Args:
        encoder: Gives the vectors.
        codec: Compresses the token vectors.
        settings: Says how long a passage may be.
        progress: Told how many passages are encoded, of those that have been asked for so far.

    Attributes:
        encoded: How many passages have been encoded.
    """

    def __init__(
        self, encoder: Encoder, codec: TokenCodec, settings: Settings, progress: Progress = no_progress
    ) -> None:
        self._encoder = encoder
        self._codec = codec
        self._budget = passage_budget(encoder, settings)
        self._progress = progress
        self._blas = ThreadpoolController()
        self._tokens_of = lru_cache(maxsize=1024)(lambda text: encoder.count_tokens([text])[0])
        self.encoded = 0

    @stage("chunk")
    def chunk(self, article: Article) -> list[Passage]:
        """Cut an article into passages of the length that the settings say."""
        return chunk(article, self._encoder.count_tokens, self._budget)

    def encode(self, articles: Iterable[tuple[Article, Sequence[Passage]]]) -> Iterator[EncodedPassage]:
        """Give the passages of articles with what the store keeps of them, in order, `BATCH` of them at once."""
        passages = [
            (passage, self._header_of(article, passage), title_of(article))
            for article, cut in articles
            for passage in cut
        ]
        asked_for = self.encoded + len(passages)
        for start in range(0, len(passages), BATCH):
            batch = passages[start : start + BATCH]
            titles = list(dict.fromkeys(title for _, _, title in batch if title))
            with stage("encode_passages", passages=len(batch)):
                encodings = self._encoder.encode_passages(
                    [*(header + passage.text for passage, header, _ in batch), *titles]
                )
            count("assistant.passages.encoded", len(batch))
            encoded_titles = dict(zip(titles, encodings[len(batch) :], strict=True))
            self.encoded += len(batch)
            self._progress("encoding", self.encoded, asked_for)
            # Products this small take one thread a millisecond, and several five, because they wait for each other.
            with self._blas.limit(limits=1, user_api="blas"):
                compressed = [
                    self._codec.compress(
                        replace(encoding, offsets=encoding.offsets - len(header)), encoded_titles.get(title)
                    )
                    for (_, header, title), encoding in zip(batch, encodings, strict=False)
                ]
            for (passage, header, _), encoding, tokens in zip(batch, encodings, compressed, strict=False):
                text = header + passage.text
                terms = (*index_terms(text, passage.language), *sound_terms(text))
                yield EncodedPassage(passage, encoding.pooled, tokens, terms)

    def _header_of(self, article: Article, passage: Passage) -> str:
        """Return the line that names the columns of the rows with which a passage begins, where it does not itself."""
        above = header_above(article.text, passage.start)
        header = above.of(article.text) if above is not None else ""
        return f"{header}\n" if header and repeats_header(self._tokens_of(header), self._budget) else ""
