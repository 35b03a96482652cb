"""One call from a table to a verdict, and one from a model to its score: what ``gradatim fit`` and ``evaluate`` do.

Read `problem` (everything that is decided before the first rung is trained), then `fitting`, `run` (what comes out) and
`evaluation`.
"""

from gradatim.runs.evaluation import evaluate
from gradatim.runs.fitting import fit
from gradatim.runs.run import Run

__all__ = ["Run", "evaluate", "fit"]
