"""`chunk`: an article cut into passages of whole sentences."""

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.articles.article import Article
from assistant.language.sentences import split_sentences
from assistant.passages.cutting import TokenCounter, cut_evenly, cut_to_fit
from assistant.passages.lead import title_end
from assistant.passages.passage import Passage, Span
from assistant.passages.references import is_reference, references
from assistant.passages.tables import Table, find_tables

CHUNKER_VERSION = "5"
"""Part of the store's fingerprint: it changes whenever the same article would give other passages."""

MINIMUM_TOKENS = 64
"""A passage that holds fewer tokens when a paragraph ends takes the next paragraph in too.

Headlines and bylines have fewer, and mean little without the text they stand over. Paragraphs of news and
encyclopaedias have more (nine in ten of XQuAD's have over 100), and a passage about one subject has the clearer vector.
"""

_LARGEST_HEADER = 0.25


@dataclass(frozen=True, slots=True)
class _SizedSentence:
    """A sentence with its number of tokens, and that of the table header repeated if a passage begins with it."""

    span: Span
    tokens: int
    paragraph: int
    header: int = 0


def repeats_header(tokens: int, budget: int) -> bool:
    """Return whether a header is repeated for each passage of its table: it is not if it leaves too little room.

    Args:
        tokens: How many tokens the header has.
        budget: The most tokens a passage may hold.
    """
    return tokens <= _LARGEST_HEADER * budget


def chunk(article: Article, count_tokens: TokenCounter, budget: int) -> list[Passage]:
    """Cut an article into passages of whole sentences that hold at most `budget` tokens each.

    A passage ends with its paragraph (at a line break) once it has `MINIMUM_TOKENS`; shorter paragraphs join the next
    one. A table is one paragraph, and each of its rows a sentence; a passage that begins within one leaves room for the
    table's header, which is encoded with it. A paragraph over the budget is cut between sentences
    into parts of about the same size, each beginning with the last sentence of the one before. A sentence over the
    budget is cut at white space, failing that between characters as readers see them, and its pieces count as
    sentences. Every character that is not white space lies in some passage, save for references: they are no sentences,
    so that none is ever an answer, and only those between sentences of one passage lie in its text. (An article of
    nothing else keeps them.) So it is with a line at the beginning that is the article's title: it lies in the first
    passage, and is none of its sentences.

    Args:
        article: The article.
        count_tokens: Counts the tokens of each text, as `Encoder.count_tokens`. It is called once for all sentences,
            and again only for the pieces of those over the budget. A passage's size is the sum over its sentences.
        budget: The most tokens a passage may hold; at least 1.

    Returns:
        The passages in reading order; none for an article without text.

    Example:
        >>> article = Article(source="a.txt", title="A", text="One two. Three four.", language="en")
        >>> [passage.text for passage in chunk(article, lambda texts: [len(text.split()) for text in texts], 3)]
        ['One two.', 'Three four.']
    """
    if budget < 1:
        raise ValueError(f"A passage's budget must be at least 1 token, not {budget}.")
    sentences = _without_references(article.text, _sentences(article, count_tokens, budget))
    title, sentences = _parted_from_title(title_end(article), sentences, budget)
    article_id, passages = article.id, []
    for first, last in _runs(sentences, budget):
        start, end = sentences[first].span.start, sentences[last - 1].span.end
        # The first passage holds the title.
        start = 0 if title and not first else start
        spans = tuple(sentence.span for sentence in sentences[first:last])
        passages.append(Passage(article_id, start, end, article.text[start:end], spans, article.language))
    return passages


def _sentences(article: Article, count_tokens: TokenCounter, budget: int) -> list[_SizedSentence]:
    text = article.text
    tables = find_tables(text)
    whole = _with_whole_rows([Span(start, end) for start, end in split_sentences(text, article.language)], tables)
    starts = [table.lines[0].start for table in tables]
    inside = [Span(table.lines[0].start, table.lines[-1].end) for table in tables]
    # No sentence of so many characters fits, and tokenizers are slow on text that never pauses.
    short = [piece for span in whole for piece in cut_evenly(text, span, 16 * budget)]
    fitting = cut_to_fit(text, short, count_tokens, budget)
    # A sentence without tokens counts as one token: else one passage could hold any number of such lines.
    fitting = [(span, max(tokens, 1)) for span, tokens in fitting]
    sizes = {span.start: tokens for span, tokens in fitting}
    sentences: list[_SizedSentence] = []
    paragraph = end = 0
    for span, tokens in fitting:
        between = Span(end, span.start)
        paragraph += "\n" in between.of(text) and not any(table.covers(between) for table in inside)
        header = _header_above(tables, starts, span)
        repeated = sizes.get(header.start, 0) if header is not None else 0
        is_repeated = repeats_header(repeated, budget)
        sentences.append(_SizedSentence(span, tokens, paragraph, repeated if is_repeated else 0))
        end = span.end
    return sentences


def _header_above(tables: Sequence[Table], starts: Sequence[int], sentence: Span) -> Span | None:
    """Return the header of the table that a sentence is a row of; None for a header, and outside of tables."""
    before = bisect_right(starts, sentence.start) - 1
    table = tables[before] if before >= 0 and sentence.end <= tables[before].lines[-1].end else None
    return (
        table.header if table is not None and table.header is not None and table.header.end <= sentence.start else None
    )


def _with_whole_rows(sentences: Sequence[Span], tables: Sequence[Table]) -> list[Span]:
    """Return the sentences with each row of a table as one, whatever dots its cells have."""
    rows = [row for table in tables for row in table.lines]
    starts = [row.start for row in rows]
    joined: dict[int, Span] = {}
    for sentence in sentences:
        before = bisect_right(starts, sentence.start) - 1
        start = starts[before] if before >= 0 and rows[before].covers(sentence) else sentence.start
        joined[start] = Span(joined.get(start, sentence).start, sentence.end)
    return list(joined.values())


def _without_references(text: str, sentences: list[_SizedSentence]) -> list[_SizedSentence]:
    """Leave out references; their tokens are added to the sentence before, because its passage may hold them."""
    lines = references(text)
    starts = [line.start for line in lines]
    answering: list[_SizedSentence] = []
    for sentence in sentences:
        before = bisect_right(starts, sentence.span.start)
        in_line = before > 0 and lines[before - 1].covers(sentence.span)
        if not in_line and not is_reference(sentence.span.of(text)):
            answering.append(sentence)
        elif answering:
            answering[-1] = replace(answering[-1], tokens=answering[-1].tokens + sentence.tokens)
    return answering or sentences


def _parted_from_title(end: int, sentences: list[_SizedSentence], budget: int) -> tuple[bool, list[_SizedSentence]]:
    """Leave out sentences up to `end` that repeat the article's title; their tokens are added to the next sentence.

    Returns:
        Whether there was such a sentence, and the other sentences. If the title does not fit in a passage with the next
        sentence, False and all sentences.
    """
    title = [sentence for sentence in sentences if sentence.span.end <= end]
    if not title or len(title) == len(sentences):
        return False, sentences
    first, *others = sentences[len(title) :]
    tokens = first.tokens + sum(sentence.tokens for sentence in title)
    return (True, [replace(first, tokens=tokens), *others]) if tokens <= budget else (False, sentences)


def _runs(sentences: Sequence[_SizedSentence], budget: int) -> list[tuple[int, int]]:
    """Return the sentences of each passage, as pairs of indices (first, one after the last)."""
    sums = list(itertools.accumulate((sentence.tokens for sentence in sentences), initial=0))

    def size(first: int, end: int) -> int:
        return sums[end] - sums[first] + sentences[first].header

    runs: list[tuple[int, int]] = []
    first = 0
    for start, end in _paragraphs(sentences):
        held, coming = size(first, start) if first < start else 0, sums[end] - sums[start]
        if held >= MINIMUM_TOKENS or (held and held + coming > budget >= coming):
            runs.append((first, start))
            first = start
        header = max(sentence.header for sentence in sentences[first:end])
        limit = header + _even_share([sentence.tokens for sentence in sentences[first:end]], budget - header)
        for index in range(start, end):
            if first < index and size(first, index + 1) > limit:
                runs.append((first, index))
                first = index
                if index > start and size(index - 1, index + 1) <= limit:
                    first = index - 1
    if first < len(sentences):
        runs.append((first, len(sentences)))
    return _with_tail_joined(runs, size, budget)


def _paragraphs(sentences: Sequence[_SizedSentence]) -> Iterator[tuple[int, int]]:
    """Yield the indices of each paragraph's sentences (first, one after the last)."""
    start = 0
    for _, paragraph in itertools.groupby(sentences, key=lambda sentence: sentence.paragraph):
        end = start + sum(1 for _ in paragraph)
        yield start, end
        start = end


def _even_share(tokens: Sequence[int], budget: int) -> int:
    """Return the size at which to end passages so that the last one is not left with a line or two."""
    total = sum(tokens)
    if total <= budget:
        return budget
    return min(budget, math.ceil(total / math.ceil(total / budget)) + max(tokens))


def _with_tail_joined(
    runs: list[tuple[int, int]], size: Callable[[int, int], int], budget: int
) -> list[tuple[int, int]]:
    """Join a last passage under the minimum (a byline, a source) to the one before it, where both fit together."""
    if len(runs) > 1:
        (before, _), (first, last) = runs[-2:]
        if size(first, last) < MINIMUM_TOKENS and size(before, last) <= budget:
            return [*runs[:-2], (before, last)]
    return runs
