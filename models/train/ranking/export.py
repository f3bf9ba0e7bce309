"""From a two-tower net to model.onnx: `features` [N, F] float32 → `items` [N, 10] int64, best first, and `score` [N, 1] float32.

The score is the predicted chance that the next play is in the list: the softmax of the logits, summed over the ten.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from world import LIST

OPSET = {"": 17}


def to_onnx(net: dict[str, np.ndarray], name: str) -> bytes:
    constants = {key: np.asarray(value, dtype=np.float32) for key, value in net.items()}
    constants["k"] = np.array([LIST], dtype=np.int64)
    constants["last"] = np.array([1], dtype=np.int64)
    nodes = [
        helper.make_node("Gemm", ["features", "w1", "b1"], ["h1"]),
        helper.make_node("Relu", ["h1"], ["h2"]),
        helper.make_node("Gemm", ["h2", "w2", "b2"], ["user"]),
        helper.make_node("Gemm", ["user", "items_matrix", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["chance"], axis=1),
        helper.make_node("TopK", ["chance", "k"], ["best", "items"], axis=1, largest=1, sorted=1),
        helper.make_node("ReduceSum", ["best", "last"], ["score"], keepdims=1),
    ]
    constants["items_matrix"] = constants.pop("items")
    width = constants["w1"].shape[0]
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", width])],
        [
            helper.make_tensor_value_info("items", TensorProto.INT64, ["N", LIST]),
            helper.make_tensor_value_info("score", TensorProto.FLOAT, ["N", 1]),
        ],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSET.items()]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)
