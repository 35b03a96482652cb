"""One row through a fitted network: forward, back, and the step that it would cause, every number to be looked at.

Read `origins` (from the table's columns to X and A[0]), `contributions` (what makes up a score), `passes` (the `Trace`,
to compute with) and `rows` (`trace`, which makes one). Then what is told of it: `sections` has the parts of a story,
`forward`, `answer` and `backward` write them, with `numbers` as people read them, and `story` puts them together.
`text` and `page` are two ways to show it, so that they cannot disagree.
"""

from gradatim.glass.trace.contributions import Contributions
from gradatim.glass.trace.passes import Trace
from gradatim.glass.trace.rows import trace

__all__ = ["Contributions", "Trace", "trace"]
