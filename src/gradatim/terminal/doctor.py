"""What the doctor found, in words that can be typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradatim.terminal.commands import in_options
from gradatim.terminal.layout import WIDTH

if TYPE_CHECKING:
    from gradatim.glass.doctor import Findings

OPTIONS = ("activation", "ignore", "learning_rate")
"""Remedies that are options of ``fit``; the others are arguments of the estimators."""


def findings_text(findings: Findings, width: int = WIDTH) -> str:
    """The summary and each diagnosis, with options in place of arguments.

    Args:
        findings: of a run or a model.
        width: of the terminal.
    """
    said = (replace(one, remedy=in_options(one.remedy, OPTIONS)) for one in findings)
    return type(findings)(said, findings.looked_for).text(width)
