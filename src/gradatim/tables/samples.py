"""Small tables that come along: ``sample:NAME``.

Conventions
-----------
* concrete and penguins are files of this package (see ``samples/SOURCES.md``); iris, digits, wine, breast_cancer and
  diabetes are read from scikit-learn's own files, so that scikit-learn itself need not be imported; flower, moons and
  circles are drawn.
* Drawn tables use NumPy's legacy generator with the seeds of the course, so that its printed costs come out.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from gradatim.errors import InputError, MissingPackageError, did_you_mean
from gradatim.tables.images import pixel_names
from gradatim.tables.table import Table


class Sample(NamedTuple):
    """A table that comes along.

    Attributes:
        what: it is about, in a line.
        target: the column to predict, where nothing else is said.
        source: who measured or described it.
        licence: of the data.
    """

    what: str
    target: str
    source: str
    licence: str


_UCI = "CC BY 4.0 (UCI Machine Learning Repository)"
_DRAWN = "drawn by a formula: no licence needed"

SAMPLES: dict[str, Sample] = {
    "concrete": Sample(
        "compressive strength (MPa) of 1030 concretes from mixture and age: a network clearly beats a line",
        "strength",
        "Yeh 1998, Cement and Concrete Research 28(12); UCI Concrete Compressive Strength",
        _UCI,
    ),
    "penguins": Sample(
        "species of 344 penguins from measurements, with gaps: a line is enough",
        "species",
        "Gorman, Williams & Fraser 2014, PLoS ONE 9(3); Horst, Hill & Gorman 2020, palmerpenguins",
        "CC0 1.0",
    ),
    "iris": Sample("species of 150 irises from four lengths", "species", "Fisher 1936; UCI Iris", _UCI),
    "digits": Sample(
        "1797 handwritten digits, 8×8 grey pixels from 0 to 16",
        "digit",
        "Alpaydin & Kaynak 1998; UCI Optical Recognition of Handwritten Digits",
        _UCI,
    ),
    "wine": Sample(
        "cultivar of 178 wines from 13 chemical measurements", "cultivar", "Forina et al. 1991; UCI Wine", _UCI
    ),
    "breast_cancer": Sample(
        "569 tumours, malignant or benign, from 30 measurements of cell nuclei",
        "diagnosis",
        "Street, Wolberg & Mangasarian 1993; UCI Breast Cancer Wisconsin (Diagnostic)",
        _UCI,
    ),
    "diabetes": Sample(
        "disease progression after a year of 442 patients from ten measurements",
        "progression",
        "Efron, Hastie, Johnstone & Tibshirani 2004, Annals of Statistics 32(2)",
        "published with the paper; distributed by scikit-learn (BSD-3-Clause)",
    ),
    "flower": Sample(
        "400 points of two colours on a flower: no line separates them", "label", "the course's planar data", _DRAWN
    ),
    "moons": Sample(
        "300 points on two interleaved half circles, noise 0.2", "label", "scikit-learn's make_moons, seed 3", _DRAWN
    ),
    "circles": Sample("300 points on two rings, noise 0.05", "label", "as scikit-learn's make_circles, seed 1", _DRAWN),
}
"""By name: what ``sample:NAME`` reads."""


def read_sample(name: str) -> Table:
    """One of the tables that come along, with its default target set.

    Args:
        name: a key of `SAMPLES`, with or without ``sample:`` in front.

    Raises:
        InputError: for another name, with the one that was probably meant.

    Example:
        >>> read_sample("concrete")
        Table(1030 rows, 9 columns from sample:concrete)
    """
    name = name.removeprefix("sample:")
    if name not in SAMPLES:
        raise InputError(f"The sample must be one of {', '.join(SAMPLES)}. Got {name!r}.{did_you_mean(name, SAMPLES)}")
    return replace(_READERS[name](), source=f"sample:{name}", target_name=SAMPLES[name].target)


def _own_file(name: str) -> Callable[[], Table]:
    def read() -> Table:
        data = files("gradatim.tables").joinpath("samples", f"{name}.csv").read_bytes()
        return Table(pl.read_csv(data, infer_schema_length=None, null_values=["NA"]))

    return read


def _sklearn_file(name: str) -> Path:
    found = find_spec("sklearn")
    folder = Path(next(iter(found.submodule_search_locations or [""]))) if found is not None else Path()
    path = folder / "datasets" / "data" / name
    if not path.is_file():
        raise MissingPackageError(
            f"This sample must come from scikit-learn's files. Got none at {path}: "
            "pip install --force-reinstall scikit-learn"
        )
    return path


def _classified(name: str, columns: list[str], target: str, labels: list[str]) -> Callable[[], Table]:
    """A file of scikit-learn with a head line of counts, and the number of the class in the last column."""

    def read() -> Table:
        rows = np.loadtxt(_sklearn_file(name), delimiter=",", skiprows=1)
        words = pl.Series(target, labels)[rows[:, -1].astype(np.int64)]
        numbers = [pl.Series(column, np.ascontiguousarray(rows[:, j])) for j, column in enumerate(columns)]
        return Table(pl.DataFrame([*numbers, words]))

    return read


def _digits() -> Table:
    with gzip.open(_sklearn_file("digits.csv.gz"), "rt") as lines:
        rows = np.loadtxt(lines, delimiter=",").astype(np.uint8)
    digit = pl.DataFrame([pl.Series("digit", rows[:, -1].astype(np.int64))])
    return Table(digit, np.ascontiguousarray(rows[:, :-1]), pixel_names((8, 8, 1)), image_shape=(8, 8, 1))


def _diabetes() -> Table:
    columns = ["age", "sex", "bmi", "blood_pressure", "tc", "ldl", "hdl", "tch", "ltg", "glucose"]
    with gzip.open(_sklearn_file("diabetes_data_raw.csv.gz"), "rt") as lines:
        X = np.loadtxt(lines)
    with gzip.open(_sklearn_file("diabetes_target.csv.gz"), "rt") as lines:
        y = np.loadtxt(lines)
    numbers = [pl.Series(name, np.ascontiguousarray(X[:, j])) for j, name in enumerate(columns)]
    return Table(pl.DataFrame([*numbers, pl.Series("progression", y)]))


def flower(seed: int = 1, m: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """The course's planar flower: X (2, m) columns and Y (1, m) of 0 and 1.

    Source: the course's planar data set; petals r = 4·sin(4θ), each class on its half of the angles.
    """
    draw = np.random.RandomState(seed)
    half = m // 2
    points = []
    for label in (0, 1):
        theta = np.linspace(3.12 * label, 3.12 * (label + 1), half) + 0.2 * draw.randn(half)
        radius = 4 * np.sin(4 * theta) + 0.2 * draw.randn(half)
        points.append(np.stack([radius * np.sin(theta), radius * np.cos(theta)]))
    return np.hstack(points), np.repeat([0, 1], half)[None, :]


def circles(seed: int = 1, m: int = 300, noise: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Two rings: X (2, m) columns and Y (1, m); 0 on the outer ring of radius 1, 1 on the inner one of radius 0.8.

    Source: the numbers of scikit-learn's ``make_circles(m, noise=noise, random_state=seed)``, as the course draws them.
    """
    draw = np.random.RandomState(seed)
    outer, inner = m // 2, m - m // 2
    angles = [np.linspace(0, 2 * np.pi, count, endpoint=False) for count in (outer, inner)]
    rings = [
        radius * np.stack([np.cos(angle), np.sin(angle)]) for radius, angle in zip((1.0, 0.8), angles, strict=True)
    ]
    order = np.arange(m)
    draw.shuffle(order)
    X = np.hstack(rings)[:, order] + draw.normal(scale=noise, size=(m, 2)).T
    return X, np.repeat([0, 1], [outer, inner])[order][None, :]


def moons(seed: int = 3, m: int = 300, noise: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Two interleaved half circles: X (2, m) columns and Y (1, m).

    Source: the numbers of scikit-learn's ``make_moons(m, noise=noise, random_state=seed)``, as the course draws them.
    """
    draw = np.random.RandomState(seed)
    upper, lower = m // 2, m - m // 2
    up, down = np.linspace(0, np.pi, upper), np.linspace(0, np.pi, lower)
    points = np.hstack([np.stack([np.cos(up), np.sin(up)]), np.stack([1 - np.cos(down), 1 - np.sin(down) - 0.5])])
    order = np.arange(m)
    draw.shuffle(order)
    X = points[:, order] + draw.normal(scale=noise, size=(m, 2)).T
    return X, np.repeat([0, 1], [upper, lower])[order][None, :]


def _drawn(draw: Callable[[], tuple[np.ndarray, np.ndarray]]) -> Callable[[], Table]:
    def read() -> Table:
        X, Y = draw()
        return Table(pl.DataFrame({"x1": X[0], "x2": X[1], "label": Y[0]}))

    return read


_WINE = [
    "alcohol",
    "malic_acid",
    "ash",
    "alcalinity_of_ash",
    "magnesium",
    "total_phenols",
    "flavanoids",
    "nonflavanoid_phenols",
    "proanthocyanins",
    "color_intensity",
    "hue",
    "od280_od315",
    "proline",
]
_NUCLEI = [
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
]

_READERS: dict[str, Callable[[], Table]] = {
    "concrete": _own_file("concrete"),
    "penguins": _own_file("penguins"),
    "iris": _classified(
        "iris.csv",
        ["sepal_length", "sepal_width", "petal_length", "petal_width"],
        "species",
        ["setosa", "versicolor", "virginica"],
    ),
    "digits": _digits,
    "wine": _classified("wine_data.csv", _WINE, "cultivar", ["class_0", "class_1", "class_2"]),
    "breast_cancer": _classified(
        "breast_cancer.csv",
        [f"{kind}_{name}" for kind in ("mean", "error", "worst") for name in _NUCLEI],
        "diagnosis",
        ["malignant", "benign"],
    ),
    "diabetes": _diabetes,
    "flower": _drawn(flower),
    "moons": _drawn(moons),
    "circles": _drawn(circles),
}
