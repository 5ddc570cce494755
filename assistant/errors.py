"""The errors a caller may meet.

Each message is one line that says what happened, to which file or setting, and what to do next, so the command
line and the web page can show it as it stands.
"""


class AssistantError(Exception):
    """Anything that went wrong for a reason the user can act on. Catch this one to catch them all."""


class SettingsError(AssistantError):
    """A setting is unknown, malformed or contradicts another."""


class ReadError(AssistantError):
    """An article could not be read: missing, empty, binary, damaged, of an unknown format, or unreachable.

    Attributes:
        source: The absolute path or the URL that was asked for; empty where there was none.
    """

    def __init__(self, message: str, source: str = "") -> None:
        super().__init__(message)
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
