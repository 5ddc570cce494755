import pytest

from assistant.language.syllables import names_in_characters


def found(text, library):
    pairs = {library[at : at + 2] for at in range(len(library) - 1)}
    return [(text[start:end], name) for start, end, name in names_in_characters(text, pairs.intersection)]


@pytest.mark.parametrize(
    ("question", "library", "names"),
    [
        ("Who is Wang Xiaoming?", "市长王晓明说", [("Wang Xiaoming", "王晓明")]),
        ("Who is Xiaoming Wang?", "市长王晓明说", [("Xiaoming Wang", "王晓明")]),
        ("Is Zhao Li'an a poet?", "诗人赵立安", [("Zhao Li'an", "赵立安")]),
        ("Where does Han Ji-eun live?", "한지은 씨는", [("Han Ji-eun", "한지은")]),
        ("Who is Wang Xiaoming?", "市长王大明说小明", []),
        ("Who is Anna Schmidt?", "安娜说", []),
        ("Where is Milan?", "米兰在", []),  # two syllables are too few
        ("who is wang xiaoming?", "市长王晓明说", []),
    ],
)
def test_names_are_found_by_how_their_characters_are_read(question, library, names):
    assert found(question, library) == names
