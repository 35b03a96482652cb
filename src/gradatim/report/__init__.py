"""The report of a run: facts first, one page second.

Read `facts` (all that the page says, as data), then `gathering` (where the facts come from), `answers` (of the test
rows), `importance`, `papers` and `command`; then `charts` and `page` (how the facts look), and `report` (both in one).

Conventions
-----------
* The page is a function of the facts and of nothing else: the facts of a run are kept beside it as ``report.json``, and
  give the same bytes again without the table.
* Of the table the facts hold a few of the worst-predicted rows, whole, and pairs of predicted and true numbers. They
  never hold all of it.
* What is measured for the report is bounded by a count of products, not by a clock: the same run gives the same facts.
"""
