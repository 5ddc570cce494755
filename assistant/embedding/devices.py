"""`providers_for`: what ONNX Runtime computes on, a GPU where it has one and may."""

import logging

import onnxruntime

from assistant.errors import ModelError
from assistant.settings import Device

CUDA = "CUDAExecutionProvider"
CPU = "CPUExecutionProvider"

Provider = str | tuple[str, dict[str, str]]

_log = logging.getLogger(__name__)


def providers_for(device: Device) -> list[Provider]:
    """Return the execution providers for a session, the preferred one first.

    Args:
        device: "auto" takes a GPU where ONNX Runtime has the provider for it.

    Raises:
        ModelError: "cuda" is asked for, and this ONNX Runtime has no provider for it.

    Example:
        >>> providers_for("cpu")
        ['CPUExecutionProvider']
    """
    has_cuda = CUDA in onnxruntime.get_available_providers()
    if device == "cuda" and not has_cuda:
        raise ModelError(
            "Setting embedding_device='cuda': this ONNX Runtime computes on the processor alone; install "
            "onnxruntime-gpu in the place of onnxruntime, or set it to 'auto'."
        )
    if device == "cpu" or not has_cuda:
        return [CPU]
    # TF32 would round what is multiplied to 10 bits, and a store's vectors have to be the same wherever they are made.
    return [(CUDA, {"use_tf32": "0"}), CPU]


def check_device(session: onnxruntime.InferenceSession, device: Device) -> bool:
    """Return whether a session computes on a GPU: ONNX Runtime goes on without one where it cannot be opened.

    Raises:
        ModelError: "cuda" is asked for, and the GPU could not be opened.
    """
    is_on_gpu = CUDA in session.get_providers()
    if device == "cuda" and not is_on_gpu:
        raise ModelError(
            "Setting embedding_device='cuda': ONNX Runtime cannot open the GPU; install the CUDA and cuDNN libraries "
            "that it asks for, or set it to 'auto'."
        )
    if is_on_gpu:
        _log.info("Encoding on the GPU.")
    return is_on_gpu
