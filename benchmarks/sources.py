"""What there is to measure: the tables and pictures of a folder, and which rows test.

A folder has its tables as Parquet, its pictures as .npz, and ``manifest.csv`` with the file, task and target of each.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from gradatim.ladder.splits import Split, split_rows

FEW_EPOCHS = ("--rungs", "constant,shallow", "--hidden", "20", "--epochs", "3")
"""For pictures, of which we only ask that all three commands work."""


@dataclass(frozen=True)
class Source:
    """A file to fit, predict and evaluate.

    Attributes:
        name: its own.
        path: where it is.
        task: "classification" or "regression".
        target: the column to predict.
        pictures: whether it holds pictures; these have no rival, and mark their own target.
        options: of ``fit``, for this one.
    """

    name: str
    path: Path
    task: str
    target: str
    pictures: bool = False
    options: tuple[str, ...] = ()


def sources_in(folder: Path) -> dict[str, Source]:
    """The sources of a folder by their names: tables, then pictures; and the course's cats, if they are beside it."""
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        entries = sorted(csv.DictReader(file), key=lambda entry: entry["file"])
    found = [_source(folder / entry["file"], entry) for entry in entries if (folder / entry["file"]).is_file()]
    train, test = (folder.parent / "course" / f"{part}_catvnoncat.h5" for part in ("train", "test"))
    if train.is_file() and test.is_file():
        found.append(_pictures(train, ("--test", str(test))))
    return {source.name: source for source in sorted(found, key=lambda source: source.pictures)}


def _source(path: Path, entry: dict[str, str]) -> Source:
    if path.suffix != ".parquet":
        return _pictures(path)
    return Source(path.stem, path, "regression" if entry["task"] == "regression" else "classification", entry["target"])


def _pictures(path: Path, options: tuple[str, ...] = ()) -> Source:
    return Source(path.stem, path, "classification", "label", True, (*FEW_EPOCHS, *options))


def labelled(frame: pl.DataFrame, target: str) -> pl.DataFrame:
    """The rows that have a target: the others neither train nor test."""
    there = frame[target].is_not_null()
    return frame.filter(there & frame[target].is_not_nan() if frame[target].dtype.is_float() else there)


def split_of(y: pl.Series, task: str, seed: int) -> Split:
    """Which rows train, choose and test, as ``gradatim fit --seed`` draws them."""
    return split_rows(len(y), y.to_numpy() if task == "classification" else None, seed=seed)


def score(truth: pl.Series, predicted: pl.Series, task: str) -> float:
    """The accuracy, or the root of the mean squared error, with nothing of gradatim's in it."""
    if task == "classification":
        return float(np.mean(truth.cast(pl.String).to_numpy() == predicted.cast(pl.String).to_numpy()))
    return float(np.sqrt(np.mean((truth.cast(pl.Float64).to_numpy() - predicted.to_numpy()) ** 2)))
