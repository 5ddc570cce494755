import time

import pytest

from assistant import Assistant
from assistant.articles.article import Article
from assistant.passages.chunker import chunk
from assistant.passages.passage import Span
from assistant.passages.references import is_reference, references

BARE = [
    "[1] Official source: https://example.org/summit/2026?a=b…",
    "https://example.org/a",
    "<https://example.org/a>",
    "www.example.org/a, www.example.com/b",
    "[12]: https://example.org/a",
    "1. https://example.org/a",
    "• Website: https://example.org",
    "المصدر الرسمي: https://example.org/قمة",
    "来源：https://example.org/a",
    "Source: https://example.org/a (accessed 3 May 2024).",
    "[3] Reuters, Summit in Moscow, 12 May 2024. https://example.org/a",
    "^ Reuters: the summit https://example.org/a.",
    "[Official site](https://example.org/a)",
    "[1]",
    "[1] [2]",
]
SAID = [
    "Read more about the summit in Moscow at https://example.org/a.",
    "The summit's site is https://example.org, and it opens in May.",
    "1. Register at https://example.org and bring the ticket.",
    "(1) Register at https://example.org",
    "The next summit will be in Moscow [1].",
    "[1] The treaty was signed in 1992 by six states.",
    "Source: Lake Victoria",
    "Price: 30/40 euros",
    "12:30/13:30",
    "1874",
    "Moscow",
    "-",
    "",
]
STORY = "The next summit will be held in Moscow on 11 November. It was agreed in Bishkek."


@pytest.mark.parametrize("line", BARE)
def test_a_bare_reference_is_one(line):
    assert is_reference(line)
    text = f"{STORY}\n  {line} \nThe story goes on."
    assert [span.of(text) for span in references(text)] == [line]


@pytest.mark.parametrize("line", SAID)
def test_what_says_something_is_none(line):
    assert not is_reference(line)
    assert references(f"{STORY}\n{line}\nThe story goes on.") == []


@pytest.mark.parametrize(
    "line",
    [
        "Source: Reuters",
        "Via: Reuters",
        "المصدر: وكالات",
        "Source officielle : AFP",
        "Quelle: dpa",
        "Fuente: EFE",
        "Fonte: ANSA",
        "Fontes: Lusa",
        "Bron: ANP",
        "Källa: TT",
        "Kilde: Ritzau",
        "Źródło: PAP",
        "Zdroj: ČTK",
        "Источник: ТАСС",
        "Джерело: Укрінформ",
        "Kaynak: AA",
        "منبع: ایرنا",
        "ماخذ: اے پی پی",
        "מקור: רויטרס",
        "स्रोत: पीटीआई",
        "Sumber: Antara",
        "Nguồn: TTXVN",
        "来源：新华社",
        "來源：中央社",
        "出典：共同通信",
        "출처: 연합뉴스",
        "ที่มา: รอยเตอร์",
    ],
)
def test_a_source_is_named_in_the_last_lines_alone(line):
    text = f"{line}\n{STORY}\n{line}\nhttps://example.org/a\n"
    assert [span.start for span in references(text)] == [text.rindex(line), text.index("https")]


@pytest.mark.parametrize(
    "heading",
    [
        "External links",
        "See also",
        "المراجع",
        "وصلات خارجية",
        "Références",
        "Liens externes",
        "Einzelnachweise",
        "Referencias",
        "Enlaces externos",
        "Referências",
        "Collegamenti esterni",
        "Bronnen",
        "Przypisy",
        "Примечания",
        "Джерела",
        "Kaynakça",
        "منابع",
        "参考文献",
        "外部链接",
        "脚注",
    ],
)
def test_a_heading_of_sources_in_any_language(heading):
    text = f"{STORY}\n{heading}\nhttps://example.org/a"
    assert [span.of(text) for span in references(text)] == [heading, "https://example.org/a"]


def test_the_heading_goes_with_what_stands_below_it():
    text = f"{STORY}\n\nReferences\n\n[1] https://example.org/a\n[2] https://example.org/b\n\nReferences\nThey help."
    assert [span.of(text) for span in references(text)] == [
        "References",
        "[1] https://example.org/a",
        "[2] https://example.org/b",
    ]


def test_hostile_lines_take_no_time():
    started = time.process_time()
    for line in (
        "[1] " * 120,
        "a.b" * 160,
        "x " * 249,
        "https://" * 60,
        "[1] a https://b " * 30,
        "-" * 499 + "a",
        "a-" * 240,
    ):
        is_reference(line)
        is_reference(f"{line}!")
    assert time.process_time() - started < 2


def chunked(text, budget=200):
    article = Article(source="a.txt", title="A", text=text, language="en")
    return chunk(article, lambda texts: [len(one.split()) for one in texts], budget)


def test_references_between_sentences_stay_readable_and_are_no_sentences():
    text = f"{STORY} https://example.org/b\nSource: https://example.org/c\nThe story goes on."
    [passage] = chunked(f"[1] Official source: https://example.org/a\n{text}\nSource: Reuters")
    assert passage.text == text
    assert [span.of(passage.text) for span in _within(passage)] == [
        *STORY.replace(". ", ".\n").split("\n"),
        "The story goes on.",
    ]


def _within(passage):
    return [Span(span.start - passage.start, span.end - passage.start) for span in passage.sentences]


def test_references_count_to_the_size_of_the_passage_that_holds_them():
    lines = "\n".join(f"https://example.org/{n}" for n in range(50))
    passages = chunked(f"{STORY}\n{lines}\n{STORY} {STORY}", 60)
    assert passages
    assert all(len(passage.text.split()) <= 60 for passage in passages)
    assert "https" not in "".join(passage.text for passage in passages)


def test_a_list_of_references_alone_makes_no_passage():
    long = " ".join(STORY for _ in range(8))
    text = f"{long}\nReferences\n" + "\n".join(f"[{n}] Paper: https://example.org/{n}" for n in range(1, 60))
    passages = chunked(text, 100)
    assert passages[-1].end == len(long)
    assert all(span.of(text) in STORY for passage in passages for span in passage.sentences)


def test_an_article_of_nothing_else_keeps_its_references():
    [passage] = chunked("https://example.org/a\nhttps://example.org/b")
    assert len(passage.sentences) == 2


def test_a_reference_is_never_the_answer(tmp_path, encoder):
    del encoder  # the model is unpacked
    source = "[1] Official summit source: https://example.org/summit"
    text = f"The summit in Moscow\n\n{STORY}\n\n{source}\nhttps://example.org/summit-in-moscow\n"
    with Assistant(tmp_path / "store", chat_model="extractive") as assistant:
        assistant.add_articles([Article(source="/summit.txt", title="Summit", text=text, language="en")])
        for question in ("What is the official source of the summit?", "Where is the summit in Moscow?"):
            [hit] = assistant.search(question, 1).hits
            assert source in hit.article.text
            assert "example.org" not in hit.sentence_text
            assert "example.org" not in assistant.ask(question).text
        assert "in Moscow" in assistant.ask("Where will the summit be held?").text
