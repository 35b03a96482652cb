"""Hidden units that do not work: silent ones, stuck ones, and ones that are all the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array
from gradatim.glass.doctor.diagnosis import Diagnosis
from gradatim.glass.doctor.patient import Patient, finite

DEAD, NEARLY_ALL_DEAD = 0.4, 0.9
"""Shares of a layer's relu units that are 0 on every row. "As much as 40 %" die of too large a rate (course notes of
Stanford's CS231n, Neural Networks 1); trained without illness, fewer do here. Beyond nine in ten little gets through.
AutoTrainer (Zhang et al. 2021, ICSE) takes 70 % of all derivatives, which counts rows and not units.
"""

FLAT = 0.05
"""A unit is saturated on a row where its slope is less than this part of its largest: sigmoid beyond 0.013 and 0.987,
tanh beyond ±0.975."""

SATURATED = 0.5
"""Share of all units and rows of a layer that are saturated. Glorot & Bengio 2010 (AISTATS, section 3) show what
becomes of such a layer: it stays so for most of the training."""

LARGEST_SLOPE = {"sigmoid": 0.25, "tanh": 1.0}

ALIKE = 1e-6
"""Relative difference up to which two units have the same weights. Units that were drawn never do."""

TWINS = 0.5
"""Share of a layer's units with a twin. One pair may be meant, as where a network was widened by copies."""


def dead_units(patient: Patient) -> Iterator[Diagnosis]:
    """Relu units that are 0 on all rows: their derivative is 0 too, so they stay as they are."""
    for l, layer in enumerate(patient.architecture.dense, start=1):
        if not layer.activation.startswith("relu") or layer.learned_slope:
            continue
        cache = patient.forward.caches[l - 1]
        units, rows = cache.Z.shape
        dead = int(np.count_nonzero(np.all(activation(layer.activation).slope(cache.Z, cache.G) == 0, axis=1)))
        if dead < DEAD * units:
            continue
        share = dead / units
        what = "outputs" if l == patient.architecture.L else "units"
        yield Diagnosis(
            "dead units",
            "serious" if share >= NEARLY_ALL_DEAD else "worth a look",
            f"{dead:,} of {units:,} {what} ({share:.0%}) are 0 on all {rows:,} rows, so that their derivatives are 0 "
            f"and no step moves them.",
            f"Try {patient.slower}, or {patient.activation('leaky_relu')}, whose slope is nowhere 0.",
            l,
            measured=finite(dead=dead, units=units, share=share, rows=rows),
        )


def saturated_units(patient: Patient) -> Iterator[Diagnosis]:
    """Sigmoid and tanh units that are so far out that their slope is nearly 0."""
    for l, layer in enumerate(patient.architecture.dense[:-1], start=1):
        largest = LARGEST_SLOPE.get(layer.activation)
        if largest is None or layer.learned_slope:
            continue
        flat = _slopes(layer.activation, patient.forward.caches[l - 1].G) < FLAT * largest
        share = float(flat.mean())
        if share < SATURATED:
            continue
        size = float(np.sqrt(np.mean(patient.forward.Z[l] ** 2)))
        yield Diagnosis(
            "saturated units",
            "serious" if share >= NEARLY_ALL_DEAD else "worth a look",
            f"{share:.0%} of the outputs of its {layer.activation} units stand where the curve is flat, with less than "
            f"{FLAT:.0%} of its largest slope: scores Z[{l}] have size {size:.3g} (root mean square).",
            f"Begin with smaller weights, {patient.initializer('glorot')}; scale the inputs; or take "
            f"{patient.activation('relu')}.",
            l,
            measured=finite(share=share, score=size),
        )


def _slopes(name: str, G: Array) -> Array:
    return 1 - G**2 if name == "tanh" else G * (1 - G)


def symmetric_units(patient: Patient) -> Iterator[Diagnosis]:
    """Units with the same weights before and behind them: they get the same derivatives, and stay equal for ever."""
    parameters, L = patient.parameters, patient.architecture.L
    for l in range(1, L):
        before = np.hstack([parameters.W[l], parameters.b[l]])
        behind = parameters.W[l + 1].reshape(-1, before.shape[0]).T  # members have one matrix each
        units = len(before)
        counts = _equal(np.hstack([before, behind]))
        kinds, twins = len(counts), int(counts[counts > 1].sum())
        if not twins or twins < TWINS * units:
            continue
        zero = " All of these weights are 0." if not np.any(before) else ""
        yield Diagnosis(
            "symmetric units",
            "serious",
            f"Its {units:,} units are {kinds:,} different {'one' if kinds == 1 else 'ones'}: the others have the same "
            f"weights before and behind them, so every step keeps them equal.{zero}",
            f'Draw the weights at random: {patient.initializer("he")} for relu, "glorot" for tanh and sigmoid.',
            l,
            measured=finite(units=units, different=kinds),
        )


def _equal(rows: Array) -> Array:
    """How often each of the different rows stands there; those that differ by rounding count as one."""
    size = float(np.abs(rows).max(initial=0.0))
    apart = np.diff(np.sort(rows @ np.cos(np.arange(rows.shape[1]))))
    if len(apart) and apart.min() > ALIKE * size * rows.shape[1]:  # as units that were drawn: there is nothing to sort
        return np.ones(len(rows), dtype=np.intp)
    counts: Array = np.unique(np.round(rows / (ALIKE * size)) if size else rows, axis=0, return_counts=True)[1]
    return counts
