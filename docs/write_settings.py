"""Writes docs/settings.md, the reference of the settings, from the settings themselves."""

from pathlib import Path

import platformdirs
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from assistant.settings import ENV_PREFIX, Settings

HEAD = """# Settings

Each is a variable of the environment; `load_settings` and `Assistant(...)` take it by its name in small letters without
the prefix. Options of commands win over variables. A setting that is unknown or malformed is an error that names it.

This file is written by `make docs`.

| variable | default | meaning |
| --- | --- | --- |
"""


def reference() -> str:
    """Return the text of docs/settings.md."""
    rows = (
        f"| `{ENV_PREFIX}{name.upper()}` | {_default(field)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    )
    return HEAD + "".join(rows)


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr) or value in ("", None):
        return "–"
    if str(value) == platformdirs.user_cache_dir("article-assistant"):
        return "the user's cache folder"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    Path(__file__).with_name("settings.md").write_text(reference(), encoding="utf-8")
