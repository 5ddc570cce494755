"""The LangChain chains: from what a prompt is filled with to what the chat model writes."""

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, HumanMessagePromptTemplate
from langchain_core.runnables import Runnable

from assistant.answering.prompting import PromptSize, read_prompt


def answer_chain(model: BaseChatModel, size: PromptSize) -> Runnable[dict[str, str], AIMessage]:
    """Return the chain from the values of `prompting.prompt_values` to the message a model writes.

    The instructions come first and never change, so a server that caches prefixes reads them once.
    """
    return _prompt(size.instructions, size.request) | model


def rewrite_chain(model: BaseChatModel) -> Runnable[dict[str, str], str]:
    """Return the chain from `{"conversation", "question"}` to a question that stands by itself."""
    return _prompt("rewrite", "follow_up") | model | StrOutputParser()


def _prompt(instructions: str, request: str) -> ChatPromptTemplate:
    return ChatPromptTemplate.from_messages(
        [SystemMessage(read_prompt(instructions)), HumanMessagePromptTemplate.from_template(read_prompt(request))]
    )
