import csv
import io
import json
from datetime import date

import pytest

from assistant.articles.reading import ReadOptions
from assistant.articles.registry import read_source


def table(rows, **dialect):
    out = io.StringIO()
    csv.writer(out, **dialect).writerows(rows)
    return out.getvalue()


ROWS = [
    ["Title", "Date", "Body", "Link", "Lang"],
    ["قمة", "2024-05-03", 'السطر الأول، "مقتبس"\nوالسطر الثاني; بفاصلة\tوغيرها', "https://example.org/1", "ar"],
    ["Second", "", "Text | with, every; delimiter\tthere is", "", "en-GB"],
]


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("a.csv", {}),
        ("a.csv", {"delimiter": ";"}),
        ("a.csv", {"delimiter": "\t", "lineterminator": "\n"}),
        ("a.csv", {"delimiter": "|", "quoting": csv.QUOTE_ALL}),
        ("a.tsv", {"delimiter": "\t"}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_every_dialect_and_encoding_gives_the_same_articles(read_bytes, tmp_path, name, dialect, encoding):
    reading = read_bytes(name, table(ROWS, **dialect).encode(encoding))
    assert reading.problems == ()
    first, second = reading.articles
    assert first.source == f"{tmp_path}/{name}#1"
    assert first.text == ROWS[1][2]
    assert (first.title, first.published, first.language) == ("قمة", date(2024, 5, 3), "ar")
    assert first.metadata == {"url": "https://example.org/1"}
    assert second.text == ROWS[2][2]
    assert second.published is None


def test_bad_rows_are_reported_with_their_line_and_the_rest_go_on(read_bytes):
    content = 'title,text\nA,"two\nlines"\nB\nC,\nD,d,extra\nE,good\n'
    reading = read_bytes("a.csv", content.encode())
    assert [article.title for article in reading.articles] == ["A", "E"]
    assert [article.source.rpartition("#")[2] for article in reading.articles] == ["1", "5"]
    problems = [str(problem).split(".csv: ")[1] for problem in reading.problems]
    assert problems[0] == "line 4: it has 1 columns where the heading has 2."
    assert problems[1].startswith("line 5: its text is missing (a column such as text, content, body)")
    assert problems[2] == "line 6: it has 3 columns where the heading has 2."


def test_an_open_quote_costs_its_own_row_only(read_bytes):
    content = 'title,text\nA,a\nB,"never closed\nC,c\nD,d\n'
    reading = read_bytes("a.csv", content.encode())
    assert [article.title for article in reading.articles] == ["A", "C", "D"]
    (problem,) = reading.problems
    assert "line 3: its quotes are not closed" in str(problem)


def test_a_table_without_a_column_of_text_names_its_columns(read_problem):
    message = read_problem("a.csv", "id,summary\u202e\n1,x\n")
    assert (
        r"line 1: no column of text; it names id, summary\u202e, and needs one such as text, content, body" in message
    )


def test_a_heading_alone_is_a_problem(read_problem):
    assert "no row" in read_problem("a.csv", "title,text\n")


def test_very_long_fields_are_read(read_bytes):
    text = "كلمة " * 100_000
    (article,) = read_bytes("a.csv", table([["text"], [text]]).encode()).articles
    assert article.text == text


def test_one_column_is_enough(read_bytes):
    reading = read_bytes("a.csv", b"text\nOne article\nAnother\n")
    assert [article.text for article in reading.articles] == ["One article", "Another"]


@pytest.mark.parametrize("content", ['text,"title\nhello world,abc\n', 'text,"', 'text,"a"b\nx,y\n'])
def test_a_heading_whose_quotes_are_open_is_a_problem(read_problem, content):
    assert "line 1: the heading's quotes are not closed" in read_problem("a.csv", content)


@pytest.mark.parametrize("content", ["text\ra\rb\r", "text\r\na\r\nb\r\n", "text\na\nb"])
def test_every_line_end_is_one(read_bytes, content):
    reading = read_bytes("a.csv", content.encode())
    assert ([article.text for article in reading.articles], reading.problems) == (["a", "b"], ())


def test_of_many_bad_rows_a_hundred_are_told_and_the_rest_counted(read_bytes):
    rows = "".join(f'A{number},"never closed\n' for number in range(5000))
    reading = read_bytes("a.csv", f"title,text\n{rows}Z,good\n".encode())
    assert [article.title for article in reading.articles] == ["Z"]
    assert len(reading.problems) == 101
    assert "line 2: its quotes" in str(reading.problems[0])
    assert str(reading.problems[-1]).endswith("a.csv: 4,900 more rows could not be read.")


def test_quotes_that_swallow_the_file_from_every_line_end_the_reading(read_bytes):
    """Each line leaves a quote open wherever one begins to read, so going back for each would never end."""
    reading = read_bytes("a.csv", b"title,text\nA,good\n" + b'a","\n' * 30_000)
    assert [article.title for article in reading.articles] == ["A"]
    assert len(reading.problems) < 20
    assert "the rows from here on were not read" in str(reading.problems[-1])


def test_blank_lines_and_a_named_delimiter_above_the_heading_are_passed_over(read_bytes):
    (article,) = read_bytes("a.csv", b"\n\nsep=;\ntitle;text\nWeir;It opened, he said.\n").articles
    assert (article.title, article.text) == ("Weir", "It opened, he said.")
    reading = read_bytes("a.csv", b"\n\ntitle,text\nWeir\n")
    assert "line 4: it has 1 columns" in str(reading.problems[0])


def test_headings_may_be_of_other_languages(read_bytes):
    (article,) = read_bytes("a.csv", "العنوان,النص,التاريخ\nالسد,اكتمل السد.,2024-05-06\n".encode()).articles
    assert (article.title, article.text, article.published) == ("السد", "اكتمل السد.", date(2024, 5, 6))


def test_texts_that_are_html_are_read_as_such(read_bytes):
    content = 'title,text\nWeir,"<p>It <b>opened</b>.</p><p>R&amp;D said so.</p>"\nLess,1 < 2 and 3 > 2.\n'
    first, second = read_bytes("a.csv", content.encode()).articles
    assert first.text == "It opened.\n\nR&D said so."
    assert second.text == "1 < 2 and 3 > 2."


@pytest.mark.parametrize(
    "heading",
    [
        "Titre;Contenu;Date de publication",
        "Título;Contenido;Fecha",
        "Título;Conteúdo;Data",
        "Überschrift;Inhalt;Datum",
        "Titolo;Testo;Data",
        "Başlık;Metin;Tarih",
        "Заголовок;Текст;Дата",
        "عنوان;متن;تاریخ",
        "כותרת;תוכן;תאריך",
        "标题;正文;日期",
        "タイトル;本文;日付",
        "제목;본문;날짜",
    ],
)
def test_headings_of_many_languages_are_known(read_bytes, heading):
    (article,) = read_bytes("a.csv", f"{heading}\nThe weir;It was mended.;2024-05-06\n".encode()).articles
    assert (article.title, article.text, article.published) == ("The weir", "It was mended.", date(2024, 5, 6))


CHOSEN = ReadOptions({"text": "remarks", "title": "case no", "date": "closed.on"})


def read_chosen(tmp_path, name, content, options=CHOSEN):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return read_source(path, options=options)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id;Text;Remarks;Case-No;closed.on\n1;short;It was mended.;W-7;2024-05-06\n"),
        ("a.jsonl", '{"text": "short", "remarks": "It was mended.", "case_no": "W-7", "closed": {"on": "2024-05-06"}}'),
        (
            "a.json",
            '{"rows": [{"text": "short", "remarks": ["It was mended."], "case no": "W-7", "closed.on": "2024-05-06"}]}',
        ),
    ],
)
def test_the_columns_that_the_owner_chose_are_taken(tmp_path, name, content):
    (article,) = read_chosen(tmp_path, name, content).articles
    assert (article.title, article.text, article.published) == ("W-7", "It was mended.", date(2024, 5, 6))


def test_keys_may_be_nested_deep_and_a_text_be_of_several_paragraphs(tmp_path):
    document = {
        "items": [{"id": 1, "v1.2": {"Fields": {"Body": ["It rained.", "It froze."]}}, "meta": {"name": "Weir"}}]
    }
    options = ReadOptions({"text": "v1.2.fields.body", "title": "meta.name"})
    (article,) = read_chosen(tmp_path, "a.json", json.dumps(document), options).articles
    assert (article.title, article.text) == ("Weir", "It rained.\n\nIt froze.")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,text\n1,short\n"),
        ("a.jsonl", '{"text": "short", "remarks": null}'),
        ("a.json", '[{"text": "short"}]'),
    ],
)
def test_a_chosen_column_that_is_not_there_is_named_and_no_other_taken(tmp_path, name, content):
    reading = read_chosen(tmp_path, name, content)
    assert reading.articles == ()
    assert "remarks" in str(reading.problems[0])
