import pytest

from assistant.answering.quantities import Quantity, quantities_of


@pytest.mark.parametrize(
    ("text", "language", "stated"),
    [
        ("The bridge is 1.2 km long and cost £18,500.", "en", {("length", 1200.0), ("GBP", 18500.0)}),
        ("Длина линии — 12 километров.", "ru", {("length", 12000.0)}),
        ("全长28.6公里，需要46分钟。", "zh", {("length", 28600.0), ("duration", 2760.0)}),
        ("ارتفاعه 84 مترا", "ar", {("length", 84.0)}),
        ("It weighs five tonnes.", "en", {("mass", 5_000_000.0)}),
        ("The town has 18,000 books.", "en", {("number", 18000.0)}),
        ("No quantity at all.", "en", set()),
    ],
)
def test_quantities_of_one_kind_are_in_one_unit(text, language, stated):
    assert {(one.kind, one.value) for one in quantities_of(text, language)} == stated


def test_dates_count_only_with_their_year():
    (day,) = quantities_of("It opened on 12 October 2025.", "en")
    (year,) = quantities_of("It was built in 1897.", "en")
    assert year.value < day.value
    assert [one.in_words("en") for one in (day, year)] == ["October 12, 2025", "1897"]
    assert not [one for one in quantities_of("It opens on 1 June.", "en") if one.kind == "date"]
    assert not [one for one in quantities_of("August Rein drew it.", "en") if one.kind == "date"]


def test_amounts_compare_only_in_one_currency():
    (pounds,) = quantities_of("£9", "en")
    (euros,) = quantities_of("9 Euro", "de")
    (dollars,) = quantities_of("9 dollars", "en")
    (us,) = quantities_of("US$9", "en")
    assert not pounds.compares_with(euros)
    assert dollars.compares_with(us)
    assert not dollars.compares_with(euros)


def test_they_are_said_in_the_readers_language():
    length = Quantity("length", 12000, 12, "length-kilometer")
    assert length.in_words("ru") == "12 километров"
    assert Quantity("EUR", 1234.5, 1234.5, "EUR").in_words("de") == "1.234,50\N{NO-BREAK SPACE}€"
    assert Quantity("length", 1, 1, "length-meter").in_words("und") == "1 meter"


def test_of_several_currencies_none_is_guessed():
    (dollars,) = quantities_of("٣٤٠ مليون دولار", "ar")
    assert dollars.in_words("en") == "340,000,000"


def test_of_several_days_none_is_chosen():
    [day] = [one for one in quantities_of("The book fair opens on 12 May 2026 for 3 days.", "en") if one.kind == "date"]
    assert day.in_words("en") == "May 12, 2026"
    assert not [one for one in quantities_of("It is on 12 and 14 May 2026.", "en") if one.kind == "date"]


def test_a_language_that_the_cldr_does_not_know_has_no_currency_of_its_own():
    [dollars] = quantities_of("It cost 5 dollars.", "arz")
    assert dollars.unit == ""
