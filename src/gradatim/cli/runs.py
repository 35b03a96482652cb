"""What is asked of a run: its page, its health."""

from __future__ import annotations

import sys
from pathlib import Path

from gradatim.cli.app import Data, Flag, app, write


@app.command
def report(run: str, /, *, out: str | None = None) -> None:
    """Write the report of a run once more: one page of HTML, from what its folder holds. The data are not needed.

    Args:
        run: The folder of a run.
        out: A file to write [default: report.html in that folder].
    """
    from gradatim.report.report import PAGE, Report

    written = Path(run) / PAGE if out is None else Path(out)
    Report.of(run).save(written)
    write(f"{written}\n")


@app.command
def doctor(run: str, data: Data | None = None, /, *, query: str | None = None, json: Flag = False) -> None:
    """Say what is wrong with the networks of a run: silent units, fading derivatives, a wrong learning rate ….

    Args:
        run: The folder of a run, or a .safetensors file.
        data: As for fit: the rows to look at. Without, what was found when the run ended.
        query: As for fit.
        json: Print JSON, and nothing else, on standard output.
    """
    from gradatim.report.checkup import findings_of
    from gradatim.run_folder import json_text
    from gradatim.terminal.doctor import findings_text
    from gradatim.terminal.layout import width_of

    findings = findings_of(run, data, query=query)
    write(json_text(findings.to_json()) if json else findings_text(findings, width_of(sys.stdout)) + "\n")
