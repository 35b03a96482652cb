"""Optimizers: the rule of one step. From straight downhill to steps that remember.

================  ============================================  ======================================================
name              one step                                      what it adds
================  ============================================  ======================================================
gradient_descent  θ ← θ - rate g                                nothing: straight downhill
momentum          v ← βv + (1-β)g;  θ ← θ - rate v              a running mean of gradients: zigzags cancel
nesterov          θ ← θ - rate (βv + (1-β)g), v the new one     looks one step ahead along the mean
adam              θ ← θ - rate m̂ / (√v̂ + ε)                     a rate per parameter, by the size of its gradients
adamw             θ ← (1 - rate·decay) θ, then as adam          decay that adam's division does not touch
lbfgs             θ ← θ - H g along a line, H from the past     curvature; whole data only, few steps
================  ============================================  ======================================================

Conventions
-----------
* θ is the flat vector of all parameters, (P,), g the gradient of J (with penalties). Nothing is written in place.
* t counts steps from 1. ``rate`` and ``epsilon_factor`` are Python numbers, or (P,) arrays of the vector's dtype
  where blocks depart from the plan. (A NumPy float64 as rate would lift a float32 vector to float64.)
* Momentum is the course's exponential mean, v ← βv + (1-β)g. PyTorch, Keras and scikit-learn leave out the (1-β): the
  same path needs *their* rate = ours · (1-β). Nesterov likewise. Neither corrects the mean for its start at 0; Adam
  does.
* Adam's ε stands behind the root of the bias-corrected mean square, as in Algorithm 1 of Kingma & Ba and in PyTorch.
  Keras, TensorFlow and scikit-learn add it to the uncorrected root ("epsilon hat" of section 2 there): theirs is
  larger in early steps by 1/√(1-β2^t).
* Decoupled decay θ ← (1 - rate·decay) θ is the engine's business: it does it before ``step``, for any optimizer, and
  over the weights only. ``weight_decay`` says how much an optimizer asks for: 0 for all but AdamW.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from gradatim.errors import named, number, whole
from gradatim.formulas.arrays import Array, namespace

Moments = tuple[Array, ...]
"""What an optimizer remembers: one (P,) vector for each of its ``moments``, all 0 before the first step."""

Rate = float | Array
"""One number for all parameters, or (P,) numbers."""


@runtime_checkable
class Optimizer(Protocol):
    """What engines ask of an optimizer.

    Attributes:
        name: as in `OPTIMIZERS`.
        moments: names of the vectors that it remembers.
        formula: one step, as a book prints it.
        source: where it comes from.
    """

    name: ClassVar[str]
    moments: ClassVar[tuple[str, ...]]
    formula: ClassVar[str]
    source: ClassVar[str]

    @property
    def weight_decay(self) -> float:
        """Decoupled decay that the engine is asked for."""

    def step(
        self, vector: Array, gradient: Array, moments: Moments, t: int, rate: Rate, epsilon_factor: Rate = 1.0
    ) -> tuple[Array, Moments]:
        """One step.

        Args:
            vector: (P,) θ.
            gradient: (P,) g at θ.
            moments: as the last step returned them; zeros before the first.
            t: the number of this step, from 1.
            rate: the learning rate, a number or (P,).
            epsilon_factor: on ε, a number or (P,); only Adam has an ε.

        Returns:
            The new θ and the new moments.
        """


@dataclass(frozen=True)
class GradientDescent:
    """θ ← θ - rate · g.

    Example:
        >>> import numpy as np
        >>> GradientDescent().step(np.array([1.0, 2.0]), np.array([10.0, -10.0]), (), t=1, rate=0.1)
        (array([0., 3.]), ())

    Source: Cauchy 1847; in mini-batches Robbins & Monro 1951.
    """

    name: ClassVar[str] = "gradient_descent"
    moments: ClassVar[tuple[str, ...]] = ()
    weight_decay: ClassVar[float] = 0.0
    formula: ClassVar[str] = "θ ← θ - rate g"
    source: ClassVar[str] = "Cauchy 1847; Robbins & Monro 1951 (A stochastic approximation method)"

    def step(
        self, vector: Array, gradient: Array, moments: Moments, t: int, rate: Rate, epsilon_factor: Rate = 1.0
    ) -> tuple[Array, Moments]:
        """One step; see `Optimizer.step`."""
        return vector - rate * gradient, ()


@dataclass(frozen=True)
class Momentum:
    """v ← βv + (1-β)g; θ ← θ - rate · v.

    Args:
        momentum: β in [0, 1), the share of the old mean; 0.9 averages over some 10 steps.

    Raises:
        InputError: for β outside [0, 1).

    Example:
        >>> import numpy as np
        >>> Momentum(0.9).step(np.array([1.0]), np.array([10.0]), (np.zeros(1),), t=1, rate=0.1)
        (array([0.9]), (array([1.]),))

    Source: Polyak 1964; Sutskever et al. 2013, eq. 1; as an exponential mean: Ng, Deep Learning Specialization.
    """

    momentum: float = 0.9
    name: ClassVar[str] = "momentum"
    moments: ClassVar[tuple[str, ...]] = ("mean",)
    weight_decay: ClassVar[float] = 0.0
    formula: ClassVar[str] = "v ← β v + (1-β) g; θ ← θ - rate v"
    source: ClassVar[str] = (
        "Polyak 1964; Sutskever et al. 2013, eq. 1; as an exponential mean: Ng, Deep Learning Specialization"
    )

    def __post_init__(self) -> None:
        number("Momentum", "momentum", self.momentum, below=1)

    def step(
        self, vector: Array, gradient: Array, moments: Moments, t: int, rate: Rate, epsilon_factor: Rate = 1.0
    ) -> tuple[Array, Moments]:
        """One step; see `Optimizer.step`."""
        (v,) = moments
        v = self.momentum * v + (1 - self.momentum) * gradient
        return vector - rate * v, (v,)


@dataclass(frozen=True)
class Nesterov:
    """v ← βv + (1-β)g; θ ← θ - rate · (βv + (1-β)g): the mean, with the newest gradient once more.

    Args:
        momentum: β in [0, 1).

    Raises:
        InputError: for β outside [0, 1).

    Example:
        >>> import numpy as np
        >>> vector, (v,) = Nesterov(0.9).step(np.array([1.0]), np.array([10.0]), (np.zeros(1),), t=1, rate=0.1)
        >>> vector.round(2), v
        (array([0.81]), array([1.]))

    Source: Nesterov 1983; in this form, with the gradient taken at θ itself: Bengio et al. 2013 (arXiv 1212.0901),
    section 3.5.
    """

    momentum: float = 0.9
    name: ClassVar[str] = "nesterov"
    moments: ClassVar[tuple[str, ...]] = ("mean",)
    weight_decay: ClassVar[float] = 0.0
    formula: ClassVar[str] = "v ← β v + (1-β) g; θ ← θ - rate (β v + (1-β) g)"
    source: ClassVar[str] = "Nesterov 1983; in this form Bengio et al. 2013 (arXiv 1212.0901), section 3.5"

    def __post_init__(self) -> None:
        number("Nesterov", "momentum", self.momentum, below=1)

    def step(
        self, vector: Array, gradient: Array, moments: Moments, t: int, rate: Rate, epsilon_factor: Rate = 1.0
    ) -> tuple[Array, Moments]:
        """One step; see `Optimizer.step`."""
        (v,) = moments
        v = self.momentum * v + (1 - self.momentum) * gradient
        return vector - rate * (self.momentum * v + (1 - self.momentum) * gradient), (v,)


@dataclass(frozen=True)
class Adam:
    """m ← β1 m + (1-β1) g; v ← β2 v + (1-β2) g²; θ ← θ - rate · m̂ / (√v̂ + ε).

    m̂ = m / (1 - β1^t) and v̂ = v / (1 - β2^t) undo that both means began at 0.

    Args:
        beta1: share of the old mean, in [0, 1).
        beta2: share of the old mean square, in [0, 1).
        epsilon: behind the root, above 0: keeps the step finite where gradients vanish.

    Raises:
        InputError: for numbers outside these ranges.

    Example:
        The first step has the length of the rate, however large the gradient.

        >>> import numpy as np
        >>> zeros = (np.zeros(2), np.zeros(2))
        >>> vector, _ = Adam().step(np.array([1.0, 1.0]), np.array([1e-3, -1e3]), zeros, t=1, rate=0.1)
        >>> vector.round(4)
        array([0.9, 1.1])

    Source: Kingma & Ba 2015 (arXiv 1412.6980), Algorithm 1.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    name: ClassVar[str] = "adam"
    moments: ClassVar[tuple[str, ...]] = ("mean", "mean_square")
    weight_decay: ClassVar[float] = 0.0
    formula: ClassVar[str] = (
        "m ← β1 m + (1-β1) g; v ← β2 v + (1-β2) g²; θ ← θ - rate (m / (1-β1^t)) / (√(v / (1-β2^t)) + ε)"
    )
    source: ClassVar[str] = "Kingma & Ba 2015 (arXiv 1412.6980), Algorithm 1"

    def __post_init__(self) -> None:
        _check_adam(self)

    def step(
        self, vector: Array, gradient: Array, moments: Moments, t: int, rate: Rate, epsilon_factor: Rate = 1.0
    ) -> tuple[Array, Moments]:
        """One step; see `Optimizer.step`."""
        m, v = moments
        m = self.beta1 * m + (1 - self.beta1) * gradient
        v = self.beta2 * v + (1 - self.beta2) * gradient * gradient
        m_hat = m / (1 - self.beta1**t)
        v_hat = v / (1 - self.beta2**t)
        return vector - rate * m_hat / (namespace(v).sqrt(v_hat) + self.epsilon * epsilon_factor), (m, v)


@dataclass(frozen=True)
class AdamW:
    """Adam whose weights also shrink by rate · weight_decay of themselves in each step, before it.

    The shrinking is the engine's (see the conventions above); ``step`` is Adam's.

    Args:
        beta1: as in `Adam`.
        beta2: as in `Adam`.
        epsilon: as in `Adam`.
        weight_decay: 0 or more; PyTorch's default is 0.01 as well.

    Raises:
        InputError: for numbers outside these ranges.

    Example:
        >>> AdamW().weight_decay, Adam().weight_decay
        (0.01, 0.0)

    Source: Loshchilov & Hutter 2019 (arXiv 1711.05101), Algorithm 2, with its schedule multiplier in the rate.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01
    name: ClassVar[str] = "adamw"
    moments: ClassVar[tuple[str, ...]] = Adam.moments
    formula: ClassVar[str] = f"θ ← (1 - rate decay) θ; {Adam.formula}"
    source: ClassVar[str] = "Loshchilov & Hutter 2019 (arXiv 1711.05101), Algorithm 2"

    def __post_init__(self) -> None:
        _check_adam(self)
        number("AdamW", "weight_decay", self.weight_decay)

    def step(
        self, vector: Array, gradient: Array, moments: Moments, t: int, rate: Rate, epsilon_factor: Rate = 1.0
    ) -> tuple[Array, Moments]:
        """One step of Adam; the engine has done the decay."""
        return Adam(self.beta1, self.beta2, self.epsilon).step(vector, gradient, moments, t, rate, epsilon_factor)


@dataclass(frozen=True)
class LBFGS:
    """SciPy's L-BFGS-B over the whole training set: for convex problems, linear models above all.

    It has no ``step``: it chooses its own step lengths and asks for J and its gradient as often as it likes.

    Args:
        max_iterations: at most so many.
        memory: how many past gradients describe the curvature.
        gradient_tolerance: it stops when no entry of the gradient is larger than this.
        relative_tolerance: it stops when J falls by less than this share of itself.
        newton_steps: a small model without hidden layers is finished by at most so many steps of Newton's method, to
            the gradient's tolerance; 0 for none.

    Tolerances are those of the coordinates in which each input has mean 0 and size 1 (`gradatim.training.coordinates`).

    Raises:
        InputError: for numbers that are not above 0 (newton_steps: below 0), and parts of a whole number.

    Source: Liu & Nocedal 1989; Byrd, Lu, Nocedal & Zhu 1995.
    """

    max_iterations: int = 1000
    memory: int = 10
    gradient_tolerance: float = 1e-10
    relative_tolerance: float = 1e-18
    newton_steps: int = 50
    name: ClassVar[str] = "lbfgs"
    moments: ClassVar[tuple[str, ...]] = ()
    weight_decay: ClassVar[float] = 0.0
    formula: ClassVar[str] = "θ ← θ - step H g, H ≈ (∂²J/∂θ²)⁻¹ from the last gradients, step by line search"
    source: ClassVar[str] = "Liu & Nocedal 1989 (On the limited memory BFGS method); Byrd, Lu, Nocedal & Zhu 1995"

    def __post_init__(self) -> None:
        whole("LBFGS", "max_iterations", self.max_iterations)
        whole("LBFGS", "memory", self.memory)
        number("LBFGS", "gradient_tolerance", self.gradient_tolerance, above=True)
        number("LBFGS", "relative_tolerance", self.relative_tolerance, above=True)
        whole("LBFGS", "newton_steps", self.newton_steps, least=0)

    @property
    def options(self) -> dict[str, float]:
        """The ``options`` of ``scipy.optimize.minimize(method="L-BFGS-B")``.

        Example:
            >>> LBFGS(max_iterations=50).options["maxiter"]
            50
        """
        return {
            "maxiter": self.max_iterations,
            "maxfun": 100 * self.max_iterations,  # SciPy's own limit of 15,000 calls would stop a long run unasked
            "maxls": 50,  # as in scikit-learn: near the optimum 20 trials of a step can be too few
            "maxcor": self.memory,
            "gtol": self.gradient_tolerance,
            "ftol": self.relative_tolerance,
        }


def _check_adam(adam: Adam | AdamW) -> None:
    who = type(adam).__name__
    number(who, "beta1", adam.beta1, below=1)
    number(who, "beta2", adam.beta2, below=1)
    number(who, "epsilon", adam.epsilon, above=True)


OPTIMIZERS: dict[str, type[Optimizer] | type[LBFGS]] = {
    "gradient_descent": GradientDescent,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adam": Adam,
    "adamw": AdamW,
    "lbfgs": LBFGS,
}
"""Every optimizer by name, in growing difficulty. All but lbfgs have a ``step``."""


def optimizer(name: str | Optimizer | LBFGS) -> Optimizer | LBFGS:
    """The optimizer of that name, with its defaults.

    Args:
        name: a key of `OPTIMIZERS`, or an optimizer object with its settings, which is handed back.

    Raises:
        InputError: for a name that is not known, and for what is neither name nor optimizer.

    Example:
        >>> optimizer("adam")
        Adam(beta1=0.9, beta2=0.999, epsilon=1e-08)
    """
    if isinstance(name, Optimizer | LBFGS) and not isinstance(name, type):  # a class has all that its objects have
        return name
    return named("optimizer", name, OPTIMIZERS)()
