import pytest

from assistant.articles.html_text import html_notes, html_to_text, parse, segments, text_of


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<p>one</p>two<p>three</p>", "one\n\ntwo\n\nthree"),
        ("<div>lead<br><br>next<p>last</p></div>", "lead\n\nnext\n\nlast"),
        ("<p>on <time>4 May</time>, <q>yes</q> <b>b</b>old</p>", "on 4 May, “yes” bold"),
        ("<ul><li>a<ul><li>b</ul><li><p>c</p><p>d</p></ul>", "a\nb\nc\nd"),
        ("<ol start=4><li>a<li value=9>b<li>c</ol>", "4. a\n9. b\n10. c"),
        ("<ol type=a><li>a<li>b</ol><ol type=I><li>x<li>y</ol>", "a. a\nb. b\n\nI. x\nII. y"),
        ("<ol reversed><li>a<li>b</ol>", "2. a\n1. b"),
        ("<dl><dt>Tide<dd>High at noon.</dl>", "Tide\nHigh at noon."),
        ("<pre>if x:\n    y()\n</pre><p>z</p>", "if x:\n    y()\n\nz"),
        ("<p>10<sup>-6</sup> m<sup>2</sup> H<sub>2</sub>O 1<sup>st</sup></p>", "10⁻⁶ m² H₂O 1st"),
        ("<p hidden>x</p><p style='color:red; display: none'>y</p><template>z</template><p>seen</p>", "seen"),
        ("<p>soft&shy;ly</p>", "softly"),
        ("<p>峰会将在\n莫斯科</p>", "峰会将在莫斯科"),
        ("<figure><img src=a><figcaption>The keeper.</figcaption></figure><p>x</p>", "The keeper.\n\nx"),
    ],
)
def test_what_is_seen_comes_out_once_and_in_order(content, expected):
    assert html_to_text(content) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("<tr><th>a<th>b<th>c<tr><td>x<td><td>z", "a | b | c\nx |  | z"),
        ("<tr><td rowspan=3>p<td>1<tr><td>2<tr><td>3", "p | 1\np | 2\np | 3"),
        ("<tr><th colspan=2>wide<th>c<tr><td>x<td>y<td>z", "wide |  | c\nx | y | z"),
        ("<tr><td rowspan=2 colspan=2>p<td>1<tr><td>2", "p | 1\np | 2"),
        ("<tr><th>a<th>b<tr><td>x<td><ul><li>one<li>two</ul>", "a | b\nx | one; two"),
        ("<tr><th>a<th>b<tr><td>x<td><p>One.</p><p>Two.</p>", "a | b\nx | One. Two."),
        ("<tr><td>x<td><table><tr><td>1<td>2<tr><td>3<td>4</table>", "x\n\n1 | 2\n3 | 4"),
        ("<tr><td>menu<td><h2>Head</h2><p>Text.</p>", "menu\n\nHead\n\nText."),
        ("<tr><td><p>one</p><tr><td><p>two</p>", "one\n\ntwo"),
        ("<caption>Harvest</caption><tr><td>x<td>y", "Harvest\n\nx | y"),
        ("<tr><td colspan=1000000>x<td>y", "x\n\ny"),
    ],
)
def test_cells_keep_their_places(rows, expected):
    assert html_to_text(f"<table>{rows}</table>") == expected


def test_notes_stand_behind_the_paragraph_that_refers_to_them():
    tree = parse(
        "<p>Cost<sup><a id=r1 href='#n1'>1</a></sup> rose.</p><p>Next.</p>"
        "<ol><li id=n1><p>In crowns. <a href='#r1'>↑</a></p></li></ol>"
    )
    html_notes(tree)
    assert text_of(segments(tree)) == "Cost¹ rose.\n\n[1] In crowns.\n\nNext."


def test_links_that_are_no_notes_stay():
    content = "<p><a href='#a'>Up</a> text.</p><ul><li id=a>An item.</ul>"
    tree = parse(content)
    html_notes(tree)
    assert text_of(segments(tree)) == html_to_text(content) == "Up text.\n\nAn item."


def test_every_string_is_in_one_segment():
    tree = parse("<div>a<p>b<i>c</i>d</p>e<ul><li>f<table><tr><td>g<td>h</table>i</ul>j</div>k")
    nodes = [node for segment in segments(tree) for node in segment.nodes]
    assert len(nodes) == len(set(nodes))
    assert sorted("".join(element.tail if is_tail else element.text for element, is_tail in nodes)) == sorted(
        "abcdefghijk"
    )


def test_deep_trees_end():
    assert html_to_text("<div>" * 1000 + "deep" + "</div>" * 1000) == "deep"
    assert html_to_text("<b>" * 1000 + "deep") == "deep"
