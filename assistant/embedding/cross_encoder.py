"""`load_cross_encoder`: a model that reads two texts together, by the sentence-transformers library."""

from typing import Any

from assistant.errors import ModelError


def load_cross_encoder(name: str, setting: str, **options: Any) -> Any:
    """Load a cross-encoder that returns logits.

    Args:
        name: A folder or a name on the hub.
        setting: The setting that names it, for messages.
        options: Further arguments of `sentence_transformers.CrossEncoder`.

    Returns:
        A `sentence_transformers.CrossEncoder`.

    Raises:
        ModelError: sentence-transformers is not installed, or the model cannot be loaded.
    """
    try:
        # Brings torch with it, so it is loaded only by those who ask for such a model.
        from sentence_transformers import CrossEncoder  # noqa: PLC0415
        from torch import nn  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(
            f"The {setting} {name!r} needs sentence-transformers: "
            f"pip install 'article-assistant[sentence-transformers]', or unset ASSISTANT_{setting.upper()}."
        ) from error
    try:
        # Logits, because some models come with a sigmoid of their own and others without.
        return CrossEncoder(name, activation_fn=nn.Identity(), **options)
    except (OSError, ValueError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"The {setting} {name!r} cannot be loaded ({reason}): check ASSISTANT_{setting.upper()}, or unset it."
        ) from error
