"""Are the gradients right? Two independent roads judge the backward pass, and the backward pass judges a reader's own.

Conventions
-----------
* Central difference: ∂J/∂θ ≈ (J(θ + h) - J(θ - h)) / 2h, the road of the notes; right to about 1e-9 of J.
* Complex step: ∂J/∂θ = Im J(θ + ih) / h with h = 1e-30; nothing is subtracted, so it is right to the last digits
  (Squire & Trapp 1998, SIAM Review 40).
* Relative difference of two gradients: ‖a - b‖ / (‖a‖ + ‖b‖), as the course's assignment has it, with a floor beneath
  which both count as 0.
* At a corner (relu at z = 0) there is no derivative: the complex step takes one side, the central difference the
  middle. So the complex step decides, and a central difference that disagrees alone is explained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradatim.course.network import Network
from gradatim.course.passes import BackwardPass, ForwardPass
from gradatim.course.summary import aligned
from gradatim.errors import InputError, did_you_mean
from gradatim.formulas.arrays import Array
from gradatim.glass.slips import SUM, factors, wrong_gradients

EPSILON = float(np.finfo(np.float64).eps)
STEP = float(np.cbrt(EPSILON))
"""h of the central difference at parameters of size 1: there its errors, rounding ε/h and curvature h², are equal."""

COMPLEX_TOLERANCE = 1e-8
CENTRAL_TOLERANCE = 1e-4
YOURS_TOLERANCE = 1e-7
"""Relative differences up to these count as equal. Gradients of float32 are allowed 1e-4."""


@dataclass(frozen=True)
class BlockCheck:
    """The backward pass of one block, judged by two roads.

    Attributes:
        name: ``"W1"``.
        shape: of the block.
        checked: how many of its numbers were checked.
        central: relative difference to the central difference.
        complex_step: relative difference to the complex step; None where a formula cannot take complex numbers.
    """

    name: str
    shape: tuple[int, ...]
    checked: int
    central: float
    complex_step: float | None

    @property
    def ok(self) -> bool:
        """Whether the backward pass is right: the complex step decides, without it the central difference."""
        if self.complex_step is None:
            return self.central <= CENTRAL_TOLERANCE
        return self.complex_step <= COMPLEX_TOLERANCE

    @property
    def at_a_corner(self) -> bool:
        """Whether only the central difference disagrees."""
        return self.ok and self.central > CENTRAL_TOLERANCE


@dataclass(frozen=True)
class Judgement:
    """One of the reader's gradients.

    Attributes:
        name: ``"dW1"``.
        difference: relative difference to ours, after a wrong shape was mended; None where it could not be.
        slips: what is wrong, in sentences; empty where nothing is.
    """

    name: str
    difference: float | None
    slips: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether it is right, in numbers and shape."""
        return not self.slips


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradients` found. ``print(report)`` shows it; ``if report:`` asks whether all is well.

    Attributes:
        blocks: the backward pass, by block.
        yours: the reader's gradients in the order of the backward pass, so that the first wrong one comes first.
    """

    blocks: tuple[BlockCheck, ...]
    yours: tuple[Judgement, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every gradient is right."""
        return all(block.ok for block in self.blocks) and all(judgement.ok for judgement in self.yours)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        lines = ["Backward pass against two other roads (relative differences):"]
        rows: list[tuple[str, ...]] = [("block", "shape", "checked", "central", "complex step", "")]
        for block in self.blocks:
            step = "not possible" if block.complex_step is None else f"{block.complex_step:.0e}"
            verdict = "right, at a corner" if block.at_a_corner else "right" if block.ok else "WRONG"
            rows.append((block.name, str(block.shape), str(block.checked), f"{block.central:.0e}", step, verdict))
        lines += aligned(rows)
        if any(block.at_a_corner for block in self.blocks):
            lines.append(
                "At a corner: some z is (nearly) 0, where relu has no derivative; the central difference is no judge."
            )
        if self.yours:
            lines += ["", "Yours, in the order of the backward pass (mend the first wrong one first):"]
            for judgement in self.yours:
                lines.append(f"{judgement.name}: " + (" ".join(judgement.slips) if judgement.slips else "right"))
        return "\n".join(lines)


def check_gradients(
    net: Network, X: Array, Y: Array, yours: Mapping[str, Array] | BackwardPass | None = None, at_most: int = 200
) -> GradientReport:
    """Check the backward pass, and with `yours` a reader's own gradients.

    Args:
        net: the network.
        X: (n[0], m) examples as columns.
        Y: (n[L], m).
        yours: ``{"dW1": …, "db1": …}``; dZ and dA too. They are held against the backward pass, and the likely slip is
            named. Of a `BackwardPass` the gradients of the blocks.
        at_most: so many numbers of each block are checked; of larger blocks a fixed random choice.

    Returns:
        A report that is true where all is right.

    Raises:
        ShapeError: if X, Y and the network do not fit together.
        InputError: for a name in `yours` that is no gradient of this network, and where `yours` has no names.

    Example:
        >>> net = Network([2, 3, 1], activations=["tanh", "sigmoid"], seed=1)
        >>> X, Y = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]]), np.array([[1, 0, 1]])
        >>> check_gradients(net, X, Y).ok
        True
        >>> p = net.forward(X)
        >>> dZ2 = p.A[2] - Y
        >>> report = check_gradients(net, X, Y, yours={"dW2": dZ2 @ p.A[1].T, "db2": np.sum(dZ2) / 3})
        >>> report.yours[0].slips
        ('The 1/m of the mean is missing: it is m times too large.',)
        >>> print(report.yours[1].slips[0])
        db2 must have the shape of b[2], ... np.sum without axis=1, keepdims=True gives a single number.

    Source: Squire & Trapp 1998 for the complex step; the likely slips are those of `gradatim.glass.slips`.
    """
    p = net.forward(X)
    d = net.backward(p, Y)
    floor = 1e-6 * max(1.0, float(np.mean(np.abs(d.dZ[net.L]))))
    roads = _Roads(net, X, Y)
    blocks = []
    for block in net.architecture.blocks:
        chosen = np.arange(block.size)
        if block.size > at_most:
            chosen = np.sort(np.random.RandomState(0).permutation(block.size)[:at_most])
        ours = d.blocks[block.name].ravel()[chosen]
        central, complex_step = roads.derivatives(chosen + block.start)
        blocks.append(
            BlockCheck(
                block.name,
                block.shape,
                len(chosen),
                _difference(ours, central, roads.central_floor),
                None if complex_step is None else _difference(ours, complex_step, floor),
            )
        )
    return GradientReport(tuple(blocks), _judge_all(net, p, d, _by_name(yours), floor))


class _Roads:
    """J at neighbouring parameters."""

    def __init__(self, net: Network, X: Array, Y: Array) -> None:
        self._J, self._vector = net.cost_function(X, Y), net.vector
        # J is known to some 10 ε |J|, which the central difference divides by h: less than that is no disagreement.
        rounding = 10 * EPSILON * max(1.0, abs(float(self._J(self._vector))))
        self.central_floor = rounding / STEP / CENTRAL_TOLERANCE

    def derivatives(self, indices: Array) -> tuple[Array, Array | None]:
        """∂J/∂θ[i] for these i, by central difference and by complex step."""
        vector = self._vector
        central, complex_step = [], []
        for i in indices:
            h = STEP * max(1.0, abs(vector[i]))
            ahead, behind = vector.copy(), vector.copy()
            ahead[i], behind[i] = vector[i] + h, vector[i] - h
            central.append((self._J(ahead) - self._J(behind)) / (ahead[i] - behind[i]))
            complex_step.append(self._complex_step(vector, i))
        return np.array(central), None if None in complex_step else np.array(complex_step)

    def _complex_step(self, vector: Array, i: int) -> float | None:
        h = 1e-30
        aside = vector.astype(np.complex128)
        aside[i] += 1j * h
        try:
            return float(np.imag(self._J(aside)) / h)
        except TypeError:  # a loss of the reader's own that asks for real numbers
            return None


def _difference(a: Array, b: Array, floor: float) -> float:
    return float(np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b) + floor))


def _by_name(yours: Mapping[str, Array] | BackwardPass | None) -> Mapping[str, Array]:
    if yours is None:
        return {}
    if isinstance(yours, BackwardPass):
        return {f"d{name}": value for name, value in yours.blocks.items()}
    if not isinstance(yours, Mapping):
        raise InputError(
            "check_gradients: yours must be a dictionary, as {'dW1': …, 'db1': …}, or a backward pass. "
            f"Got {type(yours).__name__}."
        )
    return yours


def _judge_all(
    net: Network, p: ForwardPass, d: BackwardPass, yours: Mapping[str, Array], floor: float
) -> tuple[Judgement, ...]:
    right = _named(net, d)
    for name in yours:
        if name not in right:
            raise InputError(
                f"check_gradients: yours must name gradients of this network, {', '.join(right)}. Got {name!r}."
                f"{did_you_mean(name, right)}"
            )
    plain = not net.architecture.front and net.architecture.members == 1 and "slope1" not in net.architecture.block
    judge = _Judge(p.Z[1].shape[1], floor, wrong=lambda: wrong_gradients(net, p, d) if plain else iter(()))
    return tuple(judge(name, yours[name], value) for name, value in right.items() if name in yours)


def _named(net: Network, d: BackwardPass) -> dict[str, Array]:
    """Every gradient by its name, in the order in which the backward pass computes them."""
    named = {f"dA{net.L}": d.dA[net.L]}
    for l in range(net.L, 0, -1):
        named |= {f"dZ{l}": d.dZ[l], f"dW{l}": d.dW[l], f"db{l}": d.db[l], f"dA{l - 1}": d.dA[l - 1]}
    return named | {f"d{name}": value for name, value in d.blocks.items() if f"d{name}" not in named}


@dataclass(frozen=True)
class _Judge:
    """Holds one gradient against the right one, then against those of every slip."""

    m: int
    floor: float
    wrong: Callable[[], Iterator[tuple[str, dict[str, Array]]]]
    """Computed anew for each gradient that is wrong: those of all slips at once would fill the memory."""

    def __call__(self, name: str, given: Array, right: Array) -> Judgement:
        tolerance = 1e-4 if getattr(given, "dtype", None) == np.float32 else YOURS_TOLERANCE
        try:
            given = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError):
            return Judgement(name, None, (f"{name} must be an array of numbers. Got {type(given).__name__}.",))
        if not np.all(np.isfinite(given)):
            return Judgement(name, None, (f"{name} must hold finite numbers. Got inf or NaN.",))
        mended, slips = given, []
        if given.shape != right.shape:
            named = self._slip(name, given, tolerance) or _likely(name, given, right.shape)
            mended, complaint = _mend(name, given, right.shape)
            slips = [complaint] if mended is not None or not named else [f"{complaint} {named}"]
            if mended is None:
                return Judgement(name, None, tuple(slips))
        difference = _difference(mended, right, self.floor)
        if difference > tolerance:
            known = self._factor(name, mended, right, tolerance) or self._slip(name, mended, tolerance)
            slips.append(known if known and np.any(mended) else _where(mended, right))
        return Judgement(name, difference, tuple(slips))

    def _factor(self, name: str, given: Array, right: Array, tolerance: float) -> str:
        """What it means if the given gradient is a known multiple of the right one; empty if it is not."""
        for factor, says in factors(self.m).items():
            if says and _difference(given, factor * right, self.floor) <= tolerance:
                if name[1] in "ZA" and factor in (1 / self.m, -1 / self.m):
                    says = f"It is divided by m already: {name[:2]} is per example, the 1/m stands in dW and db."
                return says
        return ""

    def _slip(self, name: str, given: Array, tolerance: float) -> str:
        """What is said of the slip that gives these very numbers; empty if none does."""
        l = int(name[2:]) if name[2:].isdigit() else 0
        for says, gradients in self.wrong():
            candidate = gradients.get(name)
            if candidate is None or candidate.shape != given.shape or not np.all(np.isfinite(candidate)):
                continue
            for factor, also in factors(self.m).items():
                if _difference(given, factor * candidate, self.floor) <= tolerance:
                    return f"{says.format(l=l, k=l - 1)} {also}".rstrip()
        return ""


def _likely(name: str, given: Array, shape: tuple[int, ...]) -> str:
    """The slip that a shape alone gives away, whatever the numbers are; empty if none does."""
    if name.startswith("db") and given.size == 1 and np.prod(shape) > 1:
        return SUM.format(l=name[2:])
    return ""


def _mend(name: str, given: Array, shape: tuple[int, ...]) -> tuple[Array | None, str]:
    """The gradient in the shape that was meant, if that can be guessed, and a sentence on what is wrong with it."""
    must = f"{name} must have the shape of {name[1]}[{name[2:]}], {shape}. Got shape {given.shape}"
    if given.size == 1 and np.prod(shape) == 1:
        return given.reshape(shape), f"{must}: " + (
            "np.sum without axis=1, keepdims=True gives a single number."
            if given.ndim == 0
            else "keepdims=True keeps the matrix."
        )
    if given.ndim == 1 and given.size == np.prod(shape):
        return given.reshape(shape), f"{must}, a rank-1 array: keepdims=True keeps it a column."
    if given.shape == shape[::-1]:
        return given.T, f"{must}: it is the transpose."
    return None, f"{must}."


def _where(given: Array, right: Array) -> str:
    """For an error that no known slip explains: how large, and where."""
    if not np.any(given):
        return "It is 0 everywhere: was it ever computed?"
    ratio = np.sum(given * right) / np.sum(right * right) if np.any(right) else np.inf
    if np.isfinite(ratio) and np.allclose(given, ratio * right, rtol=1e-9, atol=0):
        return f"It is {ratio:.6g} times the right one."
    at = tuple(int(i) for i in np.unravel_index(np.argmax(np.abs(given - right)), right.shape))
    return f"It differs most at {list(at)}: yours is {given[at]:.6g}, ours {right[at]:.6g}."
