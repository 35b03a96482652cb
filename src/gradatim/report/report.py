"""The report of a run: its facts and its page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from os import PathLike
from pathlib import Path

from gradatim.report.facts import Facts
from gradatim.report.gathering import FACTS, facts_of_folder
from gradatim.whole_file import whole_file

PAGE = "report.html"


@dataclass(frozen=True, repr=False)
class Report:
    """One page about a run. `gradatim.Run.report` makes one, `Report.of` reads one back.

    Attributes:
        facts: all that the page says, as data.
    """

    facts: Facts

    @classmethod
    def of(cls, folder: str | PathLike[str]) -> Report:
        """The report of a run, from what its folder holds; the table is not needed.

        Raises:
            InputError: if it is not the folder of a run.
            ExchangeError: if a file in it is damaged.
        """
        return cls(facts_of_folder(Path(folder)))

    @cached_property
    def html(self) -> str:
        """The page: one HTML file that needs nothing from outside."""
        from gradatim.report.page import html_of

        return html_of(self.facts)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page, whole or not at all.

        Args:
            path: of the file; its folder must exist.

        Raises:
            InputError: if the folder does not exist, or `path` is one.
        """
        with whole_file(Path(path)) as file:
            file.write(self.html.encode("utf-8"))

    def keep(self, folder: Path) -> None:
        """Write ``report.json``, the facts, and ``report.html`` into the folder of a run."""
        with whole_file(folder / FACTS) as file:
            file.write(self.facts.to_json().encode("utf-8"))
        self.save(folder / PAGE)

    def __repr__(self) -> str:
        return f"Report({', '.join(self.facts.targets)}, {len(self.html):,} characters of HTML: .save(path) writes it)"

    def _repr_html_(self) -> str:
        """For a notebook: the page in a frame of its own, so that neither style sheet meets the other."""
        frame = "width:100%;height:80vh;border:0"
        return f'<iframe title="Report" sandbox style="{frame}" srcdoc="{escape(self.html)}"></iframe>'
