import pytest

from assistant.language.interrogatives import asking_words, asks_time, without_asking_words
from assistant.language.words import WORD


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("When is the summit?", ["summit"]),
        ("Wann ist der Gipfel?", ["Gipfel"]),
        ("Quand est le sommet ?", ["sommet"]),
        ("¿Cuándo es la cumbre?", ["cumbre"]),
        ("Quando é o encontro?", ["encontro"]),
        ("Quando è il vertice?", ["vertice"]),
        ("Wanneer is het congres?", ["congres"]),
        ("När är mötet?", ["mötet"]),
        ("Hvornår er mødet?", ["mødet"]),
        ("Når er møtet?", ["møtet"]),
        ("Milloin kokous on?", ["kokous"]),
        ("Kiedy jest szczyt?", ["szczyt"]),
        ("Kdy je schůzka?", ["schůzka"]),
        ("Kedy je stretnutie?", ["stretnutie"]),
        ("Mikor lesz az ülés?", ["lesz", "ülés"]),
        ("Când este summitul?", ["summitul"]),
        ("Zirve ne zaman?", ["Zirve", "zaman"]),
        ("Kapan pertemuan itu?", ["pertemuan", "itu"]),
        ("Mkutano ni lini?", ["Mkutano"]),
        ("Hội nghị là khi nào?", ["Hội", "nghị"]),
        ("Когда это было?", ["было"]),
        ("Коли це було?", ["було"]),
        ("Кога е срещата?", ["срещата"]),
        ("Када је самит?", ["самит"]),
        ("Πότε είναι η σύνοδος;", ["σύνοδος"]),
        ("متى القمة في موسكو؟", ["القمة", "موسكو"]),
        ("نشست چه زمانی است؟", ["نشست", "زمانی"]),
        ("اجلاس کب ہے؟", ["اجلاس"]),
        ("מתי הפסגה?", ["הפסגה"]),
        ("बैठक कब है?", ["बैठक"]),
        ("বৈঠক কখন?", ["বৈঠক"]),
    ],
)
def test_a_question_for_a_time_and_what_it_says_besides(question, said):
    assert asks_time(question)
    assert WORD.findall(without_asking_words(question)) == said


@pytest.mark.parametrize(
    "question", ["下一次峰会什么时候举行？", "次の会議はいつですか？", "회의는 언제입니까?", "ประชุมเมื่อไหร่"]
)
def test_a_question_for_a_time_without_spaces(question):
    assert asks_time(question)
    assert asking_words(question)


@pytest.mark.parametrize("question", ["Wo ist die Brücke?", "谁赢了？", "Whenever he came, who was there?", "كم؟"])
def test_other_questions_ask_for_no_time(question):
    assert not asks_time(question)


def test_a_word_with_marks_is_not_cut_at_them():
    assert asking_words("الحُكم المُستخدَم") == []
    assert asking_words("वे कौन हैं।") == ["कौन", "हैं"]


@pytest.mark.parametrize("question", ["What's the summit?", "What’s the summit?"])
def test_a_contracted_word_asks_too(question):
    assert WORD.findall(without_asking_words(question)) == ["summit"]


def test_an_acronym_is_no_question_word():
    assert WORD.findall(without_asking_words("What is the WHO?")) == ["WHO"]
