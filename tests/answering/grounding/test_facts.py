from datetime import date

import pytest

from assistant.answering.grounding.facts import FactKind, Premise, unsupported_facts

SUMMIT = "كما دعا إلى إعداد استراتيجية جديدة لمكافحة الإرهاب داخل المنظمة وأعلن أن القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو."
VISIT = (
    "واختتم بوتين زيارته الرسمية إلى بيشكيك التي استمرت بين 25 و27 نوفمبر حيث التقى الرئيس القرغيزستاني صادر جباروف."
)
DELEGATION = "روسيا مستعدة لمناقشة قضايا الأمن الأوروبي مع الغرب متوقعا وصول الوفد الأمريكي إلى موسكو الأسبوع المقبل."


def exact(sentence, language, evidence, evidence_language="ar", published=None):
    """The unsupported numbers, dates and units, as written."""
    facts = unsupported_facts(sentence, language, Premise(evidence, evidence_language, published))
    return [fact.text for fact in facts if fact.kind is not FactKind.NAME]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The next summit will be held on 11 November 2026 in Moscow."),
        ("en", "It is on November 11th, 2026."),
        ("en", "It is on Nov 11, 2026."),
        ("en", "It is on 2026-11-11, that is 11/11/2026."),
        ("ar", "ستعقد القمة في ١١ نوفمبر ٢٠٢٦."),
        ("ar", "ستعقد القمة في 11 تشرين الثاني 2026."),
        ("fa", "نشست بعدی ۱۱ نوامبر ۲۰۲۶ در مسکو برگزار می‌شود."),
        ("ru", "Следующий саммит пройдёт в Москве 11 ноября 2026 года."),
        ("ru", "Саммит пройдёт в ноябре 2026 года."),
        ("uk", "Саміт відбудеться 11 листопада 2026 року."),
        ("pl", "Szczyt odbędzie się 11 listopada 2026 roku."),
        ("cs", "Summit se koná 11. listopadu 2026."),
        ("fi", "Huippukokous pidetään 11. marraskuuta 2026, siis marraskuussa."),
        ("hu", "A csúcstalálkozó 2026. november 11-én lesz, tehát novemberben."),
        ("zh", "下一届峰会将于2026年11月11日在莫斯科举行。"),
        ("zh", "峰会将于十一月举行。"),
        ("ja", "次の首脳会議は2026年11月11日にモスクワで開かれる。"),
        ("ko", "다음 정상회의는 2026년 11월 11일에 열린다."),
        ("fr", "Le prochain sommet aura lieu le 11 novembre 2026."),
        ("de", "Der nächste Gipfel findet am 11.11.2026 statt."),
        ("tr", "Bir sonraki zirve 11 Kasım 2026'da yapılacak."),
        ("he", "הפסגה הבאה תתקיים ב-11 בנובמבר 2026."),
        ("hi", "अगला शिखर सम्मेलन 11 नवंबर 2026 को होगा।"),
        ("bn", "পরবর্তী সম্মেলন ১১ নভেম্বর ২০২৬।"),
        ("th", "การประชุมครั้งต่อไปจะจัดขึ้นในวันที่ 11 พฤศจิกายน 2569"),
        ("vi", "Hội nghị sẽ diễn ra ngày 11 tháng 11 năm 2026."),
        ("sw", "Mkutano utafanyika tarehe 11 Novemba 2026."),
        ("el", "Η σύνοδος θα γίνει στις 11 Νοεμβρίου 2026."),
        ("ur", "اگلا سربراہی اجلاس 11 نومبر 2026 کو ہوگا۔"),
    ],
)
def test_a_date_is_the_same_date_in_every_language_and_form(language, sentence):
    assert exact(sentence, language, SUMMIT) == []


@pytest.mark.parametrize(
    ("language", "sentence", "unsupported"),
    [
        ("en", "The summit is on 12 November 2026.", ["12", "november"]),
        ("en", "The summit is in December 2026.", ["december"]),
        ("en", "The summit is on November 11, 2027.", ["2027", "november"]),
        ("en", "The summit is on Wednesday.", ["wednesday"]),
        ("en", "It is on 2026-12-11.", ["12", "2026-12-11"]),
        ("ru", "Саммит пройдёт 11 декабря 2026 года.", ["декабря"]),
        ("ar", "ستعقد القمة في ١٢ نوفمبر", ["12", "نوفمبر"]),
        ("zh", "峰会将于2026年12月11日举行。", ["12", "2026年12月11日"]),
    ],
)
def test_another_date_is_noticed(language, sentence, unsupported):
    assert exact(sentence, language, SUMMIT) == unsupported


def test_the_invented_arrival_date_is_unsupported_by_the_sentence_about_the_delegation():
    assert exact("The American delegation will arrive on November 11, 2026", "en", DELEGATION) == [
        "11",
        "2026",
        "november",
    ]
    assert exact("The American delegation is expected in Moscow next week", "en", DELEGATION) == []


@pytest.mark.parametrize("sentence", [SUMMIT, VISIT, DELEGATION])
def test_a_world_cup_is_unsupported_everywhere(sentence):
    assert "2022" in exact("Russia won the 2022 World Cup", "en", sentence)


def test_a_range_of_days_is_supported_in_any_order_of_words():
    assert exact("Putin visited Bishkek from November 25 to 27.", "en", VISIT) == []
    assert exact("Putin visited Bishkek from November 25 to 28.", "en", VISIT) == ["28", "november"]


def test_the_year_of_publication_completes_a_date_without_a_year_and_no_other():
    sentence = "Putin visited Bishkek from 25 to 27 November 2025."
    assert exact(sentence, "en", VISIT) == ["2025", "november"]
    assert exact(sentence, "en", VISIT, published=date(2025, 11, 27)) == []
    assert exact(sentence, "en", VISIT, published=date(2024, 11, 27)) == ["2025", "november"]
    assert exact("The delegation arrives in 2025.", "en", DELEGATION, published=date(2025, 11, 27)) == ["2025"]


@pytest.mark.parametrize(
    ("sentence", "language", "evidence", "evidence_language"),
    [
        ("It has 1,234,567 people.", "en", "Elle compte 1 234 567 habitants.", "fr"),
        ("It has 1,234,567 people.", "en", "Sie hat 1.234.567 Einwohner.", "de"),
        ("It has 1,234,567 people.", "en", "يبلغ عددهم ١٬٢٣٤٬٥٦٧ نسمة", "ar"),
        ("It has 12,34,567 people.", "en", "It has 1,234,567 people.", "en"),
        ("It has 1.2 million people.", "en", "بلغ عدد السكان 1٫2 مليون نسمة", "ar"),
        ("It has 5 million people.", "en", "It has 5,000,000 people.", "en"),
        ("It has five million people.", "en", "It has 5,000,000 people.", "en"),
        ("约有三万人。", "zh", "about 30,000 people", "en"),
        ("약 3만 명", "ko", "about 30,000 people", "en"),
        ("Watu elfu 30.", "sw", "about 30,000 people", "en"),
        ("लगभग ५ लाख लोग", "hi", "about 500,000 people", "en"),
        ("He scored five goals.", "en", "سجل خمسة أهداف", "ar"),
        ("He scored 25 goals.", "en", "سجل خمسة وعشرين هدفا", "ar"),
        ("He scored 25 goals.", "en", "Er schoss fünfundzwanzig Tore.", "de"),
        ("He scored 25 goals.", "en", "Забил двадцать пять голов.", "ru"),
        ("He scored 320 goals.", "en", "Three hundred and twenty goals.", "en"),
        ("In the 19th century.", "en", "في القرن التاسع عشر", "ar"),
        ("The third one.", "en", "der dritte", "de"),
        ("It grew by 12.5%.", "en", "نما بنسبة 12,5 في المئة", "ar"),
        ("It grew by 12.5 percent.", "en", "Выросло на 12,5 %.", "ru"),
        ("It cost $40.", "en", "كلف 40 دولارا", "ar"),
        ("It cost 40 euros.", "en", "Es kostete 40 €.", "de"),
        ("It is 40 km long.", "en", "Длина 40 километров.", "ru"),
        ("It took 3 days.", "en", "استغرق 3 أيام", "ar"),
        ("COVID-19 and the G20.", "en", "كوفيد-19 ومجموعة العشرين", "ar"),
    ],
)
def test_numbers_and_units_are_the_same_in_every_form(sentence, language, evidence, evidence_language):
    assert exact(sentence, language, evidence, evidence_language) == []


@pytest.mark.parametrize(
    ("sentence", "evidence", "evidence_language", "unsupported"),
    [
        ("He scored 24 goals.", "سجل خمسة وعشرين هدفا", "ar", ["24"]),
        ("It has 5 billion people.", "It has 5 million people.", "en", ["5 billion"]),
        ("It has 12 people.", "It has 120 people.", "en", ["12"]),
        ("It grew by 12.5%.", "It has 12.5 of them.", "en", ["%"]),
        ("It cost $40.", "Es kostete 40 €.", "de", ["$"]),
        ("It is 40 miles long.", "يبلغ طوله 40 كيلومترا", "ar", ["miles"]),
        ("It took 3 weeks.", "استغرق 3 أيام", "ar", ["weeks"]),
        ("Four men came.", "Five men came.", "en", ["four"]),
    ],
)
def test_other_numbers_and_units_are_noticed(sentence, evidence, evidence_language, unsupported):
    assert exact(sentence, "en", evidence, evidence_language) == unsupported
