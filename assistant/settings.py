"""`Settings`: everything that can be configured, read from `ASSISTANT_*` environment variables."""

import difflib
import os
import re
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, Secret, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError

ENV_PREFIX = "ASSISTANT_"

Precision = Literal["fp32", "int8", "q4"]
Device = Literal["auto", "cpu", "cuda"]
Ranking = Literal["late_interaction", "dense"]
QaModelName = Literal["bundled", "none"]


_SCHEMES = ("postgresql://", "postgres://")
_PASSWORD = re.compile(r"(?<=://)([^:@/?#]*):.*(?=@)|(?<=password=)[^&]*")


class DatabaseUrl(Secret[str]):
    """The address of a PostgreSQL database, as libpq takes it. Shown as text, it has no password.

    Example:
        >>> str(DatabaseUrl("postgresql://mona:secret@db.example/news"))
        'postgresql://mona:***@db.example/news'
    """

    def _display(self) -> str:
        return without_password(self._secret_value)


def without_password(address: str) -> str:
    """Return an address with stars for its password."""
    return _PASSWORD.sub(lambda match: f"{match[1]}:***" if match[1] is not None else "***", address)


_ENGINES = ("milvus+http://", "milvus+https://", "milvus+file:///")


class EngineUrl(Secret[str]):
    """The address of a search engine. Shown as text, it has no password.

    Example:
        >>> str(EngineUrl("milvus+http://mona:secret@search.example:19530/news"))
        'milvus+http://mona:***@search.example:19530/news'
    """

    def _display(self) -> str:
        return without_password(self._secret_value)


class Settings(BaseSettings):
    """One frozen set of settings. Build it with `load_settings`, whose errors name the setting."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", frozen=True)

    store: Path | DatabaseUrl = Field(
        Path("vectorstore"),
        description="Folder that holds the store, or postgresql://USER@HOST/DATABASE (see PostgreSQL).",
    )
    search: EngineUrl | None = Field(
        None,
        description="Search engine beside a store in PostgreSQL, milvus+http://HOST:19530 (see Search engine); empty "
        "for none.",
    )
    cache: Path = Field(
        Path(platformdirs.user_cache_dir("article-assistant")), description="Folder for unpacked and downloaded models."
    )
    embedding_model: str = Field(
        "bundled", description='"bundled" (multilingual-e5-small), a SentenceTransformer folder, or a hub name.'
    )
    embedding_precision: Precision = Field("int8", description="Arithmetic of the bundled model's ONNX graph.")
    embedding_device: Device = Field(
        "auto",
        description='What the embedding model computes on: "auto" takes a GPU where there is one that gives the same '
        'vectors, "cpu" and "cuda" name it.',
    )
    threads: int = Field(0, ge=0, le=256, description="Threads for encoding; 0 takes one for each core.")
    passage_tokens: int = Field(
        0, ge=0, le=8192, description="Token budget of a passage; 0 takes what the embedding model reads."
    )
    k: int = Field(5, ge=1, le=100, description="Passages a question retrieves.")
    ranking: Ranking = Field(
        "late_interaction", description='What orders passages; "dense", for comparison, takes pooled vectors alone.'
    )
    candidates: int = Field(32, ge=1, le=1000, description="Passages scored closely before the best k are taken.")
    chat_model: str = Field(
        "auto",
        description='"auto", "extractive", "local", "local:FILE.gguf", "hf:OWNER/REPOSITORY:QUANT", "server:MODEL" or '
        "PROVIDER:MODEL.",
    )
    find_servers: bool = Field(
        True, description='Let "auto" look, once at start, for a chat model server on this machine, such as Ollama.'
    )
    chat_provider: str = Field("", description='Hosted model, PROVIDER:MODEL, that "auto" prefers; empty for none.')
    chat_base_url: str = Field("", description="Where the hosted model's API is; empty for the provider's own address.")
    chat_api_key: SecretStr = Field(SecretStr(""), description="Key of the hosted model; empty for the provider's own.")
    chat_temperature: float | None = Field(
        None, ge=0, le=2, description="Sampling temperature of a hosted model; unset leaves the provider's own."
    )
    chat_timeout: float = Field(60, gt=0, le=3600, description="Seconds a chat model may stay silent.")
    tool_calls: int = Field(
        6,
        ge=0,
        le=50,
        description="Searches and the like that a chat model may add to a question, if it calls tools; 0 for none.",
    )
    translate: bool = Field(
        False,
        description="Put a chat model's translation under each quotation in another language than the question's.",
    )
    allow_private_addresses: bool = Field(
        False, description="Also read articles from web addresses on this machine and its local network."
    )
    allow_tracing: bool = Field(
        False, description="Let LangSmith trace chat models, prompts included, where its variables ask for it."
    )
    reading_seconds: float = Field(
        25, gt=0, le=3600, description="Seconds that reading one file may take; each MiB beyond the fourth adds 10."
    )
    reading_recognition_seconds: float = Field(
        3600, ge=0, le=86400, description="Seconds that recognising the scanned pages of one PDF may take beside that."
    )
    reading_memory: int = Field(
        1024, ge=256, le=65536, description="MiB of memory that reading one file may take, where the system limits it."
    )
    reading_rows: int = Field(
        200_000, ge=1, le=100_000_000, description="Rows of one table or JSON file that are read as articles."
    )
    reading_characters: int = Field(
        60_000_000, ge=1000, le=1_000_000_000, description="Characters of text that one file may give."
    )
    reading_lines: int = Field(
        200_000, ge=100, le=100_000_000, description="Lines that the text of one article may have."
    )
    text_column: str = Field(
        "", description="Column or key of tables and JSON that has an article's text; empty for the usual names."
    )
    title_column: str = Field("", description="The same for an article's title; dots lead to nested keys.")
    date_column: str = Field("", description="The same for the day it was published.")
    text_recognition: str = Field(
        "auto",
        pattern=r"^(auto|off|[A-Za-z0-9_]{2,40}(\+[A-Za-z0-9_]{2,40})*)$",
        description='Reads scanned pages of PDF by Tesseract, where it is installed: "auto" in all its languages, '
        '"ara+eng" in some, "off" never.',
    )
    refresh_minutes: float = Field(
        60, ge=0, le=10080, description="How often a server refreshes what is followed; 0 for never."
    )
    upload_mib_per_hour: int = Field(
        1000, ge=0, le=1_000_000, description="MiB of files that one address may give to the page in an hour; 0: any."
    )
    allow_sharing: bool = Field(False, description="Let visitors of the page share an answer by a link.")
    auth: SecretStr = Field(SecretStr(""), description="USER:HASH that the page asks for; empty for no account.")
    otlp_endpoint: str = Field(
        "",
        pattern=r"^(https?://[^\s/]+(/\S*)?)?$",
        description="Address of the OpenTelemetry collector (OTLP over HTTP) that is told of spans and metrics, never "
        "of texts; empty for none.",
    )
    log_format: Literal["text", "json"] = Field("text", description="What a server's log is written as.")
    drain_seconds: float = Field(
        0, ge=0, le=3600, description="Seconds that a server which is told to stop lets answers go on."
    )
    use_server: bool = Field(
        True,
        description="Let `ask` and `search` ask a server of the same store and settings that runs on this machine, "
        "instead of loading the models themselves.",
    )
    qa_model: QaModelName = Field(
        "bundled",
        description='Model that reads the first passages together with the question: "bundled", or "none", which is '
        "faster and finds the sentence that answers less often.",
    )
    reranker: str = Field("", description="Cross-encoder that reorders the hits: a folder or hub name; empty for none.")
    verifier: str = Field(
        "", description="Inference model (NLI) that finds contradictions: a folder or hub name; empty for the rules."
    )

    @field_validator("store", mode="before")
    @classmethod
    def _folder_or_database(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.startswith(_SCHEMES):
            return DatabaseUrl(value)
        scheme, separator, _ = value.partition("://")
        if separator:
            raise SettingsError(
                f"Setting store: an address that begins with {scheme}:// names no store; give a folder, or "
                "postgresql://USER@HOST/DATABASE."
            )
        return Path(value)

    @field_validator("search", mode="before")
    @classmethod
    def _engine(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if not value:
            return None
        if value.startswith(_ENGINES):
            return EngineUrl(value)
        raise SettingsError(
            f"Setting search: {without_password(value)} names no search engine; give milvus+http://HOST:19530, or "
            "leave it empty."
        )

    @property
    def folder(self) -> Path:
        """Where files lie that belong to the store: its folder; of a database, one in the cache."""
        return self.store if isinstance(self.store, Path) else self.cache / "database"


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment; `overrides` win over it.

    Raises:
        SettingsError: a setting is unknown or malformed; the message names it, and the nearest known name.

    Example:
        >>> load_settings(k=3).k
        3
    """
    known = set(Settings.model_fields)
    from_environment = {name.removeprefix(ENV_PREFIX).lower() for name in os.environ if name.startswith(ENV_PREFIX)}
    for name in sorted((from_environment | set(overrides)) - known):
        shown = name if name in overrides else ENV_PREFIX + name.upper()
        nearest = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"known settings: {', '.join(sorted(known))}."
        raise SettingsError(f"Unknown setting {shown}: {hint}")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        # What follows the setting's name says which of its types was tried.
        name = str(first["loc"][0])
        shown = name if name in overrides else f"{ENV_PREFIX}{name.upper()}"
        raise SettingsError(f"Setting {shown}={first.get('input')!r}: {first['msg']}.") from error
