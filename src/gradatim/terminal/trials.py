"""What tried values look like in a terminal: a table of candidates, the best first, and the command that trains it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradatim.terminal.commands import WRITTEN, fit_words
from gradatim.terminal.layout import WIDTH, columns, wrapped

if TYPE_CHECKING:  # --help needs nothing that trains
    from gradatim.trials.ranking import Trial, Trials, Varied

BEHIND = "behind ± s.e."
TO_SPARE = ("parameters", "trained", BEHIND)
RIGHT = ("epochs", "parameters", "trained", "seconds")


def trials_text(trials: Trials, command: str | None, width: int = WIDTH) -> str:
    """The table, why trainings broke off, the verdict, and the best command."""
    parts = [ranking_text(trials, width), *mishaps(trials, width), wrapped(trials.sentence, width)]
    if command is not None:
        parts.append(f"The best command:\n  {command}")
    return "\n\n".join(parts)


def ranking_text(trials: Trials, width: int = WIDTH) -> str:
    """The candidates: → marks the best, ≈ those within one standard error of it.

    Where a line would be longer than `width`, what can best be spared is left out.
    """
    rows = _rows(trials)
    for spare in range(len(TO_SPARE) + 1):
        spared = {*TO_SPARE[:spare], *([BEHIND] if len(trials.trials) == 1 else [])}
        names = [name for name in rows[0] if name not in spared]
        right = {place for place, name in enumerate(names) if name in RIGHT}
        text = columns([[row[name] for name in names] for row in rows], right)
        if max(map(len, text.splitlines())) <= width:
            break
    return text


def _rows(trials: Trials) -> list[dict[str, str]]:
    """The titles, and a row a candidate."""
    from gradatim.ladder.verdict import plus_minus

    rows = []
    for trial in trials.trials:
        known = trial.score.value == trial.score.value
        score = plus_minus(trial.score.value, trial.score.standard_error)
        behind = plus_minus(trial.behind, trial.behind_error)
        rows.append(
            {
                "": "→" if trial is trials.best else "≈" if trial.close else "",
                **{name.replace("_", " "): _value(trial, name) for name in trials.varied},
                f"{trials.metric.name} ± s.e.": score if known else "diverged",
                BEHIND: behind if known and trial is not trials.best else "",
                "parameters": f"{trial.parameters:,}" if trial.parameters else "",
                "trained": f"{trial.epochs:.0f} epochs" if trial.epochs else "",
                "seconds": f"{trial.seconds:.1f}",
            }
        )
    return [{title: title for title in rows[0]}, *rows]


def _value(trial: Trial, name: Varied) -> str:
    value = getattr(trial.candidate, name)
    if name == "hidden":
        return WRITTEN[name](value) or "(linear)"
    return "" if value is None else WRITTEN[name](value)


def mishaps(trials: Trials, width: int = WIDTH) -> list[str]:
    """Why trainings broke off: one sentence for each reason, behind the candidates that it befell."""
    reasons = [f"{trials.words(trial)}: {trial.message}" for trial in trials.trials if trial.message]
    return ["\n".join(wrapped(reason, width, "  ") for reason in reasons)] if reasons else []


def fit_command(data: str, trials: Trials, about: Mapping[str, Any]) -> str | None:
    """The command that trains the best candidate as it was trained here, and keeps it; None where none has a score.

    Args:
        data: as on the command line.
        trials: that were done.
        about: the arguments of `gradatim.fit` about the table, as they were given.
    """
    if trials.best is None:
        return None
    return shlex.join(fit_words(data, trials.reading.targets, {**about, **trials.best.candidate.arguments}))
