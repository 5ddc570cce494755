import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.sentences import split_sentences

# A bar stands where one sentence ends and the next begins; it takes the place of the white space there, if any.
GOLD = [
    ("ar", "قال د. أحمد إن النسبة بلغت 3.5 في المئة.| هل هذا صحيح؟| نعم!"),
    ("ar", "وصل الوفد إلى موسكو… ثم غادر.| وأضاف: “نحن مستعدون. لن نتراجع”.| وانتهى الاجتماع."),
    ("ar", "بلغ العدد ٣٫٥ ملايين؛ أي زيادة قدرها ١٠٪.| ولم يعلق أ. د. سامي."),
    ("ar", "صرح المتحدث بأن القمة «ستعقد في موعدها».| متى؟| في 11 نوفمبر."),
    ("en", "Mr. Smith moved to the U.S. in 1990.| He paid $3.5 million, e.g. for a house.| Why?"),
    ("en", "She works at Acme Inc. in Boston.| “Is it over?” he asked.| It was."),
    ("en", "J. R. R. Tolkien wrote it.| Dr. Who did not.| See Fig. 2 for details."),
    ("en", "The train left at 5 p.m. on Friday.| Nobody was on board!"),
    ("ru", "Он родился в 1799 г. в Москве, т. е. давно.| А. С. Пушкин был поэтом.| Правда?"),
    ("ru", "Саммит пройдёт 11 ноября 2026 г. в Москве.| Об этом сообщил В. В. Путин."),
    ("ru", "«Мы готовы», — сказал он.| Цена выросла на 3,5 млн руб. за год."),
    ("fr", "M. Dupont est arrivé à Paris.| Il a dit : « Je pars. »| Pourquoi ?"),
    ("fr", "La hausse est de 3,5 %, p. ex. à Lyon.| Mme Curie, née en 1867, a reçu deux prix."),
    ("de", "Das gilt z. B. für Berlin.| Der Gipfel findet am 11. November 2026 statt.| Wirklich?"),
    ("de", "Dr. Müller kam um 8.30 Uhr an.| Er sagte: „Ich bleibe.“| Dann ging er."),
    ("de", "Das Haus wurde im 19. Jahrhundert gebaut, d. h. vor langer Zeit.| Es steht noch."),
    ("es", "El Sr. García llegó a EE. UU. en 2001.| ¿Por qué?| ¡Nadie lo sabe!"),
    ("it", "Il dott. Rossi abita a Roma.| È nato nel 1950.| Davvero?"),
    ("pt", "O Sr. Silva pagou 3,5 milhões.| A Dra. Ana concordou.| Porquê?"),
    ("pl", "Urodził się w 1867 r. w Warszawie.| Prof. Nowak to potwierdził.| Dlaczego?"),
    ("uk", "Він народився 1814 р. у селі.| Т. Г. Шевченко був поетом.| Справді?"),
    ("tr", "Dr. Yılmaz 3.5 milyon lira ödedi.| Zirve 11. kez düzenlendi.| Neden?"),
    ("zh", "峰会将于2026年11月11日举行。|地点在哪里？|“我们准备好了。”|太好了！|涨幅为3.5%。"),
    ("ja", "首脳会議は11月11日に開かれる。|場所はどこですか？|「準備はできた」と彼は言った。"),
    ("ko", "정상회의는 모스크바에서 열린다.| 정말인가요?| 네."),
    ("hi", "सम्मेलन 11 नवंबर को होगा।| डॉ. शर्मा ने यह कहा।| क्या यह सच है?"),
    ("bn", "সম্মেলন মস্কোতে হবে।| এটা কি সত্য?| হ্যাঁ।"),
    ("ur", "اجلاس ماسکو میں ہوگا۔| کیا یہ سچ ہے؟| جی ہاں۔"),
    ("fa", "نشست در مسکو برگزار می‌شود.| آیا درست است؟| بله."),
    ("he", "הפסגה תתקיים ב-11 בנובמבר.| ד״ר כהן אישר.| האם זה נכון?"),
    ("el", "Ο κ. Παπαδόπουλος έφτασε.| Πού θα γίνει η σύνοδος;| Στη Μόσχα."),
    ("hy", "Գագաթնաժողովը կկայանա Մոսկվայում։| Դա ճիշտ է։"),
    ("am", "ጉባኤው በሞስኮ ይካሄዳል።| እውነት ነው?"),
    ("my", "ဒါက စာကြောင်းပါ။| ဒုတိယ စာကြောင်းပါ။"),
    ("th", "การประชุมสุดยอดครั้งต่อไปจะจัดขึ้นที่กรุงมอสโก| ประธานาธิบดีกล่าวเมื่อวานนี้ว่ารัสเซียพร้อมแล้ว"),
    ("en", "A headline without a full stop|\nThe first line of the text.|\n\nAnother paragraph"),
    ("und", "Ni jambo zuri.| Kwa nini?"),
]


def sentences(text, language):
    return [text[start:end] for start, end in split_sentences(text, language)]


@pytest.mark.parametrize(("language", "marked"), GOLD)
def test_gold_sentences(language, marked):
    assert sentences(marked.replace("|", ""), language) == [sentence.strip() for sentence in marked.split("|")]


def test_the_seed_article(pytestconfig):
    (seed,) = (pytestconfig.rootpath / "seeds").glob("*.txt")
    found = sentences(seed.read_text(encoding="utf-8"), "ar")
    assert len(found) == 14
    assert found[3].startswith("ووصف الادعاءات")
    assert found[-2].endswith("وأعلن أن القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو.")
    assert found[-1] == "Web Desk"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_boundaries_of_encyclopaedia_text(shared_data, language):
    """The reference cuts behind initials ("Herbert A. | Simon") and never at a line break, so 1 is out of reach."""
    data = json.loads((shared_data / f"xquad-r.{language}.json").read_text(encoding="utf-8"))["data"]
    right = found = wanted = 0
    for paragraph in (paragraph for article in data for paragraph in article["paragraphs"]):
        starts = _starts(paragraph["context"], split_sentences(paragraph["context"], language))
        reference = _starts(paragraph["context"], paragraph["sentence_breaks"])
        right, found, wanted = right + len(starts & reference), found + len(starts), wanted + len(reference)
    assert right / found > 0.98
    assert right / wanted > 0.95


def _starts(text, spans):
    return {len("".join(text[:start].split())) for start, _ in spans} - {0}


def test_half_characters_do_not_stop_it():
    assert split_sentences("One \ud83d two. Three.", "en") == [(0, 10), (11, 17)]


def test_a_long_line_is_cut_between_sentences_only():
    sentence = "The summit will be held in the capital of the country next to ours in the autumn."
    assert set(sentences(" ".join([sentence] * 1000), "en")) == {sentence}


def test_a_line_without_sentence_marks_is_cut_at_white_space():
    found = sentences("word " * 5000, "en")
    assert len(found) < 10
    assert set(" ".join(found).split()) == {"word"}


_HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(".!?؟۔。।;…\"'“”«»()[]\n\r\t \u0640\u064b\u0301\u200d\u200f\ufe0f\u2028👩٣3aAاب中"),
    ),
    max_size=300,
)


@given(_HOSTILE, st.sampled_from(["ar", "en", "de", "ja", "th", "und", "zz", ""]))
def test_sentences_cover_the_text_in_order(text, language):
    end = 0
    for start, stop in split_sentences(text, language):
        assert end <= start < stop
        assert not text[end:start].strip()
        assert text[start:stop] == text[start:stop].strip()
        end = stop
    assert not text[end:].strip()


@pytest.mark.parametrize(
    ("language", "text", "steps"),
    [
        ("en", "1. Open the lid. 2. Close it.\n10. Wait.", ["1. Open the lid.", "2. Close it.", "10. Wait."]),
        ("fr", "1. Ouvrez.\n2. Fermez.", ["1. Ouvrez.", "2. Fermez."]),
        ("ar", "١. افتح الغطاء.\n٢. أغلقه.", ["١. افتح الغطاء.", "٢. أغلقه."]),
        (
            "en",
            "It was built in 1990. It fell in 2001. It cost 4 m.",
            ["It was built in 1990.", "It fell in 2001.", "It cost 4 m."],
        ),
    ],
)
def test_what_counts_a_step_is_of_the_step(language, text, steps):
    assert sentences(text, language) == steps


@given(_HOSTILE, st.sampled_from(["ar", "en", "th"]))
def test_no_sentence_crosses_a_line_break(text, language):
    assert not any("\n" in sentence for sentence in sentences(text, language))


@pytest.mark.parametrize("unit", [".", "(", "\u0301", "a. ", "“", "« ", "\n", "A.", "。", "x", " ", "د. ", "1. a "])
@pytest.mark.parametrize("language", ["en", "th"])
@pytest.mark.timeout(120)  # a quadratic step would take an hour
def test_hostile_repetition_ends_soon(unit, language):
    text = unit * (100_000 // len(unit))
    covered = sum(len(text[start:end].split()) for start, end in split_sentences(text, language))
    assert covered >= len(text.split())
