"""What is written beside each model: what it is, where it comes from, how good it is, and examples to check it by."""

import hashlib
import json
import platform
import time
from importlib.metadata import version

import numpy as np
import onnx

from export import predict
from flights import DATA, SOURCE

TOOLS = ("scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy", "duckdb")
TOLERANCE_MIN = 15
EXAMPLES = 6


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def measure(prediction: np.ndarray, actual: np.ndarray) -> dict:
    """Errors in minutes; acceptance is the share of predictions within 15 min of what happened."""
    error = prediction.astype(np.float64) - actual
    return {
        "rows": len(error),
        "mae": round(float(np.abs(error).mean()), 3),
        "rmse": round(float(np.sqrt((error**2).mean())), 3),
        "acceptance15": round(float((np.abs(error) <= TOLERANCE_MIN).mean()), 4),
        "medianPrediction": round(float(np.median(prediction)), 2),
    }


def time_ratio(session, reference, rows: np.ndarray) -> float:
    """Time per run of a model over the reference's: best of interleaved rounds, since other work only ever slows them down."""
    best = {}
    for _ in range(15):
        for which in (session, reference):
            feed = {"features": np.ascontiguousarray(rows[:, : which.get_inputs()[0].shape[1]])}
            start = time.perf_counter()
            for _ in range(300):
                which.run(["eta"], feed)
            best[which] = min(best.get(which, float("inf")), time.perf_counter() - start)
    return round(best[session] / best[reference], 1)


def examples(session, features: np.ndarray) -> list[dict]:
    """Flights spread over the test month with the model's answers, each asked alone."""
    rows = np.linspace(0, len(features) - 1, EXAMPLES).astype(int)
    return [
        {"features": [float(x) for x in features[row]], "eta": [float(predict(session, features[row : row + 1])[0])]}
        for row in rows
    ]


def values(infos) -> list[dict]:
    shape = lambda info: [dim.dim_value or -1 for dim in info.type.tensor_type.shape.dim]
    return [{"name": info.name, "type": "float32", "shape": shape(info)} for info in infos]


def describe(name: str, purpose: str, model: bytes, features: list[dict], recipe: dict) -> dict:
    """The part of the manifest that needs no running."""
    graph = onnx.load_from_string(model)
    return {
        "name": name,
        "purpose": purpose,
        "licence": "Apache-2.0",
        "sha256": sha256(model),
        "bytes": len(model),
        "opset": {entry.domain or "ai.onnx": entry.version for entry in graph.opset_import},
        "irVersion": graph.ir_version,
        "inputs": values(graph.graph.input),
        "outputs": values(graph.graph.output),
        "features": features,
        "training": recipe
        | {
            "source": {"package": "vega-datasets 3.2.1", "file": SOURCE.name, "sha256": sha256(SOURCE.read_bytes())},
            "testFile": {"file": "flights-june.parquet", "sha256": sha256((DATA / "flights-june.parquet").read_bytes())},
            "tools": {"python": platform.python_version()} | {tool: version(tool) for tool in TOOLS},
        },
    }


def write(folder, manifest: dict, model: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(model)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
