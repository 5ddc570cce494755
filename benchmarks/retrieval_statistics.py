"""Take the language statistics that the package ships, from the Tatoeba sentences in `../shared/data/tatoeba`.

Ten sentences at a time are encoded as a passage, because a token's vector depends on the length of its text. Sentences
one by one are encoded as questions; those that end in a question mark make the mean question where there are enough.
Rare tokens weigh more in the means, as they do in the comparison. Run it again when the bundled model changes, and
commit the file it writes:

    python benchmarks/retrieval_statistics.py
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from assistant.embedding.encoder import Encoder, Encoding
from assistant.embedding.language_statistics import FILE, LanguageStatistics
from assistant.embedding.loading import load_encoder
from assistant.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "tatoeba"
DIMENSIONS = 256
SENTENCES_PER_PASSAGE = 10
USUAL_QUESTIONS = 4
QUESTION_MARKS = ("?", "؟", "？")
ENOUGH_QUESTIONS = 30
CODES = {
    "ara": "ar", "ben": "bn", "bul": "bg", "ces": "cs", "cmn": "zh", "deu": "de", "ell": "el", "eng": "en",
    "fin": "fi", "fra": "fr", "heb": "he", "hin": "hi", "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja",
    "kor": "ko", "nld": "nl", "pes": "fa", "pol": "pl", "por": "pt", "ron": "ro", "rus": "ru", "spa": "es",
    "swe": "sv", "swh": "sw", "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi",
}  # fmt: skip


def sentences() -> Iterator[tuple[str, list[str]]]:
    for path in sorted(DATA.glob("*.txt")):
        yield CODES[path.stem], [line for line in path.read_text("utf-8").splitlines() if line.strip()]


def weighted_mean(encodings: list[Encoding], weigh: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    tokens = np.concatenate([encoding.tokens for encoding in encodings])
    weights = weigh(np.concatenate([encoding.token_ids for encoding in encodings]))
    return np.average(tokens, axis=0, weights=weights).astype(np.float32)


def mean_pooled(encodings: list[Encoding]) -> np.ndarray:
    return np.mean([encoding.pooled for encoding in encodings], axis=0)


def token_covariance(encodings: list[Encoding]) -> np.ndarray:
    return np.cov(np.concatenate([encoding.tokens for encoding in encodings]), rowvar=False)


def asked(lines: list[str], encodings: list[Encoding]) -> list[Encoding]:
    """Keep what ends in a question mark; everything where that is too little, as in Thai, which writes none."""
    chosen = [
        encoding
        for line, encoding in zip(lines, encodings, strict=True)
        if line.rstrip().rstrip('"”»').endswith(QUESTION_MARKS)
    ]
    return chosen if len(chosen) >= ENOUGH_QUESTIONS else encodings


def usual_questions(encoded: list[list[Encoding]], means: np.ndarray, components: np.ndarray) -> dict[str, np.ndarray]:
    """Take some questions of each language, evenly, as the usual ones of `LanguageStatistics`."""
    chosen = [questions[:: max(1, len(questions) // USUAL_QUESTIONS)][:USUAL_QUESTIONS] for questions in encoded]
    tokens = [
        (question.tokens - mean) @ components
        for questions, mean in zip(chosen, means, strict=True)
        for question in questions
    ]
    stacked = np.concatenate(tokens)
    return {
        "usual_tokens": stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-6),
        "usual_token_ids": np.concatenate([question.token_ids for questions in chosen for question in questions]),
        "usual_starts": np.cumsum([0, *map(len, tokens[:-1])], dtype=np.int64),
    }


def fit(encoder: Encoder, texts: dict[str, list[str]], dimensions: int = DIMENSIONS) -> LanguageStatistics:
    """Encode the sentences and sum them up; a token's frequency is the largest it has in any language."""
    encoded: dict[str, tuple[list[Encoding], list[Encoding]]] = {}
    spread = np.zeros((encoder.dimension, encoder.dimension))
    frequency: dict[int, float] = {}
    for language, lines in texts.items():
        chunks = [
            " ".join(lines[start : start + SENTENCES_PER_PASSAGE])
            for start in range(0, len(lines), SENTENCES_PER_PASSAGE)
        ]
        passages, questions = encoder.encode_passages(chunks[::2]), encoder.encode_questions(lines)
        encoded[language] = (asked(lines, questions), passages)
        spread += token_covariance(questions) + token_covariance(encoder.encode_passages(lines[::4]))
        distinct = np.concatenate([np.unique(encoding.token_ids) for encoding in questions])
        for token, count in zip(*np.unique(distinct, return_counts=True), strict=True):
            frequency[int(token)] = max(frequency.get(int(token), 0.0), count / len(lines))
        print(f"{language}: {len(lines)} sentences, question mean from {len(encoded[language][0])}", flush=True)
    floor = 1 / max(map(len, texts.values()))
    rare = float(-np.log(floor))
    weights = {token: float(-np.log(share + floor)) for token, share in sorted(frequency.items())}

    def weigh(token_ids: np.ndarray) -> np.ndarray:
        return np.array([weights.get(int(token), rare) for token in token_ids])

    _, directions = np.linalg.eigh(spread)
    components = directions[:, ::-1][:, :dimensions].astype(np.float32)
    means = np.stack([weighted_mean(questions, weigh) for questions, _ in encoded.values()])
    return LanguageStatistics(
        model=encoder.name,
        languages=tuple(texts),
        questions=np.stack([mean_pooled(questions) for questions, _ in encoded.values()]),
        passages=np.stack([mean_pooled(passages) for _, passages in encoded.values()]),
        question_tokens=means,
        passage_tokens=np.stack([weighted_mean(passages, weigh) for _, passages in encoded.values()]),
        components=components,
        token_ids=np.array(list(weights), np.int32),
        token_weights=np.array(list(weights.values()), np.float32),
        rare_weight=rare,
        **usual_questions([questions for questions, _ in encoded.values()], means, components),
    )


if __name__ == "__main__":
    statistics = fit(load_encoder(load_settings()), dict(sentences()))
    target = ROOT / "assistant" / "embedding" / FILE
    target.write_bytes(statistics.to_bytes())
    print(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB, {len(statistics.token_ids)} tokens")
