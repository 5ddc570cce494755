"""The same number written otherwise is the same, and another number is not, whichever of the two texts is the answer."""

import pytest

from assistant.answering.grounding.facts import Evidence, FactKind, unsupported_facts
from assistant.answering.grounding.lexicon import lexicon
from assistant.answering.grounding.numerals import find_numbers


def exact(sentence, language, evidence, evidence_language):
    facts = unsupported_facts(sentence, language, Evidence(evidence, evidence_language))
    return [fact.text for fact in facts if fact.kind is not FactKind.NAME]


def values(text, language):
    return [sorted(map(float, number.values)) for number in find_numbers(text, lexicon(language), language=language)]


# The last text of each states another value than the two before it.
READINGS = [
    # Arabic commas between groups of three.
    ("a crowd of 22,338,618", "en", "حشد من 22،338،618", "ar", "حشد من 22،338،619"),
    ("a crowd of 121,154", "en", "حشد من ١٢١،١٥٤", "ar", "حشد من ١٢١،١٥٥"),
    # Large numbers and what they are shortened to.
    ("some 390 billion trees", "en", "نحو 390 بليون شجرة", "ar", "نحو 390 مليون شجرة"),
    ("some 5 billion trees", "en", "نحو 5 مليارات شجرة", "ar", "نحو 5 ملايين شجرة"),
    ("some 5 trillion trees", "en", "نحو 5 تريليونات شجرة", "ar", "نحو 5 مليارات شجرة"),
    ("some 2,000,000 trees", "en", "نحو مليوني شجرة", "ar", "نحو مليون شجرة"),
    ("some 2,000 trees", "en", "نحو ألفي شجرة", "ar", "نحو ألف شجرة"),
    ("worth 162,584 mln of them", "en", "بقيمة 162,584 مليون", "ar", "بقيمة 162,585 مليون"),
    ("worth £30m", "en", "بقيمة 30 مليون جنيه إسترليني", "ar", "بقيمة 30 مليار جنيه إسترليني"),
    ("worth $5bn", "en", "بقيمة 5 مليارات دولار", "ar", "بقيمة 5 ملايين دولار"),
    ("worth $1.5tn", "en", "بقيمة 1,5 تريليون دولار", "ar", "بقيمة 1,5 مليار دولار"),
    ("rund 12 Mrd. Euro", "de", "12 billion euros", "en", "12 million euros"),
    ("около 12 млн человек", "ru", "12 million people", "en", "12 billion people"),
    # Sums of money.
    ("worth £30m", "en", "worth 30 million pounds", "en", "worth 30 million euros"),
    ("worth £30 million", "en", "im Wert von 30 Millionen Pfund", "de", "im Wert von 30 Millionen Dollar"),
    ("worth £40k", "en", "worth 40,000 pounds", "en", "worth 40 pounds"),
    ("worth €2.5bn", "en", "worth 2.5 billion euros", "en", "worth 2.5 million euros"),
    ("worth 30m pounds", "en", "worth £30 million", "en", "worth £30 billion"),
    ("worth 30 m euros", "en", "بقيمة 30 مليون يورو", "ar", "بقيمة 30 مليار يورو"),
    ("worth £30m", "en", "worth GBP 30 million", "en", "worth USD 30 million"),
    ("worth 30 million pounds", "en", "a 30-million-pound plan", "en", "a 30-million-euro plan"),
    ("a rise of 25%", "en", "a twenty-five-percent rise", "en", "a twenty-six-percent rise"),
    # Decades.
    ("in the 1970s", "en", "في السبعينيات", "ar", "في الثمانينيات"),
    ("in the 1970s", "en", "في سبعينات القرن الماضي", "ar", "في ستينات القرن الماضي"),
    ("in the 1970s", "en", "in the late seventies", "en", "in the late sixties"),
    ("in the 1970s", "en", "in the '70s", "en", "in the '60s"),
    ("in the 1970s", "en", "dans les années soixante-dix", "fr", "dans les années soixante"),
    ("in the 1970s", "en", "dans les années 70", "fr", "dans les années 60"),
    ("in the 1970s", "en", "en los años setenta", "es", "en los años sesenta"),
    ("in the 1970s", "en", "negli anni settanta", "it", "negli anni sessanta"),
    ("in the 1970s", "en", "nos anos setenta", "pt", "nos anos sessenta"),
    ("in the 1970s", "en", "in de jaren zeventig", "nl", "in de jaren zestig"),
    ("in the 1970s", "en", "in den siebziger Jahren", "de", "in den sechziger Jahren"),
    ("in the 1970s", "en", "в семидесятых годах", "ru", "в шестидесятых годах"),
    ("in the 1970s", "en", "в 70-х годах прошлого века", "ru", "в 60-х годах прошлого века"),
    ("in the 1970s", "en", "у 70-х роках", "uk", "у 60-х роках"),
    ("in the 1970s", "en", "yetmişli yıllarda", "tr", "altmışlı yıllarda"),
    ("in the 1970s", "en", "pada tahun 70-an", "id", "pada tahun 60-an"),
    ("in the 1970s", "en", "सत्तर के दशक में", "hi", "साठ के दशक में"),
    # Years of two digits at the end of a range.
    ("from 1998–1999", "en", "from 1998–99", "en", "from 1998–97"),
    ("from 2001 to 2002", "en", "للفترة 2001–02", "ar", "للفترة 2001–03"),
    ("from 1635 to 1636", "en", "from 1635-36", "en", "from 1635-37"),
    # Numbers written together with what they count.
    ("10 minutes away", "en", "a ten-minute walk", "en", "a twenty-minute walk"),
    ("على بعد 10 دقائق", "ar", "a ten-minute walk", "en", "a nine-minute walk"),
    ("the 21st century", "en", "a twenty-first-century house", "en", "a twentieth-century house"),
    ("it took 3 days", "en", "eine dreitägige Reise", "de", "eine viertägige Reise"),
    ("it took 3 days", "en", "трёхдневный визит", "ru", "четырёхдневный визит"),
    ("it took 3 days", "en", "een driedaagse reis", "nl", "een vierdaagse reis"),
    ("it took 3 days", "en", "триденний візит", "uk", "десятиденний візит"),
    # Squares.
    ("22 km² of it", "en", "22 كيلومترا مربعا", "ar", "23 كيلومترا مربعا"),
    ("مساحته 50 م2", "ar", "50 square metres", "en", "51 square metres"),
    # A word that only begins like a magnitude.
    ("the film of 2010", "en", "في عام 2010 الفيلم", "ar", "في عام 2011 الفيلم"),
]


@pytest.mark.parametrize(("one", "language", "two", "other_language", "another"), READINGS)
def test_a_number_is_the_same_in_another_form_and_another_is_not(one, language, two, other_language, another):
    assert exact(one, language, two, other_language) == []
    assert exact(two, other_language, one, language) == []
    assert exact(one, language, another, other_language)
    assert exact(another, other_language, one, language)


@pytest.mark.parametrize(
    ("sentence", "language", "evidence"),
    [
        ("a 20-storey tower", "en", "a twenty-storey tower"),
        ("a tower of 20 storeys", "en", "a twenty-storey tower"),
        ("برج من عشرين طابقا", "ar", "a twenty-storey tower"),
        ("25 members", "en", "a twenty-five-member board"),
        ("a five-year plan", "en", "a 5-year plan"),
        ("a 5-year plan", "en", "a five-year plan"),
        ("a three-dimensional map", "en", "a map in relief"),
    ],
)
def test_a_number_written_onto_what_it_counts_supports_the_same_in_digits(sentence, language, evidence):
    assert exact(sentence, language, evidence, "en") == []


@pytest.mark.parametrize(
    ("sentence", "evidence", "unsupported"),
    [
        ("a tower of 21 storeys", "a twenty-storey tower", "21"),
        ("a 4-year plan", "a five-year plan", "4"),
        ("it weighs 5 pounds", "it weighs 5 kilograms", "pounds"),
        ("it took 30 months", "a thirty-year-old house", "months"),
    ],
)
def test_and_not_another(sentence, evidence, unsupported):
    assert exact(sentence, "en", evidence, "en") == [unsupported]


@pytest.mark.parametrize(
    ("decade", "language", "year", "others"),
    [
        ("في سبعينيات القرن التاسع عشر", "ar", 1870, [1970, 1880]),
        ("في سبعينيات القرن الـ19", "ar", 1870, [1970, 1880]),
        ("ستينات وسبعينات القرن العشرين", "ar", 1960, [1860, 1980]),
        ("ستينات وسبعينات القرن التاسع عشر", "ar", 1860, [1960, 1880]),
        ("in the 60s of the 19th century", "en", 1860, [1960, 1870]),
        ("die siebziger Jahre des 19. Jahrhunderts", "de", 1870, [1970, 1880]),
        ("в 70-х годах 19 века", "ru", 1870, [1970, 1880]),
    ],
)
def test_a_decade_is_of_the_century_that_is_named(decade, language, year, others):
    assert exact(f"in the {year}s", "en", decade, language) == []
    assert all(exact(f"in the {other}s", "en", decade, language) == [str(other)] for other in others)


@pytest.mark.parametrize(
    ("dual", "sentence", "others"),
    [
        ("استغرق يومين", "It took 2 days.", ["It took 3 days.", "It took 2 weeks."]),
        ("بعد يومان", "After 2 days.", ["After 20 days.", "After 2 hours."]),
        ("قبل عامين", "2 years ago.", ["12 years ago.", "2 months ago."]),
        ("خلال سنتين", "In 2 years.", ["In 4 years.", "In 2 decades."]),
        ("وساعتين", "2 hours.", ["22 hours.", "2 minutes."]),
        ("فازوا مرتين", "They won 2 times.", ["They won 3 times."]),
    ],
)
def test_an_arabic_dual_states_two_of_its_unit_and_of_no_other(dual, sentence, others):
    assert exact(sentence, "en", dual, "ar") == []
    assert exact(dual, "ar", sentence, "en") == []
    assert all(exact(other, "en", dual, "ar") for other in others)


def test_a_dual_is_not_taken_for_another_unit():
    assert exact("استغرق يومين", "ar", "It took 2 weeks.", "en") == ["يومين"]


@pytest.mark.parametrize(
    ("text", "language", "read"),
    [
        # Arabic commas of a list.
        ("الأعوام 1990،1991", "ar", [[1990], [1991]]),
        ("10،20،30", "ar", [[10], [20], [30]]),
        ("1990،200،300", "ar", [[1990], [200], [300]]),
        ("10،200،3000", "ar", [[10], [200], [3000]]),
        ("0،500", "ar", [[0], [500]]),
        # No decades.
        ("in his 70s", "en", [[70]]),
        ("in her seventies", "en", []),
        ("the 70 men", "en", [[70]]),
        ("في السبعينات من عمره", "ar", []),
        ("setenta años", "es", [[70]]),
        ("70-е годы XIX века", "ru", [[70]]),
        ("in the 70s of that century", "en", [[70]]),
        # No ranges of years.
        ("on 2008-09-12", "en", [[2008], [9], [12]]),
        ("2008-09", "en", [[2008], [9]]),
        ("1998, 99 of them", "en", [[1998], [99]]),
        # No money.
        ("30m of rope", "en", [[30]]),
        ("$30 m", "en", [[30]]),
        # Spelt numbers that end where a word counts something.
        ("twenty seven-day trips", "en", [[20], [7]]),
        ("a two-hundred-year-old house", "en", [[200]]),
        ("three-dimensional", "en", []),
        # Exponents; the numbers of names stay.
        ("12 km² and 40 m3", "en", [[12], [40]]),
        ("the M3 and the A2", "en", [[3], [2]]),
        # Plurals count nothing by themselves.
        ("ملايين الناس", "ar", []),
        ("مليارات الدولارات", "ar", []),
        ("ثلاثة آلاف", "ar", [[3000]]),
        ("des millions de voix", "fr", []),
        ("deux millions de voix", "fr", [[2_000_000]]),
    ],
)
def test_what_only_looks_alike_is_read_as_it_stands(text, language, read):
    assert values(text, language) == read


def test_vague_plurals_agree():
    assert exact("آلاف الناس", "ar", "thousands of people", "en") == []
