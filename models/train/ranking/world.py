"""The synthetic catalogue and its viewers, whose true preferences are known because they are declared here.

Items have weights over genres, a quality and an exposure (how often the shop window shows them). A viewer has a taste over genres;
a request adds the mood of its hour. True utility of item i in a request with taste t (after mood):

    u_i = t · g_i + quality_i

The true preference set of a request is its RELEVANT items of the highest utility. A play is drawn from the softmax of u over the items
that were exposed, so plays are biased towards what is exposed most: the popularity bias that a model may learn or correct.
"""

from dataclasses import dataclass

import numpy as np

SEED = 20_010_601
ITEMS, GENRES, RELEVANT, LIST = 1000, 12, 40, 10
REQUESTS, TRAINING = 8192, 240_000
SHARPNESS = 3.0
HOURS = 24


@dataclass(frozen=True)
class World:
    genres: np.ndarray
    """[ITEMS, GENRES], rows of norm 1."""
    quality: np.ndarray
    exposure: np.ndarray
    """[ITEMS], sums to 1."""


def make_world() -> World:
    rng = np.random.default_rng([SEED, 0])
    main = rng.integers(GENRES, size=ITEMS)
    genres = rng.dirichlet(np.full(GENRES, 0.25), size=ITEMS)
    genres[np.arange(ITEMS), main] += 0.6
    genres /= np.linalg.norm(genres, axis=1, keepdims=True)
    # Exposure falls with rank like a Zipf law; what is shown most is somewhat better than what is not.
    rank = rng.permutation(ITEMS)
    exposure = 1.0 / (rank + 10.0) ** 0.9
    exposure /= exposure.sum()
    quality = 0.15 * rng.standard_normal(ITEMS) + 0.04 * (np.log(exposure) - np.log(exposure).mean())
    return World(genres, quality, exposure)


@dataclass(frozen=True)
class Requests:
    features: np.ndarray
    """[n, GENRES + 3] float32: observed taste (stored), hour as sine and cosine, and whether it is a television."""
    taste: np.ndarray
    """[n, GENRES]: the true taste, mood included."""
    device: np.ndarray
    """[n]: 0 television, 1 phone, 2 browser."""


def make_requests(count: int, stream: int) -> Requests:
    rng = np.random.default_rng([SEED, 1, stream])
    base = rng.gamma(0.5, 1.0, size=(count, GENRES))
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    hour = rng.integers(HOURS, size=count)
    device = rng.choice(3, size=count, p=[0.45, 0.35, 0.20])
    angle = 2 * np.pi * hour / HOURS
    # In the evening two genres gain, on a phone two others.
    mood = np.zeros((count, GENRES))
    mood[:, 0:2] = 0.35 * np.clip(-np.cos(angle), 0, None)[:, None]
    mood[:, 2:4] = 0.25 * (device == 1)[:, None]
    taste = base + mood
    taste /= np.linalg.norm(taste, axis=1, keepdims=True)
    # What the feature store knows of a taste is noisy, and rounded to 1/32.
    observed = np.round(32 * (base + 0.06 * rng.standard_normal(base.shape))) / 32
    context = np.column_stack([np.round(64 * np.sin(angle)) / 64, np.round(64 * np.cos(angle)) / 64, device == 1])
    return Requests(np.column_stack([observed, context]).astype(np.float32), taste, device.astype(np.uint8))


def utilities(world: World, taste: np.ndarray) -> np.ndarray:
    return taste @ world.genres.T + world.quality


def relevant(world: World, taste: np.ndarray) -> np.ndarray:
    """[n, RELEVANT] item numbers, ascending."""
    best = np.argpartition(-utilities(world, taste), RELEVANT, axis=1)[:, :RELEVANT]
    return np.sort(best, axis=1).astype(np.uint16)


def plays(world: World, taste: np.ndarray, stream: int) -> np.ndarray:
    """One played item per request: softmax of utility over what is exposed (Gumbel trick), in parts to bound memory."""
    rng = np.random.default_rng([SEED, 2, stream])
    played = np.empty(len(taste), dtype=np.int32)
    for at in range(0, len(taste), 4096):
        part = slice(at, at + 4096)
        logit = SHARPNESS * 4 * utilities(world, taste[part]) + np.log(world.exposure)
        played[part] = (logit + rng.gumbel(size=logit.shape)).argmax(axis=1)
    return played
