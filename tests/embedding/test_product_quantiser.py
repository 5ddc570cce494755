import numpy as np
import pytest

from assistant.embedding.product_quantiser import Codebook, ProductQuantiser, scalar_quantiser


@pytest.mark.parametrize("dimension", [2, 7, 48])
def test_four_bits_a_dimension_keep_the_direction(dimension):
    vectors = np.random.default_rng(0).normal(size=(200, dimension)).astype(np.float32)
    quantiser = scalar_quantiser(dimension)
    codes, gains = quantiser.encode(vectors)
    assert codes.nbytes == 200 * -(-dimension // 2)
    decoded = quantiser.decode(codes, gains)
    errors = ((decoded - vectors) ** 2).sum(axis=1) / (vectors**2).sum(axis=1)
    assert errors.mean() < 0.03


def test_the_nearest_entry_of_each_part_is_taken_and_the_coarse_one_subtracted_first():
    rng = np.random.default_rng(1)
    parts, coarse = rng.normal(size=(3, 256, 2)).astype(np.float32), 5 * rng.normal(size=(256, 6)).astype(np.float32)
    quantiser = ProductQuantiser(parts, coarse)
    rest = parts[[0, 1, 2], [9, 200, 77]].reshape(1, 6)
    codes, gains = quantiser.encode(coarse[[42]] + rest / np.linalg.norm(rest))
    assert codes[0, 0] == np.linalg.norm(coarse[42] + rest / np.linalg.norm(rest) - coarse, axis=1).argmin()
    unit = rest / np.linalg.norm(rest)
    nearest = [((part - unit[0, 2 * at : 2 * at + 2]) ** 2).sum(axis=1).argmin() for at, part in enumerate(parts)]
    assert codes[0, 1:].tolist() == nearest
    assert gains[0] > 0


def test_nothing_and_zero_vectors_are_coded():
    quantiser = scalar_quantiser(8)
    assert quantiser.decode(*quantiser.encode(np.empty((0, 8), np.float32))).shape == (0, 8)
    assert not quantiser.decode(*quantiser.encode(np.zeros((2, 8), np.float32))).any()


def test_a_codebook_comes_back_from_its_bytes():
    rng = np.random.default_rng(2)
    order = rng.permutation(4).astype(np.int16)
    codebook = Codebook("m", order, np.ones((256, 4), np.float32), np.ones((2, 256, 2), np.float32))
    again = Codebook.from_bytes(codebook.to_bytes())
    assert again.model == "m"
    assert again.order.tolist() == order.tolist()
    assert again.parts.dtype == again.coarse.dtype == np.float32
