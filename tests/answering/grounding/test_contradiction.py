"""What an article denies is not affirmed, and what it affirms is not denied, in whatever languages."""

import pytest

from assistant.answering.checking import Checker
from assistant.answering.claims import Claim
from assistant.answering.grounding.contradiction import NegationVerifier
from assistant.answering.grounding.facts import Premise
from assistant.answering.grounding.negations import find_negations, knows_negations, words_of
from assistant.answering.grounding.statement import make_statement
from assistant.answering.prompting import Window
from assistant.language.word_lists import load_word_list

PAID = "The repairs cost 40,000, of which insurance paid 31,500."
NOT_PAID = "The repairs cost 40,000, but insurance did not pay 31,500."
AFFIRMED = ("Insurance paid 31,500.", "en")
DENIED = ("Insurance did not pay 31,500.", "en")
THREAT = "أوضح بوتين أنها “لا تشكل تهديدا لأحد لكنها يجب أن تكون مستعدة لصد العدوان ضد أعضائها”"
EXPORTS = "روسيا لا تلبي احتياجاتها الدفاعية فحسب بل توفر الأسلحة والمعدات للتصدير أيضا."
PIER = "The rebuilt pier was later damaged by Fay, but not destroyed."
NORWAY = "Norway is not a member of the European Union."
ARISTOTLE = "قدّم أرسطو مناقشة فلسفية لمفهوم القوة كجزء لا يتجزأ من علم الكونيات الأرسطي."


@pytest.fixture(scope="module")
def differ(retriever):
    """Whether a claim and a sentence disagree; each is a text with its language."""

    def compare(claim, sentence, question="How much did insurance pay?"):
        (said, spoken), (text, written) = claim, sentence
        encode = retriever.statement_tokens
        statement = make_statement(encode, question, said, spoken)
        return NegationVerifier().contradicts(statement, Premise(text, written), encode(text, written))

    return compare


@pytest.mark.parametrize(
    ("affirmed", "denied", "language"),
    [
        ("Insurance paid 31,500.", "Insurance didn’t pay 31,500.", "en"),
        ("دفع التأمين مبلغ 31500 دولار.", "لم يدفع التأمين مبلغ 31500 دولار.", "ar"),
        ("Die Versicherung hat 31.500 Dollar bezahlt.", "Die Versicherung hat 31.500 Dollar nicht bezahlt.", "de"),
        ("L'assurance a payé 31 500 dollars.", "L'assurance n'a pas payé 31 500 dollars.", "fr"),
        ("El seguro pagó 31.500 dólares.", "El seguro no pagó 31.500 dólares.", "es"),
        ("L'assicurazione ha pagato 31.500 dollari.", "L'assicurazione non ha pagato 31.500 dollari.", "it"),
        ("Страховая компания заплатила 31 500.", "Страховая компания не заплатила 31 500.", "ru"),
        ("Страхова компанія заплатила 31 500.", "Страхова компанія не заплатила 31 500.", "uk"),
        ("Ubezpieczyciel zapłacił 31 500.", "Ubezpieczyciel nie zapłacił 31 500.", "pl"),
        ("Sigorta şirketi 31.500 dolar ödedi.", "Sigorta şirketi 31.500 dolar ödemedi.", "tr"),
        ("شرکت بیمه ۳۱۵۰۰ دلار پرداخت کرد.", "شرکت بیمه ۳۱۵۰۰ دلار پرداخت نکرد.", "fa"),
        ("חברת הביטוח שילמה 31,500 דולר.", "חברת הביטוח לא שילמה 31,500 דולר.", "he"),
        ("बीमा कंपनी ने 31,500 डॉलर का भुगतान किया।", "बीमा कंपनी ने 31,500 डॉलर का भुगतान नहीं किया।", "hi"),
        ("保险公司支付了31500元。", "保险公司没有支付31500元。", "zh"),
        ("保険会社は3万1500円を支払った。", "保険会社は3万1500円を支払わなかった。", "ja"),
        ("보험사는 31,500달러를 지불했다.", "보험사는 31,500달러를 지불하지 않았다.", "ko"),
    ],
)
def test_a_denial_is_no_support_for_what_it_denies_nor_the_reverse(affirmed, denied, language, differ):
    assert differ((denied, language), (affirmed, language))
    assert differ((affirmed, language), (denied, language))
    assert differ(DENIED, (affirmed, language))
    assert differ(AFFIRMED, (denied, language))
    assert not differ((affirmed, language), (affirmed, language))
    assert not differ((denied, language), (denied, language))
    assert not differ(AFFIRMED, (affirmed, language))
    assert not differ(DENIED, (denied, language))


@pytest.mark.parametrize(
    ("claim", "sentence", "language", "question"),
    [
        # The denial stands in another clause.
        ("Insurance paid 31,500.", "Insurance paid 31,500, although it was not obliged to do so.", "en", "How much?"),
        ("Insurance paid 31,500.", "Insurance didn't pay 40,000 but paid 31,500.", "en", "How much?"),
        ("Insurance paid 31,500.", "دفع التأمين مبلغ 31500 دولار ولم يطلب شيئا.", "ar", "How much?"),
        ("The pier was damaged by Fay.", PIER, "en", "What happened to the pier?"),
        ("It must be ready to repel aggression.", THREAT, "ar", "What must the organisation be?"),
        ("The CSTO does not pose a threat to anyone.", THREAT, "ar", "Is the organisation a threat?"),
        # What only looks like a denial.
        ("Russia meets its defence needs and exports arms.", EXPORTS, "ar", "What does Russia do?"),
        ("Aristotle gave a discussion of force as an integral part of it.", ARISTOTLE, "ar", "Who discussed force?"),
        ("It paid no less than 31,500.", "It paid 31,500 or more.", "en", "How much?"),
        # The same denial in other words, or none in the other language.
        ("They did not reach an agreement.", "The talks failed to reach an agreement.", "en", "What happened?"),
        ("They failed to reach an agreement.", "They did not reach an agreement.", "en", "What happened?"),
        (
            "Russia achieved a revolution in drones.",
            "حققت روسيا ثورة في تكنولوجيا الطائرات من دون طيار.",
            "ar",
            "What?",
        ),
        ("An indivisible security architecture.", "تشكيل بنية أمنية متساوية وغير قابلة للتجزئة", "ar", "What?"),
        # The question denies.
        ("Norway", NORWAY, "en", "Which country is not a member?"),
        # A language whose words are not known.
        ("Insurance did not pay 31,500.", "ინშურანსმა გადაიხადა 31,500.", "ka", "How much?"),
    ],
)
def test_no_false_alarm(claim, sentence, language, question, differ):
    assert not differ((claim, "en"), (sentence, language), question)


@pytest.mark.parametrize(
    ("claim", "sentence", "language", "question"),
    [
        ("The pier was destroyed.", PIER, "en", "What happened to the pier?"),
        ("Russia does not meet its defence needs.", EXPORTS, "ar", "What does Russia do?"),
        ("Nobody came.", "The minister came on Friday.", "en", "Who came?"),
        ("No, it did not.", PAID, "en", "Did insurance pay?"),
        ("Norway is a member.", NORWAY, "en", "Who is a member?"),
    ],
)
def test_the_clause_decides(claim, sentence, language, question, differ):
    assert differ((claim, "en"), (sentence, language), question)


@pytest.mark.parametrize(
    ("text", "language", "denied"),
    [
        ("It was not only paid, but praised.", "en", []),
        ("No. 5 was paid, no doubt.", "en", []),
        ("It has never been paid.", "en", ["paid"]),
        ("ولا يزال الرئيس في موسكو", "ar", []),
        ("ولن يدفع التأمين", "ar", ["يدفع"]),
        ("Sigorta ödemeyecek", "tr", ["ödemeyecek"]),
        ("Он не только заплатил", "ru", []),
    ],
)
def test_what_a_text_denies(text, language, denied):
    found = find_negations(text, language, words_of(text))
    assert [text[slice(*negation.denied[0])] for negation in found if negation.is_sure] == denied


def test_the_check_leaves_out_a_denial_of_what_the_article_says(retriever, hit):
    checker = Checker(retriever)

    def passes(claim, sentence):
        found = hit([sentence])
        window = Window(found.article, found.passage, found.passage.sentences)
        return checker.check([Claim(claim, (1,))], "How much did insurance pay?", "en", [window])[0] is not None

    assert passes("Insurance paid 31,500.", PAID)
    assert not passes("Insurance did not pay 31,500.", PAID)
    assert not passes("Insurance paid 31,500.", NOT_PAID)
    assert passes("Insurance did not pay 31,500.", NOT_PAID)


# Words that begin, end or sound like a denial, and are none.
ORDINARY = {
    "en": "The university, the union and the United Nations under one uniform; wireless lessons; Nonna's Bangkok; "
    "the knot; a note; northern; interior; failsafe",
    "ar": "إلا أن وزارات الخارجية وسوى ذلك وخال الوزير ولاية لمسة لنا ليسانس لاعب",
    "de": "Die Sitzung findet statt, und unter anderem ist unser Los kolossal; nur die Lehne, ein Kindermangelort",
    "fr": "un peu de négoce, la personne fait un pas, match nul dans le Pas-de-Calais; le manquant de Nancy; n'importe",
    "es": "negocios negros, salvo la Evita, un evento; el rechoncho nadador; norte; sinfonía; faltriquera",
    "it": "Il Vietnam, il negozio, Manchester; possibile, incredibile; ne parla appena; imperatore; maiale",
    "ru": "безопасность, бесплатно, немецкий, неделя, несколько, небо, только в избе, нижний, отрицательный",
    "uk": "безпека, німецький, неділя, небо, лише тільки; унікальний; відмовостійкий; ніч",
    "pl": "niemiecki, niebo, niektóre; unikalny; brakarz; Ani; tylko; zakaźny; bezpieczny; nićmi",
    "tr": "kelimeden, kelimedir, açıklamadır, tamamen, namazı, Almanyan, sadece, İngilizce, yokuş, zamanda, gömüyor",
    "fa": "نه نفر، نام ناتو، بیمارستان، غیرت، نان، نادر، تنها، نمین",
    "he": "אל האי, אף גדול, רק לעולם, אלף, לאה, איש",
    "hi": "मत, अमेरिका, अनाज, गैराज, कमीज, केवल, नया, नाम, मनाली, रोकड़",
    "zh": "特别级别性别区别，非洲非常，未来，沉没，没收，不丹，只，无锡",
    "ja": "まず、必ず、少ない、未来、不動産、非常、しかし、はなし、防衛、無料",
    "ko": "미국 대만 무역 비행 불교 안에 잘못 못 만 미안",
}


def test_ordinary_words_are_listed_for_every_language_that_is_known():
    assert all(map(knows_negations, ORDINARY))
    assert set(ORDINARY) == set(load_word_list("assistant.answering.grounding", "negation_words.json"))


@pytest.mark.parametrize("language", sorted(ORDINARY))
def test_no_ordinary_word_is_taken_for_a_denial(language):
    text = ORDINARY[language]
    assert [text[slice(*found.word)] for found in find_negations(text, language, words_of(text))] == []


@pytest.mark.parametrize("payer", ["The university", "The union", "The United Nations"])
def test_a_payer_whose_name_begins_as_a_denial_denies_nothing(payer, differ):
    paid, not_paid = f"{payer} paid 31,500.", f"{payer} did not pay 31,500."
    question = f"How much did {payer.lower()} pay?"
    assert differ((not_paid, "en"), (paid, "en"), question)
    assert differ((paid, "en"), (not_paid, "en"), question)
    assert not differ((paid, "en"), (paid, "en"), question)
