"""The engine of the notes: every formula in their letters, on whole matrices, with any array library.

Notation
--------
* A[l] (n[l], m) activations, Z[l] (n[l], m) scores before the activation, W[l] (n[l], n[l-1]), b[l] (n[l], 1).
* dZ is ∂J/∂Z and so on, J being the weighted *mean* over the batch. The factor 1/m of the notes therefore stands once,
  in dZ[L], and dW[l] = dZ[l] A[l-1]ᵀ has none; the values of dW and db are the notes'.
* With k members, m stands for k·m columns: member 0's examples, then member 1's, and so on.

Nothing is written into an array: ``vector = vector - rate * gradient``. So the same lines run on NumPy, PyTorch, JAX
and CuPy, and on complex numbers, which is how the tests take derivatives a second way.

Read `layer` (one layer), `front` (embeddings, scale), `passes` (the whole network), `objective` (J and its gradient),
`descent` (the steps). This package has the functions of `gradatim.engines.contract.Engine`.
"""

from gradatim.engines.textbook.descent import clip, initial_state, train, unsupported, workspace
from gradatim.engines.textbook.layer import BlockCache, backward_block, forward_block, split_members
from gradatim.engines.textbook.objective import (
    columns_of,
    evaluate,
    loss_and_gradients,
    loss_slopes,
    loss_values,
    penalty,
    predict,
)
from gradatim.engines.textbook.passes import BackwardPass, Pass, backward, forward, through_front

__all__ = [
    "BackwardPass",
    "BlockCache",
    "Pass",
    "backward",
    "backward_block",
    "clip",
    "columns_of",
    "evaluate",
    "forward",
    "forward_block",
    "initial_state",
    "loss_and_gradients",
    "loss_slopes",
    "loss_values",
    "penalty",
    "predict",
    "split_members",
    "through_front",
    "train",
    "unsupported",
    "workspace",
]
