"""Learn the codebook of token vectors that the package ships, from the Tatoeba sentences in `../shared/data/tatoeba`.

Ten sentences at a time are encoded as a passage, as for the language statistics. Run it again when those change, and
commit the file it writes:

    python benchmarks/token_codebook.py
"""

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
from retrieval_statistics import SENTENCES_PER_PASSAGE, sentences

from assistant.embedding.language_statistics import load_statistics
from assistant.embedding.loading import load_encoder
from assistant.embedding.product_quantiser import CODES, Codebook
from assistant.embedding.token_codec import CODEBOOK, TokenCodec
from assistant.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 4
SAMPLE = 60_000
ROUNDS = 20


def clusters(vectors: np.ndarray) -> np.ndarray:
    """Return as many cluster centres as a byte can tell apart."""
    kmeans = faiss.Kmeans(
        vectors.shape[1], CODES, niter=ROUNDS, seed=1, max_points_per_centroid=len(vectors) // CODES + 1
    )
    kmeans.train(np.ascontiguousarray(vectors))
    centres: np.ndarray = kmeans.centroids
    return centres


def balanced(variances: np.ndarray, width: int) -> np.ndarray:
    """Return an order of dimensions in which the variances of each part have about the same product.

    Source: the eigenvalue allocation of Ge et al., "Optimized Product Quantization", CVPR 2013.
    """
    parts: list[list[int]] = [[] for _ in range(len(variances) // width)]
    for dimension in np.argsort(-variances):
        open_parts = [part for part in parts if len(part) < width]
        min(open_parts, key=lambda part: float(np.log(variances[part] / variances.min()).sum())).append(dimension)
    return np.concatenate(parts).astype(np.int16)


def learn(model: str, passages: Sequence[np.ndarray]) -> Codebook:
    """Learn from the token vectors of passages, each of shape `(tokens, dimension)`."""
    rests = np.concatenate([vectors - vectors.mean(axis=0) for vectors in passages if len(vectors)])
    chosen = rests[np.random.default_rng(0).permutation(len(rests))[:SAMPLE]]
    coarse = clusters(chosen)
    rests = chosen - coarse[(chosen @ coarse.T - (coarse**2).sum(axis=1) / 2).argmax(axis=1)]
    units = rests / np.maximum(np.linalg.norm(rests, axis=1, keepdims=True), 1e-6)
    order = balanced(units.var(axis=0), WIDTH)
    cut = units[:, order].reshape(len(units), -1, WIDTH)
    parts = np.stack([clusters(cut[:, number]) for number in range(cut.shape[1])])
    return Codebook(model, order, coarse[:, order], parts)


def main() -> None:
    encoder = load_encoder(load_settings())
    statistics = load_statistics(encoder.name, encoder.dimension)
    if statistics is None:
        raise SystemExit(f"{encoder.name} has no statistics: run benchmarks/retrieval_statistics.py first.")
    codec = TokenCodec("learning", statistics.centre, statistics.components, statistics=statistics)
    passages = []
    for language, lines in sentences():
        chunks = [
            " ".join(lines[at : at + SENTENCES_PER_PASSAGE]) for at in range(0, len(lines), SENTENCES_PER_PASSAGE)
        ]
        passages += [codec.exact(encoding, language).vectors for encoding in encoder.encode_passages(chunks)]
        print(language, flush=True)
    target = ROOT / "assistant" / "embedding" / CODEBOOK
    target.write_bytes(learn(encoder.name, passages).to_bytes())
    print(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
