"""Was a network worth it? Scores with their standard errors, the choice of a rung, and the sentence that says so.

Conventions
-----------
* Every rung is scored on the same rows, which it was not trained on. Two rungs are compared row by row, which takes
  away what makes a row hard for both; ± is always one standard error, never a confidence interval.
* A standard error is sd/√n over rows. It says how far another draw of rows would move the score; it leaves out how far
  another training (another seed) would.
* Rungs are handed over from the simplest to the most able; "simpler" means earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, inf, isfinite, isnan, log10, sqrt
from typing import Any

import numpy as np

from gradatim.errors import InputError, did_you_mean
from gradatim.formulas.metrics import Metric

RESAMPLINGS = 200

Noise = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Score:
    """A score and what it owes to the rows that happened to be drawn.

    Attributes:
        value: by the metric, on the rows held out.
        noise: (n,) numbers whose standard deviation is the score's standard error; NaN at a resampling that has no
            score. Rungs scored on the same rows have noise in the same order, so that the noise of a difference is the
            difference of the noises.
    """

    value: float
    noise: Noise

    @property
    def standard_error(self) -> float:
        """How far another draw of rows would typically move the value; infinite where fewer than two can tell."""
        told = self.noise[np.isfinite(self.noise)]
        return float(np.std(told, ddof=1)) if len(told) > 1 else inf

    def against(self, other: Score) -> float:
        """The standard error of the difference to another score on the same rows."""
        told = np.isfinite(self.noise) & np.isfinite(other.noise)
        return Score(0.0, self.noise[told] - other.noise[told]).standard_error


def score(metric: Metric, y: Any, prediction: Any) -> Score:
    """Score predictions, with the noise of the score.

    Args:
        metric: one of `METRICS`.
        y: (n,) or (n, k) what was observed, as the metric takes it.
        prediction: what the metric needs of these rows: labels, probabilities or values.

    Returns:
        The score. Its noise comes from the metric's losses per row (for rmse, a root of a mean, those of the delta
        method). A metric without losses per row is taken again on 200 resamplings of the rows, the same for every rung
        (the bootstrap).

    Example:
        >>> from gradatim.formulas.metrics import METRICS
        >>> import numpy as np
        >>> s = score(METRICS["mae"], np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 8.0]))
        >>> s.value, s.standard_error          # losses 0, 0, 0, 4: sd 2, over √4
        (1.0, 1.0)

    Source:
        Delta method: Casella & Berger 2002, section 5.5.4. Bootstrap: Efron & Tibshirani 1993, chapter 6.
    """
    y, prediction = np.asarray(y), np.asarray(prediction)
    if metric.per_row is None:
        return Score(metric.value(y, prediction), _resampled(metric, y, prediction))
    losses = np.asarray(metric.per_row(y, prediction), dtype=np.float64)
    return Score(metric.value(y, prediction), (losses - losses.mean()) / sqrt(len(losses)))


def _resampled(metric: Metric, y: Any, prediction: Any) -> Noise:
    rng = np.random.default_rng(0)  # the same rows for every rung, or the noise of a difference would not be paired
    draws = (rng.integers(0, len(y), len(y)) for _ in range(RESAMPLINGS))
    # roc_auc is NaN in a draw that misses a class, a correlation for a prediction that is constant: all places stay, or
    # the noise of one rung could not be held against another's.
    return np.array([metric.value(y[rows], prediction[rows]) for rows in draws], dtype=np.float64)


def gain(metric: Metric, first: Score, second: Score) -> float:
    """By how much the first is better than the second, in the metric's units; negative where it is worse."""
    difference = first.value - second.value
    return difference if metric.greater_is_better else -difference


def better(metric: Metric, first: Score, second: Score) -> bool:
    """Whether the first is better than the second. A score that is no number never wins, nor defends its place."""
    return isfinite(first.value) and not gain(metric, first, second) <= 0


@dataclass(frozen=True)
class Standing:
    """A rung as the verdict sees it.

    Attributes:
        name: as in ``--rungs``.
        title: as in a sentence, such as ``"linear model"``.
        is_network: whether it has hidden layers.
        score: on the rows held out.
    """

    name: str
    title: str
    is_network: bool
    score: Score


@dataclass(frozen=True)
class Verdict:
    """Which rung to keep, and why.

    Attributes:
        chosen: the name of the rung that is kept.
        best: the name of the rung with the best score.
        sentence: the reason in plain words.
        remarks: what it rests on, and what else was measured, a sentence or two each.
    """

    chosen: str
    best: str
    sentence: str
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.sentence, *self.remarks))


RULES = ("simplest", "best")


def require_choice(choose: str, names: Sequence[str]) -> None:
    """Refuse a choice that no verdict can be made by; a run asks before anything is trained.

    Args:
        choose: a rule, or a rung's name.
        names: of the rungs that are tried.

    Raises:
        InputError: for a choice that is neither.
    """
    if choose not in (*RULES, *names):
        raise InputError(
            f"choose must be simplest, best or a rung that is tried ({', '.join(names)}). Got {choose!r}."
            + did_you_mean(choose, [*RULES, *names])
        )


def decide(standings: Sequence[Standing], metric: Metric, choose: str = "simplest") -> Verdict:
    """Choose a rung and say why.

    Args:
        standings: at least one, the simplest first.
        metric: what the scores were taken by.
        choose: ``"simplest"`` keeps the simplest rung within one standard error (of the difference, row by row) of the
            best, never one that a simpler rung beats; ``"best"`` keeps the best score; a rung's name keeps that rung.

    Returns:
        The verdict.

    Raises:
        InputError: for a choice that is none of these.

    Source:
        The rule of one standard error: Breiman, Friedman, Olshen & Stone 1984, section 3.4.3.
    """
    names = [standing.name for standing in standings]
    require_choice(choose, names)
    ranked = _Ranked(tuple(standings), metric)
    by_rule = {"simplest": ranked.simplest, "best": ranked.best}
    chosen = by_rule.get(choose) or standings[names.index(choose)]
    sentences = (ranked.reason(chosen, asked=choose not in by_rule), ranked.aside(chosen))
    return Verdict(chosen.name, ranked.best.name, " ".join(filter(None, sentences)))


@dataclass(frozen=True)
class _Ranked:
    """Standings that can be compared by one metric."""

    standings: tuple[Standing, ...]
    metric: Metric

    def gain(self, first: Standing, second: Standing) -> float:
        return gain(self.metric, first.score, second.score)

    def beats(self, first: Standing, second: Standing) -> bool:
        return better(self.metric, first.score, second.score)

    def within_one_error(self, standing: Standing) -> bool:
        """Whether it lies within one standard error of the best."""
        return self.gain(self.best, standing) <= self.best.score.against(standing.score)

    @property
    def champions(self) -> list[Standing]:
        """The rungs that beat every simpler one. The others are neither simpler nor better than one of these."""
        champions = [self.standings[0]]
        for standing in self.standings[1:]:
            if self.beats(standing, champions[-1]):
                champions.append(standing)
        return champions

    @property
    def best(self) -> Standing:
        """The best score; of equals the simplest."""
        return self.champions[-1]

    @property
    def simplest(self) -> Standing:
        """The simplest champion within one standard error of the best."""
        return next((s for s in self.champions if self.within_one_error(s)), self.best)

    def reason(self, chosen: Standing, *, asked: bool) -> str:
        """Why this one, measured against what is simpler."""
        ending = "kept because you asked for it" if asked else "keep it"
        if len(self.standings) == 1:
            score = plus_minus(chosen.score.value, chosen.score.standard_error)
            return f"Only the {chosen.title} was tried: {score} {self.metric.name} on rows that it was not trained on."
        networks = [standing for standing in self.standings if standing.is_network]
        simpler = self._simpler(chosen)
        if simpler and (chosen.is_network or not networks):
            return f"The {chosen.title} is {self._than(chosen, simpler)}; {ending}."
        rivals = [standing for standing in networks or self.standings if standing is not chosen]
        beaten = any(self.beats(rival, chosen) for rival in rivals)
        if beaten and asked:
            return f"The {chosen.title} was {ending}."
        no_rival = "No network" if networks and not chosen.is_network else "No other rung"
        return f"{no_rival} {'clearly beats' if beaten else 'beats'} the {chosen.title} here; {ending}."

    def _simpler(self, chosen: Standing) -> list[Standing]:
        """What a choice is measured against: the best simpler rung without hidden layers, the best simpler network."""
        below = self.standings[: self.standings.index(chosen)]
        kinds = [tuple(s for s in below if s.is_network is network) for network in (False, True)]
        return [_Ranked(kind, self.metric).best for kind in kinds if kind]

    def _than(self, chosen: Standing, others: list[Standing]) -> str:
        """``better than the linear model by 4.31 ± 0.45 rmse and than the shallow network by 0.80 ± 0.21``."""
        parts: list[str] = []
        said = ""
        for other in others:
            gain, error = self.gain(chosen, other), chosen.score.against(other.score)
            word = "worse " if gain < 0 else "better "
            unit = "" if parts else f" {self.metric.name}"
            how_much = "(no score)" if isnan(gain) else f"by {plus_minus(abs(gain), error)}{unit}"
            than = f"than the {other.title} {how_much}"
            parts.append(than if word == said else word + than)
            said = word
        return " and ".join(parts)

    def aside(self, chosen: Standing) -> str:
        """What the best would have scored where it was not kept; what else would do where it was."""
        if chosen is self.best:
            simplest = self.simplest
            if simplest is chosen:
                return ""
            return f"The {simplest.title} is simpler, and within one standard error of it."
        gain, error = self.gain(self.best, chosen), self.best.score.against(chosen.score)
        if isnan(gain):
            best = plus_minus(self.best.score.value, self.best.score.standard_error)
            return f"It has no score; the {self.best.title} scored {best} {self.metric.name}."
        would, instead = _to_the_same_place(self.best.score.value, chosen.score.value, error)
        if would == instead:
            return f"The {self.best.title} scored the same to the digits that count."
        return (
            f"The {self.best.title} would have scored {would} instead of {instead} {self.metric.name}: a difference of "
            f"{plus_minus(gain, error)}, {'within' if gain <= error else 'more than'} one standard error."
        )


def plus_minus(value: float, error: float) -> str:
    """A value and its standard error, the error with two digits and the value to the same place.

    Example:
        >>> plus_minus(4.3071, 0.4489), plus_minus(0.03149, 0.00612), plus_minus(31234.5, 1234.5), plus_minus(2.5, 0.0)
        ('4.31 ± 0.45', '0.0315 ± 0.0061', '31,200 ± 1,200', '2.5 ± 0')
        >>> plus_minus(2.5, inf)
        '2.5 ± ?'
    """
    if error == inf:
        return f"{value:.4g} ± ?"
    if not (isfinite(value) and isfinite(error)) or error == 0:
        return f"{value:.4g} ± {error:.2g}"
    place = _place(error)
    return f"{_to_place(value, place)} ± {_to_place(error, place)}"


def _to_the_same_place(first: float, second: float, error: float) -> tuple[str, str]:
    """Two scores to the place where their difference begins to matter: 5.0123 and 5.1, with 0.12, are 5.01 and 5.10."""
    if not (isfinite(first) and isfinite(second) and isfinite(error)) or error == 0:
        return f"{first:.4g}", f"{second:.4g}"
    return _to_place(first, _place(error)), _to_place(second, _place(error))


def _place(error: float) -> int:
    """The decimal place of the error's second digit: 2 for 0.45, -2 for 1234."""
    leading = floor(log10(error))
    return 1 - leading if round(error, 1 - leading) < 10 ** (leading + 1) else -leading


def _to_place(value: float, place: int) -> str:
    return f"{round(value, place):,.{max(place, 0)}f}"
