"""The report of a run: facts first, one page second.

Read `facts` and `tested` (all that the page says, as data), then `gathering` (where the facts come from), `answers`,
`importance` and `worst` (of the test rows), `papers` and `command`; then `charts`, `tested_charts` and `page` (how the
facts look), and `report` (both in one).

Conventions
-----------
* The page is a function of the facts and of nothing else: the facts of a run are kept beside it as ``report.json``, and
  give the same bytes again without the table.
* Of the table the facts hold a few of the worst-predicted rows, whole, and pairs of predicted and true numbers. They
  never hold all of it.
* What is measured for the report is bounded by a count of products, not by a clock: the same run gives the same facts.
"""
