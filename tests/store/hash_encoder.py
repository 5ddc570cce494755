"""A small encoder that needs no model: texts that share words get similar vectors."""

import hashlib
import re

import numpy as np

from assistant.embedding.encoder import Encoding

_WORD = re.compile(r"\w+")


class HashEncoder:
    """Gives every word a fixed pseudo-random vector; a text's vector is their normalised sum."""

    def __init__(self, dimension=16, revision="1"):
        self.name = "hash"
        self.revision = revision
        self.dimension = dimension
        self.max_tokens = 40
        self.question_prompt = "question: "
        self.passage_prompt = "passage: "
        self.batches = []

    @property
    def texts(self):
        return [text for batch in self.batches for text in batch]

    def encode_questions(self, texts):
        return [self._encode(text) for text in texts]

    def encode_passages(self, texts):
        self.batches.append(list(texts))
        return [self._encode(text) for text in texts]

    def count_tokens(self, texts):
        return [len(_WORD.findall(text)) for text in texts]

    def _encode(self, text):
        words = list(_WORD.finditer(text))
        tokens = np.array([self._vector(word.group()) for word in words], np.float32).reshape(-1, self.dimension)
        pooled = tokens.sum(axis=0) if words else self._vector("")
        return Encoding(
            pooled=(pooled / np.linalg.norm(pooled)).astype(np.float32),
            tokens=tokens,
            token_ids=np.array([len(word.group()) for word in words], np.int32),
            offsets=np.array([word.span() for word in words], np.int32).reshape(-1, 2),
        )

    def _vector(self, word):
        seed = hashlib.sha256(f"{self.revision} {word.lower()}".encode()).digest()
        return np.random.default_rng(int.from_bytes(seed[:8], "little")).standard_normal(self.dimension)
