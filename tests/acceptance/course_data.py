"""The data of the course's assignments, made or read as the assignments do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import make_circles, make_moons


def cats(shared: Path):
    """(X, Y) for training and (X, Y) for testing: 209 and 50 pictures of 64 × 64 × 3 as columns, in [0, 1]."""
    import h5py

    def read(name: str, split: str):
        with h5py.File(shared / "course" / name) as file:
            pictures, labels = file[f"{split}_set_x"][:], file[f"{split}_set_y"][:]
        return pictures.reshape(len(pictures), -1).T / 255, labels.reshape(1, -1)

    return read("train_catvnoncat.h5", "train"), read("test_catvnoncat.h5", "test")


def flower():
    """400 points on a flower of two colours, (2, 400) and (1, 400)."""
    rng = np.random.RandomState(1)
    points, labels = [], []
    for j in (0, 1):
        angle = np.linspace(3.12 * j, 3.12 * (j + 1), 200) + 0.2 * rng.randn(200)
        radius = 4 * np.sin(4 * angle) + 0.2 * rng.randn(200)
        points.append(np.array([radius * np.sin(angle), radius * np.cos(angle)]))
        labels.append(np.full((1, 200), j))
    return np.hstack(points), np.hstack(labels)


def circles(examples: int, seed: int):
    """A circle around a circle, (2, examples) and (1, examples)."""
    X, y = make_circles(n_samples=examples, noise=0.05, random_state=np.random.RandomState(seed))
    return X.T, y.reshape(1, -1)


def moons():
    """Two half moons, (2, 300) and (1, 300)."""
    X, y = make_moons(n_samples=300, noise=0.2, random_state=np.random.RandomState(3))
    return X.T, y.reshape(1, -1)


def random_mini_batches(m: int, size: int = 64, seed: int = 10):
    """The course's order: its seed goes up by 1 before each epoch, and each epoch permutes anew."""

    def batches(epoch: int):
        order = np.random.RandomState(seed + 1 + epoch).permutation(m)
        return [order[first : first + size] for first in range(0, m, size)]

    return batches
