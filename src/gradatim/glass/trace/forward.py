"""The way forward in sections: the row, the front, the layers, and what is said in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import pi

import numpy as np

from gradatim.drawing import number_text as n
from gradatim.drawing import shape_text
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array
from gradatim.glass.trace.answer import output_text, says
from gradatim.glass.trace.contributions import Contributions
from gradatim.glass.trace.numbers import bracket
from gradatim.glass.trace.origins import Origin, readable, scaling_in_words
from gradatim.glass.trace.passes import Trace
from gradatim.glass.trace.sections import Cells, Equation, Fold, Followed, Grid, Part, Picture, Section, Sentence, Sum
from gradatim.network import CategoryEmbedding, Front, NumericEmbedding, Parameters
from gradatim.tables import NumberTarget
from gradatim.tables.encoding.columns import LEFT_OUT

LINES_OF_A_TABLE = 40
LINES_OF_A_PICTURE = 3
OTHER_UNITS = 12
REGIONS = 4
"""Along each side of a picture."""
POSITIVE, NEGATIVE = (0, 114, 178), (213, 94, 0)
"""Blue and vermilion: told apart by everyone (Okabe & Ito, Color Universal Design, 2008)."""


def sections_forward(t: Trace, followed: Followed) -> Iterator[Section]:
    """From the row to the prediction.

    Args:
        t: of one row.
        followed: which unit of each layer is looked at closely.
    """
    yield Section("row", 0, "The row, and what the network reads of it", tuple(_row(t)))
    architecture = t.model.architecture
    if (architecture.front or architecture.members > 1) and t.inputs:
        yield Section("forward", 0, "The front: from X to A[0]", tuple(_front(t, followed)))
    for l, layer in enumerate(architecture.dense, start=1):
        units = f"{layer.units:,} {'unit' if layer.units == 1 else 'units'}"
        yield Section("forward", l, f"Layer {l} forward: {units}, {layer.activation}", tuple(_layer(t, l, followed)))
    yield Section("says", t.L, "What it says", tuple(says(t)))


# --- the row --------------------------------------------------------------------------------------------------------


def _row(t: Trace) -> Iterator[Part]:
    encoder = t.model.encoder
    pixels = encoder.pixels
    if not encoder.reads_columns:
        yield Sentence("This network reads no column: it says the same of every row.")
        return
    if pixels is not None and pixels.image_shape is not None:
        yield Sentence(_words_for_pixels(t, pixels.image_shape))
        yield Picture(_in_colours(t.X[-pixels.columns :, 0].reshape(pixels.image_shape)), "what it reads")
    if origins := t.origins():
        yield _table_of(origins, t, is_picture=pixels is not None and pixels.columns > LINES_OF_A_TABLE)
    if codes := t.codes_of():
        rows = tuple(
            (code.raw, code.value, f"row {code.code} of E{k}" + ("" if code.code else ": missing or unknown"))
            for k, code in enumerate(codes, start=1)
        )
        yield Grid("Categories that become learned embeddings", ("column", "in the table", "becomes"), rows,
                   LINES_OF_A_TABLE, (0, 1, 2))  # fmt: skip
    for words in scaling_in_words(encoder):
        yield Sentence(words)
    left_out = [f"{readable(column.name)} ({column.kind})" for column in encoder.columns if column.kind in LEFT_OUT]
    if left_out:
        more = f" and {len(left_out) - 10:,} more" if len(left_out) > 10 else ""
        yield Sentence(f"Not read: {', '.join(left_out[:10])}{more}.")


def _table_of(origins: Sequence[Origin], t: Trace, *, is_picture: bool) -> Grid:
    """X line by line; where lines are many, a few pixels of a picture, or else the largest numbers first."""
    title, shown = f"X {shape_text(t.X.shape)}", LINES_OF_A_TABLE
    if is_picture:
        shown = LINES_OF_A_PICTURE
    elif len(origins) > shown:
        title, origins = f"{title}, the largest first", sorted(origins, key=lambda origin: -abs(origin.x))
    rows = tuple((origin.name, origin.value, origin.how, n(origin.x)) for origin in origins)
    return Grid(title, ("column", "in the table", "how", "X"), rows, shown, (0, 1, 2))


def _in_colours(picture: Array) -> Array:
    """(height, width, 3) from 0 to 1; of fewer channels the first as grey."""
    picture = np.clip(picture, 0, 1)
    return picture[..., :3] if picture.shape[2] >= 3 else np.repeat(picture[..., :1], 3, axis=2)


def _words_for_pixels(t: Trace, shape: tuple[int, int, int]) -> str:
    x = t.X[:, 0]
    return (
        f"{x.size:,} numbers, a picture of {shape[0]}×{shape[1]}×{shape[2]}, line by line: from {n(x.min())} to "
        f"{n(x.max())}, in the mean {n(x.mean())}."
    )


# --- the front ------------------------------------------------------------------------------------------------------


def _front(t: Trace, followed: Followed) -> Iterator[Part]:
    architecture = t.model.architecture
    parameters = Parameters(architecture, t.network.vector)
    stages = t.forward.engine_pass.stages
    most = int(t.contributions(1, followed[1] + 1).order[0])
    for part, before, after in zip(architecture.front, stages, stages[1:], strict=False):
        yield from _part_of_front(t, part, parameters, before, after, most)
    names = [line.name for line in t.inputs]
    made, columns = stages[-1][:, 0], [t.A[0][:, 0]]
    factors, header = "", ["A[0]"]
    if architecture.members > 1:
        columns, header = [parameters["r"][t.member - 1], *columns], [f"r, of member {t.member}", *header]
        factors = "r ∘ "
    if "scale" in architecture.block:
        columns, header = [parameters["scale"][:, 0], *columns], ["s", *header]
        made, factors = stages[-2][:, 0], f"{factors}s ∘ "
    if factors:
        yield Equation(f"A[0] = {factors}(what came before)", shape_text(t.A[0].shape))
    columns = [made, *columns] if factors else columns
    header = ["before", *header] if factors else header
    order = t.contributions(1, followed[1] + 1).order
    rows: tuple[Cells, ...] = tuple((names[k], *(n(column[k]) for column in columns)) for k in order)
    yield Grid("A[0], first what matters most to the unit below", ("input", *header), rows)


def _part_of_front(
    t: Trace, part: Front, parameters: Parameters, before: Array, after: Array, most: int
) -> Iterator[Part]:
    if isinstance(part, NumericEmbedding) and part.columns:
        V, f, φ, c = (parameters[name] for name in ("V", "frequency", "phase", "c"))
        column = most // part.width if most < part.columns * part.width else 0
        x, name = float(before[column, 0]), readable(t.model.encoder.outputs[column].name)
        yield Equation(
            "e = V cos(2π f x + φ) + c for each number x, and (e, x) takes its place",
            f"({part.width - 1},) = {V.shape[1:]} {f.shape[1:]} + {c.shape[1:]}",
        )
        cosines = np.cos(2 * pi * f[column] * x + φ[column])
        names = tuple(_cosine(float(f[column, k]), x, float(φ[column, k])) for k in range(part.frequencies))
        parts = Contributions(f"{name} e1", names, names, V[column, 0], cosines, float(c[column, 0]), "c")
        yield Sum(f"{name}, x = {n(x)}: the first of its {part.width - 1} new numbers", parts,
                  ("from", "V", "cos", "V · cos"), shown=4)  # fmt: skip
    elif isinstance(part, CategoryEmbedding) and part.levels:
        yield Equation("e = the row of E that the code names; it stands below X", f"({part.width},)")
        codes = t.codes_of()
        embedded = after[len(before) :, 0].reshape(len(codes), part.width)
        rows: tuple[Cells, ...] = tuple(
            (code.raw, f"E{k} row {code.code}", " ".join(map(n, e)))
            for k, (code, e) in enumerate(zip(codes, embedded, strict=True), start=1)
        )
        yield Grid("Embedded categories", ("column", "taken from", "e"), rows, words=(0, 1, 2))


def _cosine(f: float, x: float, φ: float) -> str:
    return f"cos(2π · {bracket(f)} · {bracket(x)} {'−' if φ < 0 else '+'} {n(abs(φ))})"


# --- a layer --------------------------------------------------------------------------------------------------------


def _layer(t: Trace, l: int, followed: Followed) -> Iterator[Part]:
    W, b, Z, A = t.W[l], t.b[l], t.Z[l], t.A[l]
    dense = t.model.architecture.dense[l - 1]
    formula = activation(dense.activation).formula
    product = f"{shape_text(Z.shape)} = {shape_text(W.shape)} {shape_text(t.A[l - 1].shape)} + {shape_text(b.shape)}"
    yield Equation(f"Z[{l}] = W[{l}] A[{l - 1}] + b[{l}]", product)
    if dense.learned_slope:
        yield Equation(f"A[{l}] = Z[{l}] + slope ∘ (g(Z[{l}]) − Z[{l}]), slope learned, {formula}", shape_text(A.shape))
    else:
        yield Equation(f"A[{l}] = g(Z[{l}]), {formula}", shape_text(A.shape))
    if len(Z) > 1:
        above = int((Z > 0).sum())
        yield Sentence(f"Z[{l}] goes from {n(Z.min())} to {n(Z.max())}; {above:,} of {len(Z):,} are above 0.")
        yield _units(t, l, followed)
    yield from _closely(t, l, followed)
    if others := _other_units(t, l, followed):
        yield Fold(f"{len(others)} other units of layer {l}", others)


def _units(t: Trace, l: int, followed: Followed) -> Grid:
    """All units of a layer; of a hidden one those first that give most to the unit that is followed above."""
    Z, A = t.Z[l][:, 0], t.A[l][:, 0]
    if l == t.L:
        rows: tuple[Cells, ...] = tuple((t.unit_name(l, j + 1), n(Z[j]), output_text(t, A[j])) for j in range(len(Z)))
        return Grid("Its units", ("unit", f"Z[{l}]", f"A[{l}]"), rows)
    above = t.contributions(l + 1, followed[l + 1] + 1)
    gives = f"gives to {t.unit_name(l + 1, followed[l + 1] + 1)} above"
    rows = tuple((t.unit_name(l, j + 1), n(Z[j]), n(A[j]), n(above.values[j])) for j in above.order)
    return Grid("Its units", ("unit", f"Z[{l}]", f"A[{l}]", gives), rows)


def _other_units(t: Trace, l: int, followed: Followed) -> tuple[Sum, ...]:
    """The scores of those units that give most beside the one that is followed; of the last layer, of the first."""
    if not len(t.A[l - 1]):
        return ()
    order = t.contributions(l + 1, followed[l + 1] + 1).order if l < t.L else range(len(t.Z[l]))
    units = [int(j) + 1 for j in order if j != followed[l]][:OTHER_UNITS]
    return tuple(Sum(f"{t.unit_name(l, unit)} of layer {l}", t.contributions(l, unit)) for unit in units)


def _closely(t: Trace, l: int, followed: Followed) -> Iterator[Part]:
    """One unit: its score part by part, and its activation."""
    unit = followed[l] + 1
    parts = t.contributions(l, unit)
    name = t.unit_name(l, unit)
    if len(parts.names):
        yield Sum(f"{name[0].upper()}{name[1:]} of layer {l}{_why(t, l, followed)}: its Z[{l}]", parts)
    by_column = parts.by_column()
    pixels = t.model.encoder.pixels
    if l == 1 and pixels is not None and pixels.image_shape is not None:
        by_pixel = parts.values[-pixels.columns :].reshape(pixels.image_shape).sum(axis=2)
        yield _by_place(by_pixel, name)
        yield Picture(_signed(by_pixel), "what each pixel gives to this unit: blue adds to its score, vermilion takes")
    elif l == 1 and len(by_column) < len(parts.names):
        yield _by_column(t, by_column, name)
    yield Equation(_activated(t, l, unit))


def _why(t: Trace, l: int, followed: Followed) -> str:
    """Why this unit is looked at; "" where it was asked for."""
    if len(t.W[l]) == 1:
        return ""
    if l == t.L:
        softmax = t.model.architecture.output.activation == "softmax"
        return ", the predicted one" if softmax and followed[l] == t.A[l][:, 0].argmax() else ""
    return ", which gives most" if followed[l] == t.contributions(l + 1, followed[l + 1] + 1).order[0] else ""


def _activated(t: Trace, l: int, unit: int) -> str:
    """The activation of a unit, with its numbers."""
    dense = t.model.architecture.dense[l - 1]
    z, a = float(t.Z[l][unit - 1, 0]), float(t.A[l][unit - 1, 0])
    left = f"A[{l}] {t.unit_name(l, unit)} = "
    if dense.learned_slope:
        slope = float(Parameters(t.model.architecture, t.network.vector)[f"slope{l}"][unit - 1, 0])
        g = float(t.forward.engine_pass.caches[l - 1].G[unit - 1, (t.member - 1) * t.m])
        return f"{left}z + slope (g(z) − z) = {n(z)} + {n(slope)} · ({n(g)} − {bracket(z)}) = {n(a)}"
    match dense.activation:
        case "identity":
            return f"{left}z = {n(a)}"
        case "relu" | "relu(0)":
            return f"{left}max(0, {n(z)}) = {n(a)}"
        case "sigmoid":
            power = np.exp(-z) if z > -700 else np.inf
            return f"{left}1 / (1 + e^−z) = 1 / (1 + {n(power)}) = {output_text(t, a)}"
        case "softmax":
            Z = t.Z[l][:, 0]
            total = np.exp(Z - Z.max()).sum()
            return (
                f"{left}e^(z − {bracket(Z.max())}) / Σ e^(z − {bracket(Z.max())}) = "
                f"{n(np.exp(z - Z.max()))} / {n(total, 7)} = {output_text(t, a)}"
            )
        case name:
            return f"{left}{name}({n(z)}) = {n(a)}"


def _by_column(t: Trace, by_column: Mapping[str, float], name: str) -> Grid:
    """What the table's columns give; to a single number, without hidden layers, also in its own unit."""
    target = t.model.target
    header: Cells = ("column", "gives")
    factor = 1.0
    if t.L == 1 and isinstance(target, NumberTarget) and t.model.architecture.output.activation == "identity":
        header, factor = (*header, f"in {readable(target.names[0])}"), target.std[0]
    rows = tuple((raw, n(value), n(value * factor))[: len(header)] for raw, value in by_column.items())
    return Grid(f"The same by the table's columns; with b they make Z[1] {name}", header, rows)


def _by_place(by_pixel: Array, name: str) -> Grid:
    """What regions of a picture give, colours added: rows and columns of the table lie as in the picture."""
    lines, places = (np.array_split(np.arange(side), min(REGIONS, side)) for side in by_pixel.shape)
    header = tuple(f"places {some[0]}–{some[-1]}" for some in places)
    rows: tuple[Cells, ...] = tuple(
        (f"lines {some[0]}–{some[-1]}", *(n(by_pixel[np.ix_(some, others)].sum()) for others in places))
        for some in lines
    )
    return Grid(f"The same by place in the picture; with b they make Z[1] {name}", ("", *header), rows)


def _signed(by_pixel: Array) -> Array:
    """Numbers as colours, (height, width, 4): blue where positive, vermilion where negative, the larger the denser."""
    colours = np.empty((*by_pixel.shape, 4))
    colours[..., :3] = np.where((by_pixel > 0)[..., None], POSITIVE, NEGATIVE)
    colours[..., :3] /= 255
    colours[..., 3] = np.abs(by_pixel) / (np.abs(by_pixel).max() or 1.0)
    return colours
