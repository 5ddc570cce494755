import time
from collections.abc import Callable

import pytest


@pytest.fixture
def assert_linear() -> Callable[[Callable[[int], object]], None]:
    """Ten times the input may take thirty times the processor's time: far from the hundred of a quadratic step."""

    def check(work: Callable[[int], object]) -> None:
        def seconds(count: int) -> float:
            start = time.process_time()
            work(count)
            return time.process_time() - start

        small = min(seconds(10_000) for _ in range(2))
        assert seconds(100_000) < 30 * max(small, 0.005)

    return check
