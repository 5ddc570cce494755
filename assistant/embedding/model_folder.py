"""Reads what a SentenceTransformer folder says about its model."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelError

_QUESTION_NAMES = ("query", "question", "search_query")
_PASSAGE_NAMES = ("passage", "document", "corpus", "search_document")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What an encoder has to know.

    Attributes:
        max_tokens: Tokens of an input that are read, prompt and special tokens counted.
        question_prompt: What is put before a question.
        passage_prompt: What is put before a passage.
    """

    max_tokens: int
    question_prompt: str
    passage_prompt: str


def read_model_folder(folder: Path) -> ModelFolder:
    """Read the configuration of a model with mean pooling.

    Raises:
        ModelError: a file is missing or damaged, or the model does more than a transformer, mean pooling and
            normalisation.
    """
    kinds = {module["type"].rpartition(".")[2]: module["path"] for module in _read(folder / "modules.json")}
    if not {"Transformer", "Pooling"} <= kinds.keys() <= {"Transformer", "Pooling", "Normalize"}:
        raise _unsupported(folder, f"its modules are {', '.join(kinds)}")
    pooling = _read(folder / kinds["Pooling"] / "config.json")
    if (modes := _pooling_modes(pooling)) != ["mean"] or not pooling.get("include_prompt", True):
        raise _unsupported(folder, f"its pooling is {' and '.join(modes)}")
    prompts = _read(folder / "config_sentence_transformers.json", {}).get("prompts", {})
    question_prompt, passage_prompt = choose_prompts(prompts)
    return ModelFolder(_max_tokens(folder), question_prompt, passage_prompt)


def choose_prompts(prompts: dict[str, str]) -> tuple[str, str]:
    """Return the prompts of questions and of passages among a model's named prompts, empty where it has none.

    Example:
        >>> choose_prompts({"query": "query: ", "document": "", "passage": "passage: "})
        ('query: ', 'passage: ')
    """

    def first(names: tuple[str, ...]) -> str:
        return next((prompts[name] for name in names if prompts.get(name)), "")

    return first(_QUESTION_NAMES), first(_PASSAGE_NAMES)


def _pooling_modes(config: dict[str, Any]) -> list[str]:
    if isinstance(mode := config.get("pooling_mode"), str):
        return [mode]
    prefix = "pooling_mode_"
    modes = [name.removeprefix(prefix) for name, used in config.items() if name.startswith(prefix) and used]
    return ["mean" if mode == "mean_tokens" else mode for mode in modes]


def _max_tokens(folder: Path) -> int:
    candidates = (
        _read(folder / "sentence_bert_config.json", {}).get("max_seq_length"),
        _read(folder / "tokenizer_config.json", {}).get("model_max_length"),
        _read(folder / "config.json", {}).get("max_position_embeddings"),
    )
    # Tokenizers without a limit say so with an astronomical number.
    limits = [limit for limit in candidates if isinstance(limit, int) and 0 < limit < 1_000_000]
    if not limits:
        raise ModelError(f"{folder} does not say how long its inputs may be: add sentence_bert_config.json.")
    return limits[0]


def _read(path: Path, default: Any = None) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        if default is not None:
            return default
        raise ModelError(f"{path} is missing: {path.parent} is not a whole SentenceTransformer folder.") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}): copy the model's folder again.") from error


def _unsupported(folder: Path, why: str) -> ModelError:
    return ModelError(
        f"The ONNX graph of {folder} cannot be used, because {why} (mean pooling and normalisation are supported): "
        "move its onnx folder away to load the model with sentence-transformers."
    )
