"""Read LAReQA's layout: parallel SQuAD files, one a language, with sentence boundaries (Roy et al. 2020).

The task (arXiv 2004.05484): one pool holds every sentence of every language; for a question in any of the languages,
all sentences that hold its answer, one a language, are to be ranked above all others. It is scored by mean average
precision. A sentence stands alone in the pool, as it does in the paper's sentence encoders without context.
"""

from collections.abc import Sequence
from pathlib import Path

from assistant.articles.article import Article, canonical_text
from assistant.errors import QuestionSetError
from assistant.evaluation.question_set import GoldAnswer, GoldSpan, Question, QuestionSet, require_questions
from assistant.evaluation.squad import SquadParagraph, read_squad_file
from assistant.passages.passage import Span


def read_sentence_pool(folder: Path) -> QuestionSet:
    """Read a folder with one file for each language, named `LANGUAGE.json` or `ANYTHING.LANGUAGE.json`.

    Returns:
        A set whose articles are the sentences of all languages, and whose questions are those of all languages.

    Raises:
        QuestionSetError: there is no such file, a file is not in the layout, a paragraph has no `sentence_breaks`, or
            two files are of the same language.

    JSON files that have no `sentence_breaks` at all are passed over.
    """
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("*.json")):
        language = path.stem.rpartition(".")[2]
        if not _has_sentences(path):
            continue
        if language in files:
            raise QuestionSetError(
                f"{folder} holds two files for {language!r}: {files[language].name} and {path.name}; keep one."
            )
        files[language] = path
    if not files:
        raise QuestionSetError(
            f"{folder} holds no LANGUAGE.json file with sentence_breaks (LAReQA's layout); to read a SQuAD file, "
            "name the file."
        )

    sentences: list[Article] = []
    asked: list[tuple[str, str, str]] = []
    gold: dict[str, list[GoldSpan]] = {}
    answers: dict[str, GoldAnswer] = {}
    problems: list[str] = []
    for group, (language, path) in enumerate(files.items()):
        for number, paragraph in enumerate(_paragraphs(path)):
            pool = _sentences(paragraph, path, number, language)
            sentences += [sentence for _, sentence in pool]
            for entry in paragraph.qas:
                asked.append((entry.id, language, canonical_text(entry.question).strip()))
                answer = entry.answers[0] if entry.answers else None
                place = _holding(pool, answer.answer_start) if answer else None
                if answer is None or place is None:
                    problems.append(f"{path}: question {entry.id}: its answer begins in no sentence")
                    continue
                gold.setdefault(entry.id, []).append(GoldSpan(place.id, Span(0, len(place.text)), group))
                answers[f"{entry.id}/{language}"] = GoldAnswer(canonical_text(answer.text), language)
    questions = [
        Question(
            f"{identifier}/{language}", text, language, _known(answers, identifier, language), tuple(gold[identifier])
        )
        for identifier, language, text in asked
        if identifier in gold
    ]
    require_questions(str(folder), questions, problems)
    return QuestionSet(folder.name, tuple(questions), tuple(sentences), tuple(problems), sentences=True)


def _has_sentences(path: Path) -> bool:
    """Return whether a file can be of this layout; a folder may hold other files beside it."""
    return b'"sentence_breaks"' in path.read_bytes()


def _paragraphs(path: Path) -> list[SquadParagraph]:
    paragraphs = [paragraph for entry in read_squad_file(path).data for paragraph in entry.paragraphs]
    if any(paragraph.sentence_breaks is None for paragraph in paragraphs):
        raise QuestionSetError(f"{path}: a paragraph has no sentence_breaks.")
    return paragraphs


def _sentences(paragraph: SquadParagraph, path: Path, number: int, language: str) -> list[tuple[Span, Article]]:
    """Return a paragraph's sentences as articles, with their places in the paragraph."""
    pool: list[tuple[Span, Article]] = []
    for position, (start, end) in enumerate(paragraph.sentence_breaks or ()):
        text = canonical_text(paragraph.context[start:end]).strip()
        source = f"{path.as_posix()}#{number + 1}.{position + 1}"
        pool.append((Span(start, end), Article(source, "", text, language)))
    return [(span, sentence) for span, sentence in pool if sentence.text]


def _holding(pool: Sequence[tuple[Span, Article]], character: int) -> Article | None:
    """Return the sentence in which a character of the paragraph stands."""
    return next((sentence for span, sentence in pool if span.start <= character < span.end), None)


def _known(answers: dict[str, GoldAnswer], identifier: str, language: str) -> tuple[GoldAnswer, ...]:
    answer = answers.get(f"{identifier}/{language}")
    return (answer,) if answer else ()
