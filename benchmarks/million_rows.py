"""From a long CSV file to a trained linear model, beside Polars, which only reads the file.

    python -m benchmarks.million_rows [FOLDER] [--rows 1000000] [--repeats 3]

The file has 40 columns of numbers with fractions, 5 of whole numbers, 4 categories of 5 to 50 levels and a target of
two classes that depends on some of them; a few in a hundred values are missing. It comes from a seed.

Three things are timed, each in a process of its own and in turns, so that a busy moment of the machine hits them all:

* ``polars``: ``pl.read_csv``.
* ``read``: gradatim's reading of the same file.
* ``fit``: ``gd.fit(file, "y", rungs="linear")``, and of that the optimizer's own seconds, for all candidates.

What counts is the whole way from the file to the tested model, in units of what it cannot do without: fit / (polars +
optimizer). Beside it stands how long everything but the optimizer takes: (fit − optimizer) / polars. Medians of the
repeats; the imports are not timed. Peak memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

LEVELS = (5, 12, 30, 50)
KIB = 1 if sys.platform == "darwin" else 1024


def make(path: Path, rows: int, seed: int = 0) -> None:
    """Write the file."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    score = np.zeros(rows)
    for j in range(40):
        x = rng.normal(size=rows)
        score += rng.normal(scale=0.5) * x * (j < 8)
        x = x * 10.0 ** rng.integers(-2, 4) + rng.normal()
        x[rng.random(rows) < (0.03 if j % 3 == 0 else 0)] = np.nan
        columns[f"x{j}"] = np.round(x, 3) if j % 2 else x
    for j in range(5):
        columns[f"n{j}"] = rng.integers(0, 10 ** (j + 1), size=rows)
    for j, count in enumerate(LEVELS):
        codes = rng.integers(0, count, size=rows)
        score += rng.normal(scale=0.3, size=count)[codes]
        columns[f"c{j}"] = pl.Series([f"level {code}" for code in range(count)])[codes]
    columns["y"] = np.where(score + rng.logistic(size=rows) > 0, "yes", "no")
    pl.DataFrame(columns).fill_nan(None).write_csv(path)


def polars(path: Path) -> dict[str, float]:
    """Polars alone."""
    started = perf_counter()
    pl.read_csv(path)
    return {"seconds": perf_counter() - started}


def read(path: Path) -> dict[str, float]:
    """Gradatim's reading alone."""
    from gradatim.tables import read_table

    started = perf_counter()
    read_table(path)
    return {"seconds": perf_counter() - started}


def fit(path: Path) -> dict[str, float]:
    """From the file to the tested linear model."""
    import gradatim as gd
    from gradatim.model import training

    fit_of = gd.fit
    optimizer: list[float] = []
    training.fit_parameters = _timed(training.fit_parameters, optimizer)
    started = perf_counter()
    fit_of(path, "y", rungs="linear")
    return {"seconds": perf_counter() - started, "optimizer": sum(optimizer)}


def _timed(function: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    @wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        started = perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds.append(perf_counter() - started)

    return timed


TIMED = {"polars": polars, "read": read, "fit": fit}


def alone(*options: str) -> str:
    """What this program prints in a process of its own: a child's peak memory begins with that of who started it."""
    command = [sys.executable, "-m", "benchmarks.million_rows", *options]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def markdown(found: dict[str, list[dict[str, float]]]) -> str:
    """A line for each, and the ratio that counts."""
    lines = ["| | seconds | times Polars | peak memory |", "|---|---|---|---|"]
    seconds = {name: median(one["seconds"] for one in several) for name, several in found.items()}
    seconds["fit, less the optimizer"] = median(one["seconds"] - one["optimizer"] for one in found["fit"])
    memory = {name: f"{median(one['peak'] for one in several) / 1e9:.2f} GB" for name, several in found.items()}
    for name, taken in seconds.items():
        lines.append(f"| {name} | {taken:.2f} | {taken / seconds['polars']:.2f} | {memory.get(name, '')} |")
    needed = seconds["polars"] + median(one["optimizer"] for one in found["fit"])
    return "\n".join([*lines, "", f"fit / (polars + optimizer): {seconds['fit'] / needed:.2f}"])


def main(tokens: Sequence[str] | None = None) -> None:
    """Make the file, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("benchmarks-million-rows"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=["make", *TIMED], help=argparse.SUPPRESS)
    arguments = parser.parse_args(tokens)
    path = arguments.folder / "rows.csv"
    if arguments.only == "make":
        make(path, arguments.rows)
        return
    if arguments.only:
        result = TIMED[arguments.only](path)
        result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
        print(json.dumps(result))
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    folder = str(arguments.folder)
    alone(folder, "--only", "make", "--rows", str(arguments.rows))
    print(f"{arguments.rows:,} rows, {path.stat().st_size / 1e6:.0f} MB", flush=True)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in TIMED}
    for _ in range(arguments.repeats):
        for name in TIMED:
            found[name].append(json.loads(alone(folder, "--only", name)))
            print(name, json.dumps(found[name][-1]), flush=True)
    print(markdown(found))


if __name__ == "__main__":
    main()
