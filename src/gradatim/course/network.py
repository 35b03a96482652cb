"""A network to open: every Z, A, dZ, dA, dW and db by the number of its layer, in the notation of the notes.

Conventions
-----------
* Everything is float64. Examples are columns: X (n[0], m), Y (n[L], m), W[l] (n[l], n[l-1]), b[l] (n[l], 1).
* Z[l] = W[l] A[l-1] + b[l]; A[l] = g[l](Z[l]); J = (1/m) Σ L(ŷ, y), without penalties.
* dZ and dA are per example, so dZ[L] = A[L] - Y; dW and db hold the 1/m. See `gradatim.course.passes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gradatim.course.blueprint import as_seed, drawn_without_rows, stack
from gradatim.course.descent import Batches, Costs, LearningRate, as_rate, descend
from gradatim.course.dimensions import as_columns, as_parameters, as_targets, widths_of
from gradatim.course.layer import LayerView
from gradatim.course.passes import BackwardPass, ByLayer, ForwardPass
from gradatim.course.summary import describe, label
from gradatim.course.weights import Weights, as_gradient, finite
from gradatim.engines import textbook
from gradatim.engines.contract import Data, Problem
from gradatim.errors import DivergedError, InputError
from gradatim.formulas.activations import Activation, activation
from gradatim.formulas.arrays import Array
from gradatim.formulas.initializers import Initializer
from gradatim.formulas.losses import Loss
from gradatim.formulas.losses import loss as named_loss
from gradatim.formulas.optimizers import Optimizer
from gradatim.formulas.optimizers import optimizer as named_optimizer
from gradatim.network import Architecture, Parameters, layer_number
from gradatim.training.initial import initial_vector
from gradatim.training.threads import blas_threads


class Network:
    """A network in the notation of the notes.

    Args:
        widths: n[0], n[1] … n[L]: inputs, hidden units, outputs. ``[n, 1]`` is logistic regression.
        activations: g[1] … g[L] by name; None takes relu, and at the output what belongs to the loss (sigmoid for log
            loss).
        loss: by name or as an object: "log_loss" (with softmax at the output, that of many classes), "squared_error"
            (with the ½ of the notes), "absolute_error", "huber".
        initializer: of the weights, by name or as an object: "zeros", "small_normal" (0.01·N(0, 1)), "glorot", "he"
            (N(0, 2/n[l-1])), "lecun" (N(0, 1/n[l-1])). Biases start at 0.
        seed: W[1], W[2] … are drawn in this order by ``np.random.RandomState(seed)``: the numbers that
            ``np.random.seed(seed)`` gives in the course.

    Raises:
        InputError: for a width, a name or a pair of loss and output that makes no sense.

    Example:
        >>> X, Y = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]), np.array([[0, 1, 1, 0]])
        >>> net = Network([2, 4, 1], activations=["tanh", "sigmoid"], seed=2)
        >>> costs = net.descend(X, Y, learning_rate=1.2, iterations=1000)
        >>> net.predict(X)
        array([[0, 1, 1, 0]])
        >>> p = net.forward(X)
        >>> p.A[1].shape, p.Z[2].shape
        ((4, 4), (1, 4))
        >>> d = net.backward(p, Y)
        >>> bool(np.all(d.dZ[2] == p.A[2] - Y)), d.dW[1].shape
        (True, (4, 2))
    """

    architecture: Architecture
    loss: Loss
    seed: int

    def __init__(
        self,
        widths: Sequence[int],
        activations: Sequence[str] | None = None,
        loss: str | Loss = "log_loss",
        initializer: str | Initializer = "he",
        seed: int = 1,
    ) -> None:
        architecture = stack(widths, activations, loss)
        rng = np.random.RandomState(as_seed(seed))
        vector = initial_vector(architecture, drawn_without_rows(initializer), rng)
        self._hold(architecture, vector, loss, seed)

    @classmethod
    def from_parameters(
        cls, parameters: Mapping[str, Array], activations: Sequence[str] | None = None, loss: str | Loss = "log_loss"
    ) -> Network:
        """A network of given weights.

        Args:
            parameters: ``{"W1": (n[1], n[0]), "b1": (n[1], 1), "W2": …}``.
            activations: as in `Network`.
            loss: as in `Network`.

        Raises:
            ShapeError: if the matrices do not fit together.
            InputError: if one is missing, or holds infinity or NaN.

        Example:
            >>> net = Network.from_parameters({"W1": np.array([[1.0, -1.0]]), "b1": np.array([[0.0]])})
            >>> net.forward(np.array([[3.0], [3.0]])).A[1]
            array([[0.5]])
        """
        given = as_parameters(parameters)
        architecture = stack(widths_of(given), activations, loss)
        vector = np.concatenate([given[block.name].ravel() for block in architecture.blocks])
        return cls.from_architecture(architecture, vector, loss)

    @classmethod
    def from_architecture(cls, architecture: Architecture, vector: Array, loss: str | Loss, seed: int = 1) -> Network:
        """A network of any architecture, with a front and members too: how ``model.network_`` is made.

        Args:
            architecture: the network.
            vector: (P,) its parameters, copied as float64.
            loss: as in `Network`.
            seed: of the shuffling in `descend`.
        """
        network = cls.__new__(cls)
        network._hold(architecture, vector, loss, seed)
        return network

    def _hold(self, architecture: Architecture, vector: Array, loss: str | Loss, seed: int) -> None:
        self.architecture, self.seed = architecture, as_seed(seed)
        self.loss = named_loss(loss, architecture.output.activation)
        self._parameters = finite(Parameters(architecture, np.array(vector, dtype=np.float64)))

    # --- what it is -------------------------------------------------------------------------------------------------

    @property
    def L(self) -> int:
        """The number of layers; the input does not count."""
        return self.architecture.L

    @property
    def n(self) -> tuple[int, ...]:
        """Units per layer: n[0] inputs (behind the front), n[1] … n[L]."""
        return self.architecture.n

    @property
    def g(self) -> ByLayer[Activation]:
        """The activations: g[1] … g[L]."""
        return ByLayer("g", 1, [activation(layer.activation) for layer in self.architecture.dense])

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every block of parameters: ``{"W1": (4, 2), "b1": (4, 1), …}``."""
        return {block.name: block.shape for block in self.architecture.blocks}

    @property
    def W(self) -> Weights:
        """Weights: ``net.W[1]`` reads, ``net.W[1] = …`` writes and refuses another shape."""
        return Weights(self._parameters, "W")

    @property
    def b(self) -> Weights:
        """Biases: ``net.b[1]`` is (n[1], 1)."""
        return Weights(self._parameters, "b")

    @property
    def vector(self) -> Array:
        """(P,) all parameters, block after block. A copy."""
        return self._parameters.vector.copy()

    def parameters(self) -> dict[str, Array]:
        """Copies of all parameters by name: ``{"W1": …, "b1": …}``, as the course's dictionary."""
        return {name: value.copy() for name, value in self._parameters.items()}

    def __repr__(self) -> str:
        names = [layer.activation for layer in self.architecture.dense]
        return f"Network({list(self.n)}, activations={names}, loss={self.loss.name!r})"

    def __str__(self) -> str:
        return describe(self.architecture, self.loss.name).text()

    def _repr_html_(self) -> str:
        return describe(self.architecture, self.loss.name).html()

    # --- forward, cost, backward ------------------------------------------------------------------------------------

    def forward(self, X: Array) -> ForwardPass:
        """The forward pass: Z[l] = W[l] A[l-1] + b[l]; A[l] = g[l](Z[l]).

        Args:
            X: (n[0], m) examples as columns. Where the front embeds categories, rows of codes stand below the numbers.

        Returns:
            ``p.Z[l]`` and ``p.A[l]``, with ``p.A[0]`` = X.

        Raises:
            ShapeError: if X does not fit W[1], or is no matrix.
        """
        X, codes = self._inputs(X)
        vector = self.vector  # a copy: a pass stays what it was when the weights move on
        return ForwardPass.of(textbook.forward(self.architecture, vector, X, codes), vector, self.architecture)

    def cost(self, X: Array, Y: Array) -> float:
        """J = (1/m) Σ L(ŷ, y), computed from the scores, so that it stays finite where A rounds to 0 or 1.

        Args:
            X: (n[0], m).
            Y: (n[L], m).

        Raises:
            ShapeError: if X, Y and the network do not fit together.
            InputError: if Y holds what the loss cannot take.
        """
        return float(self.cost_function(X, Y)(self.vector))

    def cost_function(self, X: Array, Y: Array) -> Callable[[Array], Array]:
        """J as a function of all parameters at once, as minimizers and gradient checks want it.

        Args:
            X: (n[0], m).
            Y: (n[L], m).

        Returns:
            A function of a vector (P,), in the order of `vector`; complex numbers go through it as well.

        Raises:
            ShapeError: if X, Y and the network do not fit together.
            InputError: if Y holds what the loss cannot take.
        """
        X, codes = self._inputs(X)
        Y = np.tile(self._targets(Y, X.shape[1]), (1, self.architecture.members))
        g = activation(self.architecture.output.activation)

        def J(vector: Array) -> Array:
            Z = textbook.forward(self.architecture, vector, X, codes).Z[-1]
            return np.sum(textbook.loss_values(self.loss, g, Z, Y)) / Y.shape[1]

        return J

    def backward(self, p: ForwardPass, Y: Array) -> BackwardPass:
        """The backward pass, from dZ[L] = A[L] - Y down to dW[1] and db[1].

        dW[l] = (1/m) dZ[l] A[l-1]ᵀ; db[l] = (1/m) Σ dZ[l]; dA[l-1] = W[l]ᵀ dZ[l]; dZ[l] = dA[l] ∘ g[l]'(Z[l]). Where
        loss and output are no pair, dZ[L] goes the long way too, from dA[L].

        Args:
            p: a forward pass of this network. It holds the weights that it was computed with: those are differentiated,
                even if the network has moved on since.
            Y: (n[L], m).

        Returns:
            ``d.dZ[l]``, ``d.dA[l]``, ``d.dW[l]``, ``d.db[l]``.

        Raises:
            ShapeError: if Y does not fit the pass.
            InputError: if p is no forward pass, or another network's.
        """
        self._check_pass(p, Y)
        g = activation(self.architecture.output.activation)
        Z, A = p.engine_pass.Z[-1], p.engine_pass.A[-1]
        Y = np.tile(self._targets(Y, p.output.shape[1]), (1, self.architecture.members))
        dZ = textbook.loss_slopes(self.loss, g, Z, A, Y)
        d = textbook.backward(self.architecture, p.vector, p.engine_pass, dZ, input_gradient=True)
        with np.errstate(all="ignore"):  # infinite where A has rounded to 0 or 1; nothing is computed from it
            dA = self.loss.slope(A, Y)
        return BackwardPass.of(d, dA, [block.name for block in self.architecture.blocks])

    def update(self, d: BackwardPass, learning_rate: float) -> None:
        """One step of gradient descent: W[l] ← W[l] - α dW[l]; b[l] ← b[l] - α db[l].

        Args:
            d: a backward pass of this network.
            learning_rate: α.

        Raises:
            ShapeError: if d belongs to another network.
            InputError: if d is no backward pass, or α not a finite number of 0 or more.
        """
        α, dθ = as_rate(learning_rate, "update"), as_gradient(d, self.architecture)
        self._parameters = Parameters(self.architecture, self._parameters.vector - α * dθ)

    def layer(self, l: int) -> LayerView:
        """Layer l by itself: forward and backward as building blocks.

        Raises:
            InputError: for a number that no layer has.
        """
        return LayerView(self._parameters, layer_number("layer", l, 1, self.L))

    # --- predictions and training -----------------------------------------------------------------------------------

    def predict(self, X: Array) -> Array:
        """What the network decides.

        Args:
            X: (n[0], m).

        Returns:
            With sigmoid outputs (n[L], m) of 0 and 1, which is A[L] > 0.5; with softmax (1, m) numbers of classes; else
            A[L] itself.
        """
        A = self.forward(X).output
        if self._output == "sigmoid":
            return (A > 0.5).astype(np.int64)
        return np.argmax(A, axis=0, keepdims=True) if self._output == "softmax" else A

    def accuracy(self, X: Array, Y: Array) -> float:
        """The share of right predictions, from 0 to 1.

        Args:
            X: (n[0], m).
            Y: (n[L], m) of 0 and 1.

        Raises:
            InputError: if the network predicts values and not classes.
        """
        if self._output not in ("sigmoid", "softmax"):
            raise InputError(
                f"accuracy: the network must predict classes, by sigmoid or softmax. Got {self._output} at the output: "
                "its predictions are values; judge them by net.cost(X, Y)."
            )
        guess = self.predict(X)
        Y = self._targets(Y, guess.shape[1])
        return float(np.mean(guess == (Y if self._output == "sigmoid" else np.argmax(Y, axis=0, keepdims=True))))

    def descend(
        self,
        X: Array,
        Y: Array,
        learning_rate: LearningRate = 0.0075,
        iterations: int = 2500,
        record_every: int = 100,
        print_every: int | None = None,
        optimizer: str | Optimizer = "gradient_descent",
        batches: Batches = None,
    ) -> Costs:
        """Train: forward, backward, update, again and again. Goes on from the weights as they are.

        Args:
            X: (n[0], m).
            Y: (n[L], m).
            learning_rate: α, or a function of the iteration: ``lambda k: 0.1 / (1 + k // 1000)``.
            iterations: passes over the examples.
            record_every: costs are noted at 0, record_every, 2·record_every …, and at the last iteration.
            print_every: print them as well; None prints nothing.
            optimizer: by name or as an object; it begins anew with every call. Every weight has the rate α here, on
                many inputs too; the estimators lower Adam's rate on a first layer of many inputs.
            batches: None for all examples in one step. A size: batches of so many, shuffled anew in each iteration by
                the network's seed. Or a function of the iteration that gives arrays of indices.

        Returns:
            The costs, a list; ``.iterations`` tells which. With batches a cost is Σ L / m over the iteration.

        Raises:
            DivergedError: if cost, gradient or weights become infinite or NaN. The network keeps those before that.
            ShapeError: if X, Y and the network do not fit together.
            InputError: if another argument is not what it must be.
        """
        X, codes = self._inputs(X)
        Y = self._targets(Y, X.shape[1])
        finite(self._parameters)  # net.W[1][0, 0] = … is written past every check
        # All examples at once need no gathering: X.T.T is X. For batches, rows are gathered, and should lie together.
        rows = X.T if batches is None or hasattr(X, "tocsr") else np.ascontiguousarray(X.T)
        data = Data(rows, None if codes is None else codes.T, Y.T)
        problem = Problem(self.architecture, self.loss, optimizer=named_optimizer(optimizer))
        with blas_threads(1):
            end = descend(
                problem, self.vector, data, learning_rate, iterations, record_every, print_every, batches, self.seed
            )
        self._parameters = Parameters(self.architecture, end.vector)
        if end.diverged is not None:
            largest = abs(X).max() if X.shape[0] else 1.0
            raise DivergedError(
                f"Cost, gradient or new weights were not finite in iteration {end.diverged}. Usual causes: "
                f"learning_rate is too large, or X is not scaled (largest |X| = {largest:.3g}). Try a tenth of the "
                f"learning rate, or X / {largest:.3g}. The network holds the weights from before that step."
            )
        return end.costs

    # --- the door ---------------------------------------------------------------------------------------------------

    @property
    def _output(self) -> str:
        return self.architecture.output.activation

    def _inputs(self, X: Array) -> tuple[Array, Array | None]:
        """X and codes as columns, checked."""
        a = self.architecture
        W1 = "W[1] is " + str(a.block["W1"].shape)
        because = f"the front reads {a.inputs} inputs and {a.code_columns} codes" if a.front else W1
        X = as_columns(X, rows=a.inputs + a.code_columns, because=because)
        return (X[: a.inputs], X[a.inputs :].astype(np.int32)) if a.code_columns else (X, None)

    def _targets(self, Y: Array, m: int) -> Array:
        labels, one_of_many = self.loss.output == "sigmoid", self.loss.output == "softmax"
        return as_targets(Y, self.n[-1], m, labels=labels, one_of_many=one_of_many)

    def _check_pass(self, p: ForwardPass, Y: Array) -> None:
        if not isinstance(p, ForwardPass):
            swapped = " The two are swapped: it is net.backward(p, Y)." if isinstance(Y, ForwardPass) else ""
            raise InputError(
                f"backward: p must be a forward pass, from p = net.forward(X). Got {type(p).__name__}.{swapped}"
            )
        if p.architecture != self.architecture:
            raise InputError(
                f"backward: p must be a forward pass of this network, {label(self.architecture)}. Got one of another "
                f"network, {label(p.architecture)}: take p = net.forward(X)."
            )
