"""The errors a caller may meet, and `Message`, which is what they say.

Each message is one line that says what happened, to which file or setting, and what to do next, so the command
line and the web page can show it as it stands.
"""

from collections.abc import Callable
from typing import Self


class Message(str):
    """An English sentence that keeps its template and its values, so that it can be said in another language.

    Args:
        template: What is always said, with a `{name}` for each value, as `str.format` takes it. Without values it is
            the sentence itself, braces and all.
        values: What stands in the places of the template; it may be messages too.

    Attributes:
        template: By this a translation is found.
        values: As given, by name.

    Example:
        >>> Message("{name} has {size:,} bytes.", name="a.txt", size=1200)
        'a.txt has 1,200 bytes.'
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Put the sentence together; a message without further values stays as it is."""
        if isinstance(template, cls) and not values:
            return template
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = str(template), values
        return made

    def map(self, change: Callable[[str], str]) -> "Message":
        """Return the message with each value, as text, changed; numbers stay, and so does what is always said."""
        if not self.values:
            return Message(change(self))
        return Message(self.template, **{name: _changed(value, change) for name, value in self.values.items()})


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, Message):
        return value.map(change)
    return value if isinstance(value, int | float) else change(str(value))


def message_of(error: BaseException) -> Message:
    """Return what an error says, in one line; the name of its kind where it says nothing."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Message) else Message(" ".join(str(error).split()) or type(error).__name__)


class AssistantError(Exception):
    """Anything that went wrong for a reason the user can act on. Catch this one to catch them all.

    Args:
        template: What to say, with a `{name}` for each value; see `Message`.
        values: What stands there.
    """

    def __init__(self, template: str = "", /, **values: object) -> None:
        super().__init__(Message(template, **values))


class SettingsError(AssistantError):
    """A setting is unknown, malformed or contradicts another."""


class ReadError(AssistantError):
    """An article could not be read: missing, empty, binary, damaged, of an unknown format, or unreachable.

    Attributes:
        source: The absolute path or the URL that was asked for; empty where there was none.
    """

    def __init__(self, template: str, /, *, source: str = "", **values: object) -> None:
        super().__init__(template, **values)
        self.source = source


class PrivateAddressError(ReadError):
    """A web address leads to this machine or its local network, and the settings let nothing be read from there."""


class ModelError(AssistantError):
    """An embedding or chat model is missing, damaged, misconfigured or failed while working."""


class StoreError(AssistantError):
    """The store cannot be opened, read or written."""


class StoreMismatchError(StoreError):
    """The store was built with another model, chunker or schema than the settings ask for."""


class NotInStoreError(StoreError):
    """The store holds no article with the id that was given."""


class QuestionSetError(AssistantError):
    """A question set is empty, malformed, or disagrees with its articles."""


class ConversationError(AssistantError):
    """A saved conversation is missing, damaged or of another format."""
