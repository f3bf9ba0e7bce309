"""A two-tower net in numpy: features → 32 (relu) → width, times a learned matrix of the items, plus a bias per item; full softmax, Adam."""

from dataclasses import dataclass

import numpy as np

from world import GENRES, ITEMS, REQUESTS, World

HIDDEN, BATCH = 32, 1024
FEATURES = GENRES + 3


@dataclass(frozen=True)
class Recipe:
    """`rows`: plays it learns from. `width`: of both towers. `boost`: how much of the log exposure is put back into the scores served. `shuffled`: item numbers."""

    rows: int
    epochs: int
    seed: int
    width: int = 12
    boost: float = 0.0
    shuffled: bool = False


def init(rng: np.random.Generator, width: int) -> dict[str, np.ndarray]:
    normal = lambda *shape: rng.standard_normal(shape) / np.sqrt(shape[0])
    return {
        "w1": normal(FEATURES, HIDDEN),
        "b1": np.zeros(HIDDEN),
        "w2": normal(HIDDEN, width),
        "b2": np.zeros(width),
        "items": normal(width, ITEMS),
        "bias": np.zeros(ITEMS),
    }


def gradients(net: dict, x: np.ndarray, played: np.ndarray, offset: np.ndarray) -> dict[str, np.ndarray]:
    """Of the mean cross entropy of softmax(logits + offset) against the played item."""
    hidden = np.maximum(x @ net["w1"] + net["b1"], 0)
    user = hidden @ net["w2"] + net["b2"]
    logits = user @ net["items"] + net["bias"] + offset
    logits -= logits.max(axis=1, keepdims=True)
    error = np.exp(logits)
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(x)), played] -= 1
    error /= len(x)
    back_user = error @ net["items"].T
    back_hidden = (back_user @ net["w2"].T) * (hidden > 0)
    return {
        "w1": x.T @ back_hidden,
        "b1": back_hidden.sum(axis=0),
        "w2": hidden.T @ back_user,
        "b2": back_user.sum(axis=0),
        "items": user.T @ error,
        "bias": error.sum(axis=0),
    }


def fit(x: np.ndarray, played: np.ndarray, exposure: np.ndarray, recipe: Recipe) -> dict[str, np.ndarray]:
    """The offset log exposure is there in training and not in serving, so the net learns what is liked and not what is shown."""
    rng = np.random.default_rng(recipe.seed)
    net = {name: value.astype(np.float32) for name, value in init(rng, recipe.width).items()}
    first = {name: np.zeros_like(value) for name, value in net.items()}
    second = {name: np.zeros_like(value) for name, value in net.items()}
    offset = np.log(exposure).astype(np.float32)
    step, steps = 0, recipe.epochs * (len(x) // BATCH)
    for _ in range(recipe.epochs):
        order = rng.permutation(len(x))
        for at in range(0, len(x) - BATCH + 1, BATCH):
            step += 1
            rows = order[at : at + BATCH]
            rate = 5e-3 * (1 - step / (steps + 1)) + 2e-4
            for name, gradient in gradients(net, x[rows], played[rows], offset).items():
                first[name] += 0.1 * (gradient - first[name])
                second[name] += 0.01 * (gradient * gradient - second[name])
                ahead = first[name] / (1 - 0.9**step)
                net[name] -= rate * ahead / (np.sqrt(second[name] / (1 - 0.99**step)) + 1e-7)
    net["bias"] = net["bias"] + np.float32(recipe.boost) * offset
    if recipe.shuffled:
        # An index built for another catalogue: right scores under wrong numbers.
        wrong = np.random.default_rng(recipe.seed + 1).permutation(ITEMS)
        net["items"], net["bias"] = net["items"][:, wrong], net["bias"][wrong]
    return net
