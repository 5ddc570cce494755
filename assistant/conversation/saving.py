"""Conversations on disk: one JSON file that holds every citation with the article it quotes."""

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from assistant.conversation.turn import Turn
from assistant.conversation.turn_json import dump_turn, key_of, load_turn
from assistant.errors import ConversationError

FORMAT = 2


def save_turns(path: Path, turns: Iterable[Turn]) -> None:
    """Write turns to a file, whole or not at all. Hits are left out; cited articles are kept whole, each once.

    Raises:
        ConversationError: the file cannot be written.
    """
    documents = []
    articles: dict[str, str] = {}
    for turn in turns:
        document, cited = dump_turn(turn)
        documents.append(json.loads(document))
        articles |= cited
    saved = {
        "format": FORMAT,
        "articles": {key: json.loads(article) for key, article in articles.items()},
        "turns": documents,
    }
    data = json.dumps(saved, ensure_ascii=False, indent=1).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise ConversationError(f"Cannot save the conversation to {path}: {error.strerror or error}.") from error


def load_turns(path: Path) -> list[Turn]:
    """Read turns from a file. Every quote is checked against its article.

    Raises:
        ConversationError: the file is missing, damaged or of another format.
    """
    try:
        saved = json.loads(path.read_bytes())
        if saved["format"] != FORMAT:
            raise ConversationError(
                f"{path} is a conversation of format {saved['format']}, and this version reads format {FORMAT}: "
                "open it with the version that saved it, or ask its questions again."
            )
        articles = {key: json.dumps(article, ensure_ascii=False) for key, article in saved["articles"].items()}
        wrong = [key for key, article in articles.items() if key_of(article) != key]
        if wrong:
            raise ConversationError(
                f"{path} is damaged: article {wrong[0]} is not the one that was cited. Restore the file from a copy."
            )
        return [load_turn(json.dumps(turn), articles) for turn in saved["turns"]]
    except OSError as error:
        raise ConversationError(f"Cannot open the conversation {path}: {error.strerror or error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConversationError(
            f"{path} is damaged: {place or 'file'}: {first['msg']}. Restore the file from a copy."
        ) from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # whatever bytes may have become of JSON
        raise ConversationError(
            f"{path} is not a saved conversation, or is damaged: choose another file, or restore it from a copy."
        ) from error
