import pytest

from assistant.answering.leaning import Leaning, is_short, leaning, main_script, says_nothing, subject_of


@pytest.mark.parametrize(
    ("question", "language", "leans"),
    [
        ("And where?", "en", True),
        ("Who is he?", "en", True),
        ("Who else builds plants of that kind?", "en", True),
        ("وأين؟", "ar", True),
        ("What about their price?", "en", True),
        ("Where will it be held?", "en", True),
        ("Who did he meet there?", "en", True),
        ("What did the president say about it?", "en", True),
        ("How many people live there?", "en", True),
        ("In which year did his brother die?", "en", True),
        ("How long have their members been there?", "en", True),
        ("Which countries have joined it?", "en", True),
        ("When was this edict declared?", "en", True),
        ("What is its capital?", "en", True),
        ("And who will attend the next one in Moscow?", "en", True),
        ("من هو؟", "ar", True),
        ("ماذا قال عنها بوتين؟", "ar", True),
        ("ومن سيحضرها من الرؤساء؟", "ar", True),
        ("متى أعلن هذا القرار؟", "ar", True),
        ("ما هي عاصمتها وعدد سكانها؟", "ar", True),
        ("وماذا عن أسعارها؟", "ar", True),
        ("من التقى هناك؟", "ar", True),
        ("ما الذي قاله بوتين عنها؟", "ar", True),
        ("Et où ?", "fr", True),
        ("Quand a-t-il rencontré le président arménien ?", "fr", True),
        ("Quelle est sa population ?", "fr", True),
        ("Qui sont ses membres ?", "fr", True),
        ("Und wo findet er statt?", "de", True),
        ("Wer sind seine Mitglieder?", "de", True),
        ("Wann hat er das gesagt?", "de", True),
        ("Wie viele Menschen leben dort?", "de", True),
        ("¿Y dónde?", "es", True),
        ("¿Cuál es su capital?", "es", True),
        ("¿Qué dijo Putin sobre eso?", "es", True),
        ("А где?", "ru", True),
        ("Когда он родился?", "ru", True),
        ("Сколько человек там живёт?", "ru", True),
        ("Как зовут его жену?", "ru", True),
        ("Peki nerede?", "tr", True),
        ("Onun başkenti neresi?", "tr", True),
        ("那在哪里？", "zh", True),
        ("他是什么时候当选总统的？", "zh", True),
        ("那里有多少人口？", "zh", True),
        ("それはいつですか？", "ja", True),
        ("彼は誰ですか？", "ja", True),
        ("و کجا؟", "fa", True),
        ("او کیست؟", "fa", True),
        ("E dove?", "it", True),
        ("Quali sono i suoi membri?", "it", True),
        ("Quais são os seus membros?", "pt", True),
        ("उसकी राजधानी क्या है?", "hi", True),
        ("그의 아내는 누구입니까?", "ko", True),
        ("เขาเป็นใคร", "th", True),
        ("Còn giá của nó thì sao?", "vi", True),
        ("Dan di mana?", "id", True),
        ("A gdzie?", "pl", True),
        ("Хто він такий?", "uk", True),
        ("How do beekeepers protect their hives from the cold?", "en", False),
        ("When is the next CSTO summit?", "en", False),
        ("Who is the Costa Rican President that went to Harvard?", "en", False),
        ("How many people are there in France?", "en", False),
        ("What religion did the French spread along with their imperialism?", "en", False),
        ("Where did Turabi place students sympathetic to his views?", "en", False),
        ("كيف يحمي النحالون خلاياهم من البرد؟", "ar", False),
        ("كم عدد المراحل التي افتتح فيها المترو في الفترة ما بين 1980 و 1984؟", "ar", False),
        ("هل هناك قانون ينظم المدارس الخاصة؟", "ar", False),
        ("كيف يحافظ النحالون على خلاياهم ومنها العسل في الشتاء؟", "ar", False),
        ("Comment les apiculteurs protègent-ils leurs ruches du froid ?", "fr", False),
        ("Quelle est la capitale de la France et de la Belgique ?", "fr", False),
        ("Combien d'habitants y a-t-il dans la ville de Paris ?", "fr", False),
        ("Wie schützen Imker ihre Bienenstöcke vor der Kälte?", "de", False),
        ("Wann wurde das Rote Kreuz in Genf gegründet?", "de", False),
        ("Wie viele Einwohner gibt es in der Stadt Berlin und in Hamburg?", "de", False),
        ("¿Cómo protegen los apicultores sus colmenas del frío?", "es", False),
        ("¿Quién ganó la guerra entre Francia y Alemania en 1871?", "es", False),
        ("Como os apicultores protegem as suas colmeias do frio?", "pt", False),
        ("Come proteggono gli apicoltori le loro api dal freddo?", "it", False),
        ("Как пчеловоды защищают свои ульи от холода?", "ru", False),
        ("Кто выиграл войну между Францией и Германией в 1871 году?", "ru", False),
        ("Arıcılar kovanlarını soğuktan nasıl korur ve besler?", "tr", False),
        ("养蜂人如何保护他们的蜂箱免受寒冷？", "zh", False),
        ("下一届集安组织峰会什么时候举行？", "zh", False),
        ("土耳其的首都是哪一座城市？", "zh", False),
        ("養蜂家はどのようにして巣箱を寒さから守りますか？", "ja", False),
        ("ราคาน้ำมันในประเทศไทยเป็นเท่าไร", "th", False),
        ("Hoe beschermen imkers hun bijenkasten tegen de kou?", "nl", False),
        ("Jak pszczelarze chronią swoje ule przed zimnem i wilgocią?", "pl", False),
        ("Hur skyddar biodlare sina kupor mot det kalla vädret?", "sv", False),
    ],
)
def test_questions_that_lean_on_others_are_told_apart(question, language, leans):
    assert (leaning(question, language) is not Leaning.NOT) is leans


def test_the_articles_decide_where_a_question_says_much_besides_its_pronoun():
    assert leaning("When was it signed?", "en") is Leaning.SURELY
    assert leaning("How many nations control this region in total?", "en") is Leaning.PERHAPS


@pytest.mark.parametrize(
    ("question", "short"), [("Which year?", True), ("在哪里？", True), ("Who won the last two?", False)]
)
def test_short_questions(question, short):
    assert is_short(question) is short


@pytest.mark.parametrize("question", ["", "؟", "?!", "\u200f", "🙂", "7"])
def test_a_question_without_words_leans_on_others(question):
    assert leaning(question, "en") is (Leaning.NOT if question == "7" else Leaning.SURELY)


def test_an_expression_that_holds_no_pronoun_may_be_all_there_is():
    assert leaning("it possible", "en") is Leaning.NOT


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("And where?", "en", True),
        ("And who is he?", "en", True),
        ("And the price?", "en", False),
        ("وأين؟", "ar", True),
        ("وأين الملعب؟", "ar", False),
        ("Et où ?", "fr", True),
        ("А де?", "uk", True),
        ("और कहाँ?", "hi", True),
        ("और कीमत?", "hi", False),
        ("在哪里？", "zh", True),
        ("价格呢？", "zh", False),
        ("どこで？", "ja", True),
        ("値段は？", "ja", False),
    ],
)
def test_a_question_may_only_ask(question, language, expected):
    assert says_nothing(question, language) is expected


@pytest.mark.parametrize("question", ["وفي أي عام بدأ؟", "وبأي قمر صناعي؟", "وعلى ماذا يستند؟"])
def test_an_arabic_question_that_begins_with_and_leans(question):
    assert leaning(question, "ar") is not Leaning.NOT


def test_vowel_signs_are_parts_of_words():
    assert subject_of("متى بلغت التهجّمات على المدرّسين ذروتها؟") == "بلغت التهجّمات على المدرّسين ذروتها"


def test_the_subject_is_what_is_neither_asking_nor_pronoun():
    assert subject_of("When will their next summit be in Moscow?") == "will next summit be in Moscow"
    assert main_script("これは何ですか") == "HAN"
