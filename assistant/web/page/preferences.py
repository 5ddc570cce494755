"""`Preferences`: how a visitor wants questions answered, as their browser keeps it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assistant.store.passage_store import Filters

MOST_ARTICLES = 50


class Preferences(BaseModel):
    """What a visitor chose.

    Attributes:
        model: Name of the chat model; "" for the server's own.
        k: Passages to read for an answer; None for the server's own number.
        language: BCP 47 code of the articles that may answer; "" for any.
        published_from: Only articles published then or later.
        published_to: Only articles published then or before.
        articles: Ids of the only articles that may answer, with their titles; empty for all.
    """

    model_config = ConfigDict(extra="ignore")

    model: Annotated[str, Field(max_length=200)] = ""
    k: Annotated[int, Field(ge=1, le=20)] | None = None
    language: Annotated[str, Field(max_length=35)] = ""
    published_from: date | None = None
    published_to: date | None = None
    articles: Annotated[dict[str, str], Field(max_length=MOST_ARTICLES)] = {}

    @field_validator("published_from", "published_to", mode="before")
    @classmethod
    def _no_day(cls, value: object) -> object:
        return value or None

    @classmethod
    def read(cls, kept: Mapping[str, Any] | None) -> "Preferences":
        """Return what a browser kept. What is none of it, because somebody has changed it there, counts as not chosen.

        Example:
            >>> Preferences.read({"k": 3, "language": "ar"}).k
            3
            >>> Preferences.read({"k": "many"}).k is None
            True
        """
        try:
            return cls.model_validate(kept or {})
        except ValidationError:
            return cls()

    def kept(self) -> dict[str, Any]:
        """Return what the browser is to keep."""
        return self.model_dump(mode="json")

    @property
    def filters(self) -> Filters | None:
        """Which articles may answer; None for all."""
        languages = (self.language,) if self.language else ()
        return (
            Filters(
                languages,
                published_from=self.published_from,
                published_to=self.published_to,
                articles=tuple(self.articles),
            )
            or None
        )
