import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.embedding.token_places import pack_places, unpack_places

spans = st.lists(st.tuples(st.integers(-500, 100_000), st.integers(0, 400)), max_size=30)


@given(spans)
def test_any_places_come_back(found):
    offsets = np.array([(start, start + length) for start, length in found], np.int32).reshape(-1, 2)
    assert unpack_places(pack_places(offsets), len(offsets)).tolist() == offsets.tolist()


def test_ordinary_text_takes_a_byte_a_token():
    starts = np.arange(0, 600, 6)
    offsets = np.stack((starts, starts + 5), axis=1).astype(np.int32)
    assert len(pack_places(offsets)) == 100


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"x"])
def test_what_is_cut_off_or_too_long_is_refused(change):
    data = pack_places(np.array([[0, 3], [4, 900]], np.int32))
    with pytest.raises(ValueError, match=r"buffer|reshape"):
        unpack_places(change(data), 2)
