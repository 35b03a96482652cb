"""All operations by name. Each has its value and, beside it, how a derivative passes back through it.

They stand in two tables: `number_by_number`, where each number of an array goes its own way, and `whole_arrays`.

Conventions
-----------
* y is the operation's value; a, b its inputs. J is the one number at the end of the graph.
* G = ∂J/∂y has the shape of y. An entry's ``back`` has one formula per input, giving ∂J/∂a from G: the chain rule
  ∂J/∂a = G · ∂y/∂a. With G = 1 it is the local derivative ∂y/∂a alone.
* Broadcasting is nobody's business in the tables. An input that was repeated to fit gets the sum over its repetitions,
  for all operations alike (`gradatim.graph.chain_rule`).
* The derivatives are written in these same operations. On plain arrays they compute at once; on Variables they become
  a graph again, which can be differentiated again.
* At kinks: relu has slope 1 at 0, as in the course's notes (z ≥ 0; PyTorch and JAX say 0). Where its inputs are equal,
  maximum gives the whole derivative to the first one (PyTorch and JAX halve it), so maximum(z, 0) has relu's slope.
* No derivative conjugates anything. For complex numbers they are those of the complex function, which is what a complex
  step needs (PyTorch gives the conjugate).
* In a reduction, max gives the whole derivative to the first of several largest.
* In writing, y, a, b and G stand in braces, and take the names of a graph when it is drawn or told.

Sources: Baydin et al., Automatic differentiation in machine learning: a survey, JMLR 18 (2018), section 3.2; for the
derivatives as a table, HIPS Autograd (Maclaurin 2016).
"""

from __future__ import annotations

from gradatim.graph.number_by_number import NUMBER_BY_NUMBER
from gradatim.graph.operation import Operation
from gradatim.graph.whole_arrays import WHOLE_ARRAYS

OPERATIONS: dict[str, Operation] = {**NUMBER_BY_NUMBER, **WHOLE_ARRAYS}
"""Every operation by name. To add one is to add an entry in one of the two; the tests go through all of them."""
