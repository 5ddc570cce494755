import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.articles.article import Article, canonical_text
from assistant.passages.chunker import MINIMUM_TOKENS, chunk, repeats_header
from assistant.passages.tables import header_above

_HOSTILE = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from('.!?؟۔。“”"() \n\n\t\u0640\u064b\u0301\u200d\u200f\u202e\ufe0f\ufefb👩🇸🇦٣aب中ก'),
    ),
    max_size=400,
)


def words(texts):
    return [len(text.split()) for text in texts]


def characters(texts):
    return [len(text) for text in texts]


def article_of(text, language="en"):
    return Article(source="article.txt", title="Title", text=text, language=language)


def texts_of(passages):
    return [passage.text for passage in passages]


def sentence(number, length):
    return f"S{number} " + "word " * (length - 2) + "end."


def assert_sound(article, passages):
    """What must hold of the passages of any article."""
    covered = set()
    for passage in passages:
        assert passage.text == article.text[passage.start : passage.end]
        assert (passage.article_id, passage.language) == (article.id, article.language)
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        for one, next_one in itertools.pairwise(passage.sentences):
            assert one.end <= next_one.start
        for span in passage.sentences:
            assert span.of(article.text) == span.of(article.text).strip() != ""
            covered.update(range(span.start, span.end))
    assert all(character.isspace() for place, character in enumerate(article.text) if place not in covered)
    for one, next_one in itertools.pairwise(passages):
        assert one.start < next_one.start
        assert one.end < next_one.end


def test_an_article_without_text_has_no_passages():
    assert chunk(article_of(""), words, 10) == []
    assert chunk(article_of(" \n\t\n"), words, 10) == []


def test_a_budget_below_one_is_refused():
    with pytest.raises(ValueError, match="at least 1 token"):
        chunk(article_of("Text."), words, 0)


def test_a_passage_closes_with_its_paragraph_once_it_holds_the_minimum():
    paragraphs = [sentence(number, MINIMUM_TOKENS) for number in range(3)]
    assert texts_of(chunk(article_of("\n\n".join(paragraphs)), words, 500)) == paragraphs


def test_line_breaks_part_paragraphs_as_blank_lines_do():
    paragraphs = [sentence(number, MINIMUM_TOKENS) for number in range(3)]
    assert texts_of(chunk(article_of("\n".join(paragraphs)), words, 500)) == paragraphs


def test_headlines_join_the_paragraph_below():
    text = f"A headline\n\nBy nobody\n\n{sentence(1, 80)}\n\n{sentence(2, 80)}"
    first, second = chunk(article_of(text), words, 500)
    assert first.text == f"A headline\n\nBy nobody\n\n{sentence(1, 80)}"
    assert second.text == sentence(2, 80)


def test_a_headline_does_not_break_a_paragraph_that_fits_alone():
    text = f"A headline\n\n{sentence(1, 60)} {sentence(2, 39)}"
    assert texts_of(chunk(article_of(text), words, 100)) == ["A headline", f"{sentence(1, 60)} {sentence(2, 39)}"]


def test_a_last_line_joins_the_passage_above_it():
    text = f"{sentence(1, 80)}\n\nWeb Desk"
    assert texts_of(chunk(article_of(text), words, 500)) == [text]


def test_a_long_paragraph_is_cut_evenly_with_one_sentence_of_overlap():
    paragraph = [sentence(number, 20) for number in range(12)]
    passages = chunk(article_of(" ".join(paragraph)), words, 200)
    assert len(passages) == 2
    for one, next_one in itertools.pairwise(passages):
        assert one.sentences[-1] == next_one.sentences[0]
    sizes = words(texts_of(passages))
    assert max(sizes) <= 200
    assert min(sizes) > 100


def test_no_overlap_where_a_paragraph_ends():
    text = f"{sentence(1, 90)}\n\n{sentence(2, 90)}"
    one, next_one = chunk(article_of(text), words, 100)
    assert one.end < next_one.start


def test_no_overlap_that_leaves_no_room():
    text = " ".join(sentence(number, 80) for number in range(4))
    assert texts_of(chunk(article_of(text), words, 100)) == [sentence(number, 80) for number in range(4)]


def test_a_sentence_over_the_budget_is_cut_at_white_space():
    article = article_of("word " * 999 + "end.")
    passages = chunk(article, words, 100)
    assert_sound(article, passages)
    assert set(" ".join(texts_of(passages)).split()) == {"word", "end."}
    assert all(size <= 100 for size in words(texts_of(passages)))


def test_the_counter_is_called_once_where_every_sentence_fits():
    calls = []

    def counted(texts):
        calls.append(len(texts))
        return words(texts)

    chunk(article_of("One two. Three four. Five.\n\nSix."), counted, 100)
    assert calls == [4]


@given(_HOSTILE, st.integers(1, 60), st.sampled_from(["ar", "en", "ja", "th", "und"]))
def test_hostile_text_is_covered_exactly(text, budget, language):
    article = article_of(canonical_text(text), language)
    passages = chunk(article, characters, budget)
    assert_sound(article, passages)
    assert all(sum(span.end - span.start for span in passage.sentences) <= budget for passage in passages)


@given(_HOSTILE, st.sampled_from(["ar", "en"]))
def test_the_same_article_gives_the_same_passages(text, language):
    article = article_of(canonical_text(text), language)
    assert chunk(article, words, 20) == chunk(article, words, 20)


def test_the_seed_article_keeps_its_paragraphs(pytestconfig, encoder):
    (seed,) = (pytestconfig.rootpath / "seeds").glob("*.txt")
    article = article_of(canonical_text(seed.read_text(encoding="utf-8")), "ar")
    passages = chunk(article, encoder.count_tokens, 500)
    assert_sound(article, passages)
    assert [passage.text for passage in passages if "11 نوفمبر 2026" in passage.text] == [passages[-1].text]
    assert passages[-1].text.startswith("واقترح بوتين عقد منتدى")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_encyclopaedia_paragraphs_are_one_passage_each(shared_data, encoder, language):
    data = json.loads((shared_data / f"xquad.{language}.json").read_text(encoding="utf-8"))["data"]
    contexts = [canonical_text(paragraph["context"]) for article in data for paragraph in article["paragraphs"]]
    budget = encoder.max_tokens - 12
    for context, tokens in zip(contexts, encoder.count_tokens(contexts), strict=True):
        if tokens <= budget and "\n" not in context.strip():
            assert texts_of(chunk(article_of(context, language), encoder.count_tokens, budget)) == [context.strip()]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_real_tokens_stay_within_the_budget(shared_data, encoder, language):
    """The sum over sentences stands for a passage's tokens; what the model counts must not be more."""
    data = json.loads((shared_data / f"xquad.{language}.json").read_text(encoding="utf-8"))["data"]
    contexts = [paragraph["context"] for article in data[:10] for paragraph in article["paragraphs"]]
    article = article_of(canonical_text(" ".join(contexts)), language)
    passages = chunk(article, encoder.count_tokens, 300)
    assert_sound(article, passages)
    assert max(encoder.count_tokens(texts_of(passages))) <= 300


@pytest.mark.parametrize("unit", ["x", "word ", "a. ", "中", "\u0301", "One two. Three.\n", "👩\u200d👧", "🇸"])
@pytest.mark.timeout(120)  # a quadratic step would take an hour
def test_hostile_repetition_ends_soon(unit):
    def estimated(texts):
        return [len(text) // 3 + 1 for text in texts]

    article = article_of(unit * (400_000 // len(unit)))
    assert_sound(article, chunk(article, estimated, 500))


def test_a_row_of_a_table_is_a_sentence_whatever_its_cells_hold():
    table = (
        "Gate | Opens | Keeper\nNo. 4. East side | 9 a.m. Daily. | Dr. Ida Renn\nNo. 5. West side | 7 a.m. | M. Otte"
    )
    [passage] = chunk(article_of(f"The gates open again. They were shut.\n\n{table}"), words, 100)
    rows = [span.of(passage.text) for span in passage.sentences]
    assert rows == ["The gates open again.", "They were shut.", *table.split("\n")]


def test_a_table_is_one_paragraph():
    rows = ["Stop | Ticket | Boats", *(f"{'Long name ' * 10} {number} | 7 | 12" for number in range(6))]
    assert texts_of(chunk(article_of("\n".join(rows)), words, 500)) == ["\n".join(rows)]


def fares(rows):
    return "\n".join(["Stop | Day ticket | Boats", *(f"Pier {number} of the lake | {number} | 12" for number in rows)])


def test_a_passage_that_begins_within_a_table_leaves_room_for_its_header():
    def counted(texts):
        return [len(text.split()) for text in texts]

    text = f"The boats go daily.\n\n{fares(range(40))}\n\nDogs travel free."
    passages = chunk(article_of(text), counted, 60)
    headers = [header_above(text, passage.start) for passage in passages]
    assert len(passages) > 5
    assert headers[0] is None
    assert all(header is not None and header.of(text) == "Stop | Day ticket | Boats" for header in headers[1:-1])
    header_tokens = len("Stop | Day ticket | Boats".split())
    for passage, header in zip(passages, headers, strict=True):
        assert len(passage.text.split()) + (header_tokens if header else 0) <= 60


def test_a_header_that_would_fill_a_passage_is_not_repeated():
    header = " | ".join(["a long name of a column"] * 3)
    table = "\n".join([header, *(f"{number} | {number} | 12" for number in range(40))])
    passages = chunk(article_of(table), words, 40)
    assert not repeats_header(len(header.split()), 40)
    assert sum(len(passage.sentences) for passage in passages) >= 41
    assert max(len(passage.sentences) for passage in passages[1:]) > 5


@pytest.mark.timeout(60)
def test_lines_without_a_token_fill_passages_too():
    """Else one passage holds all of them, and cutting takes the square of their number."""
    article = Article(source="a.txt", title="A", text="```\n" * 20_000, language="en")
    passages = chunk(article, lambda texts: [0 for _ in texts], 50)
    assert max(len(passage.sentences) for passage in passages) <= 50
