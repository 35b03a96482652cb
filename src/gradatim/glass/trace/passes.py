"""One pass forward, one pass back, and the step: every number of them, by the number of the layer.

Conventions
-----------
* Notation and shapes are those of `gradatim.course`: examples are columns, W[l] is (n[l], n[l-1]), dZ and dA are per
  example, the 1/m stands in dW and db. Everything is float64.
* J is the mean loss of the traced rows, without penalties and dropout: training had other rows beside them.
* People count rows, units, members and networks from 1, as the notes do; arrays have Python's indices.
* Of a network with members one is traced, as if it stood alone: A[0], Z, A, W, b and their derivatives are its own.
  Only `Trace.stepped` looks at all of them, for training moves what they share by the mean over members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np

from gradatim.course import Network
from gradatim.course.passes import BackwardPass, ByLayer, ForwardPass
from gradatim.engines.textbook import loss_values
from gradatim.errors import InputError, whole
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array
from gradatim.glass.trace.contributions import Contributions
from gradatim.glass.trace.origins import Code, Input, Origin, codes_of, inputs_of, origins_of
from gradatim.model import Ensemble, Model
from gradatim.network import layer_number
from gradatim.tables import ClassTarget, Table


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """Rows on their way through a network, and the derivatives on their way back. `trace` makes one.

    ``print(t)`` tells of the first row, ``t.example(i)`` is the i-th alone; a notebook shows the page.

    Attributes:
        model: the traced network with its encoder and target.
        table: the m rows, as they came.
        read: the same with numbers and dates in place of their texts, as the encoder reads them.
        numbers: (m,) their numbers, from 1.
        X: (inputs, m) what the encoder made of them.
        codes: (embedded columns, m) of categories that become embeddings, or None.
        Y: (n[L], m) the encoded target; None where it is not known.
        learning_rate: α of the step.
        ensemble: the one that the model is of, or None.
        network_number: which of its networks, from 1.
        member: which member, from 1.
        source: where the rows came from.
        notes: what is to be said, a sentence each.
    """

    model: Model
    table: Table
    read: Table
    numbers: tuple[int, ...]
    X: Array
    codes: Array | None
    Y: Array | None
    learning_rate: float
    ensemble: Ensemble | None = None
    network_number: int = 1
    member: int = 1
    source: str = ""
    notes: tuple[str, ...] = ()

    # --- forward ----------------------------------------------------------------------------------------------------

    @property
    def m(self) -> int:
        """How many rows."""
        return int(self.X.shape[1])

    @property
    def network(self) -> Network:
        """The network to open, with all of its members."""
        return self.model.network_

    @property
    def L(self) -> int:
        """The number of layers."""
        return self.model.architecture.L

    @cached_property
    def forward(self) -> ForwardPass:
        """The whole pass, of all members."""
        return self.network.forward(self.X if self.codes is None else np.vstack([self.X, self.codes]))

    @cached_property
    def A(self) -> ByLayer[Array]:
        """A[0] … A[L], each (n[l], m): the activations; A[0] is what the front made of X."""
        return ByLayer("A", 0, [self._own(A) for A in self.forward.A])

    @cached_property
    def Z(self) -> ByLayer[Array]:
        """Z[1] … Z[L], each (n[l], m): the scores."""
        return ByLayer("Z", 1, [self._own(Z) for Z in self.forward.Z])

    @cached_property
    def W(self) -> ByLayer[Array]:
        """W[1] … W[L], each (n[l], n[l-1])."""
        return ByLayer("W", 1, [self._own_block(W) for W in self.network.W])

    @cached_property
    def b(self) -> ByLayer[Array]:
        """b[1] … b[L], each (n[l], 1)."""
        return ByLayer("b", 1, [self._own_block(b) for b in self.network.b])

    @property
    def output(self) -> Array:
        """(n[L], m) what the network says: A[L], and with members their mean."""
        return self.forward.output

    @property
    def prediction(self) -> Array:
        """(m,) or (m, k): labels, or numbers in their own units. What `model.predict` gives."""
        decoded = self.model.target.decode(self.output.T)
        return decoded[:, 0] if decoded.ndim == 2 and decoded.shape[1] == 1 else decoded

    # --- back -------------------------------------------------------------------------------------------------------

    @property
    def has_target(self) -> bool:
        """Whether there is a way back."""
        return self.Y is not None

    @property
    def losses(self) -> Array:
        """(m,) L(ŷ, y) of each row, summed over outputs."""
        g = activation(self.model.architecture.output.activation)
        return np.asarray(loss_values(self.network.loss, g, self.Z[self.L], self._target("losses")).sum(axis=0))

    @property
    def cost(self) -> float:
        """J, the mean of the losses."""
        return float(np.mean(self.losses))

    @cached_property
    def backward(self) -> BackwardPass:
        """The whole pass back, of all members, whose J is the mean over them."""
        return self.network.backward(self.forward, self._target("backward"))

    @cached_property
    def dA(self) -> ByLayer[Array]:
        """dA[0] … dA[L], each (n[l], m), per example."""
        return ByLayer("dA", 0, [self._own(dA) for dA in self.backward.dA])

    @cached_property
    def dZ(self) -> ByLayer[Array]:
        """dZ[1] … dZ[L], each (n[l], m), per example."""
        return ByLayer("dZ", 1, [self._own(dZ) for dZ in self.backward.dZ])

    @cached_property
    def dW(self) -> ByLayer[Array]:
        """dW[1] … dW[L] in the shapes of W: (1/m) dZ[l] A[l-1]ᵀ."""
        return ByLayer("dW", 1, [self.dZ[l] @ self.A[l - 1].T / self.m for l in range(1, self.L + 1)])

    @cached_property
    def db(self) -> ByLayer[Array]:
        """db[1] … db[L] in the shapes of b: (1/m) Σ dZ[l]."""
        return ByLayer("db", 1, [dZ.mean(axis=1, keepdims=True) for dZ in self.dZ])

    @cached_property
    def stepped(self) -> Network:
        """The network after one step of gradient descent on these rows: every block θ ← θ - α dθ.

        Of all members, and of the front too.
        """
        network = self.model.network_
        moved = Network.from_architecture(network.architecture, network.vector, network.loss)
        moved.update(self.backward, self.learning_rate)
        return moved

    # --- one of several ---------------------------------------------------------------------------------------------

    def example(self, i: int = 1) -> Trace:
        """The i-th of the traced rows alone, counted from 1: its dW and db are those of this row.

        Raises:
            InputError: if there are fewer.
        """
        require_counted("i", i, self.m, "of the rows that were traced")
        place = int(i) - 1
        return replace(
            self,
            table=self.table.take([place]),
            read=self.read.take([place]),
            numbers=(self.numbers[place],),
            X=self.X[:, [place]],
            codes=None if self.codes is None else self.codes[:, [place]],
            Y=None if self.Y is None else self.Y[:, [place]],
        )

    @property
    def row(self) -> Mapping[str, Any]:
        """The first row as it came: column → value; the pixels of pictures aside."""
        return {name: self.table.levels_column(name)[0] for name in self.table.named}

    def origins(self, i: int = 1) -> tuple[Origin, ...]:
        """Where each line of X comes from, in the i-th row."""
        one = self.example(i)
        return origins_of(self.model.encoder, one.table, one.read, one.X[:, 0])

    def codes_of(self, i: int = 1) -> tuple[Code, ...]:
        """Which row of its table each embedded category takes, in the i-th row."""
        one = self.example(i)
        return codes_of(self.model.encoder, one.table, None if one.codes is None else one.codes[:, 0])

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """The lines of A[0]: name, and the table's column behind it."""
        return inputs_of(self.model.encoder, self.model.architecture)

    def unit_name(self, l: int, j: int) -> str:
        """What unit j of layer l is called, counted from 1: a class, a target, or its number."""
        target = self.model.target
        if l < self.L or len(self.A[self.L]) == 1:
            return f"unit {j}"
        names = target.classes if isinstance(target, ClassTarget) else target.names
        return f"unit {j} ({names[j - 1]})" if len(names) == len(self.A[self.L]) else f"unit {j}"

    def contributions(self, l: int | None = None, unit: int = 1, i: int = 1) -> Contributions:
        """What each input of a unit gives to its score: Z[l] = Σ w·a + b.

        Args:
            l: the layer; the last one without.
            unit: counted from 1.
            i: which of the traced rows, counted from 1.

        Returns:
            The parts. At the first layer each says which column of the table it came from.

        Raises:
            InputError: for a layer, a unit or a row that there is none of.
        """
        l = layer_number("Z", self.L if l is None else l, 1, self.L)
        require_counted("unit", unit, len(self.W[l]), f"of layer {l}")
        require_counted("i", i, self.m, "of the rows that were traced")
        if l == 1:
            names, raws = tuple(line.name for line in self.inputs), tuple(line.raw for line in self.inputs)
        else:
            names = raws = tuple(f"unit {k}" for k in range(1, len(self.A[l - 1]) + 1))
        a, b = self.A[l - 1][:, i - 1], float(self.b[l][unit - 1, 0])
        return Contributions(f"Z[{l}] {self.unit_name(l, unit)}", names, raws, self.W[l][unit - 1], a, b)

    # --- what is told -----------------------------------------------------------------------------------------------

    def text(
        self, i: int = 1, *, layer: int | None = None, unit: int | None = None, full: bool = False, width: int = 100
    ) -> str:
        """The i-th row's way, for a terminal.

        Args:
            i: which of the traced rows, counted from 1.
            layer: this one alone; 0 is the row and the front. None tells of all.
            unit: which to look at closely, counted from 1, of that layer or of the last; without, the one that gives
                most to what is said.
            full: every line of every table.
            width: of a line, in characters.

        Raises:
            InputError: for a row, a layer or a unit that there is none of.
        """
        from gradatim.glass.trace.story import story_of
        from gradatim.glass.trace.text import text_of

        return text_of(story_of(self.example(i), layer=layer, unit=unit), width=width, full=full)

    def html(self, i: int = 1, *, layer: int | None = None, unit: int | None = None, full: bool = False) -> str:
        """The same as a page of its own, which loads nothing and runs nothing."""
        from gradatim.glass.trace.page import page_of
        from gradatim.glass.trace.story import story_of

        return page_of(story_of(self.example(i), layer=layer, unit=unit), full=full)

    def save(self, path: str | PathLike[str], i: int = 1, **about: Any) -> None:
        """Write the page, whole or not at all.

        Args:
            path: of the file; its folder must exist.
            i: which of the traced rows, counted from 1.
            **about: as for `html`.
        """
        from pathlib import Path

        from gradatim.whole_file import whole_file

        page = self.html(i, **about)
        with whole_file(Path(path)) as file:
            file.write(page.encode())

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Trace({self.m} {'row' if self.m == 1 else 'rows'}, n={self.model.architecture.n})"

    def _repr_html_(self) -> str:
        from gradatim.glass.trace.page import element_of
        from gradatim.glass.trace.story import story_of

        return element_of(story_of(self.example(1)))

    # --- parts of members -------------------------------------------------------------------------------------------

    def _own(self, columns: Array) -> Array:
        """Of the columns of all members those of the traced one."""
        return columns[:, (self.member - 1) * self.m : self.member * self.m]

    def _own_block(self, block: Array) -> Array:
        return block if block.ndim == 2 else block[self.member - 1]

    def _target(self, what: str) -> Array:
        if self.Y is None:
            raise InputError(
                f"{what} must be asked of rows whose target is known. Got rows without "
                f"{', '.join(self.model.target.names)}: there is no way back from them."
            )
        return self.Y


def require_counted(name: str, given: int, most: int, of: str) -> None:
    """Refuse what people counted wrong.

    Args:
        name: of the argument.
        given: a number from 1.
        most: how many there are.
        of: what they are of, for the message.

    Raises:
        InputError: for what is no whole number from 1 to `most`.
    """
    whole("trace", name, given)
    if given > most:
        raise InputError(f"trace: {name} must be 1 to {most:,}, counted from 1: so many are there {of}. Got {given}.")
