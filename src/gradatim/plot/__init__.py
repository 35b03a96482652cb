"""Pictures of a training: costs, decision boundary, images, those that a network got wrong, what predictions rest on.

Conventions
-----------
* Every function returns a matplotlib ``Figure``, made without pyplot: no window opens and no global state is left. Show
  it by naming it in a notebook, keep it with ``figure.savefig("costs.png")``. With ``ax`` it draws into axes of yours.
* Examples are columns, as in `gradatim.course`.
* Classes differ by colour and by marker. The colours are those of Okabe & Ito, which people with any of the common
  colour deficiencies can tell apart (Wong 2011, Nature Methods 8).
"""

from gradatim.plot.boundary import decision_boundary
from gradatim.plot.canvas import COLOURS, MARKERS, figure
from gradatim.plot.curves import costs, learning_curves
from gradatim.plot.explanations import attribution, partial_dependence, permutation_importance
from gradatim.plot.images import image, mislabelled

__all__ = [
    "COLOURS",
    "MARKERS",
    "attribution",
    "costs",
    "decision_boundary",
    "figure",
    "image",
    "learning_curves",
    "mislabelled",
    "partial_dependence",
    "permutation_importance",
]
