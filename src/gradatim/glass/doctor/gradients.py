"""Derivatives that fade, or grow, on their way back through the layers.

Conventions
-----------
* ‖dZ[l]‖ is over all units and rows. With weights of He's size it stays the same from layer to layer, however wide they
  are, and so it is compared with ‖dZ[L]‖.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradatim.glass.doctor.diagnosis import Diagnosis
from gradatim.glass.doctor.patient import Patient, finite

VANISHED = 1e-3
"""‖dZ[1]‖ / ‖dZ[L]‖ below which the first layer hardly hears of the loss. AutoTrainer (Zhang et al. 2021, ICSE)
takes the same number for the ratio of the first to the last layer's ‖dW‖."""

EXPLODED = 1e3
"""Above. AutoTrainer takes 70; but the ratio grows with training, as the weights do, in networks that are well."""


def vanishing_gradients(patient: Patient) -> Iterator[Diagnosis]:
    """The first layer's derivative is a thousandth of the last one's, or less."""
    norms = _norms(patient)
    if len(norms) < 2 or not 0 < norms[0] < VANISHED * norms[-1]:
        return  # at exactly 0 they are cut off, by dead units or by weights of 0, and those are named
    l = next(l for l in range(len(norms), 0, -1) if norms[l - 1] < VANISHED * norms[-1])
    squashing = any(layer.activation in ("sigmoid", "tanh") for layer in patient.architecture.dense[:-1])
    cure = (
        f"{patient.activation('relu')} with {patient.initializer('he')}"
        if squashing
        else f"{patient.initializer('he')}, or fewer layers"
    )
    yield Diagnosis(
        "vanishing gradients",
        "serious",
        f"‖dZ‖ from layer 1 to {len(norms)}: {_listed(norms)}. From layer {l} down less than {VANISHED:g} of the last "
        f"layer's is left: {norms[0] / norms[-1]:.2g} in layer 1.",
        f"Try {cure}.",
        l,
        measured=finite(ratio=norms[0] / norms[-1]),
    )


def exploding_gradients(patient: Patient) -> Iterator[Diagnosis]:
    """Some layer's derivative is a thousand times the last one's, or more."""
    norms = _norms(patient)
    largest = max(norms)
    if len(norms) < 2 or norms[-1] == 0 or largest <= EXPLODED * norms[-1]:
        return
    l = norms.index(largest) + 1
    sizes = [float(np.sqrt(np.mean(W**2) * W.shape[-1])) for W in patient.parameters.W]
    yield Diagnosis(
        "exploding gradients",
        "serious",
        f"‖dZ‖ from layer 1 to {len(norms)}: {_listed(norms)}, up to {largest / norms[-1]:.0f} times the last layer's. "
        f"Weights times √n[l-1] have size {_listed(sizes)}, where He's begin with 1.4.",
        f"Begin with smaller weights, {patient.initializer('he')}, and try {patient.slower}"
        + ("." if patient.settings is None else "; descent=DescentOptions(clip_norm=1.0) limits every step."),
        l,
        measured=finite(ratio=largest / norms[-1]),
    )


def _norms(patient: Patient) -> list[float]:
    return [float(np.linalg.norm(dZ)) for dZ in patient.backward.dZ[1:]]


def _listed(numbers: list[float], most: int = 8) -> str:
    shown = [f"{number:.2g}" for number in numbers]
    return ", ".join(shown if len(shown) <= most else [*shown[: most - 2], "…", shown[-1]])
