import pytest

from assistant.answering.answer_type.quantity import asks_for_quantity, states_quantity
from assistant.language.word_lists import load_word_list

HOW_MANY = {
    "ar": "كم تبلغ مساحة الأراضي؟",
    "bg": "Колко държави членуват?",
    "bn": "কতজন মানুষ এসেছিল?",
    "cs": "Kolik lidí přišlo?",
    "da": "Hvor mange mennesker kom?",
    "de": "Wie viele Menschen kamen?",
    "el": "Πόσοι άνθρωποι ήρθαν;",
    "en": "How many drones does Russia produce each year?",
    "es": "¿Cuántos puntos tiene el plan?",
    "fa": "چند نفر آمدند؟",
    "fi": "Kuinka monta ihmistä tuli?",
    "fr": "Combien d'experts participeront au forum ?",
    "he": "כמה אנשים באו?",
    "hi": "रूस ने कितने सैनिकों को बंदी बनाया है?",
    "hu": "Hány ember jött?",
    "id": "Berapa orang yang datang?",
    "it": "Quante persone sono venute?",
    "ja": "何人が来ましたか？",
    "ko": "몇 명이 왔습니까?",
    "nl": "Hoeveel mensen kwamen er?",
    "pl": "Ile osób przyszło?",
    "pt": "Quantas pessoas vieram?",
    "ro": "Câți oameni au venit?",
    "ru": "Сколько стран входит в ОДКБ?",
    "sv": "Hur många människor kom?",
    "sw": "Watu wangapi walikuja?",
    "th": "มีกี่คนมา",
    "tr": "Bu örgütün kaç üyesi var?",
    "uk": "Скільки людей прийшло?",
    "ur": "کتنے لوگ آئے؟",
    "vi": "Có bao nhiêu người đến?",
    "zh": "这个组织有多少成员国？",
}
WHO = {
    "ar": "من جاء إلى المؤتمر؟",
    "bg": "Кой дойде на срещата?",
    "bn": "সভায় কে এসেছিল?",
    "cs": "Kdo přišel na schůzku?",
    "da": "Hvem kom til mødet?",
    "de": "Wie oft wächst das Gebiet?",
    "el": "Ποιος ήρθε στη συνάντηση;",
    "en": "How do they describe it?",
    "es": "¿Quién vino a la reunión?",
    "fa": "چه کسی به جلسه آمد؟",
    "fi": "Kuka tuli kokoukseen?",
    "fr": "Qui est venu à la réunion ?",
    "he": "מי בא לפגישה?",
    "hi": "बैठक में कौन आया?",
    "hu": "Ki jött a találkozóra?",
    "id": "Siapa yang datang ke rapat?",
    "it": "Chi è venuto alla riunione?",
    "ja": "誰が会議に来ましたか？",
    "ko": "누가 회의에 왔습니까?",
    "nl": "Wie kwam er naar de vergadering?",
    "pl": "Kto przyszedł na spotkanie?",
    "pt": "Quem veio à reunião?",
    "ro": "Cine a venit la întâlnire?",
    "ru": "Кто пришёл на встречу?",
    "sv": "Vem kom till mötet?",
    "sw": "Nani alikuja kwenye mkutano?",
    "th": "ใครมาประชุม",
    "tr": "Toplantıya kim geldi?",
    "uk": "Хто прийшов на зустріч?",
    "ur": "اجلاس میں کون آیا؟",
    "vi": "Ai đã đến cuộc họp?",
    "zh": "谁来参加会议？",
}


def test_a_question_of_either_kind_is_listed_for_every_language_with_words():
    assert set(HOW_MANY) == set(WHO) == set(load_word_list("assistant.answering.answer_type", "quantity_words.json"))


@pytest.mark.parametrize("language", sorted(HOW_MANY))
def test_how_many_is_told_from_who_in_every_language(language):
    assert asks_for_quantity(HOW_MANY[language], language)
    assert not asks_for_quantity(WHO[language], language)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("When is the next CSTO summit?", "en"),
        ("متى تعقد القمة المقبلة؟", "ar"),
        ("การประชุมครั้งต่อไปจัดขึ้นเมื่อใด", "th"),
        ("Anything at all?", "xx"),
    ],
)
def test_other_questions_are_not(question, language):
    assert not asks_for_quantity(question, language)


@pytest.mark.parametrize(
    ("sentence", "language", "states"),
    [
        ("It has six members.", "en", True),
        ("The plan has 28 points.", "en", True),
        ("The next summit is on 11 November 2026.", "en", False),
        ("القمة المقبلة ستعقد في 11 نوفمبر 2026 في موسكو.", "ar", False),
        ("زيارته التي استمرت بين 25 و27 نوفمبر", "ar", False),
        ("تضم المنظمة ست دول.", "ar", True),
        ("Russia exports weapons.", "en", False),
    ],
)
def test_dates_are_no_quantities(sentence, language, states):
    assert states_quantity(sentence, language) is states


def test_a_language_whose_number_words_are_unknown_may_always_state_one():
    assert states_quantity("Mji una wakazi wengi.", "sw")
