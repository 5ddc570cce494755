import pytest

from assistant.articles.article import Article
from assistant.embedding.token_codec import load_codec
from assistant.indexing.passage_encoder import fingerprint_of
from assistant.indexing.sync import Indexer
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD
from assistant.retrieval.spelling import spell
from assistant.settings import load_settings
from assistant.store.local_store import LocalStore
from assistant.store.passage_store import Filters

ARTICLES = [
    Article(
        "/news/mill.txt", "المطحنة", "قالت مديرة المطحنة زهراء منصوروفا إن العمل بدأ. وحضر رشيد العمري الافتتاح.", "ar"
    ),
    Article(
        "/news/bakery.txt",
        "A bakery",
        "Gwendolyn Tharpe opened a bakery in Mossbridge. Elmers and the Kestrels buy its rye bread.",
        "en",
    ),
    Article("/news/yard.txt", "船厂", "船厂厂长王晓明表示，新船将在五月下水。", "zh"),
    # Names with few consonants, and words that sound like parts of them: "goes on to", "in the village of".
    Article(
        "/news/shark.txt",
        "قرش جديد",
        "اكتشف علماء قرشا جديدا قبالة الجزيرة. أرسل الصياد سالم المهيري صورته، ثم سلمها إلى متحف دينا مرقص. وحضر كريم عبد الباسط.",
        "ar",
    ),
    Article("/news/tea.txt", "Tea", "The mayor praised Salim Okoro for his tea. Dina and Marek drank all of it.", "en"),
]


@pytest.fixture(scope="module")
def parts(encoder, tmp_path_factory):
    settings = load_settings()
    codec = load_codec(encoder)
    with LocalStore.open(tmp_path_factory.mktemp("names"), fingerprint_of(encoder, codec, settings)) as store:
        Indexer(store, encoder, codec, settings).add_articles(ARTICLES)
        yield store, encoder, codec, settings


@pytest.mark.parametrize(
    ("question", "language", "spelt"),
    [
        ("Who is Mansurova?", "en", "Who is منصوروفا?"),
        ("who is mansurova", "en", "who is منصوروفا"),
        ("Кто такая Мансурова?", "ru", "Кто такая منصوروفا?"),
        ("Who is Gwendolin Tharp?", "en", "Who is Gwendolyn Tharp?"),
        ("من هي جويندولين ثارب؟", "ar", "من هي Gwendolyn Tharpe؟"),
        ("Where is Mosbridge?", "en", "Where is Mossbridge?"),
        ("Who is Wang Xiaoming?", "en", "Who is 王晓明?"),
        # What is written onto a word is no part of its sound.
        ("متى تأسس فريق الكستريلز؟", "ar", "متى تأسس فريق Kestrels؟"),
        ("أين المرسى؟", "ar", "أين المرسى؟"),
        # As the library has it.
        ("Who is Gwendolyn Tharpe of Mossbridge?", "en", "Who is Gwendolyn Tharpe of Mossbridge?"),
        # Others that the library lacks.
        ("Who is Winston Churchill?", "en", "Who is Winston Churchill?"),
        ("Who is Zhang Weiming?", "en", "Who is Zhang Weiming?"),
        ("How do I repair a punctured bicycle tyre?", "en", "How do I repair a punctured bicycle tyre?"),
        ("", "und", ""),
    ],
)
def test_names_are_spelt_as_the_library_spells_them(parts, question, language, spelt):
    store, encoder, _, _ = parts
    assert spell(question, language, store, encoder.count_tokens).question == spelt


def test_names_of_other_articles_than_those_asked_for_stay_away(parts):
    store, encoder, _, _ = parts
    filters = Filters(languages=("en",))
    assert spell("Who is Mansurova?", "en", store, encoder.count_tokens, filters).question == "Who is Mansurova?"


def test_a_name_in_another_script_finds_its_passage(parts):
    hit = Retriever(*parts).search("Who is Mansurova?", k=1).hits[0]
    assert hit.article.source == "/news/mill.txt"
    assert hit.score >= RELEVANCE_THRESHOLD


def test_what_a_follow_up_is_about_is_spelt_so_too(parts):
    question = "Mansurova: And who was there?"
    assert (
        Retriever(*parts).search(question, k=1, prefix_length=len("Mansurova: ")).hits[0].article.source
        == "/news/mill.txt"
    )


@pytest.mark.parametrize(
    ("question", "language", "spelling"),
    [
        # Passages in the question's own script hold one part of it each.
        ("Salim Muhairi who is that", "en", ["سالم", "مهيري"]),
        ("salim muhairi who is that", "en", ["سالم", "مهيري"]),
        ("Кто такой Салим аль-Мухайри?", "ru", ["سالم", "مهيري"]),
        ("Who is Dina Markos?", "en", ["دينا", "مرقص"]),
        ("ما اسم شاي سليم أوكورو؟", "ar", ["Salim", "Okoro"]),
        # Two words there, one here.
        ("Who is Karim Abdulbasit?", "en", ["كريم", "عبد الباسط"]),
        # One consonant is another.
        ("Who is Dina Markoz?", "en", ["دينا", "مرقص"]),
        # Only one part of the name is there.
        ("Who is Salim Perovic?", "en", []),
        ("Who is Dina Petrova?", "en", []),
        ("When was the new shark found?", "en", []),
    ],
)
def test_names_match_by_sound_in_passages_of_other_scripts(parts, question, language, spelling):
    store, encoder, _, _ = parts
    found = spell(question, language, store, encoder.count_tokens).phonetic_matches
    assert [[one.name for one in names] for names in found.values()] == ([spelling] if spelling else [])


def test_a_question_is_spelt_as_a_passage_spells_it(parts):
    store, encoder, _, _ = parts
    prefix = "Salim Muhairi: "
    found = spell(f"{prefix}what did Mansurova say?", "en", store, encoder.count_tokens, prefix_length=len(prefix))
    (shark,) = [passage for passage, names in found.phonetic_matches.items() if "سالم" in {one.name for one in names}]
    assert found.in_passage(shark) == "سالم مهيري: what did منصوروفا say?"
    # No passage of any script holds the second word as it was typed.
    assert found.question[: found.prefix_length] == "Salim مهيري: "
    assert found.in_passage(-1) == found.question


def test_a_name_that_the_library_holds_in_parts_finds_its_passage(parts):
    hits = Retriever(*parts).search("Salim Muhairi who is that", k=2).hits
    assert hits[0].article.source == "/news/shark.txt"
    assert hits[0].score >= RELEVANCE_THRESHOLD
    assert {span.of(hits[0].article.text) for span in hits[0].matched} >= {"سالم", "المهيري"}


def test_names_are_not_heard_where_they_may_not_be_found(parts):
    store, encoder, _, _ = parts
    assert not spell(
        "Who is Dina Markos?", "en", store, encoder.count_tokens, Filters(languages=("en",))
    ).phonetic_matches
