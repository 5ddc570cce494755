"""Rows of tables: which row answers, and how it reads with the names of its columns."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.answering.grounding.lexicon import is_currency, lexicon
from assistant.answering.measures import measures_of
from assistant.answering.subjects import Subjects
from assistant.answering.superlatives import Superlative, superlative_of, superlative_words
from assistant.embedding.encoder import Matrix
from assistant.embedding.hubness import CLOSE
from assistant.language.interrogatives import without_asking_words
from assistant.language.normalise import fold
from assistant.language.words import WORD, words
from assistant.passages.passage import Span
from assistant.passages.tables import Table, find_tables, is_table_header, named_cells, table_of
from assistant.retrieval.hit import Hit, SearchResult, ranked
from assistant.retrieval.late_interaction import Tokens, best_cosines
from assistant.retrieval.scoring import RELEVANCE_THRESHOLD

NAMED = 0.1
"""Minimum share of a question's weight that a column name must cover, beyond what any two words share."""

AHEAD = 0.05
"""By how much more a column name must cover than another column name."""

CALLED = 0.008
"""Minimum share of a question above `CLOSE` that a column name must cover, if its smallest or largest is asked for."""

SAME = 0.7
"""Cosine from which a word of a question is in the name of a row, not only a related word (book, library)."""

MOST_ROWS = 100
"""Rows of a table whose names are compared with a question: each outside of the passage found takes milliseconds."""

LOOKED_AT = 3
"""In how many hits a table is looked for that answers a superlative as a whole."""

WORD_SAID, ALL_SAID = 0.6, 0.8
"""An article covers a word from `WORD_SAID`, and the question from `ALL_SAID` of its weight.

Missing names cost more than missing function words."""


class Rows:
    """Finds the row of a table that answers, and the column that is asked about.

    Args:
        subjects: Knows what articles are about, and the tokens of the hits.
    """

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    def choose(self, result: SearchResult) -> SearchResult:
        """Return a search whose hits answer with a row where they answered with a line of a table.

        The names of columns answer nothing: where they matched best, the row that matches best stands for them. Where
        the question has a superlative, the best hit answers with the row, of those that it names or else of all, that
        has the smallest or the largest number in the column asked about. Among the matched words of such a hit are the
        names of the columns asked about.

        Args:
            result: What retrieval found.
        """
        superlative = superlative_of(result.question, result.language)
        if not result.hits or result.hits[0].score < RELEVANCE_THRESHOLD:
            return self._of_whole_table(result, superlative) if superlative else result
        best, *others = result.hits
        extreme = self._extreme(best, result, superlative) if superlative else None
        chosen = [extreme or self._with_row(best, result), *(self._with_row(hit, result) for hit in others)]
        return replace(result, hits=tuple(chosen))

    def _of_whole_table(self, result: SearchResult, superlative: Superlative) -> SearchResult:
        """Return a search whose first hit has the row asked for, if its article covers the rest of the question.

        No row says by itself that it has the most, so no row is relevant by itself.
        """
        for place, hit in enumerate(result.hits[:LOOKED_AT]):
            found = self._extreme(hit, result, superlative) if self._covers_all_else(hit, result) else None
            if found is not None:
                score = max(found.score, RELEVANCE_THRESHOLD)
                answering = replace(found, score=score, sentence_score=max(found.sentence_score, score))
                others = (*result.hits[:place], *result.hits[place + 1 :])
                return replace(result, hits=ranked((answering, *others)))
        return result

    def _covers_all_else(self, hit: Hit, result: SearchResult) -> bool:
        """Return whether a hit's passage or its article's subject covers the question without the superlative."""
        words = _all_else(result)
        asked = _only(self._subjects.encoded(result.question, result.language), words)
        places = (self._subjects.passage_tokens(hit.passage), self._subjects.of(hit.article))
        shown = np.max([best_cosines(asked, tokens) for tokens in places], axis=0)
        covered = 0.0
        for word in words:
            of_word = asked.lie_in(word)
            shares = asked.shares[of_word]
            covered += float(shares.sum()) if shown[of_word] @ shares >= WORD_SAID * shares.sum() else 0.0
        return covered >= ALL_SAID

    def _with_row(self, hit: Hit, result: SearchResult) -> Hit:
        text = hit.article.text
        table = table_of(text, hit.sentence)
        if table is None or table.header is None:
            return hit
        question = self._subjects.beyond(result.question, result.language, hit.article)
        row = self._best_row(hit, table, question) if is_table_header(text, hit.sentence) else hit.sentence
        return self._asked_about(hit, row, table, table.header, question)

    def _best_row(self, hit: Hit, table: Table, question: Tokens) -> Span:
        shown = [self._tokens(hit, row) for row in table.rows]
        return table.rows[int(np.argmax([best_cosines(question, tokens) @ question.shares for tokens in shown]))]

    def _asked_about(self, hit: Hit, row: Span, table: Table, header: Span, question: Tokens) -> Hit:
        name = self._tokens(hit, table.cells_of(hit.article.text, row)[0])
        own = question.shares * (best_cosines(question, name) < CLOSE)
        scores = self._column_scores(hit, table, header, question, CLOSE / 2) @ own
        first, second = np.sort(scores)[::-1][:2] if len(scores) > 1 else (scores[0], 0.0)
        asked: tuple[Span, ...] = ()
        if first >= NAMED and first - second >= AHEAD:
            asked = (table.cells_of(hit.article.text, header)[1 + int(np.argmax(scores))],)
        return replace(hit, sentence=row, matched=tuple(sorted({*hit.matched, *asked})))

    def _column_scores(self, hit: Hit, table: Table, header: Span, question: Tokens, least: float) -> Matrix:
        """Return by how much the names of the columns say each token of a question, beyond a cosine of `least`.

        Of all columns but the first, which names the rows; shape `(columns - 1, tokens)`.
        """
        named = self._tokens(hit, header)
        cells = table.cells_of(hit.article.text, header)[1:]
        names = [named.within(cell.start - header.start, cell.end - header.start) for cell in cells]
        return np.array([np.clip(best_cosines(question, name) - least, 0, None) for name in names])

    def _extreme(self, hit: Hit, result: SearchResult, superlative: Superlative) -> Hit | None:
        """Return a hit with the row that has the most or least of what is asked, or None where no column has it.

        If the question names one row only, that row answers. If no column name matches a question about price, the
        first price column is used.
        """
        text, language = hit.article.text, hit.article.language
        table = table_of(text, hit.sentence)
        if table is None and superlative_of(hit.sentence_text, language) is None:
            table = next(iter(find_tables(text)), None)
        if table is None or table.header is None:
            return None
        question = self._subjects.beyond(result.question, result.language, hit.article)
        words = superlative_words(result.question, result.language)
        other = question.lessened(question.lie_in(words), 0) if words else question
        rows = self._named(hit, table, _only(question, _all_else(result)))
        if len(rows) == 1 < len(table.rows):
            return self._asked_about(hit, rows[0], table, table.header, question)
        columns = list(zip(*[table.cells_of(text, row) for row in rows], strict=True))[1:]
        values = [measures_of([cell.of(text) for cell in column], language) for column in columns]
        fitting = [
            number
            for number, column in enumerate(columns)
            if sum(value is not None for value in values[number]) > 1
            and (not superlative.is_money or any(_is_money(cell.of(text), language) for cell in column))
        ]
        if not fitting:
            return None
        # A superlative names no price column, but may name another: "highest" names a column of heights.
        asking = other if superlative.is_money else question
        called = self._column_scores(hit, table, table.header, asking, CLOSE) @ asking.shares
        asked = max(fitting, key=lambda number: float(called[number]))
        if called[asked] < CALLED:
            if not superlative.is_money:
                return None
            asked = fitting[0]
        valued_rows = [(value, row) for value, row in zip(values[asked], rows, strict=True) if value is not None]
        _, row = (min if superlative.is_smallest else max)(valued_rows)
        named = table.cells_of(text, table.header)[1 + asked]
        return replace(hit, sentence=row, matched=tuple(sorted({*hit.matched, named})))

    def _named(self, hit: Hit, table: Table, question: Tokens) -> tuple[Span, ...]:
        """Return the rows that a question names ("permit" is in the names of some), or all where it names none.

        Of a table with more than `MOST_ROWS` all are returned.
        """
        if len(table.rows) > MOST_ROWS:
            return table.rows
        text = hit.article.text
        header, *rows = [self._tokens(hit, table.cells_of(text, line)[0]) for line in table.lines]
        # The header over the row names does not tell the rows apart.
        shares = question.shares * (best_cosines(question, header) < SAME)
        coverage = [float((best_cosines(question, row) >= SAME) @ shares) for row in rows]
        most = max(coverage)
        return tuple(
            row for row, share in zip(table.rows, coverage, strict=True) if most < NAMED or share > most - AHEAD
        )

    def _tokens(self, hit: Hit, span: Span) -> Tokens:
        """Return the tokens of a part of an article; a table may go on behind the passage that was found."""
        if hit.passage.span.covers(span):
            return self._subjects.part(hit.passage, span)
        return self._subjects.encoded(span.of(hit.article.text), hit.article.language)


def say_row(hit: Hit) -> str:
    """Return what a hit's sentence says: a row of a table with the names of its columns, any other as it stands.

    Of a row, the cells of those columns are said whose names are among the matched words, else all. A cell without text
    is left out.

    Args:
        hit: A hit.
    """
    text = hit.article.text
    cells = named_cells(text, hit.sentence)
    if not cells:
        return hit.sentence_text
    (_, thing), *columns = cells
    filled = [(name, cell) for name, cell in columns if cell.of(text)]
    asked = [(name, cell) for name, cell in filled if name in hit.matched] or filled
    return " — ".join(filter(None, [thing.of(text), "; ".join(_labelled(text, name, cell) for name, cell in asked)]))


def _labelled(text: str, name: Span, cell: Span) -> str:
    return ": ".join(filter(None, [name.of(text), cell.of(text)]))


def _all_else(result: SearchResult) -> list[Span]:
    """Return the words of a question but for its superlative and those that only ask."""
    superlative = superlative_words(result.question, result.language) or Span(0, 0)
    asked = [Span(*word.span()) for word in WORD.finditer(result.question) if without_asking_words(word[0]).strip()]
    # In scripts without spaces a superlative stands within a run of words.
    before = [Span(word.start, min(word.end, superlative.start)) for word in asked]
    behind = [Span(max(word.start, superlative.end), word.end) for word in asked]
    return [part for part in (*before, *behind) if part.start < part.end]


def _only(question: Tokens, words: Sequence[Span]) -> Tokens:
    """Return the tokens of a question, all but those of some words without weight."""
    return question.lessened(~np.any([question.lie_in(word) for word in words], axis=0), 0) if words else question


def _is_money(cell: str, language: str) -> bool:
    units = lexicon(language).units
    return any(is_currency(units.get(word.text, "x")) for word in words(fold(cell)))
