"""What the doctor says: a condition by name, where it is, the numbers that show it, and what to change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from textwrap import fill
from typing import Any, Literal, overload

Severity = Literal["serious", "worth a look"]

SEVERITIES: tuple[Severity, ...] = ("serious", "worth a look")
"""The worst first: "serious" where the network cannot do its work, "worth a look" where it may do it less well."""

WIDTH = 100


@dataclass(frozen=True)
class Diagnosis:
    """One condition of one network.

    Attributes:
        name: of the condition, as in `gradatim.glass.doctor.CONDITIONS`.
        severity: "serious" or "worth a look".
        evidence: a sentence or two with the numbers.
        remedy: the setting to change, with a value.
        layer: its number, from 1 to L; None for what is no matter of one layer.
        network: which of several networks; "" where there is one.
        measured: the numbers of the evidence by name, to compute with.
    """

    name: str
    severity: str
    evidence: str
    remedy: str
    layer: int | None = None
    network: str = ""
    measured: dict[str, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Network, condition and layer: ``deep network: dead units, layer 2``."""
        of = f"{self.network}: " if self.network else ""
        return f"{of}{self.name}" + ("" if self.layer is None else f", layer {self.layer}")

    def text(self, width: int = WIDTH) -> str:
        """Three lines or more: title, evidence, remedy."""
        lines = [f"{self.title} ({self.severity})", *(f"  {said}" for said in (self.evidence, self.remedy))]
        return "\n".join(
            fill(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) for line in lines
        )

    def __str__(self) -> str:
        return self.text()


class Findings(Sequence[Diagnosis]):
    """What was found, the worst first. A list to read: index it, loop over it, ``if findings:`` asks whether any is.

    Args:
        found: in any order.
        looked_for: names of the conditions that could be judged by what there was.

    Example:
        >>> findings = Findings((), looked_for=["dead units", "vanishing gradients"])
        >>> print(findings)
        No condition found, of 2 that were looked for.
        >>> bool(findings), findings.names
        (False, ())
    """

    def __init__(self, found: Iterable[Diagnosis], looked_for: Iterable[str]) -> None:
        self._found = tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity)))
        self.looked_for = tuple(looked_for)

    @property
    def names(self) -> tuple[str, ...]:
        """The conditions that were found, each once."""
        return tuple(dict.fromkeys(one.name for one in self))

    @classmethod
    def together(cls, several: Iterable[Findings]) -> Findings:
        """All findings of several examinations."""
        several = tuple(several)
        looked_for = dict.fromkeys(name for some in several for name in some.looked_for)
        return cls((one for some in several for one in some), looked_for)

    @property
    def summary(self) -> str:
        """How many were found, of how many that were looked for."""
        asked = f"of {len(self.looked_for)} that were looked for"
        count = len(self.names)
        return (
            f"{count} condition{'' if count == 1 else 's'} found, {asked}."
            if count
            else (f"No condition found, {asked}.")
        )

    def text(self, width: int = WIDTH) -> str:
        """The summary, then each diagnosis, with an empty line between."""
        return "\n\n".join([fill(self.summary, width), *(one.text(width) for one in self)])

    def to_json(self) -> dict[str, Any]:
        """As JSON has it: ``{"looked_for": […], "found": [{"name": …, "layer": …, "remedy": …}]}``."""
        return {"looked_for": list(self.looked_for), "found": [asdict(one) for one in self]}

    @overload
    def __getitem__(self, place: int) -> Diagnosis: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Diagnosis, ...]: ...
    def __getitem__(self, place: int | slice) -> Diagnosis | tuple[Diagnosis, ...]:
        return self._found[place]

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Diagnosis]:
        return iter(self._found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Findings) and (self._found, self.looked_for) == (other._found, other.looked_for)

    __hash__ = None  # type: ignore[assignment]  # measured numbers are a dictionary

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Findings({', '.join(one.title for one in self) or 'none'}; {len(self.looked_for)} looked for)"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<dt><b>{escape(one.title)}</b> ({one.severity})</dt><dd>{escape(one.evidence)}<br>{escape(one.remedy)}"
            "</dd>"
            for one in self
        )
        return f"<p>{escape(self.summary)}</p>" + (f"<dl>{rows}</dl>" if rows else "")
