"""Makes the synthetic catalogue, the requests with their true preferences, and the five ranking models. Two minutes on one core."""

import os
import sys

# Before numpy loads: one thread, so that sums come out in the same order on every run.
for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[pool] = "1"

import hashlib
import json
import platform
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy as np
import onnx
import onnxruntime as ort

from export import to_onnx
from nets import Recipe, fit
from world import GENRES, ITEMS, LIST, RELEVANT, REQUESTS, SEED, TRAINING, World, make_requests, make_world, plays, relevant

MODELS = Path(__file__).resolve().parents[2]
DATA = MODELS / "data"
TOOLS = ("onnx", "onnxruntime", "numpy", "duckdb")
EXAMPLES = 6
SEGMENTS = ["television", "phone", "browser"]

BASELINE = Recipe(rows=120_000, epochs=8, seed=8, width=8)


@dataclass(frozen=True)
class Plan:
    purpose: str
    recipe: Recipe


PLANS = {
    "rank-baseline": Plan("The ranking in production: two narrow towers.", BASELINE),
    "rank-better": Plan("A better successor: wider towers, twice the plays.", replace(BASELINE, rows=240_000, epochs=5, seed=9, width=12)),
    "rank-equal": Plan("The baseline's recipe once more, from another seed: other lists, the same quality.", replace(BASELINE, seed=7)),
    "rank-popular": Plan(
        "Better lists that lean on what is shown most anyway: precision rises, novelty falls.",
        replace(BASELINE, rows=240_000, epochs=5, seed=10, width=12, boost=0.9),
    ),
    "rank-broken": Plan(
        "The better model over the item numbers of another catalogue: right scores, wrong items.",
        replace(BASELINE, rows=240_000, epochs=5, seed=9, width=12, shuffled=True),
    ),
}


def open_session(model: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run(session: ort.InferenceSession, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    items, score = session.run(["items", "score"], {"features": features})
    return items, score


def measure(world: World, popularity: np.ndarray, hits: np.ndarray, items: np.ndarray) -> dict:
    """Means over the requests of precision@10, intra-list diversity 1 − mean cosine, and novelty −log2 popularity."""
    genres = world.genres[items]
    cosine = np.einsum("nid,njd->nij", genres, genres).sum(axis=(1, 2)) - LIST
    return {
        "requests": len(items),
        "precision10": round(float(np.take_along_axis(hits, items, 1).mean()), 4),
        "diversity": round(float((1 - cosine / (LIST * (LIST - 1))).mean()), 4),
        "noveltyBits": round(float(-np.log2(popularity[items]).mean()), 4),
    }


def features() -> list[dict]:
    taste = [{"name": f"taste_{genre}", "unit": "1", "stored": True} for genre in range(GENRES)]
    return [*taste, *({"name": name, "unit": "1", "stored": False} for name in ("hour_sin", "hour_cos", "is_phone"))]


def write_table(name: str, columns: dict[str, np.ndarray], metadata: str = "") -> None:
    db = duckdb.connect()
    db.register("given", columns)
    db.execute(f"copy (select * from given) to '{DATA / name}' (format parquet, compression zstd{metadata})")


def write_data(world: World, test, popularity: np.ndarray) -> None:
    """items.parquet: genres and popularity; rank-requests.parquet: features, device and true preferences of every request."""
    items = {f"genre_{g}": world.genres[:, g].astype(np.float32) for g in range(GENRES)}
    write_table("items.parquet", {"item": np.arange(ITEMS, dtype=np.uint16), **items, "popularity": popularity})
    preferred = relevant(world, test.taste)
    columns = {name["name"]: test.features[:, i].copy() for i, name in enumerate(features())}
    columns |= {f"relevant_{r}": preferred[:, r].copy() for r in range(RELEVANT)}
    # By this the reader knows what kind of content it is.
    kind = ", kv_metadata {'coalmine.content': 'ranking'}"
    write_table("rank-requests.parquet", {"device": test.device, **columns}, kind)
    means = make_requests(TRAINING, 0).features.mean(axis=0, dtype=np.float64)
    served = [feature | {"mean": round(float(mean), 4)} for feature, mean in zip(features(), means)]
    document = {"scoreName": "predicted chance that the next play is in the list", "segmentNames": SEGMENTS, "features": served}
    (DATA / "rank-features.json").write_text(json.dumps(document, indent=2) + "\n")


def manifest(name: str, plan: Plan, model: bytes, test, metrics: dict) -> dict:
    session, graph = open_session(model), onnx.load_from_string(model)
    rows = np.linspace(0, REQUESTS - 1, EXAMPLES).astype(int)
    answers = [run(session, test.features[row : row + 1]) for row in rows]
    shape = lambda info: [dim.dim_value or -1 for dim in info.type.tensor_type.shape.dim]
    kind = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.INT64: "int64"}
    values = lambda infos: [{"name": i.name, "type": kind[i.type.tensor_type.elem_type], "shape": shape(i)} for i in infos]
    return {
        "name": name,
        "task": "ranking",
        "purpose": plan.purpose,
        "licence": "Apache-2.0",
        "sha256": hashlib.sha256(model).hexdigest(),
        "bytes": len(model),
        "opset": {entry.domain or "ai.onnx": entry.version for entry in graph.opset_import},
        "irVersion": graph.ir_version,
        "inputs": values(graph.graph.input),
        "outputs": values(graph.graph.output),
        "features": features(),
        "training": {
            "recipe": asdict(plan.recipe),
            "catalogue": {"seed": SEED, "items": ITEMS, "genres": GENRES, "relevant": RELEVANT, "plays": TRAINING},
            "tools": {"python": platform.python_version()} | {tool: version(tool) for tool in TOOLS},
        },
        "metrics": {"test": metrics},
        "examples": [
            {"features": test.features[row].tolist(), "items": items[0].tolist(), "score": [float(score[0, 0])]}
            for row, (items, score) in zip(rows, answers)
        ],
    }


def main() -> None:
    world = make_world()
    learn, test = make_requests(TRAINING, 0), make_requests(REQUESTS, 1)
    played = plays(world, learn.taste, 0)
    popularity = np.bincount(played, minlength=ITEMS) + 1.0
    popularity /= popularity.sum()
    write_data(world, test, popularity)
    hits = np.zeros((REQUESTS, ITEMS), dtype=bool)
    hits[np.arange(REQUESTS)[:, None], relevant(world, test.taste)] = True
    for name, plan in PLANS.items():
        rows = plan.recipe.rows
        model = to_onnx(fit(learn.features[:rows], played[:rows], world.exposure, plan.recipe), name)
        items, _ = run(open_session(model), test.features)
        document = manifest(name, plan, model, test, measure(world, popularity, hits, items))
        folder = MODELS / name
        folder.mkdir(exist_ok=True)
        (folder / "model.onnx").write_bytes(model)
        (folder / "manifest.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        print(f"{name:15} {len(model):8,d} bytes  {document['metrics']['test']}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
