"""Train the question adapter (`assistant/embedding/question_adapter.npz`): linear maps of a question's vectors.

They learn from the articles of `evals/qa_training` that train the QA model, all in one library: a question's vectors are
to be nearer to the passage that answers than to those of other articles (and, for token vectors, of its own article).
Passages keep their vectors. Of each map half is kept, since between what it was and what was learnt it holds best on
texts of another kind (WiSE-FT, arXiv 2109.01903).

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
from natural_articles import natural_articles
from torch import Tensor, nn

from assistant import Assistant
from assistant.embedding import question_adapter
from assistant.embedding.hubness import CLOSE, STEEPNESS
from assistant.embedding.language_statistics import load_statistics, statistics_digest
from assistant.embedding.question_adapter import QuestionAdapter
from assistant.language.identify import identify_language
from assistant.retrieval.late_interaction import LanguageCentring
from assistant.retrieval.scoring import HUBNESS_SHARE
from assistant.retrieval.spelling import spelt_as_stored

OUT = Path(question_adapter.__file__).with_name(question_adapter.FILE)
KEPT = 0.5
"""How much of what was learnt is written."""

EPOCHS, BATCH = 6, 512
"""For pooled vectors, which are compared with all passages."""

STEPS, TOKEN_BATCH, NEAREST, NEGATIVES = 2500, 16, 24, 8
"""For token vectors: steps, questions a step, how many of the nearest passages are drawn from, and how many are drawn."""

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
        articles: The number of each one's article, shape `(passages,)`.
    """

    pooled: Tensor
    tokens: Sequence[Tensor]
    hubness: Tensor
    articles: Tensor


def prepare() -> tuple[list[Asked], Library]:
    """Encode the articles and the questions that they answer."""
    natural = natural_articles(left_out=False)
    with (
        tempfile.TemporaryDirectory() as folder,
        Assistant(folder, qa_model="none", chat_model="extractive") as assistant,
    ):
        assistant.add_articles([one.article for one in natural])
        store, encoder = assistant._store, assistant._encoder  # noqa: SLF001 - the very ones that a search uses
        codec = assistant._retriever._codec  # noqa: SLF001
        centring = LanguageCentring(load_statistics(encoder.name, encoder.dimension), codec)
        passages = [one for found in natural for one in store.passages_of([found.article.id], PASSAGES)]
        numbers = {passage.id: number for number, passage in enumerate(passages)}
        blobs = [blob for passage in passages for blob in store.token_vectors([passage.id])]
        ids = {article: number for number, article in enumerate(dict.fromkeys(one.article_id for one in passages))}
        library = Library(
            torch.from_numpy(np.stack(store.vectors([passage.id for passage in passages])).astype(np.float32)),
            [
                torch.from_numpy(
                    centring.passage(codec.expand(blob), passage.language).vectors[:LONGEST].astype(np.float16)
                )
                for passage, blob in zip(passages, blobs, strict=True)
            ],
            torch.from_numpy(np.concatenate([codec.batch([blob]).hubness for blob in blobs])),
            torch.tensor([ids[passage.article_id] for passage in passages]),
        )
        asked = []
        for one in natural:
            own = store.passages_of([one.article.id], PASSAGES)
            for question in one.questions:
                span = question.gold and question.gold.span
                answering = [it for it in own if span and it.start <= span.start and span.end <= it.end]
                if not answering or question.lead:
                    continue
                language = identify_language(question.text)
                text = spelt_as_stored(question.text, language, store, encoder.count_tokens)
                encoding = encoder.encode_questions([text])[0]
                tokens = centring.question(encoding, language, codec.batch([]))
                asked.append(
                    Asked(
                        centring.neutral(encoding.pooled, language),
                        torch.from_numpy(tokens.vectors),
                        torch.from_numpy(tokens.shares),
                        numbers[answering[0].id],
                    )
                )
    return asked, library


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
    steps = len(asked) // BATCH
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, EPOCHS * steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(asked))[: steps * BATCH].split(BATCH):
            scores = model(questions[batch]) @ library.pooled.T * model.sharpness.exp()
            beside = library.articles[None, :] == library.articles[gold[batch]][:, None]
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
    own: dict[int, list[int]] = {}
    for number, article in enumerate(library.articles.tolist()):
        own.setdefault(article, []).append(number)
    model = Map(asked[0].tokens.shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, STEPS)
    order: list[int] = []
    for step in range(STEPS):
        if len(order) < TOKEN_BATCH:
            order += drawn.sample(range(len(asked)), len(asked))
        batch = [order.pop() for _ in range(TOKEN_BATCH)]
        compared = [candidates(asked[number], nearest[number], own, library, drawn) for number in batch]
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


def candidates(
    asked: Asked, nearest: Sequence[int], own: dict[int, list[int]], library: Library, drawn: random.Random
) -> list[int]:
    """Return the passage that answers a question, and others to tell it from."""
    article = int(library.articles[asked.gold])
    beside = [number for number in own[article] if number != asked.gold]
    others = [number for number in dict.fromkeys(nearest) if library.articles[number] != article]
    wanted = NEGATIVES + 1
    found = drawn.sample(beside, 1) if beside and drawn.random() < OWN_NEGATIVE else []
    found += drawn.sample(others, min(NEGATIVES, len(others)))
    found += [drawn.randrange(len(library.tokens)) for _ in range(wanted - len(found))]
    return [asked.gold, *found]


def agreements(model: Map, asked: Sequence[Asked], compared: Sequence[Sequence[int]], library: Library) -> Tensor:
    """Return how far questions agree with passages, as `assistant.retrieval.evidence` has it, shape `(asked, passages)`."""
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
