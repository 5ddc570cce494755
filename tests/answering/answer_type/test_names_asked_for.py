import pytest

from assistant.answering.answer_type.names_asked_for import hits_that_name, names_asked_for


def named(question, language="en"):
    names = names_asked_for(question, language)
    return {place.name for place in names.places} | {" ".join(words) for words in names.others}


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("When was the library of Cairo founded by Ahmed Zewail?", {"cairo", "ahmed zewail"}),
        ("Who is the head of the Wellcome Trust's archive?", {"wellcome trust"}),
        ("where is cairo?", {"cairo"}),
        ("What Is the Population of Zurich's Old Town?", {"zurich"}),
        ("What did the CSTO, NATO and the UN say?", set()),
        ("Which British or European laws apply on Monday or in January?", set()),
        ("What happened then?", set()),
    ],
)
def test_names_are_told_from_other_capitals(question, names):
    assert named(question) == names


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Was kostet die Brücke im Hafen der Stadt?", "de"),
        ("ما هي عاصمة البلاد وما قطر الدائرة وما الدعم المالي؟", "ar"),
        ("ماهي أسماء المدن؟", "ar"),
        ("Ai là Nga và Đức?", "vi"),
    ],
)
def test_nothing_is_named_where_nothing_marks_it(question, language):
    assert not named(question, language)


@pytest.mark.parametrize(
    ("question", "language", "place"),
    [
        ("Что строят в Португалии?", "ru", "португалия"),
        ("Mitä Portugalissa rakennetaan?", "fi", "portugali"),
        ("Co budują w Portugalii?", "pl", "portugalia"),
        ("Co staví v Portugalsku?", "cs", "portugalsko"),
        ("Що будують у Португалії?", "uk", "португалія"),
        ("מה בונים בפורטוגל?", "he", "פורטוגל"),
        ("ما الذي يبنى للبرتغال؟", "ar", "البرتغال"),
        ("Ankara'da değil, Portekiz'de ne yapılıyor?", "tr", "portekiz"),
        ("ماذا تبني الحكومة في البرتغال؟", "ar", "البرتغال"),
        ("葡萄牙在建什么?", "zh", "葡萄牙"),
        ("포르투갈에서 무엇을 짓고 있나요?", "ko", "포르투갈"),
    ],
)
def test_countries_are_found_in_every_script(question, language, place):
    assert place in named(question, language)


@pytest.mark.parametrize(
    ("question", "language", "said", "spoken"),
    [
        ("What did Germany say?", "en", "قال الوزير الألماني إن القمة ناجحة.", "ar"),
        ("What did Greece say?", "en", "اليونان ترحب بالقمة.", "ar"),
        ("What happened in Bishkek?", "en", "في ختام زيارته إلى بيشكيك.", "ar"),
        ("Was geschah in den Niederlanden?", "de", "The Dutch voted.", "en"),
        ("ماذا قالت فرنسا؟", "ar", "The French minister spoke.", "en"),
        ("What did France say?", "en", "法国总统发表讲话。", "zh"),
        ("What did Muhammad Yunus say?", "en", "Mohamed Yunus spoke.", "en"),
        ("Who played at the Superbowl in Pittsburg?", "en", "The Super Bowl was in Pittsburgh.", "en"),
        ("Who wrote about Tesla's coil?", "en", "Teslas are named after Tesla.", "en"),
        ("What did Moscow say?", "en", "The Russian president spoke.", "en"),
        ("What did Saudi Arabia say?", "en", "قال الوزير السعودي إن القمة ناجحة.", "ar"),
        ("What did Messi say about Tesla?", "en", "تحدث ليونيل عن الكهرباء.", "ar"),
    ],
)
def test_a_name_is_found_translated_inflected_or_misspelt(hit, question, language, said, spoken):
    found = hit([said], language=spoken)
    assert hits_that_name(names_asked_for(question, language), [found]) == (found,)


@pytest.mark.parametrize(
    ("question", "language", "said", "spoken"),
    [
        ("What did Egypt say?", "en", "قال الوزير الألماني إن القمة ناجحة.", "ar"),
        ("What happened in Cairo?", "en", "The fire was in Boston.", "en"),
        ("ماذا قالت فرنسا؟", "ar", "The German minister spoke.", "en"),
        ("What did Messi say?", "en", "Ronaldo spoke.", "en"),
    ],
)
def test_an_article_that_names_another_is_left_out(hit, question, language, said, spoken):
    assert hits_that_name(names_asked_for(question, language), [hit([said], language=spoken)]) == ()


def test_the_title_and_the_site_name_things_too(hit):
    found = hit(["The prime minister spoke."], title="News from Cairo")
    assert hits_that_name(names_asked_for("Who spoke in Cairo?", "en"), [found]) == (found,)


def test_a_question_about_two_articles_finds_both(hit):
    cairo, boston, rome = (hit([f"It rained in {city}."], title=city) for city in ("Cairo", "Boston", "Rome"))
    names = names_asked_for("Did it rain more in Cairo or in Boston?", "en")
    assert hits_that_name(names, [cairo, rome, boston]) == (cairo, boston)


def test_names_are_not_compared_where_the_answer_is_wanted_in_another_language():
    assert names_asked_for("What did Muhammad Yunus say about the elections?", "fr").others == ()
