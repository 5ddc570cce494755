"""The LangChain chain that writes a draft: prompt, chat model, text."""

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, HumanMessagePromptTemplate
from langchain_core.runnables import Runnable

from assistant.answering.prompting import PromptSize, read_prompt


def answer_chain(model: BaseChatModel, size: PromptSize) -> Runnable[dict[str, str], str]:
    """Return the chain from the values of `prompting.prompt_values` to the text a model writes.

    The instructions come first and never change, so a server that caches prefixes reads them once.
    """
    return _chain(model, size.instructions, size.request)


def rewrite_chain(model: BaseChatModel) -> Runnable[dict[str, str], str]:
    """Return the chain from `{"conversation", "question"}` to a question that stands by itself."""
    return _chain(model, "rewrite", "follow_up")


def _chain(model: BaseChatModel, instructions: str, request: str) -> Runnable[dict[str, str], str]:
    prompt = ChatPromptTemplate.from_messages(
        [SystemMessage(read_prompt(instructions)), HumanMessagePromptTemplate.from_template(read_prompt(request))]
    )
    return prompt | model | StrOutputParser()
