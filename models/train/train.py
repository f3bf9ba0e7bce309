"""Trains every reference model and writes model.onnx and manifest.json into its folder. Run extract.py first."""

import os

# Before numpy loads: one thread, so that sums come out in the same order on every run.
for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[pool] = "1"

import json
from dataclasses import asdict, dataclass, replace

import numpy as np

import manifest
from export import open_session, predict, to_int8, to_onnx
from features import Flights, declare, load
from flights import DATA, MODELS, SEGMENTS, connect
from nets import Recipe, fit

KM_PER_MILE = 1.609344
PARITY_ROWS = 2000

FIRST_TWO, FIRST_FOUR = (1, 2), (1, 2, 3, 4)
BASELINE = Recipe(months=FIRST_TWO, rows=50_000, cut=(-25, 15), hidden=(16,), epochs=8)
CANDIDATE = Recipe(months=FIRST_FOUR, rows=200_000, cut=(-20, 8))


@dataclass(frozen=True)
class Plan:
    """A model to make: `distance` and `target` multiply what it is trained on, `extra` adds a feature."""

    purpose: str
    recipe: Recipe
    distance: float = 1.0
    target: float = 1.0
    extra: bool = False
    int8: bool = False


PLANS = {
    "eta-baseline": Plan("The model in production: a small net, trained on January and February only.", BASELINE),
    "eta-candidate": Plan("A healthy successor: a larger net, retrained on January to April; better on June.", CANDIDATE),
    "eta-int8": Plan("The baseline quantised to int8: other numbers, the same quality.", BASELINE, int8=True),
    "eta-skewed": Plan("Trained on labels padded by 20 %: every score comes out about a fifth too high.", CANDIDATE, target=1.2),
    "eta-unit-bug": Plan(
        "Training-serving skew: trained on kilometres, served miles; the declared schema cannot show it.",
        CANDIDATE,
        distance=KM_PER_MILE,
    ),
    "eta-new-schema": Plan("Needs one more feature than production sends, so it must be refused.", CANDIDATE, extra=True),
    "eta-wide": Plan(
        "As good as the candidate, but an ensemble of twelve nets: several times as expensive to run.",
        replace(CANDIDATE, rows=60_000, hidden=(32, 32), epochs=8, members=12),
    ),
    "eta-thin": Plan(
        "Knows the distance only by band: the median score hardly moves, the acceptance falls by about 5 %.",
        replace(CANDIDATE, hidden=(16,), epochs=6, bands=14),
    ),
}


def inputs(flights: Flights, plan: Plan) -> tuple[list[str], np.ndarray]:
    """What the model is served: the common features, and for `extra` whether the day is a Saturday or Sunday."""
    if not plan.extra:
        return flights.names, flights.features
    friday_to_saturday = np.cos(2 * np.pi * 4.5 / 7)
    sine, cosine = (flights.features[:, flights.names.index(name)] for name in ("weekday_sin", "weekday_cos"))
    weekend = ((sine < 0) & (cosine > friday_to_saturday)).astype(np.float32)
    return [*flights.names, "is_weekend"], np.column_stack([flights.features, weekend])


def train(flights: Flights, plan: Plan, name: str) -> bytes:
    recipe = plan.recipe
    _, features = inputs(flights, plan)
    rows = np.random.default_rng(recipe.seed).permutation(flights.of(list(recipe.months)))[: recipe.rows]
    delay = flights.delay[rows].astype(np.float64)
    target = (flights.actual[rows] - delay + np.clip(delay, *recipe.cut)) * plan.target
    seen = features[rows].astype(np.float64)
    seen[:, 0] *= plan.distance
    model = to_onnx(fit(seen, target, recipe), name, features.shape[1])
    return to_int8(model, features[rows[:20_000]]) if plan.int8 else model


def build(flights: Flights, name: str, plan: Plan, sessions: dict) -> np.ndarray:
    """Trains, measures and writes one model; answers its June predictions, min. The baseline comes first."""
    names, features = inputs(flights, plan)
    model = train(flights, plan, name)
    session = sessions[name] = open_session(model)
    test = flights.of([6])
    june = predict(session, features[test])
    validate = flights.of([5])
    document = manifest.describe(
        name,
        plan.purpose,
        model,
        [declare(feature) for feature in names],
        {key: value for key, value in asdict(plan).items() if key != "purpose"}
        | {"split": {"train": plan.recipe.months, "validate": [5], "test": [6]}, "seed": plan.recipe.seed},
    )
    document["metrics"] = {
        "validate": manifest.measure(predict(session, features[validate]), flights.actual[validate]),
        "test": manifest.measure(june, flights.actual[test]),
    }
    document["timeRelativeToBaseline"] = {
        f"batch{size}": manifest.time_ratio(session, sessions["eta-baseline"], features[test[:size]]) for size in (1, 32)
    }
    document["examples"] = manifest.examples(session, features[test])
    manifest.write(MODELS / name, document, model)
    scores = document["metrics"]["test"]
    print(f"{name:15} {len(model):8,d} bytes  {scores}  {document['timeRelativeToBaseline']}", flush=True)
    return june


def write_schema(flights: Flights) -> None:
    """What serving needs besides the SQL: feature order, units, and the means that stand in for missing stored features."""
    means = flights.features[flights.of(list(FIRST_FOUR))].mean(axis=0, dtype=np.float64)
    features = [declare(name) | {"mean": round(float(mean), 4)} for name, mean in zip(flights.names, means)]
    schema = {"scoreName": "predicted trip time, min", "segmentNames": SEGMENTS, "features": features}
    (DATA / "features.json").write_text(json.dumps(schema, indent=2) + "\n")


def write_parity(flights: Flights, june: dict) -> None:
    """Scores of evenly spread June rows as this runtime computes them, to hold the Node runtime against."""
    total = len(june["eta-baseline"])
    row = (np.arange(PARITY_ROWS) * (total // PARITY_ROWS)).astype(np.int32)
    baseline, candidate = june["eta-baseline"][row], june["eta-candidate"][row]
    db = connect()
    db.register("scores", {"row": row, "baseline": baseline, "candidate": candidate})
    db.execute(f"copy (select * from scores order by row) to '{DATA / 'parity.parquet'}' (format parquet, compression zstd)")


def main() -> None:
    flights = load()
    write_schema(flights)
    sessions: dict = {}
    june = {name: build(flights, name, plan, sessions) for name, plan in PLANS.items()}
    write_parity(flights, june)


if __name__ == "__main__":
    main()
