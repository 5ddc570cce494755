"""`OnnxGraph`: runs a text encoder's graph on ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from assistant.embedding.devices import check_device, providers_for
from assistant.embedding.encoder import Matrix
from assistant.errors import ModelError
from assistant.settings import Device

_GRAPH_ERRORS = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.InvalidProtobuf,
    runtime_errors.NoSuchFile,
    runtime_errors.NotImplemented,
    runtime_errors.RuntimeException,
    runtime_errors.EPFail,
    runtime_errors.NotFound,
    UnicodeDecodeError,  # of a name in a damaged graph
    RuntimeError,
)
_OUTPUTS = ("last_hidden_state", "token_embeddings")
_ERRORS_ONLY = 3


class OnnxGraph:
    """A graph that gives a state for each token. May be used from several threads, each run of which takes one.

    Args:
        path: The graph's file.
        device: What to compute on; "auto" takes a GPU where there is one.

    Raises:
        ModelError: the file is missing or damaged, is no text encoder, or the device cannot be had.
    """

    def __init__(self, path: Path, device: Device = "cpu") -> None:
        self._session = _load_session(path, device)
        self.is_on_gpu = check_device(self._session, device)
        self._inputs = _check_inputs(self._session, path)
        self._output = _choose_output(self._session, path)

    def run(self, texts: Sequence[Sequence[int]], pad_id: int = 0) -> list[Matrix]:
        """Return the states of each text's tokens, shape `(tokens, dimension)`.

        Args:
            texts: Token ids. Shorter texts are padded, and what pads them is left out again.
            pad_id: What to pad with.

        Raises:
            ModelError: the graph is damaged.
        """
        shape = len(texts), max(map(len, texts))
        input_ids = np.full(shape, pad_id, np.int64)
        attention_mask = np.zeros(shape, np.int64)
        for row, ids in enumerate(texts):
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
        values = {
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "token_type_ids": np.zeros(shape, np.int64),
        }
        try:
            (states,) = self._session.run([self._output], {name: values[name] for name in self._inputs})
        except _GRAPH_ERRORS as error:
            reason = str(error).splitlines()[0]
            raise ModelError(
                f"The model's graph is damaged ({reason}): remove it from the cache, or copy it again."
            ) from error
        found: Matrix = states.astype(np.float32, copy=False)
        return [found[row, : len(ids)] for row, ids in enumerate(texts)]


def _load_session(graph: Path, device: Device) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    providers = providers_for(device)
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=providers)
    except _GRAPH_ERRORS as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"ONNX Runtime cannot load {graph} ({reason}): export or copy the graph again.") from error


def _check_inputs(session: onnxruntime.InferenceSession, graph: Path) -> list[str]:
    names = [entry.name for entry in session.get_inputs()]
    if unknown := set(names) - {"input_ids", "attention_mask", "token_type_ids"}:
        raise ModelError(f"{graph} asks for inputs nobody has ({', '.join(sorted(unknown))}): export a text encoder.")
    return names


def _choose_output(session: onnxruntime.InferenceSession, graph: Path) -> str:
    names = [entry.name for entry in session.get_outputs()]
    for name in _OUTPUTS:
        if name in names:
            return name
    raise ModelError(
        f"{graph} gives {', '.join(names)} instead of {' or '.join(_OUTPUTS)}: export it with token vectors."
    )
