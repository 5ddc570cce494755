"""Rows of tables, old and new statements, and two things asked at once, over articles of their own."""

from dataclasses import replace
from datetime import date

import pytest

from assistant import Assistant
from assistant.answering.answer import Status
from assistant.articles.article import Article, Section
from assistant.retrieval import retriever
from assistant.retrieval.spelling import spell
from assistant.store.passage_store import Filters

PRICES = """The swimming pools of the Ostrava valley have new prices from 1 March.

Pool | Day ticket | Season card | Sauna places
Lipnik | €5.20 | €88 | 40
Marenz | €3.90 | €97 | 12
Talhof | €6.40 | €71 | 65
Brodek | €4.10 | €102 | none

Children under six swim free of charge."""
TUNNEL_2022 = """The road tunnel under Mount Kervan will open on 12 May 2024, the transport ministry of Velmark announced.

The tunnel costs 310 million euros and is built by the company Ostrem. It will be 7.4 kilometres long.

Lorries will pay a toll of 18 euros. Forty engineers from five countries work on it.
Cyclists will have a path of their own beside the road, so that nobody has to ride over the pass."""
TUNNEL_2025 = """The road tunnel under Mount Kervan will not open before 3 October 2026, the transport ministry of Velmark said.

The tunnel now costs 465 million euros. Water broke in at the northern end in 2023.

The minister, Dana Korvik, apologised to drivers. A bus replaces the closed mountain road until then.
Cyclists are not let in, because their path is needed for rescue vehicles."""
MILL = """The old paper mill of Sandern has become a museum.

The mill was built in 1788 by the merchant Jakob Reuss. It was shut in 1954, when the river was dammed.

Visitors pay 7 euros, and the tour takes ninety minutes."""
CHARGES = """The town library of Tarnow has new charges.

Media | Loan period | Late fee per day | Remark
Books | 28 days | €0.20 |\x20
Films | 7 days | €1.00 | no renewal
Board games | 14 days | | deposit of €10
 | 3 days | €2.00 | only on request
Tools | 2 days | €5.00 |\x20"""
BERTHS = """The harbour of Arlau has new mooring charges from 1 May.

Mooring | Members | Guests | Disk space
Day berth, dinghy | €6 | €9 | 500 MB
Day berth, yacht | €15 | €22 | 2 GB
Crane, up to 3 tonnes | €40 | €70 |
Crane, up to 8 tonnes | €65 | €95 | 1 GB
Launch card | €3 | €4 | 20 MB"""
HELP = """Turn sharing on

Open the lid and hold the blue button until it blinks. Then choose a name for your loom.

Turn sharing off

Press the blue button twice. Patterns that others hold stay with them. Nobody can ask for new ones.

Clean the rollers

Brush them with warm water once a month. Never use soap, because it makes the threads slip."""
MUEHLE = """Die Sternwarte auf dem Hohen Rodel ist wieder offen.

Das Teleskop stammt aus dem Jahr 1921. Eine Führung kostet 9 Euro und findet jeden Freitag statt.

Leiterin Svea Lindt erwartet 4000 Gäste im Jahr."""


def _below_its_title(article):
    moved = len(article.title) + 2
    sections = tuple(replace(section, start=section.start + moved) for section in article.sections)
    return replace(article, text=f"{article.title}\n\n{article.text}", sections=sections)


@pytest.fixture(scope="module", params=[False, True], ids=["title apart", "title in the text"])
def news(tmp_path_factory, request):
    """An assistant that quotes from a handful of articles, whose texts begin with their titles or do not."""
    articles = [
        Article("pools.md", "Prices of the swimming pools", PRICES, "en", date(2025, 2, 20)),
        Article("tunnel-2022.md", "Kervan tunnel to open in May 2024", TUNNEL_2022, "en", date(2022, 6, 9)),
        Article("tunnel-2025.md", "Opening of Kervan tunnel put off again", TUNNEL_2025, "en", date(2025, 4, 30)),
        Article("mill.md", "Paper mill of Sandern is a museum", MILL, "en", date(2024, 1, 8)),
        Article("charges.md", "Charges of the library", CHARGES, "en", date(2025, 3, 9)),
        Article("berths.md", "Mooring charges in the harbour of Arlau", BERTHS, "en", date(2025, 4, 2)),
        Article(
            "loom.md",
            "Sharing patterns with the Wefton loom",
            HELP,
            "en",
            sections=tuple(
                Section(HELP.index(heading), heading)
                for heading in ("Turn sharing on", "Turn sharing off", "Clean the rollers")
            ),
        ),
        Article("sternwarte.md", "Sternwarte auf dem Hohen Rodel geöffnet", MUEHLE, "de", date(2024, 3, 2)),
    ]
    if request.param:
        # They are on one subject by what stands behind the titles.
        titles = {"tunnel-2022.md": "A hole through the mountain", "tunnel-2025.md": "Not before autumn"}
        articles = [replace(one, title=titles.get(one.source, one.title)) for one in articles]
        articles = [_below_its_title(one) for one in articles]
    with Assistant(tmp_path_factory.mktemp("news"), chat_model="extractive") as assistant:
        assistant.add_articles(articles)
        yield assistant


@pytest.mark.parametrize(
    ("question", "said", "row"),
    [
        (
            "How much is a season card for the pool in Marenz?",
            "Marenz — Season card: €97 [1]",
            "Marenz | €3.90 | €97 | 12",
        ),
        (
            "Wie viele Saunaplätze hat das Schwimmbad in Talhof?",
            "Talhof — Sauna places: 65 [1]",
            "Talhof | €6.40 | €71 | 65",
        ),
        (
            "Which swimming pool has the cheapest day ticket?",
            "Marenz — Day ticket: €3.90 [1]",
            "Marenz | €3.90 | €97 | 12",
        ),
        (
            "Which swimming pool has the cheapest season card?",
            "Talhof — Season card: €71 [1]",
            "Talhof | €6.40 | €71 | 65",
        ),
        (
            "Which swimming pool has the most sauna places?",
            "Talhof — Sauna places: 65 [1]",
            "Talhof | €6.40 | €71 | 65",
        ),
    ],
)
def test_a_row_answers_with_the_name_of_its_column_and_is_cited_verbatim(news, question, said, row):
    answer = news.ask(question)
    assert answer.text.splitlines()[0] == said
    assert answer.citations[0].quote == row


@pytest.mark.parametrize(
    ("question", "newest", "older"),
    [
        ("When will the Kervan tunnel open?", "3 October 2026", "12 May 2024"),
        ("How much does the Kervan tunnel cost?", "465 million", "310 million"),
        ("Can cyclists ride through the Kervan tunnel?", "Cyclists are not let in", "a path of their own"),
    ],
)
def test_the_newest_of_two_articles_answers_and_the_older_is_dated(news, question, newest, older):
    answer = news.ask(question)
    first, second = answer.text.splitlines()
    assert newest in first
    assert first.endswith("(article dated April 30, 2025) [1]")
    assert second.startswith("In an article of June 9, 2022: ")
    assert older in second
    assert [citation.article.source for citation in answer.citations] == ["tunnel-2025.md", "tunnel-2022.md"]


def test_versions_are_looked_for_beyond_what_was_found(news):
    answer = news.ask("How much does the Kervan tunnel cost?", k=1)
    assert [citation.article.source for citation in answer.citations] == ["tunnel-2025.md", "tunnel-2022.md"]


def test_the_names_of_a_question_are_looked_up_once_for_all_versions(news, monkeypatch):
    spelt = []

    def noting(question, *args, **kwargs):
        spelt.append(question)
        return spell(question, *args, **kwargs)

    monkeypatch.setattr(retriever, "spell", noting)
    question = "How much does the Kervan tunnel cost?"
    assert len(news.ask(question).citations) == 2
    # Once for the search, once for what the QA model reads of the two articles.
    assert spelt == [question] * 2


def test_an_article_that_may_not_be_used_is_no_version(news):
    [old] = [hit.article.id for hit in news.search("the Kervan tunnel").hits if hit.article.source == "tunnel-2022.md"]
    answer = news.ask("How much does the Kervan tunnel cost?", filters=Filters(articles=(old,)))
    assert [citation.article.source for citation in answer.citations] == ["tunnel-2022.md"]


def test_what_the_newer_article_does_not_speak_of_is_answered_by_the_older(news):
    answer = news.ask("What toll will lorries pay in the Kervan tunnel?")
    assert "18 euros" in answer.citations[0].quote


def test_the_year_of_the_older_article_asks_for_it(news):
    answer = news.ask("How much was the Kervan tunnel to cost in 2022?")
    assert answer.citations[0].article.source == "tunnel-2022.md"


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("When was the paper mill of Sandern built and how much do visitors pay?", {"1788", "7 euros"}),
        ("Seit wann gibt es das Teleskop der Sternwarte und wer leitet sie?", {"1921", "Svea Lindt"}),
        (
            "When was the paper mill of Sandern built, and what toll will lorries pay in the Kervan tunnel?",
            {"1788", "18 euros"},
        ),
    ],
)
def test_two_things_asked_at_once_are_both_answered(news, question, quoted):
    quotes = [citation.quote for citation in news.ask(question).citations]
    assert len(quotes) == 2
    assert all(any(words in quote for quote in quotes) for words in quoted)


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        (
            "Which was built first, the paper mill of Sandern or the telescope on Hoher Rodel?",
            ["the paper mill of Sandern: 1788", "the telescope on Hoher Rodel: 1921"],
        ),
        (
            "Was ist teurer, eine Führung in der Sternwarte oder die Papiermühle von Sandern?",
            ["eine Führung in der Sternwarte: 9 €", "die Papiermühle von Sandern: 7 €"],
        ),
        (
            "Which is cheaper, a day ticket in Talhof or a day ticket in Marenz?",
            ["a day ticket in Marenz: €3.90", "a day ticket in Talhof: €6.40"],
        ),
        (
            "Which costs more in Tarnow, the late fee for films or the late fee for tools?",
            ["the late fee for tools: €5", "the late fee for films: €1"],
        ),
        (
            "أيهما أغلى، زيارة طاحونة الورق في زاندرن أم جولة في مرصد هوهر رودل؟",
            ["جولة في مرصد هوهر رودل: \u200f9 €", "زيارة طاحونة الورق في زاندرن: \u200f7 €"],
        ),
    ],
)
def test_two_things_are_compared_by_what_is_stated_of_them(news, question, lines):
    answer = news.ask(question)
    told = answer.text.splitlines()
    assert [line.split(" — ")[0].replace("\N{NO-BREAK SPACE}", " ") for line in told] == lines
    assert len(answer.citations) == 2
    for line, citation in zip(told, answer.citations, strict=True):
        assert citation.quote == citation.article.text[citation.start : citation.end]
        assert line.endswith(f"[{citation.number}]")


def test_what_is_stated_of_one_only_is_not_compared(news):
    assert "—" not in news.ask("Which is longer, the Kervan tunnel or the paper mill of Sandern?").text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is the late fee for tools in Tarnow?", "Tools — Late fee per day: €5.00 [1]"),
        ("What is the late fee in Tarnow on request?", "Late fee per day: €2.00 [1]"),
        ("What is the remark on board games in Tarnow?", "Board games — Remark: deposit of €10 [1]"),
    ],
)
def test_a_row_with_empty_cells_answers_without_them(news, question, said):
    assert news.ask(question).text == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which day berth is cheapest in Arlau?", "Day berth, dinghy — Members: €6 [1]"),
        ("Which day berth in Arlau is the most expensive?", "Day berth, yacht — Members: €15 [1]"),
        ("What is the most expensive crane for guests in Arlau?", "Crane, up to 8 tonnes — Guests: €95 [1]"),
        ("Welcher Kran ist im Hafen Arlau am günstigsten?", "Crane, up to 3 tonnes — Members: €40 [1]"),
        ("What is the cheapest mooring in Arlau?", "Launch card — Members: €3 [1]"),
        ("Which mooring in Arlau has the most disk space?", "Day berth, yacht — Disk space: 2 GB [1]"),
    ],
)
def test_a_superlative_is_of_the_rows_and_the_column_that_are_named(news, question, said):
    assert news.ask(question).text.splitlines()[0] == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which crane is the most expensive?", "Crane, up to 8 tonnes — Members: €65 [1]"),
        ("Which day berth is the cheapest?", "Day berth, dinghy — Members: €6 [1]"),
        ("Which mooring is the most expensive?", "Crane, up to 8 tonnes — Members: €65 [1]"),
        ("Which media has the longest loan period?", "Books — Loan period: 28 days [1]"),
    ],
)
def test_a_table_that_says_all_else_answers_a_superlative(news, question, said):
    assert news.ask(question).text == said


@pytest.mark.parametrize(
    "question",
    [
        "Which crane is the most expensive in Hamburg?",
        "Which hotel in Arlau is the cheapest?",
        "Which ferry is cheapest?",
    ],
)
def test_a_table_that_does_not_say_all_else_answers_no_superlative(news, question):
    assert news.ask(question).status is Status.NOT_FOUND


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("How do I turn off sharing of patterns on the Wefton loom?", "Turn sharing off"),
        ("How should I clean the rollers of the Wefton loom?", "Clean the rollers"),
    ],
)
def test_an_explanation_has_the_sentences_of_one_section(news, question, section):
    answer = news.ask(question)
    assert len(answer.citations) > 1
    assert {one.article.section_at(one.start) for one in answer.citations} == {section}
    assert section not in [one.quote for one in answer.citations]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which concert in the chapel of Ulmsee has the latest date?", "Violin evening — Date: 3 May 2026 [1]"),
        ("Which concert in the chapel of Ulmsee has the earliest date?", "Organ evening — Date: 30 April 2026 [1]"),
        (
            "Which concert in the chapel of Ulmsee has the longest duration?",
            "Choir evening — Duration: 1 hr 20 min [1]",
        ),
    ],
)
def test_dates_and_durations_of_a_table_compare(tmp_path, question, said):
    text = """The chapel of Ulmsee announces its concerts of the spring.

Concert | Date | Duration
Organ evening | 30 April 2026 | 50 min
Violin evening | 3 May 2026 | 45 min
Choir evening | 2 May 2026 | 1 hr 20 min"""
    with Assistant(tmp_path, chat_model="extractive") as assistant:
        assistant.add_articles([Article("concerts.md", "Concerts in the chapel of Ulmsee", text, "en")])
        assert assistant.ask(question).text.splitlines()[0] == said


def test_of_a_long_table_all_rows_are_looked_at(tmp_path):
    rows = "\n".join(
        f"{'Mill' if number % 2 else 'Farm'} {number} | €{500 - number} | {number}" for number in range(150)
    )
    text = f"The estate of Corvale lets its holdings at these rents.\n\nHolding | Rent | Fields\n{rows}"
    with Assistant(tmp_path, chat_model="extractive") as assistant:
        assistant.add_articles([Article("rents.md", "Rents of the estate of Corvale", text, "en")])
        answer = assistant.ask("Which holding of the estate of Corvale is the cheapest?")
    assert answer.text.startswith("Mill 149 — Rent: €351")


def test_code_is_quoted_whole(tmp_path):
    code = 'from tides import Station\n\nstation = Station("Ulmsee")\nprint(station.level(unit="m"))'
    text = f"The harbour office of Ulmsee shares its tide gauge.\n\nAn example in Python:\n\n{code}\n\nIt is free."
    with Assistant(tmp_path, chat_model="extractive") as assistant:
        assistant.add_articles([Article("tides.md", "Tide gauge of Ulmsee", text, "en")])
        answer = assistant.ask("What is the Python code for reading the tide gauge?")
    assert answer.citations[0].quote == code
    assert answer.text == f"{code} [1]"
