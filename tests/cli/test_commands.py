"""The program as a user runs it: a real process, real files, exit codes and streams."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

ARTICLE = "The library opens at nine. It closes at six.\n\nThe museum is in Lyon. It was founded in 1871."


@pytest.fixture
def program(tmp_path, encoder):
    del encoder  # the model is unpacked before the program is timed or judged

    def run(*arguments, stdin=""):
        return subprocess.run(
            [sys.executable, "-m", "assistant", *arguments],
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def folder(tmp_path):
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "lyon.txt").write_text(ARTICLE, encoding="utf-8")
    return articles


def test_sync_search_list_and_remove(program, folder):
    synced = program("sync", str(folder), "--json")
    assert synced.returncode == 0, synced.stderr
    assert json.loads(synced.stdout)["encoded"] > 0
    assert json.loads(program("sync", str(folder), "--json").stdout)["encoded"] == 0

    found = json.loads(program("search", "When was the museum founded?", "-k", "1", "--json").stdout)
    assert len(found["hits"]) == 1
    assert found["hits"][0]["sentence"]["text"] == "It was founded in 1871."

    [article] = json.loads(program("articles", "--json").stdout)
    assert article["title"].startswith("The library opens")
    assert program("remove", article["id"]).returncode == 0
    again = program("remove", article["id"])
    assert again.returncode == 1
    assert again.stderr.startswith(f"The store holds no article {article['id']}")
    assert json.loads(program("articles", "--json").stdout) == []


def test_a_file_that_cannot_be_read_is_named_and_the_rest_go_on(program, folder):
    (folder / "empty.txt").write_text("", encoding="utf-8")

    synced = program("sync", str(folder))

    assert synced.returncode == 1
    assert "empty.txt" in synced.stderr
    assert "1 added" in synced.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("remove", "0123456789abcdef"), 1, "There is no store"),
        (("sync", "no-such-folder"), 1, "no-such-folder"),
        (("search",), 2, "QUESTION"),
        (("ask", "   "), 2, "empty"),
        (("ask", "why?", "-k", "0"), 2, "-k"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_failures_have_a_code_and_one_line(program, arguments, code, message):
    done = program(*arguments)

    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    if code == 1:
        assert len(done.stderr.strip().splitlines()) == 1


def test_other_programs_get_one_line_for_an_article(program, folder):
    program("sync", str(folder))

    [line] = program("articles").stdout.splitlines()

    assert line.split("\t")[1:4] == ["en", "", "1"]
    assert line.endswith("lyon.txt")


def test_articles_are_listed_page_by_page(program, folder):
    (folder / "nice.txt").write_text("Nice has a port. The port is old.")
    program("sync", str(folder))
    everything = program("articles").stdout.splitlines()
    assert len(everything) == 2

    assert program("articles", "--limit", "1").stdout.splitlines() == everything[:1]
    assert program("articles", "--limit", "5", "--offset", "1").stdout.splitlines() == everything[1:]
    assert len(json.loads(program("articles", "--limit", "1", "--json").stdout)) == 1


def test_the_sentence_that_answers_is_marked_in_a_pipe(program, folder):
    program("sync", str(folder))

    asked = program("ask", "When was the museum founded?", "--chat-model", "extractive")

    assert "⟦It was founded in 1871.⟧" in asked.stdout


def test_escape_sequences_do_not_reach_the_terminal_through_json(program, folder):
    (folder / "hostile.jsonl").write_text(
        json.dumps({"text": "The opera \u009b2J\u202eseats 1,200."}), encoding="utf-8"
    )
    program("sync", str(folder))

    found = program("search", "How many does the opera seat?", "-k", "1", "--json")

    assert "\u009b" not in found.stdout
    assert "\u202e" not in found.stdout
    assert "\u202e" in json.loads(found.stdout)["hits"][0]["passage"]["text"]


def test_a_web_address_is_added_not_synced(program):
    done = program("sync", "https://example.org/news")

    assert done.returncode == 2
    assert "assistant add" in done.stderr


@pytest.mark.parametrize("arguments", [("articles",), ("status",), ("search", "why?"), ("ask", "why?"), ("chat",)])
def test_a_mistyped_store_is_named_and_not_made(program, tmp_path, arguments):
    done = program(*arguments, "--store", "mistyped")

    assert done.returncode == 1
    assert done.stdout == ""
    assert "There is no store in" in done.stderr
    assert "--store" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "mistyped").exists()


def test_an_index_that_cannot_be_kept_costs_a_warning_and_no_answer(program, folder, tmp_path):
    (tmp_path / "vectorstore" / "index.faiss.tmp").mkdir(parents=True)
    synced = program("sync", str(folder))
    asked = program("ask", "When was the museum founded?", "--chat-model", "extractive")

    assert synced.returncode == 0, synced.stderr
    assert asked.returncode == 0, asked.stderr
    assert "1871" in asked.stdout
    for done in (synced, asked):
        assert done.stderr.count("The search index was not kept") == 1
        assert "Traceback" not in done.stderr
        assert "faiss::" not in done.stderr


def test_an_unknown_setting_is_named_with_the_nearest_known_one(program, monkeypatch):
    monkeypatch.setenv("ASSISTANT_CHATMODEL", "extractive")

    done = program("status")

    assert done.returncode == 1
    assert "ASSISTANT_CHATMODEL" in done.stderr
    assert "chat_model" in done.stderr


def test_escape_sequences_in_articles_do_not_reach_the_terminal(program, folder):
    hostile = "\x1b[2J\x1b]0;owned\x07The opera house \u202eseats 1,200\u202c people."
    (folder / "hostile.jsonl").write_text(json.dumps({"text": hostile}), encoding="utf-8")
    synced = program("sync", str(folder))
    assert "2 added" in synced.stderr, synced.stderr

    asked = program("search", "How many people does the opera house seat?")

    assert "opera house" in asked.stdout
    for character in ("\x1b", "\x07", "\u202e"):
        assert character not in asked.stdout


def test_chat_answers_follow_ups_and_ends_with_its_input(program, folder):
    program("sync", str(folder))

    chatted = program("chat", "--chat-model", "extractive", stdin="When was the museum founded?\nAnd where is it?\n")

    assert chatted.returncode == 0, chatted.stderr
    assert "1871" in chatted.stdout
    assert "Lyon" in chatted.stdout
    assert "?" not in chatted.stderr


def test_articles_are_summarised_and_a_chat_may_be_about_some(program, folder):
    (folder / "ferry.txt").write_text("The ferry sails at noon. It carries forty cars.", encoding="utf-8")
    assert program("sync", str(folder)).returncode == 0
    listed = {row["title"].split()[1]: row["id"] for row in json.loads(program("articles", "--json").stdout)}

    summary = json.loads(program("summarise", listed["ferry"], "--json").stdout)
    assert {one["article"]["id"] for one in summary["citations"]} == {listed["ferry"]}
    assert program("summarise").returncode == 2
    assert program("summarise", "0123456789abcdef").returncode == 1

    said = program("chat", "--chat-model", "extractive", "--article", listed["ferry"], stdin="list all articles\n")
    assert "Articles: 1" in said.stdout
    assert "ferry" in said.stdout
    assert "museum" not in said.stdout


def test_page_and_section_of_a_quote_are_told(program, folder):
    markdown = "# The opera\n\nIt was founded in 1754.\n\n## Seats [red]\u202e\n\nThe large hall seats 1,200 people."
    (folder / "opera.md").write_text(markdown, encoding="utf-8")
    program("sync", str(folder))
    question = ("ask", "How many people does the large hall seat?", "--chat-model", "extractive")

    asked, told = program(*question), json.loads(program(*question, "--json").stdout)

    assert "opera.md, § Seats [red]\\u202e" in asked.stdout
    assert told["citations"][0]["section"] == "Seats [red]\u202e"
    assert told["citations"][0]["page"] is None
    hit = json.loads(program("search", question[1], "-k", "1", "--json").stdout)["hits"][0]
    assert hit["section"] == "Seats [red]\u202e"


def test_the_column_of_text_is_chosen_by_option_or_setting(program, folder, monkeypatch):
    (folder / "cases.jsonl").write_text('{"fields": {"remarks": "The opera was mended."}}', encoding="utf-8")
    assert "its text is missing" in program("sync", str(folder)).stderr

    synced = program("sync", str(folder), "--text-column", "fields.remarks")

    assert synced.returncode == 0
    assert "1 added" in synced.stderr
    (folder / "more.jsonl").write_text('{"fields": {"remarks": "The museum was closed."}}', encoding="utf-8")
    monkeypatch.setenv("ASSISTANT_TEXT_COLUMN", "fields.remarks")
    assert program("sync", str(folder)).returncode == 0
