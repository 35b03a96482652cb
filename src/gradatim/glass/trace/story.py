"""A row's way as a story: which unit of each layer is followed, what is to be known first, and the sections."""

from __future__ import annotations

from numbers import Integral

from gradatim.course.summary import label
from gradatim.errors import InputError
from gradatim.glass.trace.backward import sections_back
from gradatim.glass.trace.forward import sections_forward
from gradatim.glass.trace.origins import readable
from gradatim.glass.trace.passes import Trace
from gradatim.glass.trace.sections import Followed, Story


def story_of(t: Trace, *, layer: int | None = None, unit: int | None = None) -> Story:
    """What is told of one row.

    Args:
        t: of one row.
        layer: tell of this one alone; 0 is the row and the front.
        unit: which to look at closely, from 1, of that layer or of the last.

    Raises:
        InputError: for a layer or unit that there is none of.
    """
    if layer is not None:
        if isinstance(layer, bool) or not isinstance(layer, Integral) or not 0 <= layer <= t.L:
            raise InputError(f"trace: layer must be 0 to {t.L}; 0 is the row and the front. Got {layer!r}.")
        if layer == 0 and unit is not None:
            raise InputError(
                f"trace: unit must be left out for layer 0, which has none. Got {unit!r}: ask layer 1 to {t.L}."
            )
    followed = _followed(t, layer, unit)
    sections = [*sections_forward(t, followed), *sections_back(t, followed)]
    told = [section for section in sections if layer is None or section.layer == layer]
    return Story(_title(t), (*_facts(t), *map(readable_sentence, t.notes)), tuple(told))


def readable_sentence(words: str) -> str:
    """A sentence in which names of strangers may stand."""
    return readable(words, most=400)


def _followed(t: Trace, layer: int | None, unit: int | None) -> Followed:
    """Back from what is said: in each layer the unit that gives most to the one above."""
    softmax = t.model.architecture.output.activation == "softmax"
    followed = {t.L: int(t.A[t.L][:, 0].argmax()) if softmax else 0}
    for l in range(t.L, 0, -1):
        if l < t.L:
            parts = t.contributions(l + 1, followed[l + 1] + 1)
            followed[l] = int(parts.order[0])
        if unit is not None and l == (t.L if layer is None else layer):
            t.contributions(l, unit)  # refuses a unit that is not there
            followed[l] = int(unit) - 1
    return followed


def _title(t: Trace) -> str:
    of = f" of {readable(t.source, 60)}" if t.source else ""
    return f"Row {t.numbers[0]:,}{of} through {label(t.model.architecture)}"


def _facts(t: Trace) -> list[str]:
    said = []
    if t.ensemble is not None:
        said.append(
            f"This is network {t.network_number} of {len(t.ensemble.models)}, whose mean the ensemble says. "
            "Each of them encodes the row by its own training rows."
        )
    members = t.model.architecture.members
    if members > 1:
        said.append(
            f"This is member {t.member} of {members}: A[0], W[{t.L}] and b[{t.L}] are its own, "
            f"{'the layers between are shared' if t.L > 1 else 'nothing else is there'}."
        )
    return said
