"""The regressors: small multilayer perceptrons, trained by squared loss on a target whose delays are cut on both sides.

A cut delay keeps the squared loss near the median: delays have a long right tail, and what counts is being within 15 min.
"""

import warnings
from dataclasses import dataclass, replace

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler

# Learning rate and epochs of the three stages; each goes on from the weights of the one before.
STAGES = ((2e-3, 1.0), (3e-4, 0.5), (5e-5, 0.35))


@dataclass(frozen=True)
class Recipe:
    """What a model is trained on. `cut` bounds the delay in the target, min; `rows` is how many flights are drawn."""

    months: tuple[int, ...]
    rows: int
    cut: tuple[float, float]
    hidden: tuple[int, ...] = (32, 32)
    epochs: int = 12
    members: int = 1
    bands: int = 0
    seed: int = 7


def fit_perceptron(prepared: np.ndarray, target: np.ndarray, recipe: Recipe) -> MLPRegressor:
    mean, spread = target.mean(), target.std()
    net = MLPRegressor(
        hidden_layer_sizes=recipe.hidden,
        batch_size=512,
        random_state=recipe.seed,
        tol=0,
        n_iter_no_change=1000,
        warm_start=True,
    )
    for rate, share in STAGES:
        net.set_params(learning_rate_init=rate, max_iter=max(1, round(recipe.epochs * share)))
        with warnings.catch_warnings(category=ConvergenceWarning, action="ignore"):
            net.fit(prepared, (target - mean) / spread)
    # The net learnt a standardised target; its last layer takes the scale back, so the model answers in minutes.
    net.coefs_[-1] *= spread
    net.intercepts_[-1] = net.intercepts_[-1] * spread + mean
    return net


def preparation(features: np.ndarray, recipe: Recipe) -> StandardScaler | ColumnTransformer:
    """Scales every feature; with `bands`, only tells in which of that many bands the distance lies."""
    if not recipe.bands:
        return StandardScaler().fit(features)
    cut = KBinsDiscretizer(recipe.bands, encode="onehot-dense", strategy="quantile", quantile_method="averaged_inverted_cdf")
    rest = list(range(1, features.shape[1]))
    return ColumnTransformer([("bands", cut, [0]), ("rest", StandardScaler(), rest)]).fit(features)


def fit(features: np.ndarray, target: np.ndarray, recipe: Recipe) -> Pipeline:
    """One net, or with `members` the mean of an ensemble of nets that differ in their seeds."""
    prepare = preparation(features, recipe)
    prepared = prepare.transform(features)
    nets = [fit_perceptron(prepared, target, replace(recipe, seed=recipe.seed + k)) for k in range(recipe.members)]
    if recipe.members == 1:
        return Pipeline([("prepare", prepare), ("net", nets[0])])
    ensemble = VotingRegressor([(f"net{k}", net) for k, net in enumerate(nets)])
    ensemble.estimators_ = nets
    return Pipeline([("prepare", prepare), ("ensemble", ensemble)])
