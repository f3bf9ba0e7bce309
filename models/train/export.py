"""From a fitted pipeline to model.onnx: one input `features` [N, F], one output `eta` [N, 1], both float32, opset 17."""

import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

OPSET = {"": 17, "ai.onnx.ml": 3}
BATCH = 4096


def to_onnx(pipeline, name: str, width: int) -> bytes:
    model = convert_sklearn(
        pipeline,
        name=name,
        initial_types=[("features", FloatTensorType([None, width]))],
        final_types=[("eta", FloatTensorType([None, 1]))],
        target_opset=OPSET,
    )
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    # The converter writes down the oldest opset that would do; these operators mean the same in all of them.
    for entry in model.opset_import:
        entry.version = OPSET[entry.domain]
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


class _Once(CalibrationDataReader):
    """Hands the calibration rows over in a single batch."""

    def __init__(self, features: np.ndarray):
        self._batches = iter([{"features": features}])

    def get_next(self):
        return next(self._batches, None)


def to_int8(float_model: bytes, calibration: np.ndarray) -> bytes:
    """Static quantisation: scales are fixed here, so a row's answer does not depend on the rows batched with it.

    Weights use 7 bits (reduce_range): processors without VNNI saturate 8-bit products, and would answer differently.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        source.write_bytes(float_model)
        quantize_static(
            source,
            target,
            _Once(calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(target).SerializeToString(deterministic=True)


def open_session(model: bytes) -> ort.InferenceSession:
    """One thread, sequential: the same bits on every run."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def predict(session: ort.InferenceSession, features: np.ndarray) -> np.ndarray:
    """Minutes, float32 [rows]."""
    parts = [session.run(["eta"], {"features": features[at : at + BATCH]})[0] for at in range(0, len(features), BATCH)]
    return np.concatenate(parts)[:, 0]
