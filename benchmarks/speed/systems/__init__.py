"""Who takes part. A module each, with functions of the same names, so that all are measured alike.

    train(task, epochs, after_epoch)    trains, and calls after_epoch() when an epoch is done, not only begun
    predictor(task) -> rows -> outputs  a network of the shape, ready to predict NumPy rows
    fits(task, fits, after_fit)         whole fits of the strong recipe

Everybody has the same terms: float32, Adam at the same rate, relu, log loss through one sigmoid or a softmax, rows
shuffled each epoch where there is more than one batch, no rows held out, the same number of threads. Beyond that,
everybody is written as its own handbook would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from benchmarks.speed.shapes import Shape

Array = Any

LEARNING_RATE = 1e-3
RECIPE_EPOCHS = 32


class NotMeasured(Exception):
    """Why a system cannot take part here, in a few words."""


@dataclass(frozen=True)
class Task:
    """What is asked of a system.

    Attributes:
        shape: of data and network.
        X: (rows, inputs) float32.
        classes: (rows,) int64.
        threads: how many it may use.
        engine: gradatim's, by name.
    """

    shape: Shape
    X: Array
    classes: Array
    threads: int
    engine: str = "auto"

    @property
    def batches(self) -> list[slice]:
        """One after another, and what is left at the end."""
        rows, batch = len(self.X), self.shape.batch
        return [slice(start, min(start + batch, rows)) for start in range(0, rows, batch)]


@dataclass(frozen=True)
class System:
    """One of those who take part.

    Attributes:
        title: at the head of a column.
        module: in this package.
        packages: whose versions the page names.
        figures: where it takes part.
    """

    title: str
    module: str
    packages: tuple[str, ...]
    figures: tuple[str, ...] = ("warm", "cold", "prediction", "growth")

    def load(self) -> ModuleType:
        """Import it, and with it the library."""
        return import_module(f"benchmarks.speed.systems.{self.module}")


OURS = "gradatim"
FLOORS = ("floor", "floor-1")

SYSTEMS: Mapping[str, System] = {
    OURS: System(
        "gradatim", "ours", ("gradatim", "numpy", "numba"), ("warm", "cold", "prediction", "growth", "recipe")
    ),
    "train_model": System("gradatim, `train_model`", "ours_without_scikit_learn", ("gradatim",), ("cold",)),
    "compiled": System("gradatim, compiled predictor", "compiled_predictor", ("gradatim",), ("prediction",)),
    "sklearn": System("scikit-learn", "scikit_learn", ("scikit-learn", "scipy")),
    "torch": System("PyTorch", "pytorch", ("torch",)),
    "torch-compiled": System("PyTorch compiled", "pytorch_compiled", ("torch",), ("warm", "cold", "growth")),
    "jax": System("JAX", "with_jax", ("jax", "jaxlib")),
    "onnx": System("onnxruntime", "onnx_runtime", ("onnx", "onnxruntime"), ("prediction",)),
    "pytabkit": System("pytabkit", "pytabkit_recipe", ("pytabkit", "torch"), ("recipe",)),
    "floor": System("bare products", "products", ("numpy",), ("warm", "prediction", "growth")),
    "floor-1": System("bare products, one thread", "products_on_one_thread", ("numpy",), ("warm", "growth")),
    "nothing": System("data alone", "nothing", ("numpy",), ("cold",)),
}
"""By the name on the command line. Floors and nothing are yardsticks, no rivals."""

YARDSTICKS = (*FLOORS, "nothing")
