"""How long a search takes, beside encoding the question and searching FAISS alone, as the library grows.

The library is XQuAD's paragraphs in two languages, repeated under other titles until there are enough passages; their
vectors are jittered so that no two are equal.

    python benchmarks/retrieval_speed.py --passages 10000
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.articles.article import Article
from assistant.embedding.loading import load_encoder
from assistant.embedding.token_codec import load_codec
from assistant.evaluation.squad import read_squad
from assistant.indexing.passage_encoder import PassageEncoder, fingerprint_of
from assistant.retrieval.retriever import Retriever
from assistant.settings import load_settings
from assistant.store.local_store import LocalStore

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=100)
    arguments = parser.parse_args()
    settings = load_settings()
    encoder = load_encoder(settings)
    codec = load_codec(encoder)
    english, arabic = read_squad(DATA / "xquad.en.json"), read_squad(DATA / "xquad.ar.json")
    passage_encoder = PassageEncoder(encoder, codec, settings)
    encoded = [
        (article, list(passage_encoder.encode([(article, passage_encoder.chunk(article))])))
        for article in english.articles[:10] + arabic.articles[:10]
    ]
    rng = np.random.default_rng(0)
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalStore.open(Path(folder), fingerprint_of(encoder, codec, settings)) as store,
    ):
        count = 0
        while count < arguments.passages:
            for article, passages in encoded:
                text = f"{article.text}\n\n{count}"
                copy = Article(f"copy/{count}", article.title, text, article.language)
                jittered = []
                for passage in passages:
                    vector = passage.vector + 0.02 * rng.standard_normal(encoder.dimension).astype(np.float32)
                    owned = replace(passage.passage, article_id=copy.id)
                    jittered.append(replace(passage, passage=owned, vector=vector / np.linalg.norm(vector)))
                store.put(copy, jittered)
                count += len(passages)
        retriever = Retriever(store, encoder, codec, settings)
        questions = [question.text for question in (*english.questions[::2], *arabic.questions[::2])]
        retriever.search("What opens the models and files?")
        alone, whole, first = [], [], []
        stages: dict[str, list[float]] = {}
        for question in questions[:: max(1, len(questions) // arguments.questions)]:
            before = time.perf_counter()
            retriever.search(question)
            first.append(time.perf_counter() - before)
            started = time.perf_counter()
            store.dense_candidates(encoder.encode_questions([question])[0].pooled, settings.k)
            between = time.perf_counter()
            result = retriever.search(question)
            whole.append(time.perf_counter() - between)
            alone.append(between - started)
            for stage, seconds in result.timings.items():
                stages.setdefault(stage, []).append(seconds)
        baseline = statistics.median(alone) * 1000
        print(f"{count} passages: question and FAISS alone {baseline:.1f} ms")
        for name, measured in (("asked for the first time", first), ("asked again", whole)):
            search = statistics.median(measured) * 1000
            print(f"search, {name}: {search:.1f} ms, {search / baseline:.2f} x")
        print({stage: f"{statistics.median(values) * 1000:.1f} ms" for stage, values in stages.items()})


if __name__ == "__main__":
    main()
