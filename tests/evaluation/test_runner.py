"""The real assistant over small question sets."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import QuestionSetError
from assistant.evaluation import Options, evaluate

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MOSCOW = "The next summit will be held in Moscow on 11 November 2026. Ministers meet a day earlier."
GARDEN = "Tomatoes want full sun and a sheltered bed. Water them in the morning, never on the leaves."
ORBIT = "The telescope circles the Earth once every 97 minutes. Its mirror is 2.4 metres wide."


@pytest.fixture(scope="module")
def cache(tmp_path_factory, with_model):
    """One cache for all."""
    return {"cache": with_model(tmp_path_factory.mktemp("cache")), "chat_model": "extractive"}


@pytest.fixture
def small_set(write_squad):
    return write_squad(
        "small.json",
        ("Summit", [(MOSCOW, [("where", "Where will the next summit be held?", "Moscow")])]),
        ("Garden", [(GARDEN, [("when", "When should tomatoes be watered?", "in the morning")])]),
        ("Orbit", [(ORBIT, [("wide", "How wide is the telescope's mirror?", "2.4 metres")])]),
    )


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("nowhere.jsonl", {}, "does not exist"),
        ("set.txt", {}, "a question set is"),
        ("set.jsonl", {"asked_as": Path("x.json")}, "--questions goes with"),
        ("set.jsonl", {"hold_out": 0.5}, "--hold-out goes with"),
        ("set.jsonl", {"also": (Path("x.json"),)}, "--articles"),
        ("set.jsonl", {"by_paragraph": True}, "--by-paragraph goes with"),
        ("set.json", {"articles": Path("seeds")}, "brings its own articles"),
        ("set.jsonl", {"limit": 0}, "at least 1"),
        ("set.jsonl", {"seed": 0}, "--limit"),
        ("set.json", {"hold_out": 1.0}, "--hold-out"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, name, options, message):
    if name != "nowhere.jsonl":
        (tmp_path / name).write_text("{}")
    with pytest.raises(QuestionSetError, match=message):
        evaluate(tmp_path / name, Options(**options))


def test_a_set_in_squad_layout_is_asked_and_scored(small_set, cache):
    report = evaluate(small_set, **cache)
    assert (report.questions, report.answerable) == (3, 3)
    assert report.retrieval["recall@1"].value == 1
    assert report.retrieval["sentence_accuracy"].value == 1
    assert report.answers["contains"].value == 1
    assert report.summary["right_sentence"].value == 1
    assert report.citations["unstated_numbers"].value == 0
    assert "contains_asked" not in report.answers
    assert not report.refusal
    assert report.latency_ms["p50"].value > 0
    where = next(outcome for outcome in report.per_question if outcome.id == "where")
    assert "Moscow" in where.answer
    assert where.citations[0].right
    assert where.model == "extractive"
    assert report.settings["chat_model"] == "extractive"
    assert "cache" not in report.settings


def test_a_seeded_sample_is_the_same_in_any_words_and_told_in_the_settings(small_set, cache, write_squad):
    german = write_squad(
        "small.de.json",
        ("S", [("Moskau.", [("where", "Wo?", "Moskau")])]),
        ("G", [("morgens", [("when", "Wann?", "morgens")])]),
        ("O", [("2,4 Meter", [("wide", "Wie breit?", "2,4 Meter")])]),
    )

    def ids(**options):
        report = evaluate(small_set, Options(limit=2, seed=0, retrieval_only=True, **options), **cache)
        assert (report.settings["limit"], report.settings["seed"]) == (2, 0)
        return [outcome.id for outcome in report.per_question]

    assert ids() == ids(asked_as=german) == ids(also=(german,)) == ids(hold_out=0.5)
    assert "seed" not in evaluate(small_set, Options(limit=1, retrieval_only=True), **cache).settings


def test_a_second_run_encodes_nothing(write_squad, cache):
    stages = []
    unseen = write_squad("unseen.json", ("Tides", [("The tide turns at noon.", [("t", "When?", "noon")])]))
    evaluate(unseen, Options(retrieval_only=True), progress=lambda stage, *_: stages.append(stage), **cache)
    assert set(stages) > {"asking"}
    stages.clear()
    again = evaluate(unseen, Options(retrieval_only=True), progress=lambda stage, *_: stages.append(stage), **cache)
    assert set(stages) == {"asking"}
    assert not again.answers


def test_what_an_earlier_version_indexed_is_indexed_anew(write_squad, cache, monkeypatch):
    unseen = write_squad(
        "unseen.json", ("Salt", [("Salt is mined in winter.", [("s", "When is salt mined?", "winter")])])
    )
    evaluate(unseen, Options(retrieval_only=True), **cache)
    monkeypatch.setattr("assistant.indexing.passage_encoder.CHUNKER_VERSION", "another")
    assert evaluate(unseen, Options(retrieval_only=True), **cache).retrieval["recall@1"].value == 1


def test_an_interrupted_indexing_goes_on_where_it_stopped(write_squad, cache):
    unseen = write_squad(
        "unseen.json",
        ("Moon", [("The moon is full on Friday.", [("m", "When is the moon full?", "Friday")])]),
        ("Bread", [("Bread bakes for forty minutes.", [("b", "How long does bread bake?", "forty minutes")])]),
    )

    def interrupt(stage, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(unseen, progress=interrupt, **cache)
    assert evaluate(unseen, Options(retrieval_only=True), **cache).retrieval["recall@1"].value == 1


def test_held_out_articles_leave_questions_that_should_be_refused(small_set, cache):
    report = evaluate(small_set, Options(hold_out=0.5), **cache)
    assert (report.questions, report.answerable) == (3, 2)
    assert set(report.refusal) <= {"precision", "recall", "f1"}
    held = next(outcome for outcome in report.per_question if not outcome.answerable)
    assert held.id == "when"
    assert held.gold == ()
    assert "recall@1" not in held.scores


def test_questions_in_other_words_over_the_same_articles(small_set, cache, write_squad):
    german = write_squad(
        "small.de.json",
        ("S", [("Der Gipfel ist in Moskau.", [("where", "Wo findet der nächste Gipfel statt?", "Moskau")])]),
    )
    report = evaluate(small_set, Options(asked_as=german), **cache)
    assert report.questions == 1
    assert report.per_question[0].question == "Wo findet der nächste Gipfel statt?"
    assert report.retrieval["recall@1"].value == 1
    assert len(report.problems) == 2
    # The extractive answer quotes the article: the gold, but not in the language of the question.
    assert report.answers["contains"].value == 1
    assert report.answers["contains_asked"].value == 0
    assert report.per_question[0].asked_answers == ("Moskau",)
    assert report.citations["unstated_numbers"].value == 0


def test_parallel_articles_in_one_library(small_set, cache, write_squad):
    german = write_squad(
        "small.de.json",
        ("S", [("Der nächste Gipfel findet in Moskau statt.", [("where", "Wo?", "Moskau")])]),
    )
    report = evaluate(small_set, Options(also=(german,), retrieval_only=True), **cache)
    assert report.questions == 1
    assert report.retrieval["either@1"].value == 1
    assert report.retrieval["both@5"].value == 1
    assert report.settings["also"] == ["small.de.json"]


def test_other_articles_beside_those_of_json_lines(tmp_path, small_set, cache):
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "summit.txt").write_text(MOSCOW)
    unanswerable = {"question": "How wide is the telescope's mirror?", "answerable": False, "language": "en"}
    elsewhere = {"question": "How wide is it?", "answers": ["2.4 metres"], "quote": "2.4 metres", "language": "en"}
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, (unanswerable, elsewhere))))
    alone = evaluate(path, Options(articles=tmp_path / "news"), **cache)
    assert alone.summary["answered_unanswerable"].value == 0
    beside = evaluate(path, Options(articles=tmp_path / "news", also=(small_set,)), **cache)
    assert beside.per_question[0].citations[0].title == "Orbit"
    assert beside.summary["answered_unanswerable"].value == 1
    # A quote is one of the set's own articles, or of none.
    assert beside.per_question[1].gold == ()
    assert len(beside.problems) == 1


def test_a_pool_of_sentences_is_ranked_whole(tmp_path, cache):
    def write(language, context, breaks, answer, question):
        qas = [{"id": "q", "question": question, "answers": [{"text": answer, "answer_start": context.index(answer)}]}]
        paragraph = {"context": context, "sentence_breaks": breaks, "qas": qas}
        data = json.dumps({"data": [{"title": "T", "paragraphs": [paragraph]}]}, ensure_ascii=False)
        (folder / f"{language}.json").write_text(data, encoding="utf-8")

    folder = tmp_path / "pool"
    folder.mkdir()
    write(
        "en", "Tomatoes want full sun. The summit is in Moscow.", [[0, 23], [24, 48]], "Moscow", "Where is the summit?"
    )
    write(
        "de", "Tomaten brauchen Sonne. Der Gipfel ist in Moskau.", [[0, 23], [24, 49]], "Moskau", "Wo ist der Gipfel?"
    )
    report = evaluate(folder, **cache)
    assert report.questions == 2
    assert set(report.retrieval) == {"map"}
    assert report.retrieval["map"].value == 1
    assert set(report.by_language) == {"de", "en"}


def test_json_lines_over_files_and_over_the_store(tmp_path, cache):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "summit.txt").write_text(MOSCOW)
    (folder / "garden.txt").write_text(GARDEN)
    questions = tmp_path / "set.jsonl"
    lines = [
        {"question": "Where will the next summit be held?", "answers": ["Moscow"], "quote": "held in Moscow"},
        {"question": "When should I water my tomatoes?", "answers": ["in the morning"], "article": "garden.txt"},
    ]
    questions.write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(QuestionSetError, match="holds no articles"):
        evaluate(questions, store=tmp_path / "store", **cache)
    report = evaluate(questions, Options(articles=folder), **cache)
    assert report.retrieval["recall@1"].value == 1
    assert [("recall@1" in outcome.scores) for outcome in report.per_question] == [True, False]
    (folder / "summit.txt").unlink()
    with_less = evaluate(questions, Options(articles=folder, retrieval_only=True), **cache)
    assert any("quote is not in the article" in problem for problem in with_less.problems)


def test_a_follow_up_is_asked_after_what_it_leans_on(tmp_path, cache):
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "summit.txt").write_text(f"{MOSCOW}\n", encoding="utf-8")
    (tmp_path / "news" / "garden.txt").write_text(f"{GARDEN}\n", encoding="utf-8")
    line = {"question": "And where?", "answers": ["Moscow"], "quote": "held in Moscow", "language": "en"}
    path = tmp_path / "set.jsonl"
    after = {**line, "earlier": ["When will the next summit be held?"]}
    path.write_text("\n".join(map(json.dumps, (line, after))), encoding="utf-8")
    report = evaluate(path, Options(articles=tmp_path / "news"), **cache)
    alone, leaning = report.per_question
    assert alone.refused
    assert (leaning.refused, leaning.rank, leaning.scores["right_sentence"]) == (False, 1, 1)
    assert leaning.earlier == ("When will the next summit be held?",)
    assert report.summary["right"].value == 0.5
    both_alone = evaluate(path, Options(articles=tmp_path / "news", without_earlier=True), **cache)
    assert [outcome.refused for outcome in both_alone.per_question] == [True, True]
    assert both_alone.settings["without_earlier"] is True


def test_turns_of_conversations_are_asked_after_their_earlier_questions(tmp_path, cache):
    folder = tmp_path / "mtrag"
    folder.mkdir()
    documents = [
        {"document_id": "summit", "title": "Summit", "text": MOSCOW},
        {"document_id": "garden", "title": "Garden", "text": GARDEN},
    ]
    first = {"speaker": "user", "text": "When will the next summit be held?"}
    said = {"speaker": "agent", "text": "On 11 November 2026."}
    tasks = [
        {
            "id": "1",
            "turns": [first],
            "contexts": ["summit"],
            "target": "On 11 November.",
            "answerability": "ANSWERABLE",
        },
        {
            "id": "2",
            "turns": [first, said, {"speaker": "user", "text": "And where?"}],
            "contexts": ["summit"],
            "target": "In Moscow.",
            "answerability": "ANSWERABLE",
        },
        {
            "id": "3",
            "turns": [{"speaker": "user", "text": "Who invented the telephone?"}],
            "contexts": [],
            "answerability": "UNANSWERABLE",
        },
    ]
    for name, rows in (("documents", documents), ("tasks", tasks)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    report = evaluate(folder, **cache)
    assert report.retrieval["recall@1"].value == 1
    assert set(report.by_kind) == {"answerable", "unanswerable"}
    assert report.by_kind["answerable"].summary["refused_answerable"].value == 0
    assert report.by_kind["unanswerable"].summary["answered_unanswerable"].value == 0
    assert 0 < report.answers["rouge1"].value < 1
    assert report.citations["precision"].value == 1
    assert not {"right", "right_sentence"} & set(report.summary)
    assert not {"contains", "exact_match"} & set(report.answers)
    alone = evaluate(folder, Options(without_earlier=True), **cache)
    assert [outcome.refused for outcome in alone.per_question] == [False, True, True]


def test_the_command_prints_one_document_and_writes_a_page(small_set, tmp_path, cache):
    command = [sys.executable, "-m", "assistant", "eval", str(small_set), "--chat-model", "extractive"]
    environment = os.environ | {"ASSISTANT_CACHE": str(cache["cache"]), "PYTHONUTF8": "1"}
    first = subprocess.run([*command, "--json"], capture_output=True, text=True, env=environment, check=False)
    assert first.returncode == 0, first.stderr
    baseline = tmp_path / "earlier.json"
    baseline.write_text(first.stdout, encoding="utf-8")
    assert json.loads(first.stdout)["retrieval"]["recall@1"]["value"] == 1

    page = tmp_path / "report.html"
    second = subprocess.run(
        [*command, "--baseline", str(baseline), "--report", str(page), "--k", "3"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert second.returncode == 0, second.stderr
    assert "recall@1" in second.stdout
    assert "k: 5, now 3" in second.stdout
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")

    unlimited = subprocess.run([*command, "--seed", "1"], capture_output=True, text=True, env=environment, check=False)
    assert unlimited.returncode == 2
    assert unlimited.stdout == ""
    assert "--limit" in unlimited.stderr

    failed = subprocess.run(
        [*command, "--baseline", str(page)], capture_output=True, text=True, env=environment, check=False
    )
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "cannot be read as JSON" in failed.stderr
