"""The facts as one page: self-contained HTML, for telephones and for paper, in light and in dark.

Everything that comes from a table is escaped. The page loads nothing and runs nothing: its browser is forbidden to.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from gradatim.ladder.reading import rows_sentence
from gradatim.ladder.verdict import plus_minus
from gradatim.report.charts import charts_of
from gradatim.report.facts import Facts

if TYPE_CHECKING:
    from jinja2 import Environment

WORDS = {
    "accuracy": "share of rows predicted rightly",
    "balanced_accuracy": "mean of the recalls of the classes",
    "f1": "harmonic mean of precision and recall",
    "log_loss": "mean of −log of the probability of what happened; less is better",
    "roc_auc": "probability that a positive row is ranked above a negative one",
    "average_precision": "area under precision and recall",
    "rmse": "root of the mean squared residual, in units of the target",
    "mae": "mean size of a residual, in units of the target",
    "r2": "share of the variance that is explained",
    "precision": "share of the rows called positive that are",
    "recall": "share of the positive rows that are called so",
    "specificity": "share of the other rows that are not called so",
}
"""What metrics are, for those who do not meet them every day."""

OF_CLASSES = ("precision", "recall", "specificity")


def html_of(facts: Facts) -> str:
    """The page.

    Args:
        facts: all that it says.
    """
    from markupsafe import Markup

    charts = {kind: [Markup(svg) for svg in svgs] for kind, svgs in charts_of(facts).items()}
    page = _environment().get_template("page.html.j2")
    terms = [name for name in facts.tested if name in WORDS] + list(OF_CLASSES if facts.classes else ())
    chosen, rows = _title_of_chosen(facts), rows_sentence(facts.rows, facts.folds)
    return page.render(facts=facts, charts=charts, words=WORDS, terms=terms, chosen=chosen, rows=rows)


def _title_of_chosen(facts: Facts) -> str:
    return next((rung.title for rung in facts.rungs if rung.name == facts.chosen), facts.chosen)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("gradatim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["percent"] = percent
    environment.filters["plus_minus"] = _with_error
    return environment


def number(value: Any) -> str:
    """Four digits, or a dash for what is not defined.

    Example:
        >>> number(0.123456), number(12345.6), number(12), number(None)
        ('0.1235', '12,346', '12', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def percent(value: Any) -> str:
    """A share in percent, with one digit.

    Example:
        >>> percent(0.1234), percent(None)
        ('12.3 %', '–')
    """
    return "–" if value is None else f"{100 * value:.1f} %"


def _with_error(value: Any, error: Any) -> str:
    return "–" if value is None else plus_minus(value, float("inf") if error is None else error)
