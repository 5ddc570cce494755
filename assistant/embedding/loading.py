"""`load_encoder`: from the settings to an encoder."""

import logging
from pathlib import Path

from assistant.embedding import bundled
from assistant.embedding.encoder import Encoder
from assistant.errors import ModelError, SettingsError
from assistant.progress import Progress, no_progress
from assistant.settings import Device, Settings

BUNDLED = "bundled"

_log = logging.getLogger(__name__)


def load_encoder(settings: Settings, progress: Progress = no_progress) -> Encoder:
    """Load the embedding model that `settings.embedding_model` names.

    `bundled` and folders with an `onnx/model.onnx` run on ONNX Runtime; other folders and hub names on
    sentence-transformers, which is an extra.

    Args:
        settings: Name the model.
        progress: Told how far the bundled model has been fetched, where that is needed.

    Raises:
        ModelError: the model is missing or damaged, or sentence-transformers is not installed.

    Example:
        >>> from assistant.settings import load_settings
        >>> load_encoder(load_settings()).dimension  # doctest: +SKIP
        384
    """
    if settings.embedding_model == BUNDLED:
        return _load_bundled(settings, progress)
    # Imported here, so that no path pays for a library it does not use.
    from assistant.embedding.onnx_encoder import GRAPH, OnnxEncoder  # noqa: PLC0415

    folder = Path(settings.embedding_model)
    if (folder / GRAPH).is_file():
        return OnnxEncoder(folder, threads=settings.threads, device=settings.embedding_device)
    from assistant.embedding.sentence_transformer_encoder import SentenceTransformerEncoder  # noqa: PLC0415

    return SentenceTransformerEncoder(
        settings.embedding_model, threads=settings.threads, device=settings.embedding_device
    )


def _load_bundled(settings: Settings, progress: Progress) -> Encoder:
    precision = settings.embedding_precision
    folder, graph = bundled.unpack(settings.cache, precision, progress=progress)
    try:
        return _open_bundled(folder, graph, settings)
    except ModelError as error:
        _log.warning("%s Comparing the unpacked model with its digests.", error)
    bundled.unpack(settings.cache, precision, verify_digests=True, progress=progress)
    return _open_bundled(folder, graph, settings)


def _open_bundled(folder: Path, graph: Path, settings: Settings) -> Encoder:
    from assistant.embedding.onnx_encoder import OnnxEncoder  # noqa: PLC0415

    revision = bundled.revision(settings.embedding_precision)
    return OnnxEncoder(
        folder,
        graph=graph,
        name=bundled.NAME,
        revision=revision,
        threads=settings.threads,
        device=_device_of_bundled(settings),
        pieces=bundled.pieces_of(folder),
    )


def _device_of_bundled(settings: Settings) -> Device:
    """Return the device that gives the vectors which a store's fingerprint names: a GPU computes the fp32 graph alone.

    Raises:
        SettingsError: a GPU is asked for, and another precision.
    """
    device, precision = settings.embedding_device, settings.embedding_precision
    if precision == "fp32" or device == "cpu":
        return device
    if device == "cuda":
        raise SettingsError(
            f"Setting embedding_device='cuda' needs ASSISTANT_EMBEDDING_PRECISION=fp32, and it is {precision}: set "
            "both; a store of other vectors has to be rebuilt."
        )
    return "cpu"
