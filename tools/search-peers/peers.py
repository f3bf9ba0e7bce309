"""Searches of other people on the same table of judged policies, and how good everybody's fronts are.

Reads one JSON document from standard input: `table` (file of float64, policies x objectives), `sizes` (values per setting, the last one
counting fastest), `objectives`, `budgets`, `most` (budget at which a slow search ends), `seeds`, and `found`: by search, by budget, by seed, places of the policies it judged. Writes one to
standard output: by search, by budget, by seed, how many policies were judged, the share of the whole space's hypervolume, and of its front.

A policy that is asked for again costs nothing: only new ones count towards a budget.
"""

import json
import sys
import warnings

import moocore
import numpy as np
import optuna
import pymoo
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.problem import Problem
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.crossover.ux import UX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.repair.rounding import RoundingRepair
from pymoo.operators.sampling.rnd import IntegerRandomSampling

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.CRITICAL)


class Judge:
    """Looks policies up, and remembers in which order new ones were asked for."""

    def __init__(self, table, sizes):
        self.table = table
        self.weights = np.array([int(np.prod(sizes[i + 1 :])) for i in range(len(sizes))])
        self.order = {}

    def __call__(self, point):
        place = int(np.dot(self.weights, point))
        self.order.setdefault(place, None)
        return self.table[place]


def by_pymoo(table, sizes, budget, seed, crossover):
    judge = Judge(table, sizes)

    class Policies(Problem):
        def __init__(self):
            super().__init__(n_var=len(sizes), n_obj=table.shape[1], xl=0, xu=np.array(sizes) - 1, vtype=int)

        def _evaluate(self, x, out, *args, **kwargs):
            out["F"] = np.array([judge(point) for point in np.round(x).astype(int)])

    algorithm = NSGA2(
        pop_size=100,
        sampling=IntegerRandomSampling(),
        crossover=crossover,
        mutation=PM(prob=1.0, eta=3.0, vtype=float, repair=RoundingRepair()),
        eliminate_duplicates=True,
    )
    algorithm.setup(Policies(), seed=seed, termination=("n_gen", 10_000))
    while len(judge.order) < budget and (algorithm.n_iter or 0) < 400:
        algorithm.next()
    return list(judge.order)[:budget]


def by_optuna(table, sizes, budget, seed, sampler):
    judge = Judge(table, sizes)
    study = optuna.create_study(directions=["minimize"] * table.shape[1], sampler=sampler(seed))
    for _ in range(4 * budget):
        if len(judge.order) >= budget:
            break
        trial = study.ask()
        point = [trial.suggest_int(f"s{i}", 0, size - 1) for i, size in enumerate(sizes)]
        study.tell(trial, [float(x) for x in judge(point)])
    return list(judge.order)[:budget]


def by_chance(table, sizes, budget, seed):
    random = np.random.default_rng(seed)
    return [int(place) for place in random.choice(len(table), budget, replace=False)]


def front_of(points):
    return moocore.filter_dominated(np.unique(points, axis=0))


def main():
    asked = json.load(sys.stdin)
    sizes, budgets, seeds = asked["sizes"], asked["budgets"], asked["seeds"]
    # The last column, the time to promote, only breaks our own ties.
    table = np.fromfile(asked["table"]).reshape(-1, len(asked["objectives"]) + 1)[:, :-1].copy()
    best = front_of(table)
    low, high = best.min(axis=0), best.max(axis=0)
    # What is the same all along the front measures nothing.
    kept = high > low
    scaled = (table[:, kept] - low[kept]) / (high - low)[kept]
    reference = np.full(int(kept.sum()), 1.1)
    front = front_of(scaled)
    whole = moocore.hypervolume(front, ref=reference)
    corners = {tuple(point) for point in front}

    def measured(places):
        points = scaled[places]
        inside = points[(points < reference).all(axis=1)]
        volume = moocore.hypervolume(front_of(inside), ref=reference) if len(inside) else 0.0
        seen = len(corners & {tuple(point) for point in points})
        return {"judged": len(places), "volume": volume / whole, "front": seen / len(corners)}

    found = dict(asked["found"])
    peers = {
        "drawn by chance": by_chance,
        "pymoo NSGA-II, uniform crossover": lambda *a: by_pymoo(*a, UX()),
        "pymoo NSGA-II, SBX": lambda *a: by_pymoo(*a, SBX(prob=1.0, eta=3.0, vtype=float, repair=RoundingRepair())),
        "Optuna NSGA-II": lambda *a: by_optuna(*a, lambda seed: optuna.samplers.NSGAIISampler(seed=seed)),
        "Optuna TPE": lambda *a: by_optuna(
            *a, lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=50)
        ),
    }
    for name, search in peers.items():
        own = [b for b in budgets if b <= asked["most"].get(name, b)]
        # None of them looks at its budget: a smaller one is the beginning of a larger.
        runs = [search(table, sizes, max(own), seed) for seed in seeds]
        found[name] = {str(b): [places[:b] for places in runs] for b in own}
        print(f"{name}: done", file=sys.stderr, flush=True)
    json.dump(
        {
            "versions": {"pymoo": pymoo.__version__, "optuna": optuna.__version__, "moocore": moocore.__version__},
            "policies": len(table),
            "front": len(corners),
            "objectives": [name for name, keep in zip(asked["objectives"], kept) if keep],
            "found": {
                name: {b: [measured(places) for places in runs] for b, runs in by_budget.items()}
                for name, by_budget in found.items()
            },
        },
        sys.stdout,
    )


main()
