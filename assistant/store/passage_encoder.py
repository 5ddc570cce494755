"""`PassageEncoder`: articles in, passages with everything the store keeps of them out; and its fingerprint."""

from collections.abc import Iterable, Iterator, Sequence

from assistant.articles.article import Article
from assistant.embedding.encoder import Encoder
from assistant.embedding.token_codec import TokenCodec
from assistant.errors import SettingsError
from assistant.language.terms import TERMS_VERSION, index_terms
from assistant.passages.chunker import CHUNKER_VERSION, chunk
from assistant.passages.passage import Passage
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


class PassageEncoder:
    """Cuts articles into passages and encodes them, in batches that do not stop at an article's end.

    Args:
        encoder: Gives the vectors.
        codec: Compresses the token vectors.
        settings: Says how long a passage may be.
    """

    def __init__(self, encoder: Encoder, codec: TokenCodec, settings: Settings) -> None:
        self._encoder = encoder
        self._codec = codec
        self._budget = passage_budget(encoder, settings)

    def encode(
        self, articles: Iterable[Article], progress: Progress = no_progress
    ) -> Iterator[tuple[Article, list[EncodedPassage]]]:
        """Give each article with its passages, in order, as soon as these are encoded.

        Args:
            articles: Read ahead only until a batch is full.
            progress: Told how many passages are encoded, of those that have been met so far.
        """
        done = 0
        waiting: list[tuple[Article, list[Passage]]] = []
        pending = 0
        for article in articles:
            passages = chunk(article, self._encoder.count_tokens, self._budget)
            waiting.append((article, passages))
            pending += len(passages)
            if pending >= BATCH:
                yield from self._encode(waiting, _shifted(progress, done))
                done += pending
                waiting, pending = [], 0
        yield from self._encode(waiting, _shifted(progress, done))

    def _encode(
        self, articles: Sequence[tuple[Article, list[Passage]]], progress: Progress
    ) -> Iterator[tuple[Article, list[EncodedPassage]]]:
        encoded = self._encode_passages([passage for _, passages in articles for passage in passages], progress)
        for article, passages in articles:
            yield article, [next(encoded) for _ in passages]

    def _encode_passages(self, passages: Sequence[Passage], progress: Progress) -> Iterator[EncodedPassage]:
        for start in range(0, len(passages), BATCH):
            batch = passages[start : start + BATCH]
            encodings = self._encoder.encode_passages([passage.text for passage in batch])
            progress("encoding", start + len(batch), len(passages))
            for passage, encoding in zip(batch, encodings, strict=True):
                yield EncodedPassage(
                    passage,
                    encoding.pooled,
                    self._codec.compress(encoding),
                    tuple(index_terms(passage.text, passage.language)),
                )


def _shifted(progress: Progress, by: int) -> Progress:
    return lambda stage, done, total: progress(stage, by + done, by + total)
