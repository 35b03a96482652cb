"""What comes out of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradatim.errors import InputError, named
from gradatim.ladder.curves import LearningCurves
from gradatim.ladder.reading import Reading, rows_sentence
from gradatim.ladder.tried import TriedRung
from gradatim.ladder.verdict import Verdict
from gradatim.ladder.yardstick import Yardstick
from gradatim.model import Ensemble, Model
from gradatim.report.gathering import Evidence, facts_of_run
from gradatim.report.report import Report


@dataclass(frozen=True)
class Run:
    """What came out.

    Attributes:
        model: of the rung that is kept.
        verdict: which rung that is, and why; ``str(run.verdict)`` is the sentence.
        metrics: the content of ``metrics.json``.
        folder: where the files are, or None if nothing was written.
        rungs: every rung that was tried, the simplest first.
        reading: how the table was understood.
        evidence: the rows and the metric, for `report`.
        yardsticks: tree ensembles on the same rows, where they were asked for.
        learning_curves: the rungs by number of rows, where they were asked for; `gradatim.plot.learning_curves` draws
            them.
    """

    model: Model | Ensemble
    verdict: Verdict
    metrics: Mapping[str, Any]
    folder: Path | None
    rungs: tuple[TriedRung, ...]
    reading: Reading
    evidence: Evidence | None = field(default=None, repr=False, compare=False)
    yardsticks: tuple[Yardstick, ...] = ()
    learning_curves: LearningCurves | None = None

    def report(self) -> Report:
        """One page about the run: `Report.save` writes it, and a notebook shows it.

        The folder of a run has it as ``report.html`` already.

        Raises:
            InputError: if the rows are not there any more.

        Example:
            >>> import gradatim as gd
            >>> report = gd.fit("sample:iris", rungs="constant,linear", folds=1).report()
            >>> report.facts.chosen, report.facts.classes.names
            ('linear', ('setosa', 'versicolor', 'virginica'))
        """
        if self.evidence is None:
            raise InputError("report() must be asked of a run that has its rows. Got one without.")
        came_out = (self.rungs, self.verdict, self.metrics, self.reading)
        return Report(facts_of_run(*came_out, self.evidence, self.yardsticks))

    def at(self, epoch: int | None = None, step: int | None = None, *, rung: str | None = None) -> Model:
        """A model as it was after an epoch, or a step, of its training; 0 is before the first.

        Args:
            epoch: counted from 1.
            step: counted from 1, instead.
            rung: whose; the one that is kept without.

        Raises:
            InputError: if the run was not told to record, the rung was not tried, or there was no such epoch. The
                constant and the linear model are solved, not trained by epochs: they have none. Each network of an
                ensemble kept an epoch of its own: ``run.model.models[0].at(epoch=…)``.

        Example:
            >>> import gradatim as gd
            >>> run = gd.fit("sample:iris", rungs="shallow", epochs=5, record="epochs", folds=1)
            >>> run.at(epoch=3).network_.n
            (16, 256, 3)
        """
        by_name = {tried.rung.name: tried for tried in self.rungs}
        asked = named("rung", self.verdict.chosen if rung is None else rung, by_name)
        if not asked.rung.is_network:
            raise InputError(
                f"at(epoch=…) must be asked of a network. Got the {asked.rung.title}, which is solved without epochs "
                f"kept.{self._networks_to_ask()}"
            )
        return asked.model.at(epoch=epoch, step=step)

    def _networks_to_ask(self) -> str:
        """Which rung to name instead, and what the run must be told for it."""
        networks = {
            tried.rung.name: tried.model
            for tried in self.rungs
            if tried.rung.is_network and isinstance(tried.model, Model)
        }
        if not networks:
            return ' This run has no network: rungs="shallow" and record="epochs" give it one.'
        recorded = [name for name, model in networks.items() if model.training and model.training.recorded is not None]
        names = " or ".join(f'rung="{name}"' for name in recorded or networks)
        return f" Ask .at(epoch=…, {names})." if recorded else f' Fit with record="epochs", then .at(epoch=…, {names}).'

    def __str__(self) -> str:
        return f"{self.verdict}\n{rows_sentence(self.reading.rows, self.reading.folds)}"
