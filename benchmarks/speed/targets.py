"""What gradatim wants to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.speed.figures import LOST, Figure, ratio, seconds
from benchmarks.speed.systems import FLOORS, OURS

Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class Target:
    """One of them.

    Attributes:
        text: what is wanted.
        limit: at least so much, or at most.
        value: what was reached; None where it was not measured.
        at_least: whether more is better.
        unit: behind the value.
    """

    text: str
    limit: float
    value: Callable[[Figures], float | None]
    at_least: bool = True
    unit: str = "×"

    def line(self, figures: Figures) -> str:
        """As a line of the table."""
        value = self.value(figures)
        wanted = f"{'at least' if self.at_least else 'at most'} {self.limit:g}{self.unit}"
        if value is None:
            return f"| {self.text} | {wanted} | not measured | |"
        reached = value >= self.limit if self.at_least else value <= self.limit
        return f"| {self.text} | {wanted} | {value:.2f}{self.unit} | {'yes' if reached else '**no**'} |"


def _mean(system: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures["warm"].mean_ratio(system)


def _slowest(figures: Figures) -> float | None:
    warm = figures["warm"]
    times = [1 / value for rival in warm.rivals for value in warm.ratios(rival).values()]
    return max(times) if times else None


def _of(figure: str, case: str, system: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures[figure].ratios(system).get(case)


def _from_the_start(system: str) -> Callable[[Figures], float | None]:
    """Their loop beside our function: neither has an estimator around it."""

    def value(figures: Figures) -> float | None:
        found = figures["cold"].cases.get("small", {})
        return ratio(found[system], found["train_model"]) if {system, "train_model"} <= found.keys() else None

    return value


def _over_floor(case: str) -> Callable[[Figures], float | None]:
    def value(figures: Figures) -> float | None:
        below = figures["warm"].ratios(FLOORS[0]).get(case)
        return None if below is None else 1 / below

    return value


def _one_row(figures: Figures) -> float | None:
    ours = figures["prediction"].cases.get("1", {}).get(OURS)
    return None if ours is None else 1e6 * seconds(ours)


def _compiled_over_floor(figures: Figures) -> float | None:
    found = figures["prediction"].cases.get("1", {})
    if "compiled" not in found or FLOORS[0] not in found:
        return None
    return ratio(found["compiled"], found[FLOORS[0]])


TARGETS = (
    Target("an epoch of ours over that of any rival, where it is worst", LOST, _slowest, at_least=False),
    Target("PyTorch's epoch over ours, geometric mean", 5, _mean("torch")),
    Target("scikit-learn's epoch over ours, geometric mean", 7, _mean("sklearn")),
    Target("JAX's epoch over ours, geometric mean", 1.5, _mean("jax")),
    Target("our epoch over bare products, wide", 1.1, _over_floor("wide"), at_least=False),
    Target("our epoch over bare products, three-layers", 1.3, _over_floor("three-layers"), at_least=False),
    Target("pytabkit's fit of the full recipe over ours", 10, _of("recipe", "recipe", "pytabkit")),
    Target("PyTorch from process start to a trained small network over `train_model`", 2, _from_the_start("torch")),
    Target("JAX from process start to a trained small network over `train_model`", 2, _from_the_start("jax")),
    Target("`predict_proba` of one row through 3 × 256", 100, _one_row, at_least=False, unit=" µs"),
    Target("compiled predictor over bare products, one row", 1.2, _compiled_over_floor, at_least=False),
)


def table(figures: Figures) -> list[str]:
    """All of them."""
    return ["| | wanted | reached | |", "|---|---|---|---|", *(target.line(figures) for target in TARGETS)]
