"""onnxruntime, which predicts only."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.speed.systems import Array, Task

OPSET, IR_VERSION = 17, 8  # old enough for any onnxruntime


def predictor(task: Task) -> Callable[[Array], Array]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = task.threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model_bytes(task), options, providers=["CPUExecutionProvider"])
    return lambda X: session.run(None, {"A0": X})[0]


def model_bytes(task: Task) -> bytes:
    widths = task.shape.widths
    rng = np.random.default_rng(0)
    nodes, values = [], []
    for l, (inputs, units) in enumerate(pairwise(widths), start=1):
        W = rng.uniform(-1, 1, (inputs, units)) / np.sqrt(inputs)
        values += [numpy_helper.from_array(W.astype(np.float32), f"W{l}")]
        values += [numpy_helper.from_array(np.zeros(units, np.float32), f"b{l}")]
        nodes.append(helper.make_node("Gemm", [f"A{l - 1}", f"W{l}", f"b{l}"], [f"Z{l}"]))
        last = "Sigmoid" if task.shape.outputs == 1 else "Softmax"
        nodes.append(helper.make_node("Relu" if l < len(widths) - 1 else last, [f"Z{l}"], [f"A{l}"]))
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["m", width])
        for name, width in (("A0", widths[0]), (f"A{len(widths) - 1}", widths[-1]))
    ]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    serialized: bytes = model.SerializeToString()
    return serialized
