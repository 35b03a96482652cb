"""The notes as objects: a network to open, and its ancestors written as loops over the examples.

In the order of the notes: `logistic` (one unit), `two_layers` (one hidden layer, by loop), `network` (any depth).

`network` is read together with what it is put together from, in this order:

1. `blueprint`: widths and names become an architecture.
2. `dimensions`: every matrix that comes in is checked.
3. `weights`: W[l] and b[l], read and written by layer.
4. `passes`: what a pass forward and a pass backward leave behind.
5. `layer`: one layer as a pair of building blocks.
6. `descent`: iterations and their costs.
7. `summary`: a network in words.

Everything here is float64, and examples are columns.
"""

from gradatim.course.descent import Costs
from gradatim.course.layer import LayerView
from gradatim.course.logistic import logistic_regression, logistic_regression_by_loop
from gradatim.course.network import Network
from gradatim.course.passes import BackwardPass, ByLayer, ForwardPass
from gradatim.course.two_layers import two_layer_forward_by_loop

__all__ = [
    "BackwardPass",
    "ByLayer",
    "Costs",
    "ForwardPass",
    "LayerView",
    "Network",
    "logistic_regression",
    "logistic_regression_by_loop",
    "two_layer_forward_by_loop",
]
