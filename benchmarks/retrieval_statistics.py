"""Take the language statistics that the package ships, from the Tatoeba sentences in `../shared/data/tatoeba`.

Half of each language's sentences are encoded as passages, half as questions. Run it again when the bundled model
changes, and commit the file it writes:

    python benchmarks/retrieval_statistics.py
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from assistant.embedding.encoder import Encoder, Encoding
from assistant.embedding.loading import load_encoder
from assistant.language.statistics import FILE, LanguageStatistics
from assistant.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "tatoeba"
DIMENSIONS = 128
CODES = {
    "ara": "ar", "ben": "bn", "bul": "bg", "ces": "cs", "cmn": "zh", "deu": "de", "ell": "el", "eng": "en",
    "fin": "fi", "fra": "fr", "heb": "he", "hin": "hi", "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja",
    "kor": "ko", "nld": "nl", "pes": "fa", "pol": "pl", "por": "pt", "ron": "ro", "rus": "ru", "spa": "es",
    "swe": "sv", "swh": "sw", "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur", "vie": "vi",
}  # fmt: skip


def sentences() -> Iterator[tuple[str, list[str]]]:
    for path in sorted(DATA.glob("*.txt")):
        yield CODES[path.stem], [line for line in path.read_text("utf-8").splitlines() if line.strip()]


def mean_tokens(encodings: list[Encoding]) -> np.ndarray:
    return np.concatenate([encoding.tokens for encoding in encodings]).mean(axis=0)


def covariance(encodings: list[Encoding]) -> np.ndarray:
    return np.cov(np.concatenate([encoding.tokens for encoding in encodings]), rowvar=False)


def fit(encoder: Encoder, texts: dict[str, list[str]], dimensions: int = DIMENSIONS) -> LanguageStatistics:
    """Encode the sentences and sum them up; a token's frequency is the largest it has in any language."""
    rows: list[tuple[np.ndarray, ...]] = []
    spread = np.zeros((encoder.dimension, encoder.dimension))
    frequency: dict[int, float] = {}
    for language, lines in texts.items():
        passages, questions = encoder.encode_passages(lines[::2]), encoder.encode_questions(lines[1::2])
        rows.append(
            (
                np.mean([encoding.pooled for encoding in questions], axis=0),
                np.mean([encoding.pooled for encoding in passages], axis=0),
                mean_tokens(questions),
                mean_tokens(passages),
            )
        )
        spread += covariance(passages) + covariance(questions)
        distinct = np.concatenate([np.unique(encoding.token_ids) for encoding in passages + questions])
        for token, count in zip(*np.unique(distinct, return_counts=True), strict=True):
            frequency[int(token)] = max(frequency.get(int(token), 0.0), count / len(lines))
        print(f"{language}: {len(lines)} sentences")
    _, directions = np.linalg.eigh(spread)
    floor = 1 / max(map(len, texts.values()))
    tokens = sorted(frequency)
    questions, passages, question_tokens, passage_tokens = (np.stack(part) for part in zip(*rows, strict=True))
    return LanguageStatistics(
        model=encoder.name,
        languages=tuple(texts),
        questions=questions,
        passages=passages,
        question_tokens=question_tokens,
        passage_tokens=passage_tokens,
        components=directions[:, ::-1][:, :dimensions].astype(np.float32),
        token_ids=np.array(tokens, np.int32),
        token_weights=-np.log(np.array([frequency[token] for token in tokens], np.float32) + floor).astype(np.float32),
        rare_weight=float(-np.log(floor)),
    )


if __name__ == "__main__":
    statistics = fit(load_encoder(load_settings()), dict(sentences()))
    target = ROOT / "assistant" / "language" / FILE
    target.write_bytes(statistics.to_bytes())
    print(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB, {len(statistics.token_ids)} tokens")
