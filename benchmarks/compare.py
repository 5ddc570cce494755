"""Filling a library and asking it, beside LangChain's recipe, txtai and LlamaIndex, on the same articles and weights.

    make bench
    python benchmarks/compare.py --json benchmarks/compare.json
    python benchmarks/compare.py --rounds 3 --articles 48 --questions 200
    python benchmarks/compare.py --check benchmarks/compare.json

Every system does the same in a process of its own, one after another and in turn, so that they meet the same machine:
open the embedding model, fill a store in a folder from articles in memory, ask the questions for their top five. What
does not belong to this project is taken as its tutorials use it, on torch, and left out where it is not installed:

    pip install langchain-community langchain-huggingface txtai llama-index-core llama-index-embeddings-huggingface

Figures are ratios to this project's, medians over the rounds; processor time says more than the clock where other work
runs beside it. By default a small library is filled, so that importing and opening count for much. `--check` ends with
an error where a ratio has fallen by more than a fifth of what is kept in the file.
"""

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.articles.article import Article
from assistant.embedding import bundled
from assistant.evaluation.squad import read_squad
from assistant.settings import load_settings

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TOP = 5
CHUNK, OVERLAP = 1000, 200
LARGEST_LOSS = 0.2
OURS = "this project"
FIGURES = ("filling, s", "filling, processor s", "question, ms", "question, processor ms", "memory, MB")

Ask = Callable[[str], Sequence[str]]
Fill = Callable[[Sequence[Article], Path], Ask]


def fill_ours(articles: Sequence[Article], folder: Path) -> Ask:
    """This project, through its façade."""
    from assistant import Assistant  # noqa: PLC0415 - each system is imported in its own process

    assistant = Assistant(folder)
    assistant.add_articles(articles)
    return lambda question: [hit.passage.text for hit in assistant.search(question, TOP).hits]


def fill_langchain(articles: Sequence[Article], folder: Path) -> Ask:
    """The recipe of LangChain's tutorials: recursive splitter, Hugging Face embeddings, FAISS."""
    from langchain_community.vectorstores import FAISS  # noqa: PLC0415 - as above
    from langchain_huggingface import HuggingFaceEmbeddings  # noqa: PLC0415
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415

    embeddings = HuggingFaceEmbeddings(
        model_name=str(_weights()),
        encode_kwargs={"prompt_name": "passage"},
        query_encode_kwargs={"prompt_name": "query"},
    )
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    store = FAISS.from_documents(splitter.create_documents([article.text for article in articles]), embeddings)
    store.save_local(str(folder))
    return lambda question: [document.page_content for document in store.similarity_search(question, TOP)]


def fill_txtai(articles: Sequence[Article], folder: Path) -> Ask:
    """The embeddings of txtai with content, over the same chunks: it does not cut texts itself."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415 - as above
    from txtai import Embeddings  # noqa: PLC0415

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    chunks = [chunk for article in articles for chunk in splitter.split_text(article.text)]
    instructions = {"query": "query: ", "data": "passage: "}
    embeddings = Embeddings(path=str(_weights()), content=True, instructions=instructions)
    embeddings.index(chunks)
    embeddings.save(str(folder))
    return lambda question: [found["text"] for found in embeddings.search(question, TOP)]


def fill_llama_index(articles: Sequence[Article], folder: Path) -> Ask:
    """LlamaIndex's vector store index with its defaults, on the same weights."""
    from llama_index.core import Document, VectorStoreIndex  # noqa: PLC0415 - as above
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding  # noqa: PLC0415

    model = HuggingFaceEmbedding(str(_weights()), query_instruction="query: ", text_instruction="passage: ")
    # Its chunks of 1,024 tokens would be cut off by a model that reads 512.
    documents = [Document(text=article.text) for article in articles]
    index = VectorStoreIndex.from_documents(documents, embed_model=model, transformations=[_sentences()])
    index.storage_context.persist(str(folder))
    retriever = index.as_retriever(similarity_top_k=TOP)
    return lambda question: [found.node.get_content() for found in retriever.retrieve(question)]


def _sentences() -> object:
    from llama_index.core.node_parser import SentenceSplitter  # noqa: PLC0415 - as above

    return SentenceSplitter(chunk_size=256, chunk_overlap=50)


def _weights() -> Path:
    settings = load_settings()
    return bundled.unpack(settings.cache, settings.embedding_precision)[0]


SYSTEMS: dict[str, tuple[Fill, tuple[str, ...]]] = {
    OURS: (fill_ours, ()),
    "LangChain's recipe": (
        fill_langchain,
        ("langchain_community", "langchain_huggingface", "sentence_transformers"),
    ),
    "txtai": (fill_txtai, ("txtai", "torch")),
    "LlamaIndex": (fill_llama_index, ("llama_index.core", "llama_index.embeddings.huggingface")),
}


def measure(system: str, language: str, articles: int, questions: int) -> dict[str, float]:
    """Fill and ask with one system, in this process; return its figures."""
    asked = read_squad(DATA / f"xquad.{language}.json")
    chosen = asked.articles[:articles]
    ids = {article.id for article in chosen}
    texts = [one for one in asked.questions if any(gold.article_id in ids for gold in one.gold)][:questions]
    start, processor = time.perf_counter(), _processor()
    with tempfile.TemporaryDirectory() as folder:
        ask = SYSTEMS[system][0](chosen, Path(folder) / "store")
        filled = time.perf_counter() - start, _processor() - processor
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ask(texts[0].text)
        found, times, processor = 0, [], _processor()
        for question in texts:
            start = time.perf_counter()
            passages = ask(question.text)
            times.append(time.perf_counter() - start)
            found += any(answer.text in passages[0] for answer in question.answers) if passages else 0
        spent = (_processor() - processor) / len(texts)
    figures = (*filled, statistics.median(times) * 1000, spent * 1000, memory)
    return {**dict(zip(FIGURES, figures, strict=True)), "answer in the first": found / len(texts)}


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _in_process(system: str, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--only", system, "--language", options.language]
    command += ["--articles", str(options.articles), "--questions", str(options.questions)]
    # Nothing is looked for on a hub: the weights lie in a folder.
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _is_installed(modules: Sequence[str]) -> bool:
    try:
        return all(importlib.util.find_spec(module) is not None for module in modules)
    except ModuleNotFoundError:
        return False


def compare(options: argparse.Namespace) -> dict[str, dict[str, dict[str, float]]]:
    """Return each system's medians, and the medians of the ratios of its figures to this project's, round by round."""
    present = [name for name, (_, modules) in SYSTEMS.items() if _is_installed(modules)]
    for name in SYSTEMS.keys() - set(present):
        print(f"{name} is not installed and left out.", file=sys.stderr)
    rounds = [{name: _in_process(name, options) for name in present} for _ in range(options.rounds)]
    found = {}
    for name in present:
        values = {one: statistics.median(made[name][one] for made in rounds) for one in rounds[0][name]}
        ratios = {one: statistics.median(made[name][one] / made[OURS][one] for made in rounds) for one in FIGURES}
        found[name] = {"median": values, "ratio": ratios}
    return found


def table(found: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return the comparison as Markdown: this project's figures, and how many times as much each other one takes."""
    figures = [*FIGURES, "answer in the first"]
    rows = [["", *figures], ["---"] * (len(figures) + 1)]
    for name, kinds in found.items():
        shown = [f"{kinds['median'][one]:.2f}" if name == OURS else f"{kinds['ratio'][one]:.2f}×" for one in FIGURES]
        rows.append([name, *shown, f"{kinds['median']['answer in the first']:.3f}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def fallen(found: dict[str, dict[str, dict[str, float]]], kept: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """Return a line for each ratio that is more than a fifth below what was kept."""
    return [
        f"{name}, {figure}: {found[name]['ratio'][figure]:.2f}× instead of {ratio:.2f}×"
        for name, kinds in kept.items()
        if name in found and name != OURS
        for figure, ratio in kinds["ratio"].items()
        if "processor" in figure or "memory" in figure
        if found[name]["ratio"][figure] < ratio * (1 - LARGEST_LOSS)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--language", default="ar", choices=("ar", "en"))
    parser.add_argument("--articles", type=int, default=4)
    parser.add_argument("--questions", type=int, default=15)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    parser.add_argument("--check", type=Path, metavar="FILE", help="compare the ratios with those that are kept here")
    parser.add_argument("--only", metavar="SYSTEM", choices=SYSTEMS, help="measure one system, in this process")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.only, options.language, options.articles, options.questions)))
        return
    found = compare(options)
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if options.check and (lines := fallen(found, json.loads(options.check.read_text(encoding="utf-8")))):
        sys.exit("\n".join(lines))


if __name__ == "__main__":
    main()
