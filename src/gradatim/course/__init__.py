"""The notes as objects: a network to open, and its ancestors written as loops over the examples.

In the order of the notes: `logistic`, `two_layers`, `network`. Everything here is float64, and examples are columns.
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
