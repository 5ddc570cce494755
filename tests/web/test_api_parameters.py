import pytest

from assistant.web.api_parameters import RefusedError, check_page


@pytest.mark.parametrize(
    ("asked", "page"),
    [((0, 0), (None, 0)), ((None, None), (None, 0)), ((10, 20), (10, 20)), ((10.0, 5.0), (10, 5))],
)
def test_a_page_of_a_list_is_limited_or_not(asked, page):
    assert check_page(*asked) == page


@pytest.mark.parametrize("asked", [(-1, 0), (0, -1), ("ten", 0), (0, [1]), (2**40, 0), (float("nan"), 0)])
def test_what_is_no_page_is_refused_by_its_name(asked):
    with pytest.raises(RefusedError, match=r"limit|offset"):
        check_page(*asked)
