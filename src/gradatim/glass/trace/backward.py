"""The way back in sections: the loss, the layers from the last to the first, the front, and the step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradatim.drawing import number_text as n
from gradatim.drawing import shape_text
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import CategoricalLogLoss, HalfSquaredError, LogLoss, Poisson
from gradatim.formulas.optimizers import LBFGS, GradientDescent
from gradatim.glass.trace.answer import loss_of, output_text
from gradatim.glass.trace.contributions import Contributions
from gradatim.glass.trace.numbers import bracket
from gradatim.glass.trace.passes import Trace
from gradatim.glass.trace.sections import Cells, Equation, Followed, Grid, Part, Section, Sentence, Sum
from gradatim.network import Block, CategoryEmbedding, NumericEmbedding, Parameters

A_MINUS_Y = (LogLoss, CategoricalLogLoss, HalfSquaredError, Poisson)
"""Losses whose dZ[L] is A[L] - Y behind their own output."""

SLOPES = {"tanh": "1 − a²", "sigmoid": "a (1 − a)", "relu": "1 where z ≥ 0, else 0", "identity": "1", "exp": "a"}
"""g' in the letters of the notes, where they have one."""


def sections_back(t: Trace, followed: Followed) -> Iterator[Section]:
    """From the loss to the step; nothing where the target is not known.

    Args:
        t: of one row.
        followed: which unit of each layer is looked at closely.
    """
    if not t.has_target:
        return
    yield Section("says", t.L, "How wrong it is", tuple(loss_of(t)))
    for l in range(t.L, 0, -1):
        yield Section("back", l, f"Layer {l} back", tuple(_layer(t, l, followed)))
    architecture = t.model.architecture
    if (architecture.front or architecture.members > 1) and t.inputs:
        yield Section("back", 0, "The front, back", tuple(_front(t)))
    yield Section("step", None, "The step", tuple(_step(t)))


def _layer(t: Trace, l: int, followed: Followed) -> Iterator[Part]:
    dZ, unit = t.dZ[l], followed[l] + 1
    if l == t.L:
        yield from _last_scores(t)
    else:
        yield from _hidden_scores(t, l, unit)
    W, b, A_prev = t.W[l], t.b[l], t.A[l - 1]
    product = f"{shape_text(W.shape)} = {shape_text(dZ.shape)} {shape_text(A_prev.T.shape)}"
    yield Equation(f"dW[{l}] = (1/m) dZ[{l}] A[{l - 1}]ᵀ, m = 1 here", product)
    yield Equation(f"db[{l}] = (1/m) Σ dZ[{l}]", shape_text(b.shape))
    row, dz = t.dW[l][unit - 1], float(dZ[unit - 1, 0])
    names = t.contributions(l, unit).names
    order = np.argsort(-np.abs(row), kind="stable")
    header: Cells = ("from", "a", f"dw = {bracket(dz)} · a", "w", "w − α dw")
    w, α = W[unit - 1], t.learning_rate
    rows: tuple[Cells, ...] = tuple(
        (names[k], n(A_prev[k, 0]), n(row[k]), n(w[k], 5), n(w[k] - α * row[k], 5)) for k in order
    )
    if t.model.architecture.members > 1:  # what members share moves by the mean of their derivatives: see the step
        header, rows = header[:-1], tuple(cells[:-1] for cells in rows)
    if rows:
        yield Grid(f"The row of dW[{l}] of {t.unit_name(l, unit)}, dz = {n(dz)}", header, rows)
    yield Equation(f"db[{l}] {t.unit_name(l, unit)} = dz = {n(dz)}")


def _last_scores(t: Trace) -> Iterator[Part]:
    l, loss = t.L, t.network.loss
    g = activation(t.model.architecture.output.activation)
    A, Z, dZ = t.A[l][:, 0], t.Z[l][:, 0], t.dZ[l][:, 0]
    Y = np.zeros(0) if t.Y is None else t.Y[:, 0]
    shape = shape_text(t.dZ[l].shape)
    if loss.output == g.name and isinstance(loss, A_MINUS_Y) and not getattr(loss, "label_smoothing", 0.0):
        yield Equation(f"dZ[{l}] = A[{l}] − Y", shape)
        rows: tuple[Cells, ...] = tuple(
            (t.unit_name(l, j + 1), output_text(t, A[j]), n(Y[j]), n(dZ[j])) for j in range(len(A))
        )
        yield Grid("", ("unit", f"A[{l}]", "Y", f"dZ[{l}]"), rows)
        return
    short = loss.output == g.name
    yield Equation(f"dZ[{l}] = ∂L/∂Z[{l}]" if short else f"dZ[{l}] = dA[{l}] ∘ g'(Z[{l}]), dA[{l}] = ∂L/∂A[{l}]", shape)
    rows = tuple((t.unit_name(l, j + 1), n(Z[j]), n(A[j]), n(Y[j]), n(t.dA[l][j, 0]), n(dZ[j])) for j in range(len(A)))
    yield Grid("", ("unit", f"Z[{l}]", f"A[{l}]", "Y", f"dA[{l}]", f"dZ[{l}]"), rows)


def _hidden_scores(t: Trace, l: int, unit: int) -> Iterator[Part]:
    """dA[l] from the layer above, then dZ[l] through the activation."""
    dense = t.model.architecture.dense[l - 1]
    g, j = activation(dense.activation), unit - 1
    above = t.dZ[l + 1]
    dA, dZ, Z = t.dA[l], t.dZ[l], t.Z[l]
    yield Equation(
        f"dA[{l}] = W[{l + 1}]ᵀ dZ[{l + 1}]",
        f"{shape_text(dA.shape)} = {shape_text(t.W[l + 1].T.shape)} {shape_text(above.shape)}",
    )
    slopes, own, blend = _slopes(t, l)
    yield Equation(f"dZ[{l}] = dA[{l}] ∘ {blend}", shape_text(dZ.shape))
    order = np.argsort(-np.abs(dZ[:, 0]), kind="stable")
    rows: tuple[Cells, ...] = tuple((t.unit_name(l, k + 1), n(dA[k, 0]), n(slopes[k]), n(dZ[k, 0])) for k in order)
    silent = int((dZ == 0).sum())
    if silent:
        yield Sentence(f"{silent:,} of {len(dZ):,} units have dZ[{l}] = 0: through them nothing goes back.")
    yield Grid("Its units", ("unit", f"dA[{l}]", own, f"dZ[{l}]"), rows)
    names = tuple(t.unit_name(l + 1, k + 1) for k in range(len(above)))
    parts = Contributions(f"dA[{l}] unit {unit}", names, names, t.W[l + 1][:, j], above[:, 0])
    yield Sum(f"Unit {unit}: what comes down to it", parts, ("from", "w", "dz", "w · dz"))
    rule = f" = {SLOPES[g.name]}" if g.name in SLOPES and own == "g'(Z)" else ""
    yield Equation(
        f"dZ[{l}] unit {unit} = {n(dA[j, 0])} · {bracket(slopes[j])} = {n(dZ[j, 0])}; {own}{rule}, z = {n(Z[j, 0])}"
    )
    if dense.learned_slope:
        bend = float(g.value(Z)[j, 0] - Z[j, 0])
        yield Equation(
            f"dslope{l} = dA[{l}] ∘ (g(Z[{l}]) − Z[{l}]), of unit {unit}: {n(dA[j, 0])} · {bracket(bend)} = "
            f"{n(dA[j, 0] * bend)}"
        )


def _slopes(t: Trace, l: int) -> tuple[Array, str, str]:
    """(n[l],) what dA is multiplied by, what that is called, and its formula."""
    dense = t.model.architecture.dense[l - 1]
    g, Z = activation(dense.activation), t.Z[l]
    G = g.value(Z)
    slope = g.slope(Z, G)[:, 0]
    if not dense.learned_slope:
        return slope, "g'(Z)", f"g'(Z[{l}])"
    learned = Parameters(t.model.architecture, t.network.vector)[f"slope{l}"][:, 0]
    return 1 + learned * (slope - 1), "∂a/∂z", f"(1 − slope + slope ∘ g'(Z[{l}]))"


def _front(t: Trace) -> Iterator[Part]:
    W, dZ, dA = t.W[1], t.dZ[1], t.dA[0]
    shapes = f"{shape_text(dA.shape)} = {shape_text(W.T.shape)} {shape_text(dZ.shape)}"
    yield Equation("dA[0] = W[1]ᵀ dZ[1]", shapes)
    order = np.argsort(-np.abs(dA[:, 0]), kind="stable")
    rows: tuple[Cells, ...] = tuple((t.inputs[k].name, n(t.A[0][k, 0]), n(dA[k, 0])) for k in order)
    yield Grid("What comes down to A[0]", ("input", "A[0]", "dA[0]"), rows)
    parameters = Parameters(t.model.architecture, t.network.vector)
    if "scale" in parameters:
        members = t.model.architecture.members
        before, ds = t.forward.engine_pass.stages[-2][:, 0], t.backward.blocks["scale"][:, 0]
        over = "dA[0] ∘ (what came before)" if members == 1 else "the mean over the members of dA[0] ∘ r ∘ (the same)"
        yield Equation(f"ds = {over}", shape_text(parameters["scale"].shape))
        order = np.argsort(-np.abs(ds), kind="stable")
        rows = tuple((t.inputs[k].name, n(before[k]), n(ds[k])) for k in order)
        yield Grid("", ("input", "before", "ds"), rows)
    kinds = {type(part) for part in t.model.architecture.front}
    if CategoryEmbedding in kinds:
        yield Equation("dE: its row that the code names is de, what comes down to e; the others are 0")
    if NumericEmbedding in kinds:
        yield Equation("dV = de cos(2π f x + φ)ᵀ, dc = de, dφ = −sin(2π f x + φ) ∘ (Vᵀ de), df = 2π x dφ")


def _step(t: Trace) -> Iterator[Part]:
    α, blocks = t.learning_rate, t.model.architecture.blocks
    has_more = any(block.role not in ("weight", "bias") for block in blocks)
    yield Equation(
        f"W[l] ← W[l] − α dW[l], b[l] ← b[l] − α db[l], α = {n(α)}{', and so for each block' if has_more else ''}"
    )
    if t.model.architecture.members > 1:
        yield Sentence("J is the mean over the members, and so is every derivative here: what they share moves by it.")
    old, new = Parameters(t.model.architecture, t.network.vector), Parameters(t.model.architecture, t.stepped.vector)
    rows: tuple[Cells, ...] = tuple(_largest_move(t, block, old, new) for block in blocks if block.size)
    header = ("block", "shape", "at, from 1", "derivative", "before", "after")
    yield Grid("Of each block the number that moves most", header, rows, 24, (0, 1, 2))
    before, after = _costs(t)
    gain = "less" if after < before else "more" if after > before else "the same"
    yield Sentence(f"On this row J goes from {n(before, 6)} to {n(after, 6)}: {gain}.")
    yield Sentence(_how_it_trained(t))


def _largest_move(t: Trace, block: Block, old: Parameters, new: Parameters) -> tuple[str, ...]:
    d = t.backward.blocks[block.name]
    at = tuple(int(k) for k in np.unravel_index(np.abs(d).argmax(), d.shape))
    title = f"{block.name[0]}[{block.name[1:]}]" if block.role in ("weight", "bias") else block.name
    place = str([k + 1 for k in at]) if d.ndim > 1 else str(at[0] + 1)
    before, after = old[block.name][at], new[block.name][at]
    return title, shape_text(block.shape), place, n(d[at]), n(before, 6), n(after, 6)


def _costs(t: Trace) -> tuple[float, float]:
    """J of this row, the mean over all members, before the step and after."""
    X = t.X if t.codes is None else np.vstack([t.X, t.codes])
    assert t.Y is not None
    return t.network.cost(X, t.Y), t.stepped.cost(X, t.Y)


def _how_it_trained(t: Trace) -> str:
    settings = t.model.settings_
    chosen = settings.optimizer
    here = "The step here is plain gradient descent on this row alone"
    besides = []
    if settings.weight_decay:
        besides.append(f"weight decay {n(settings.weight_decay)}")
    if settings.penalty:
        besides.append("a penalty on the weights")
    if settings.dropout:
        besides.append(f"dropout {n(settings.dropout)}")
    more = f", with {' and '.join(besides)}" if besides else ""
    if isinstance(chosen, LBFGS):
        return f"{here}. This model was solved by L-BFGS, over all rows{more}: that has no α of its own."
    if isinstance(chosen, GradientDescent):
        return f"{here}. This model was trained by gradient descent on batches of rows{more}."
    name = getattr(chosen, "name", str(chosen))
    return (
        f"{here}. This model was trained by {name} on batches of rows{more}: from the same derivatives it makes other "
        "steps, by what it remembers of those before."
    )
