"""Products of an exported tower in eight bits, as ONNX Runtime's own kernels for integers take them.

Written here, because onnxruntime's quantizer takes a dozen times as long, for each try anew, and cannot smooth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from photofind.core.records.arrays import Vectors

_BLOCK: Final = re.compile(r"blocks\.\d+/")
# Where the products of two full bytes are added up in sixteen bits they overflow, so weights do without a bit.
_LARGEST: Final = {True: 127, False: 63}


@dataclass(frozen=True, slots=True)
class Product:
    """A product of what comes in with weights float32 [rows, columns]: a node of a graph, by its name."""

    node: Any  # onnx.NodeProto
    weights: Vectors

    @property
    def name(self) -> str:
        """Its node's name, which says where in the tower it is."""
        return str(self.node.name)

    @property
    def source(self) -> str:
        """The name of what comes in, float32 [..., rows]."""
        return str(self.node.input[0])

    @property
    def is_in_block(self) -> bool:
        """Whether it is in one of the tower's blocks; else it pools, or projects what comes out."""
        return _BLOCK.search(self.name) is not None


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done for products by their names.

    Those `in_full` stay as they are. Of others, what comes in is divided by `smoothing` float32 [rows] and the weights
    are multiplied by it, so that no channel stands out far.
    """

    in_full: frozenset[str] = frozenset()
    smoothing: Mapping[str, Vectors] = field(default_factory=dict)


def find_products(model: Any) -> list[Product]:
    """Return the products with weights in an onnx.ModelProto, in its order."""
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    return [
        Product(node, _weights(node, tensors[node.input[1]]))
        for node in model.graph.node
        if node.op_type in ("MatMul", "Gemm") and node.input[1] in tensors
    ]


def quantize(source: Path, target: Path, recipe: Recipe) -> None:
    """Write a graph whose products are of eight bits, a scale for each column, but for what the recipe leaves."""
    model = onnx.load(source)
    products = {product.name: product for product in find_products(model) if product.name not in recipe.in_full}
    nodes, tensors, shared = [], [], set[str]()
    for node in model.graph.node:
        if node.name not in products:
            nodes.append(node)
            continue
        made, weights = _in_eight_bits(products[node.name], recipe.smoothing.get(node.name))
        # What several products take is brought to eight bits once.
        nodes += [each for each in made if each.output[0] not in shared]
        shared.update(each.output[0] for each in made)
        tensors += weights
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    tensors += [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(tensors)
    onnx.save(model, target)


def round_weights(weights: Vectors) -> tuple[Vectors, Vectors]:
    """Return weights [rows, columns] as whole numbers, and the scale float32 [columns] that they are to be taken by."""
    largest = _LARGEST[_has_vnni()]
    scale = np.abs(weights).max(axis=0) / largest
    scale[scale == 0] = 1
    return np.round(weights / scale), np.asarray(scale, np.float32)


def _in_eight_bits(product: Product, smoothing: Vectors | None) -> tuple[list[Any], list[Any]]:
    """Return the nodes that take a product's place, and their tensors."""
    name, source, weights = product.name, product.source, product.weights
    nodes, tensors = [], []
    if smoothing is not None:
        tensors.append(numpy_helper.from_array(1 / smoothing, f"{name} smoothing"))
        nodes.append(helper.make_node("Mul", [source, f"{name} smoothing"], [f"{name} smooth"]))
        source, weights = f"{name} smooth", weights * smoothing[:, None]
    rounded, scale = round_weights(weights)
    tensors += [
        numpy_helper.from_array(rounded.astype(np.int8), f"{name} weights"),
        numpy_helper.from_array(scale, f"{name} scale"),
        numpy_helper.from_array(np.zeros(len(scale), np.int8), f"{name} zero"),
    ]
    whole = [f"{source} {part}" for part in ("bytes", "scale", "zero")]
    out, bias = product.node.output[0], product.node.input[2:]
    nodes += [
        helper.make_node("DynamicQuantizeLinear", [source], whole),
        helper.make_node(
            "MatMulInteger", [whole[0], f"{name} weights", whole[2], f"{name} zero"], [f"{name} whole"], name=name
        ),
        helper.make_node("Cast", [f"{name} whole"], [f"{name} cast"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [whole[1], f"{name} scale"], [f"{name} scales"]),
        helper.make_node("Mul", [f"{name} cast", f"{name} scales"], [f"{name} sum" if bias else out]),
    ]
    if bias:
        nodes.append(helper.make_node("Add", [f"{name} sum", bias[0]], [out]))
    return nodes, tensors


def _weights(node: Any, tensor: Any) -> Vectors:
    """Return a product's weights as it uses them; torch writes no `alpha` and `beta` but 1."""
    weights = np.asarray(numpy_helper.to_array(tensor), np.float32)
    is_turned = any(about.name == "transB" and about.i for about in node.attribute)
    return weights.T if is_turned else weights


def _has_vnni() -> bool:
    can = torch.cpu.get_capabilities()
    return bool(can.get("avx512_vnni") or can.get("avx_vnni") or can.get("architecture") != "x86_64")
