import pytest

from assistant.passages.code import code_block_of
from assistant.passages.passage import Span

CODE = """from tides import Station

station = Station("https://tides.example.org/ulmsee?limit=10", key=KEY)
for reading in station["readings"]:
    print(reading["level"], reading["time"])"""
TEXT = f"The harbour office shares its tide gauge.\n\nFor instance:\n\n{CODE}\n\nThe gauge was built in 1962."


@pytest.mark.parametrize("line", [line for line in CODE.splitlines() if line])
def test_any_line_of_code_belongs_to_the_whole_block(line):
    start = TEXT.index(line)
    block = code_block_of(TEXT, Span(start, start + len(line)))
    assert block is not None
    assert block.of(TEXT) == CODE


@pytest.mark.parametrize("sentence", ["The harbour office", "For instance:", "The gauge was built"])
def test_sentences_beside_it_do_not(sentence):
    start = TEXT.index(sentence)
    assert code_block_of(TEXT, Span(start, start + len(sentence))) is None


@pytest.mark.parametrize(
    "text",
    [
        "Roses are red,\n    violets are blue,\n    sugar is sweet.",
        "Town | Pass (month)\nUlmsee | £41 {a}\nBrack | £49 [b]",
        'He said "no" to it (and twice).\n\nShe said "yes" at once (and left).',
        "- one\n- two\n- three",
        "\n\n".join(["A museum {of airships} [1] <b>opened</b> ${in} 1996, and is =open= " * 4] * 2),
    ],
)
def test_verses_tables_lists_and_quotes_are_no_code(text):
    assert code_block_of(text, Span(0, len(text))) is None
