"""The models that were pulled by other names than those of the catalogue, each with a record beside its file."""

import logging
from pathlib import Path

from pydantic import ValidationError

from assistant.chat_models.catalogue import HUB, AddressEntry, ModelFile
from assistant.settings import Settings

RECORD = "model.json"

log = logging.getLogger(__name__)


def has_own_name(name: str) -> bool:
    """Tell whether a name is one that only what was pulled by it goes by: of the hub, or a web address.

    Example:
        >>> has_own_name("hf:owner/repository:Q4_K_M"), has_own_name("local:qwen2.5-coder-1.5b")
        (True, False)
    """
    return name.startswith(HUB) or is_address(name)


def is_address(name: str) -> bool:
    """Tell whether a name of a model is a web address."""
    return name.startswith(("https://", "http://"))


def note_pulled(model: ModelFile, settings: Settings) -> None:
    """Write down what a model is called, from now on until its folder is removed.

    Raises:
        OSError: the cache cannot be written.
    """
    is_at_address = any(isinstance(source, AddressEntry) for source in model.sources)
    if is_at_address:  # which may hold a password, or a signature that lets anybody fetch the file
        model = model.model_copy(update={"sources": (AddressEntry(url=model.name),)})
    record = model.path(settings).with_name(RECORD)
    partial = record.with_name(f"{RECORD}.partial")
    partial.write_text(model.model_dump_json(indent=2), encoding="utf-8")
    partial.replace(record)


def pulled_models(settings: Settings) -> list[ModelFile]:
    """Return those that are there as a whole, by name."""
    models = [_read(record) for record in (settings.cache / "models").glob(f"*/{RECORD}")]
    return sorted((model for model in models if model and model.is_pulled(settings)), key=lambda model: model.name)


def find_pulled(name: str, settings: Settings) -> ModelFile | None:
    """Return the pulled model of a name, in small or large letters; a quant may be left out where there is one only."""
    wanted = name.casefold()
    models = pulled_models(settings)
    exact = [model for model in models if model.name.casefold() == wanted]
    of_any_quant = [model for model in models if model.name.casefold().startswith(f"{wanted}:")]
    if exact:
        return exact[0]
    return of_any_quant[0] if len(of_any_quant) == 1 else None


def _read(record: Path) -> ModelFile | None:
    try:
        return ModelFile.model_validate_json(record.read_bytes())
    except (OSError, ValidationError) as error:
        log.warning("%s is no record of a model (%s); its file is not offered.", record, type(error).__name__)
        return None
