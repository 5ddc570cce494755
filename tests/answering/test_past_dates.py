from datetime import date

import pytest

from assistant.answering.extractive import answer_extractively
from assistant.answering.past_dates import tell_what_has_passed

NEXT = date(2026, 5, 2)


@pytest.mark.parametrize(
    ("said", "language", "note"),
    [
        ("The fair opens on 30 April 2026.", "en", "This date has passed: April 30, 2026."),
        ("يفتتح المعرض في 30 أبريل 2026.", "ar", "انقضى هذا التاريخ: 30 أبريل 2026."),
        ("Die Messe beginnt am 30. April 2026.", "de", "Dieses Datum ist vorbei: 30. April 2026."),
    ],
)
def test_a_day_announced_that_is_over_is_said_to_be(hit, result, said, language, note):
    found = result(hit([said], language=language, published=date(2026, 3, 1)), language=language)
    answer = answer_extractively(found)
    assert tell_what_has_passed(answer, NEXT).notes == (note,)
    assert tell_what_has_passed(answer, date(2026, 4, 30)).notes == ()


@pytest.mark.parametrize(
    ("said", "published"),
    [
        ("The fair opened on 1 February 2026.", date(2026, 3, 1)),
        ("The fair opens on 30 April 2026.", None),
        ("The fair opens in April 2026.", date(2026, 3, 1)),
    ],
)
def test_what_was_over_already_or_has_no_day_is_not(hit, result, said, published):
    assert tell_what_has_passed(answer_extractively(result(hit([said], published=published))), NEXT).notes == ()
