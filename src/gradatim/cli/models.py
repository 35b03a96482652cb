"""What is asked of a trained model: predictions, scores, one row's way, papers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from gradatim.cli.app import Data, Flag, Whole, app, write
from gradatim.errors import InputError


@app.command
def predict(model: str, data: Data, /, *, out: str | None = None, query: str | None = None) -> None:
    """Predict every row of a table, or one picture.

    Writes all input columns, <target>_predicted and, for classes, p_<class>. Where an input column has that name, the
    new one ends in _2.

    Args:
        model: The folder of a run, or a .safetensors file.
        data: As for fit; or one picture.
        out: A file to write, .csv or .parquet [default: CSV on standard output].
        query: As for fit.
    """
    from gradatim.model import load
    from gradatim.predictions import for_csv, predicted, write_table

    if out is not None and Path(out).suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"--out must end in .csv or .parquet. Got {out!r}.")
    if out is not None and Path(out).resolve() == Path(data).resolve():
        raise InputError(f"--out must be another file than DATA, which it would replace. Got {out!r} for both.")
    frame, notes = predicted(load(model), data, query=query)
    if out is not None:
        write_table(frame, Path(out))
    for note in notes:
        print(note, file=sys.stderr)
    if out is None:
        write(for_csv(frame).write_csv())


@app.command
def evaluate(model: str, data: Data, /, *, query: str | None = None, json: Flag = False) -> None:
    """Measure how well a model predicts rows whose target is known.

    Args:
        model: The folder of a run, or a .safetensors file.
        data: As for fit, with the column of the target.
        query: As for fit.
        json: Print JSON on standard output.
    """
    from gradatim.model import load
    from gradatim.run_folder import json_text
    from gradatim.runs import evaluate as evaluate_model
    from gradatim.terminal.run import evaluation_text

    found = evaluate_model(load(model), data, query=query)
    if json:
        write(json_text(found))
    else:
        for note in found["notes"]:
            print(note, file=sys.stderr)
        write(evaluation_text(found) + "\n")


@app.command
def trace(
    model: str,
    data: Data,
    /,
    *,
    row: Whole = 1,
    layer: Whole | None = None,
    unit: Whole | None = None,
    network: Whole = 1,
    member: Whole = 1,
    learning_rate: float | None = None,
    query: str | None = None,
    html: str | None = None,
    full: Flag = False,
) -> None:
    """Follow one row through a network: every number of the way forward, of the way back, and of the step.

    Args:
        model: The folder of a run, or a .safetensors file.
        data: As for fit; or one picture. With the column of the target there is a way back.
        row: Which row of the data, counted from 1.
        layer: Tell of this layer alone; 0 is the row and what stands before the first layer.
        unit: Which unit to look at closely, counted from 1, of --layer or of the last layer [default: of each layer
            the one that gives most to what is said].
        network: Which network of an ensemble, counted from 1.
        member: Which member of a network of members, counted from 1.
        learning_rate: Of the step [default: that of the training].
        query: As for fit.
        html: A file to write: one page, on which what is left out here can be unfolded.
        full: Every line of every table.
    """
    from gradatim.glass.trace import trace as trace_rows
    from gradatim.terminal.layout import width_of
    from gradatim.terminal.trace import show_trace

    if html is not None and Path(html).resolve() == Path(data).resolve():
        raise InputError(f"--html must be another file than DATA, which it would replace. Got {html!r} for both.")
    about: dict[str, Any] = {"row": row, "network": network, "member": member, "learning_rate": learning_rate}
    found = trace_rows(model, data, **about, query=query)
    told: dict[str, Any] = {"layer": layer, "unit": unit, "full": full}
    if html is not None:
        found.save(html, **told)
        write(f"{html}\n")
    else:
        show_trace(found.text(**told, width=width_of(sys.stdout)), sys.stdout)


@app.command
def cite(model: str, /) -> None:
    """Print the papers behind the methods that were used.

    Args:
        model: The folder of a run, or a .safetensors file.
    """
    from gradatim.report.papers import papers_behind
    from gradatim.terminal.layout import columns

    write(columns([(paper.role, paper.method, paper.source) for paper in papers_behind(model)]) + "\n")
