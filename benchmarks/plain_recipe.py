"""The plain recipe beside the product, on the same chat model and the same embeddings, in one run.

The plain recipe is what LangChain's tutorials show: articles cut by `RecursiveCharacterTextSplitter` (1,000 characters,
200 shared), the three nearest chunks whole in the prompt "Answer the question based only on the following context", and
whatever the chat model writes as the answer. Nothing is checked, and a refusal is what the model words as one.

    cd evals/news/tuning
    python ../../../benchmarks/plain_recipe.py detail.jsonl unanswerable.jsonl --articles articles --limit 36 --seed 3

Questions that need those before them are left out. "Wrong answers shown" counts, over all questions, answers without a
gold answer in them, and anything but a refusal where the articles do not answer. Answers go to the error stream.
"""

import argparse
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter

from assistant import Assistant
from assistant.answering.answer import Status
from assistant.embedding.encoder import Encoder
from assistant.evaluation.answer_scores import contains, without_citation_marks
from assistant.evaluation.json_lines import read_json_lines
from assistant.evaluation.library import over_articles, over_files
from assistant.evaluation.question_set import Question
from assistant.evaluation.squad import read_squad
from assistant.progress import no_progress

CHUNK, OVERLAP, CHUNKS = 1000, 200, 3
PROMPT = "Answer the question based only on the following context:\n{context}\n\nQuestion: {question}\n"
# How the recipe's model says that the context does not answer: it has no words of its own for that.
REFUSES = re.compile(
    r"(?:does|do|did|is|are|was|were|has|have|can)(?:n't| not)\b.{0,40}\b(?:provide|mention|specif|contain|state"
    r"|include|information|answer|known|given|available|determin|relate)"
    r"|no (?:specific |direct )?(?:information|mention|answer)|i (?:do not|don't) know|cannot answer|unable to"
    r"|(?:لا|لم|ليس|غير)\s.{0,30}(?:يذكر|تذكر|يوجد|توجد|معلومات|مذكور|يحتوي|يوفر|يحدد|متوفر)"
    r"|(?:не|нет|немає)\b.{0,30}(?:содерж|указа|упомин|упомян|информаци|інформаці|зазнач|згад|вказ|місти|предостав)"
    r"|ne .{0,20}(?:mentionn|précis|contien|fourni|indiqu)|pas d['’]informations?"
    r"|no (?:se )?(?:menciona|proporciona|contiene|especifica|indica|hay información)"
    r"|não .{0,20}(?:menciona|fornec|conté|especific|há informaç|inform)"
    r"|non .{0,25}(?:menzion|fornis|contien|specific|indica|informazion)"
    r"|\b(?:keine|nicht)\b.{0,40}(?:Information|erwähn|angegeben|enthalten|genannt|Angabe)"
    r"|(?:没有|未|不).{0,12}(?:提到|提供|提及|信息|说明|包含|知道)"
    r"|(?:記載|言及|情報|含まれ|述べ|提供).{0,12}(?:ません|ない|いません)|(?:정보|언급|제공|명시|나와).{0,14}(?:없|않)"
    r"|(?:bilgi|belirtil|bahsedil|içer|verilm|yer al).{0,20}(?:yok|me[mz]|m[ıiuü]yor|ma[mz])"
    r"|(?:जानकारी|उल्लेख|दिया|बताया).{0,20}नहीं|(?:اطلاعات|ذکر|اشاره|مشخص).{0,30}(?:ن[هی]|ندارد|نشده|نیست)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Shown:
    """What a system answered to one question, and how long it took."""

    system: str
    question: str
    answerable: bool
    gold: tuple[str, ...]
    answer: str
    refused: bool
    contains: bool
    contains_asked: bool
    seconds: float

    @property
    def is_wrong(self) -> bool:
        """Whether it is an answer and not a right one."""
        return not self.refused and not (self.answerable and self.contains)


class EncoderEmbeddings(Embeddings):
    """The product's embedding model as LangChain's stores expect one."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of passages."""
        return [encoding.pooled.tolist() for encoding in self._encoder.encode_passages(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        pooled: list[float] = self._encoder.encode_questions([text])[0].pooled.tolist()
        return pooled


def plain_recipe(assistant: Assistant, model: BaseChatModel) -> Callable[[str], tuple[str, bool]]:
    """Return the recipe over an assistant's articles: from a question to an answer, and whether that is a refusal."""
    texts = [assistant.article(summary.id).text for summary in assistant.articles()]
    chunks = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP).create_documents(texts)
    embeddings = EncoderEmbeddings(assistant._encoder)  # noqa: SLF001 - the same one
    store = InMemoryVectorStore.from_documents(chunks, embeddings)
    context = store.as_retriever(search_kwargs={"k": CHUNKS}) | _joined
    prompt = ChatPromptTemplate.from_template(PROMPT)
    chain = {"context": context, "question": RunnablePassthrough()} | prompt | model | StrOutputParser()

    def ask(question: str) -> tuple[str, bool]:
        answer = chain.invoke(question)
        return answer, REFUSES.search(answer) is not None

    return ask


def _joined(documents: list[Document]) -> str:
    return "\n\n".join(document.page_content for document in documents)


def product(assistant: Assistant) -> Callable[[str], tuple[str, bool]]:
    """Return the product in the same form."""

    def ask(question: str) -> tuple[str, bool]:
        answer = assistant.ask(question)
        return answer.text, answer.status is not Status.ANSWERED

    return ask


@contextmanager
def opened(sets: list[Path], articles: Path | None, chat_model: str) -> Iterator[tuple[Assistant, list[Question]]]:
    """Open a library and read the questions over it, without those that need others before them."""
    if articles is not None:
        with over_files(articles, (), no_progress, chat_model=chat_model) as (assistant, _):
            stored = [assistant.article(summary.id) for summary in assistant.articles()]
            questions = [question for path in sets for question in read_json_lines(path, stored).questions]
            yield assistant, [question for question in questions if not question.earlier]
    else:
        squads = [read_squad(path) for path in sets]
        brought = [article for squad in squads for article in squad.articles]
        with over_articles(brought, no_progress, chat_model=chat_model) as assistant:
            yield assistant, [question for squad in squads for question in squad.questions]


def measure(system: str, ask: Callable[[str], tuple[str, bool]], question: Question) -> Shown:
    """Ask a system a question, and score what it shows."""
    started = time.perf_counter()
    answer, refused = ask(question.text)
    seconds = time.perf_counter() - started
    words = without_citation_marks(answer)
    has = bool(contains(words, question.answers)) and not refused
    has_asked = bool(contains(words, question.asked_answers or question.answers)) and not refused
    gold = tuple(answer.text for answer in question.answers)
    return Shown(system, question.text, question.answerable, gold, answer, refused, has, has_asked, round(seconds, 2))


def row(name: str, shown: list[Shown]) -> str:
    """Return a system's figures as a row of a Markdown table."""
    answerable = [one for one in shown if one.answerable]
    others = [one for one in shown if not one.answerable]
    cells = [
        _share([one.contains for one in answerable]),
        _share([one.contains_asked for one in answerable]),
        _share([one.is_wrong for one in shown]),
        _share([one.refused for one in answerable]),
        _share([one.refused for one in others]),
        f"{statistics.median(one.seconds for one in shown):.1f} s",
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def _share(values: list[bool]) -> str:
    return f"{sum(values) / len(values):.2f} ({sum(values)} of {len(values)})" if values else "–"


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, help=".jsonl with --articles, or .json in SQuAD layout")
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--limit", type=int, help="ask only so many questions, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chat-model", default="local")
    arguments = parser.parse_args()
    with opened(arguments.sets, arguments.articles, arguments.chat_model) as (assistant, questions):
        random.Random(arguments.seed).shuffle(questions)
        model = assistant._responder_of(arguments.chat_model).model  # noqa: SLF001 - the very same model
        if model is None:
            parser.error("--chat-model: the recipe needs a chat model, and quotations need none.")
        asks = {"recipe": plain_recipe(assistant, model.connect()), "product": product(assistant)}
        shown = []
        for question in questions[: arguments.limit]:
            for system, ask in asks.items():
                shown.append(measure(system, ask, question))
                print(json.dumps(asdict(shown[-1]), ensure_ascii=False), file=sys.stderr, flush=True)
    print("| system | contains | contains, asked language | wrong answers shown | refused | rightly refused | time |")
    print("| --- " * 7 + "|")
    for system in asks:
        print(row(system, [one for one in shown if one.system == system]))


if __name__ == "__main__":
    main()
