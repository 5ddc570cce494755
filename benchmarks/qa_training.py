"""Train the QA model (`assistant/qa_model/weights.safetensors`): the embedding model learns to mark what answers.

It is given a question and a text, and marks where the answer begins and ends, or that there is none (SQuAD 2.0, arXiv
1806.03822). Of the model's matrices low-rank changes are learnt (LoRA, arXiv 2106.09685), and a head on top.

It learns from

- public sets (`qa_training_sources.json`, fetched by this program), each question with the paragraph that answers and,
  for many, with one that does not: the same without its sentence, or the article's paragraph that shares most words;
- `evals/qa_training`, natural articles written for this, asked as readers ask, many questions in another language than
  the article's, some of them follow-ups; and what a search finds nearest to them in another article. Every seventh
  article is left out, to choose settings on.

Nothing of XQuAD or of the half of ARCD that figures are measured on is among them, nor articles with their titles;
evals/news and MTRAG take no part.

    pip install torch==2.13.0 transformers
    python benchmarks/qa_training.py --minutes 22 39

takes these minutes for the public sets and for all of it on two cores that multiply in bfloat16 (AMX). Without AMX,
`--precision float32` is twice as fast. With `--start` training goes on from weights that are there, of which `--kept`
keeps a share in what is written; so the bundled ones were made in several parts (docs/experiments/retrieval.md), as the
articles were written.
"""

import argparse
import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from fetch_data import fetch, read_sources
from natural_articles import NaturalArticle, NaturalQuestion, natural_articles
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from assistant import Assistant
from assistant.articles.article import Article
from assistant.embedding import bundled
from assistant.language.identify import identify_language
from assistant.language.sentences import split_sentences
from assistant.passages.passage import Passage
from assistant.qa_model.adaptation import DOWN, UP, WEIGHTS
from assistant.qa_model.qa_model import HEADING_TOKENS, QUESTION_TOKENS
from assistant.retrieval.qa_input import qa_input
from assistant.retrieval.spelling import spell
from assistant.settings import load_settings

ROOT = Path(__file__).resolve().parents[1]
SOURCES = Path(__file__).with_name("qa_training_sources.json")
RANK = 48
RATE = 1e-3
BATCH_TOKENS = 5000
WARMING_UP = 60
"""Steps until the learning rate is reached."""

LONGEST_PUBLIC, LONGEST = 288, 512
"""Tokens of an example of the public sets, and of a natural one."""

BEGIN, SEPARATOR, PADDING = 0, 2, 1
REPLAYED = 0.06
"""How much of the public sets is seen again, beside the natural articles, in the second part."""

NEAR = 2
"""With so many passages of its article a question is read that the article does not answer."""

BESIDE = 0.35
"""So many questions are read with another passage of the article that answers."""

MOST = 100
"""Passages of an article."""

CONFUSED = 0.15
"""For so many questions about natural articles, what a search finds nearest in another article is read too."""

WANTED = {"new_wiki": 6000, "pquad": 5000, "drcd": 3500, "cmrc": 1800, "jaquad": 4500, "arcd": 702, "faquad": 900}
"""Questions of each public set; of QED all."""

LANGUAGES = {"new_wiki": "en", "qed": "en", "pquad": "fa", "drcd": "zh", "cmrc": "zh", "jaquad": "ja", "arcd": "ar",
             "faquad": "pt"}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A question and a text; the answer's characters in it, or none."""

    question: str
    heading: str
    text: str
    answer: tuple[int, int] | None


@dataclass(frozen=True)
class Encoded:
    """An example's tokens, and those that the answer begins and ends with; the first one where there is none."""

    ids: list[int]
    begin: int
    end: int


# Examples


def public_examples(folder: Path, drawn: random.Random) -> Iterator[Example]:
    """Yield the public sets' questions with the texts that answer them and with some that do not."""
    measured = measured_titles()
    for name, language in LANGUAGES.items():
        asked = [one for one in questions_of(name, folder) if one[0].casefold() not in measured]
        drawn.shuffle(asked)
        for title, paragraphs, number, question, answer in asked[: WANTED.get(name)]:
            text = paragraphs[number]
            if answer is None:
                yield Example(question, title, text, None)
                continue
            heading = title if drawn.random() < 0.85 else ""
            yield Example(question, heading, text, answer)
            other = text_without_answer(question, paragraphs, number, answer, language, drawn)
            if other is not None:
                yield Example(question, heading, other, None)


def text_without_answer(
    question: str, paragraphs: Sequence[str], number: int, answer: tuple[int, int], language: str, drawn: random.Random
) -> str | None:
    """Return for two questions of three a text that does not answer: another paragraph, or this without a sentence."""
    text = paragraphs[number]
    words = text[slice(*answer)]
    choice = drawn.random()
    others = [one for place, one in enumerate(paragraphs) if place != number and words not in one]
    if choice < 0.35 and others:
        asked = set(question.casefold().split())
        return max(drawn.sample(others, min(6, len(others))), key=lambda one: len(asked & set(one.casefold().split())))
    return without_sentence(text, answer, language) if choice < 0.65 else None


def without_sentence(text: str, answer: tuple[int, int], language: str) -> str | None:
    """Return a text without the sentence that answers; `None` where nothing is left, or the words stand there again."""
    kept = [text[a:b] for a, b in split_sentences(text, language) if b <= answer[0] or a >= answer[1]]
    rest = " ".join(kept)
    return rest if kept and text[slice(*answer)] not in rest else None


Asked = tuple[str, list[str], int, str, tuple[int, int] | None]


def questions_of(name: str, folder: Path) -> list[Asked]:
    """Return a public set's questions: title, the article's paragraphs, which of them, question, answer."""
    if name == "qed":
        lines = (folder / "qed-dev.jsonlines").read_text(encoding="utf-8").splitlines()
        return [one for line in lines for one in qed_question(json.loads(line))]
    found: list[Asked] = []
    for path in sorted(folder.glob(f"{name}*.json")):
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            paragraphs = [one["context"] for one in article["paragraphs"]]
            for number, paragraph in enumerate(article["paragraphs"]):
                for one in paragraph["qas"]:
                    if one.get("is_impossible"):
                        found.append((title_of(article), paragraphs, number, one["question"], None))
                    elif answer := place_of(one["answers"][0], paragraph["context"]):
                        found.append((title_of(article), paragraphs, number, one["question"], answer))
    return found


def qed_question(row: dict[str, Any]) -> Iterator[Asked]:
    for one in (row.get("original_nq_answers") or [[]])[0][:1]:
        start = row["paragraph_text"].find(one["string"])
        if start >= 0:
            answer = start, start + len(one["string"])
            yield row["title_text"], [row["paragraph_text"]], 0, row["question_text"], answer


def place_of(answer: dict[str, Any], text: str) -> tuple[int, int] | None:
    start = int(answer["answer_start"])
    if text[start : start + len(answer["text"])] != answer["text"]:
        start = text.find(answer["text"])
    return (start, start + len(answer["text"])) if start >= 0 else None


def title_of(article: dict[str, Any]) -> str:
    return str(article["title"]).replace("_", " ")


def measured_titles() -> set[str]:
    """Return the titles, in small letters, of articles that figures are measured on."""
    data = ROOT.parent / "shared" / "data"
    files = [data / "xquad.en.json", data / "arcd-train.json"]
    return {title_of(article).casefold() for path in files for article in json.loads(path.read_text("utf-8"))["data"]}


def library_examples(drawn: random.Random) -> Iterator[Example]:
    """Yield all examples of natural articles, of which each file is a library."""
    for _, group in groupby(natural_articles(left_out=False), lambda one: one.article.source.partition(":")[0]):
        articles = list(group)
        with tempfile.TemporaryDirectory() as store, Assistant(store, qa_model="none") as assistant:
            assistant.add_articles([one.article for one in articles])
            asked = [spelt(one, assistant) for one in articles]
            yield from natural_examples(asked, assistant, drawn)
            yield from confused_examples(asked, assistant, drawn)


def natural_examples(
    articles: Sequence[NaturalArticle], assistant: Assistant, drawn: random.Random
) -> Iterator[Example]:
    """Yield the questions of natural articles, each with the passage that answers, or with others of its article."""
    for natural in articles:
        article = natural.article
        passages = assistant._store.passages_of([article.id], MOST)  # noqa: SLF001 - as a search finds them
        for question in natural.questions:
            others = list(passages)
            if question.gold is not None:
                gold = question.gold.span
                own = next((one for one in passages if one.start <= gold.start and gold.end <= one.end), None)
                if own is None:
                    continue
                yield example(question, own, article, (gold.start - own.start, gold.end - own.start))
                others = [one for one in passages if gold.of(article.text) not in one.text]
            wanted = NEAR if question.gold is None else int(drawn.random() < BESIDE)
            for passage in drawn.sample(others, min(wanted, len(others))):
                yield example(question, passage, article, None)


def example(question: NaturalQuestion, passage: Passage, article: Article, answer: tuple[int, int] | None) -> Example:
    read = qa_input(question.text, passage, article)
    return Example(read.question, read.heading, read.text, answer)


def spelt(natural: NaturalArticle, assistant: Assistant) -> NaturalArticle:
    """Return an article with its questions as a search of a library reads them: with names as that spells them."""
    store, encoder = assistant._store, assistant._encoder  # noqa: SLF001 - the very ones that a search uses
    asked = []
    for question in natural.questions:
        language = identify_language(question.text)
        found = spell(question.text, language, store, encoder.count_tokens, prefix_length=question.prefix_length)
        asked.append(replace(question, text=found.question))
    return replace(natural, questions=tuple(asked))


def confused_examples(
    articles: Sequence[NaturalArticle], assistant: Assistant, drawn: random.Random
) -> Iterator[Example]:
    """Yield questions with the passage of another article that a search takes for the nearest."""
    for natural in articles:
        text = natural.article.text
        for question in drawn.sample(natural.questions, round(CONFUSED * len(natural.questions))):
            gold = question.gold and question.gold.span.of(text)
            for hit in assistant.search(question.text, k=5).hits:
                if hit.article.id != natural.article.id and (gold is None or gold not in hit.article.text):
                    yield example(question, hit.passage, hit.article, None)
                    break


# The model


class Adapted(nn.Module):
    """A linear layer and a low-rank change of it."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.randn(RANK, base.in_features) / math.sqrt(base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, states: Tensor) -> Tensor:
        """Return what the layer makes of states."""
        down, up = self.down.to(states.dtype), self.up.to(states.dtype)
        return self.base(states) + nn.functional.linear(nn.functional.linear(states, down), up)


PARTS = {
    "attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v",
    "attention.output.dense": "ao", "intermediate.dense": "fi", "output.dense": "fo",
}  # fmt: skip
"""What the matrices of a layer are called in the bundled model, by their place in it."""


class TrainedQaModel(nn.Module):
    """The embedding model, with the changes that are learnt in single precision."""

    def __init__(self, folder: Path, precision: torch.dtype = torch.bfloat16) -> None:
        super().__init__()
        config = AutoConfig.from_pretrained(folder)
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
        # In bfloat16 plain products take half the time of the fused attention's way back; in single precision not.
        attention = "eager" if precision == torch.bfloat16 else "sdpa"
        self.model = AutoModel.from_pretrained(
            folder, config=config, add_pooling_layer=False, attn_implementation=attention, dtype=precision
        )
        self.model.requires_grad_(False)
        for name, layer in list(self.model.named_modules()):
            if isinstance(layer, nn.Linear):
                parent, _, attribute = name.rpartition(".")
                setattr(self.model.get_submodule(parent), attribute, Adapted(layer))
        self.head = nn.Linear(config.hidden_size, 2)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return each token's logits of beginning and ending the answer, shape `(batch, length, 2)`."""
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.head(states.float()).masked_fill(mask[..., None] == 0, -1e4)

    def learnt(self) -> dict[str, Tensor]:
        """Return what `assistant.qa_model.adaptation.read_adaptation` reads."""
        return {name: value.detach().half().contiguous() for name, value in self._parameters_by_name().items()}

    def start_from(self, weights: Path) -> None:
        """Take over what was learnt before."""
        learnt = load_file(weights)
        with torch.no_grad():
            for name, value in self._parameters_by_name().items():
                value.copy_(learnt[name])

    def _parameters_by_name(self) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {"head": self.head.weight, "bias": self.head.bias}
        for number, layer in enumerate(self.model.encoder.layer):
            for path, name in PARTS.items():
                adapted = layer.get_submodule(path)
                found[f"l{number}.{name}.w{DOWN}"], found[f"l{number}.{name}.w{UP}"] = adapted.down, adapted.up
        return found


def averaged(before: Mapping[str, Tensor], after: Mapping[str, Tensor], kept: float) -> dict[str, Tensor]:
    """Return weights between two, which know more than either (WiSE-FT, Wortsman et al., arXiv 2109.01903).

    What two factors add to a matrix is averaged, and brought back to their rank.

    Args:
        before: What training began with.
        after: What it ended with.
        kept: How much of the former stays, from 0 to 1.
    """
    found = {name: (kept * before[name].float() + (1 - kept) * after[name].float()).half() for name in ("head", "bias")}
    for name in (one.removesuffix(DOWN) for one in after if one.endswith(DOWN)):
        old, new = (one[name + UP].float() @ one[name + DOWN].float() for one in (before, after))
        rank = len(after[name + DOWN])
        left, sizes, right = torch.svd_lowrank(kept * old + (1 - kept) * new, q=rank + 16, niter=6)
        root = sizes[:rank].sqrt()
        found[name + UP] = (left[:, :rank] * root).half().contiguous()
        found[name + DOWN] = (right[:, :rank] * root).T.half().contiguous()
    return found


# Training


def encode(tokenizer: Tokenizer, example: Example, longest: int) -> Encoded | None:
    """Return an example's tokens; `None` where the answer has none, or none that fit."""
    question = tokenizer.encode(example.question, add_special_tokens=False).ids[-QUESTION_TOKENS:]
    heading = tokenizer.encode(example.heading, add_special_tokens=False).ids[:HEADING_TOKENS]
    before = [BEGIN, *question, SEPARATOR, SEPARATOR, *heading, *([SEPARATOR] if heading else [])]
    text = tokenizer.encode(example.text, add_special_tokens=False)
    room = longest - len(before) - 1
    begin = end = first = 0
    if example.answer:
        start, stop = example.answer
        inside = [at for at, (a, b) in enumerate(text.offsets) if a < stop and b > start and b > a]
        if not inside:
            return None
        begin, end = inside[0], inside[-1]
        if end >= room:
            first = min(max(0, end - room // 2), len(text.ids) - room)
        if begin < first or end >= first + room:
            return None
        begin, end = (len(before) + at - first for at in (begin, end))
    return Encoded([*before, *text.ids[first : first + room], SEPARATOR], begin, end)


def batches(examples: Sequence[Encoded], drawn: random.Random) -> Iterator[list[Encoded]]:
    """Yield examples of like length together, without end."""
    while True:
        order = drawn.sample(examples, len(examples))
        made: list[list[Encoded]] = []
        for start in range(0, len(order), 2000):
            batch: list[Encoded] = []
            for one in sorted(order[start : start + 2000], key=lambda one: len(one.ids)):
                if batch and (len(batch) + 1) * len(one.ids) > BATCH_TOKENS:
                    made.append(batch)
                    batch = []
                batch.append(one)
            made.append(batch)
        drawn.shuffle(made)
        yield from made


def train(model: TrainedQaModel, examples: Sequence[Encoded], seconds: float, rates: tuple[float, float]) -> None:
    """Train for some seconds, while the learning rate goes from the first share of `RATE` to the second."""
    parameters = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)
    began = time.monotonic()
    for step, batch in enumerate(batches(examples, random.Random(1))):
        done = (time.monotonic() - began) / seconds
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / WARMING_UP) * (rates[0] + done * (rates[1] - rates[0]))
        length = max(len(one.ids) for one in batch)
        ids = torch.tensor([one.ids + [PADDING] * (length - len(one.ids)) for one in batch])
        mask = torch.tensor([[1] * len(one.ids) + [0] * (length - len(one.ids)) for one in batch])
        logits = model(ids, mask)
        loss = nn.functional.cross_entropy(logits[..., 0], torch.tensor([one.begin for one in batch]))
        loss = loss + nn.functional.cross_entropy(logits[..., 1], torch.tensor([one.end for one in batch]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step}, {done:.0%}: loss {loss.item():.3f}", file=sys.stderr, flush=True)


def main() -> None:
    """Fetch what is missing, train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, nargs=2, default=(22, 39), help="for the public sets, and for all")
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "qa_training", help="public sets")
    parser.add_argument("--start", type=Path, metavar="FILE", help="go on from these weights")
    parser.add_argument("--kept", type=float, default=0.0, metavar="SHARE", help="of these, in what is written")
    parser.add_argument("--precision", choices=("bfloat16", "float32"), default="bfloat16")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    fetch(read_sources(SOURCES), arguments.folder)
    settings = load_settings()
    model, _ = bundled.unpack(settings.cache, settings.embedding_precision)
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_truncation()
    drawn = random.Random(5)
    public = [encode(tokenizer, one, LONGEST_PUBLIC) for one in public_examples(arguments.folder, drawn)]
    natural = [encode(tokenizer, one, LONGEST) for one in library_examples(drawn)]
    torch.manual_seed(1)
    trained = TrainedQaModel(model, getattr(torch, arguments.precision))
    if arguments.start:
        trained.start_from(arguments.start)
    first = [one for one in public if one]
    train(trained, first, arguments.minutes[0] * 60, (1.0, 0.35))
    second = [one for one in natural if one] + drawn.sample(first, int(REPLAYED * len(first)))
    train(trained, second, arguments.minutes[1] * 60, (0.7, 0.02))
    learnt = trained.learnt()
    if arguments.start and arguments.kept:
        learnt = averaged(load_file(arguments.start), learnt, arguments.kept)
    save_file(learnt, arguments.out)
    print(f"{len(first)} and {len(second)} examples; weights in {arguments.out}.")


if __name__ == "__main__":
    main()
