"""`TokenCounter`: tells observability how many tokens a chat model read and wrote, where its server says so."""

from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult

from assistant.observability import count


class TokenCounter(BaseCallbackHandler):
    """Given to LangChain as a callback of a call.

    Args:
        model: The chat model's name, as it is shown to people.
    """

    def __init__(self, model: str) -> None:
        self._model = model

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
        """Count what one call took."""
        del kwargs
        for generations in response.generations:
            for generation in generations:
                message = generation.message if isinstance(generation, ChatGeneration) else None
                if isinstance(message, AIMessage) and (usage := message.usage_metadata):
                    count("assistant.tokens", usage["input_tokens"], model=self._model, direction="input")
                    count("assistant.tokens", usage["output_tokens"], model=self._model, direction="output")
