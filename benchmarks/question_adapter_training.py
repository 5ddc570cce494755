"""Train the question adapter (`assistant/embedding/question_adapter.npz`): linear maps of a question's vectors.

They learn from the articles of `evals/qa_training` that train the QA model, all in one library: a question's vectors
are to be nearer to the passage that answers than to those of other articles (and, for token vectors, of its own
article). Passages keep their vectors. Of each map half is kept, since between what it was and what was learnt it holds
best on texts of another kind (WiSE-FT, arXiv 2109.01903).

    pip install torch==2.13.0
    python benchmarks/question_adapter_training.py

takes a quarter of an hour on two cores, most of it for encoding the articles. Run it again when the language statistics
change.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from natural_articles import NaturalQuestion, natural_articles
from torch import Tensor, nn

from assistant import Assistant
from assistant.embedding import question_adapter
from assistant.embedding.hubness import CLOSE, STEEPNESS
from assistant.embedding.language_statistics import load_statistics, statistics_digest
from assistant.embedding.question_adapter import QuestionAdapter
from assistant.embedding.token_codec import TokenCodec, load_codec
from assistant.language.identify import identify_language
from assistant.passages.passage import Passage
from assistant.retrieval.language_centring import LanguageCentring
from assistant.retrieval.scoring import HUBNESS_SHARE
from assistant.retrieval.spelling import spell
from assistant.store.passage_store import PassageStore

OUT = Path(question_adapter.__file__).with_name(question_adapter.FILE)
KEPT = 0.5
"""How much of what was learnt is written."""

EPOCHS, BATCH = 6, 512
"""For pooled vectors, which are compared with all passages."""

STEPS, TOKEN_BATCH, NEAREST, NEGATIVES = 2500, 16, 24, 8
"""For token vectors: steps, questions a step, how many of the nearest passages are drawn from, how many are drawn."""

OWN_NEGATIVE = 0.7
"""For so many of these questions another passage of the article is compared too."""

LONGEST = 360
"""Tokens of a passage that are compared."""

PASSAGES = 100
"""Passages of an article."""


@dataclass(frozen=True)
class Asked:
    """A question and the passage that answers.

    Attributes:
        pooled: Its vector without its language, shape `(dimension,)`.
        tokens: Its token vectors, centred, of unit length, shape `(tokens, codec dimension)`.
        shares: How much each of them counts.
        gold: The passage's number.
    """

    pooled: np.ndarray
    tokens: Tensor
    shares: Tensor
    gold: int


@dataclass(frozen=True)
class Library:
    """All passages.

    Attributes:
        pooled: Their vectors, shape `(passages, dimension)`.
        tokens: The token vectors of each, centred, of unit length.
        hubness: How well each agrees with any question, shape `(passages,)`.
        of_article: The numbers of each article's passages, by its id.
    """

    pooled: Tensor
    tokens: Sequence[Tensor]
    hubness: Tensor
    of_article: dict[str, list[int]]

    def articles(self) -> Tensor:
        """Return the number of each passage's article, shape `(passages,)`."""
        numbers = torch.empty(len(self.tokens), dtype=torch.long)
        for article, passages in enumerate(self.of_article.values()):
            numbers[passages] = article
        return numbers


def prepare() -> tuple[list[Asked], Library]:
    """Encode the articles and the questions that they answer."""
    natural = natural_articles(left_out=False)
    with (
        tempfile.TemporaryDirectory() as folder,
        Assistant(folder, qa_model="none", chat_model="extractive") as assistant,
    ):
        assistant.add_articles([one.article for one in natural])
        store, encoder = assistant._store, assistant._encoder  # noqa: SLF001 - the very ones that a search uses
        codec = load_codec(encoder)
        centring = LanguageCentring(load_statistics(encoder.name, encoder.dimension), codec)
        passages = [one for found in natural for one in store.passages_of([found.article.id], PASSAGES)]
        library = library_of(passages, store, codec, centring)
        asked = []
        for question in (question for one in natural for question in one.questions if not question.prefix_length):
            gold = passage_of(question, passages, library)
            if gold is None:
                continue
            language = identify_language(question.text)
            text = spell(question.text, language, store, encoder.count_tokens).question
            encoding = encoder.encode_questions([text])[0]
            tokens = centring.question(encoding, language, codec.batch([]))
            vectors, shares = torch.from_numpy(tokens.vectors), torch.from_numpy(tokens.shares)
            asked.append(Asked(centring.neutral(encoding.pooled, language), vectors, shares, gold))
    return asked, library


def library_of(
    passages: Sequence[Passage], store: PassageStore, codec: TokenCodec, centring: LanguageCentring
) -> Library:
    """Read the vectors of passages."""
    ids = [passage.id for passage in passages]
    blobs = store.token_vectors(ids)
    tokens = [
        torch.from_numpy(centring.passage(codec.expand(blob), passage.language).vectors[:LONGEST].astype(np.float16))
        for passage, blob in zip(passages, blobs, strict=True)
    ]
    hubness = torch.from_numpy(np.concatenate([codec.batch([blob]).hubness for blob in blobs]))
    of_article: dict[str, list[int]] = {}
    for number, passage in enumerate(passages):
        of_article.setdefault(passage.article_id, []).append(number)
    return Library(torch.from_numpy(np.stack(store.vectors(ids)).astype(np.float32)), tokens, hubness, of_article)


def passage_of(question: NaturalQuestion, passages: Sequence[Passage], library: Library) -> int | None:
    """Return the number of the passage that answers a question; None where no passage holds all of the answer."""
    if question.gold is None:
        return None
    span = question.gold.span
    own = library.of_article[question.gold.article_id]
    return next((one for one in own if passages[one].start <= span.start and span.end <= passages[one].end), None)


class Map(nn.Module):
    """What is added to a vector: its product with a matrix, and a bias."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.added = nn.Linear(dimension, dimension)
        nn.init.zeros_(self.added.weight)
        nn.init.zeros_(self.added.bias)
        self.sharpness = nn.Parameter(torch.tensor(3.5))

    def forward(self, vectors: Tensor) -> Tensor:
        """Return the vectors mapped, of unit length."""
        return nn.functional.normalize(vectors + self.added(vectors), dim=-1)

    def learnt(self) -> tuple[np.ndarray, np.ndarray]:
        """Return matrix, rows being inputs, and bias, less what is not kept."""
        matrix, bias = self.added.weight.detach().T.numpy(), self.added.bias.detach().numpy()
        return (KEPT * matrix).astype(np.float32), (KEPT * bias).astype(np.float32)


def train_pooled(asked: Sequence[Asked], library: Library) -> Map:
    """Learn the map of pooled vectors, against all passages of other articles."""
    questions = torch.from_numpy(np.stack([one.pooled for one in asked]))
    gold = torch.tensor([one.gold for one in asked])
    model = Map(questions.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    articles = library.articles()
    steps = len(asked) // BATCH
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, EPOCHS * steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(asked))[: steps * BATCH].split(BATCH):
            scores = model(questions[batch]) @ library.pooled.T * model.sharpness.exp()
            beside = articles[None, :] == articles[gold[batch]][:, None]
            beside[torch.arange(BATCH), gold[batch]] = False
            loss = nn.functional.cross_entropy(scores.masked_fill(beside, -1e4), gold[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"pooled vectors: loss {loss.item():.3f}", file=sys.stderr, flush=True)
    return model


def train_tokens(asked: Sequence[Asked], library: Library, pooled: Map, drawn: random.Random) -> Map:
    """Learn the map of token vectors, against the passages that are nearest before or after `pooled`."""
    with torch.no_grad():
        questions = torch.from_numpy(np.stack([one.pooled for one in asked]))
        nearest = torch.cat(
            [
                torch.cat([(part @ library.pooled.T).topk(NEAREST).indices for part in (some, pooled(some))], dim=1)
                for some in questions.split(1000)
            ]
        ).tolist()
    own = {number: passages for passages in library.of_article.values() for number in passages}
    model = Map(asked[0].tokens.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, STEPS)
    order: list[int] = []
    for step in range(STEPS):
        if len(order) < TOKEN_BATCH:
            order += drawn.sample(range(len(asked)), len(asked))
        batch = [order.pop() for _ in range(TOKEN_BATCH)]
        compared = [candidates(asked[number].gold, nearest[number], own, drawn) for number in batch]
        scores = agreements(model, [asked[number] for number in batch], compared, library) * model.sharpness.exp()
        loss = nn.functional.cross_entropy(scores, torch.zeros(TOKEN_BATCH, dtype=torch.long))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 200 == 0:
            print(f"token vectors, step {step}: loss {loss.item():.3f}", file=sys.stderr, flush=True)
    return model


def candidates(gold: int, nearest: Sequence[int], own: dict[int, list[int]], drawn: random.Random) -> list[int]:
    """Return the passage that answers a question, and others to tell it from.

    Args:
        gold: The passage that answers.
        nearest: Those that are nearest to the question.
        own: For each passage, those of its article.
        drawn: What chance comes from.
    """
    beside = [number for number in own[gold] if number != gold]
    others = [number for number in dict.fromkeys(nearest) if number not in own[gold]]
    found = drawn.sample(beside, 1) if beside and drawn.random() < OWN_NEGATIVE else []
    found += drawn.sample(others, min(NEGATIVES, len(others)))
    found += [drawn.randrange(len(own)) for _ in range(NEGATIVES + 1 - len(found))]
    return [gold, *found]


def agreements(model: Map, asked: Sequence[Asked], compared: Sequence[Sequence[int]], library: Library) -> Tensor:
    """Return how far questions agree with passages, as a search tells it, shape `(asked, passages)`."""
    questions = model(nn.utils.rnn.pad_sequence([one.tokens for one in asked], batch_first=True))
    shares = nn.utils.rnn.pad_sequence([one.shares for one in asked], batch_first=True)
    numbers = [number for some in compared for number in some]
    tokens = nn.utils.rnn.pad_sequence([library.tokens[number] for number in numbers], batch_first=True).float()
    count, length, dimension = tokens.shape
    each = count // len(asked)
    cosines = torch.bmm(tokens.reshape(len(asked), each * length, dimension), questions.transpose(1, 2))
    empty = tokens.reshape(len(asked), each * length, dimension).abs().amax(-1, keepdim=True) == 0
    best = cosines.masked_fill(empty, -1.0).reshape(len(asked), each, length, -1).amax(2)
    said = (torch.sigmoid(STEEPNESS * (best - CLOSE)) * shares[:, None]).sum(-1)
    return said - HUBNESS_SHARE * library.hubness[numbers].reshape(len(asked), each)


def main() -> None:
    """Train, and write the maps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    torch.manual_seed(1)
    asked, library = prepare()
    print(f"{len(asked)} questions, {len(library.tokens)} passages", file=sys.stderr, flush=True)
    pooled = train_pooled(asked, library)
    tokens = train_tokens(asked, library, pooled, random.Random(1))
    adapter = QuestionAdapter(statistics_digest(), *pooled.learnt(), *tokens.learnt())
    arguments.out.write_bytes(adapter.to_bytes())
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
