"""A network in words: one line for messages, a table of its layers for print and for notebooks.

What is said is data first, `Description`; text and HTML are two ways to write it, so that they cannot disagree.

Conventions
-----------
* A column of the table in which nothing stands is left out: no dropout, no column of it.
* The HTML is one element with its own few lines of CSS and no script. It takes its colours from the page around it, so
  that it can be read in light and in dark notebooks. Names come from tables of strangers: all of them are escaped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass, fields
from html import escape

from gradatim.network import Architecture, Block, CategoryEmbedding, Front, NumericEmbedding

BLOCKS_SHOWN = 3
"""Of a front with more blocks than these, such as one of fifty embedded categories, the rest is counted."""

CSS = """
.gradatim-summary {overflow-x: auto; font-size: 13px; line-height: 1.5}
.gradatim-summary table {border-collapse: collapse; margin: 0.4em 0; font-variant-numeric: tabular-nums}
.gradatim-summary .title {font-weight: bold; padding: 0.2em 0.6em}
.gradatim-summary tr {background: none !important}
.gradatim-summary th, .gradatim-summary td {text-align: left; vertical-align: top; padding: 0.15em 0.6em; border: none}
.gradatim-summary td.what {min-width: 9em}
.gradatim-summary td.code {font-family: monospace; white-space: nowrap}
.gradatim-summary .number {text-align: right; white-space: nowrap}
.gradatim-summary tbody th {font-weight: normal; opacity: 0.75; white-space: nowrap}
.gradatim-summary .layers tr > * {border-top: 1px solid rgba(128, 128, 128, 0.35)}
""".strip()


@dataclass(frozen=True)
class Row:
    """One line of the table: the input, a part of the front, or a layer. Its fields are the table's columns.

    Attributes:
        layer: "input", "front", "members", or the layer's number.
        what: it is, in words.
        W: shape of its weights.
        b: shape of its biases.
        activation: by name.
        dropout: rate behind it, where there is any.
        parameters: how many it has, all blocks of it together.
    """

    layer: str
    what: str
    W: str = ""
    b: str = ""
    activation: str = ""
    dropout: str = ""
    parameters: str = ""


COLUMNS = tuple(field.name for field in fields(Row))
_NUMBERS = ("dropout", "parameters")
_CLASSES = {"what": "what", **dict.fromkeys(("W", "b", "activation"), "code"), **dict.fromkeys(_NUMBERS, "number")}


@dataclass(frozen=True)
class Description:
    """What is said of a network.

    Attributes:
        title: what it is, in a line.
        facts: names and sentences.
        rows: layer by layer.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]

    def table(self) -> list[tuple[str, ...]]:
        """The header, then the cells of each row, without the columns in which nothing stands."""
        cells = [COLUMNS, *map(astuple, self.rows)]
        used = [j for j in range(len(COLUMNS)) if any(row[j] for row in cells[1:])]
        return [tuple(row[j] for j in used) for row in cells]

    def text(self) -> str:
        """For a terminal: columns of letters of one width."""
        table = self.table()
        right = [j for j, name in enumerate(table[0]) if name in _NUMBERS]
        return "\n".join([self.title, *aligned(self.facts), "", *aligned(table, right=right)])

    def html(self) -> str:
        """For a notebook: one element that needs nothing from outside."""
        facts = "".join(
            f'<tr><th scope="row">{escape(name)}</th><td>{escape(said)}</td></tr>' for name, said in self.facts
        )
        header, *rows = self.table()
        head = "".join(f'<th scope="col"{_class(name)}>{escape(name)}</th>' for name in header)
        body = "".join(f"<tr>{''.join(map(_cell, header, row))}</tr>" for row in rows)
        return (
            f'<div class="gradatim-summary"><style>{CSS}</style>'
            f'<div class="title">{escape(self.title)}</div><table><tbody>{facts}</tbody></table>'
            f'<table class="layers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        )


def _cell(name: str, value: str) -> str:
    if name == "layer":
        return f'<th scope="row">{escape(value)}</th>'
    return f"<td{_class(name)}>{escape(value)}</td>"


def _class(name: str) -> str:
    return f' class="{_CLASSES[name]}"' if name in _CLASSES else ""


def label(architecture: Architecture) -> str:
    """One line.

    Example:
        >>> from gradatim.network import Dense
        >>> label(Architecture(3, layers=(Dense(4, "relu"),), output=Dense(1, "sigmoid")))
        '3 → 4 → 1 (relu, sigmoid)'
    """
    members = f", {architecture.members} members" if architecture.members > 1 else ""
    return f"{widths(architecture)} ({', '.join(layer.activation for layer in architecture.dense)}{members})"


def widths(architecture: Architecture) -> str:
    """n[0] to n[L], as 3 → 4 → 1."""
    return " → ".join(map(str, architecture.n))


def describe(architecture: Architecture, loss: str, dtype: str = "float64") -> Description:
    """A network by itself; `gradatim.model.summary` says what it was trained on as well.

    Args:
        architecture: the network.
        loss: its name.
        dtype: of the parameters.

    Example:
        >>> from gradatim.network import Dense
        >>> print(describe(Architecture(3, layers=(Dense(4, "relu"),), output=Dense(1, "sigmoid")), "log_loss").text())
        Network 3 → 4 → 1
        loss        log_loss
        parameters  21, float64
        <BLANKLINE>
        layer  what      W       b       activation  parameters
        input  3 inputs
        1      4 units   (4, 3)  (4, 1)  relu                16
        2      1 unit    (1, 4)  (1, 1)  sigmoid              5
    """
    facts = (("loss", loss), *members_and_size(architecture, dtype))
    return Description(f"Network {widths(architecture)}", facts, layer_rows(architecture))


def members_and_size(architecture: Architecture, dtype: str) -> tuple[tuple[str, str], ...]:
    """What every description ends with."""
    count = architecture.members
    members = (("members", f"{count} networks that share their hidden layers; their mean is the output"),)
    return (*(members if count > 1 else ()), ("parameters", f"{architecture.size:,}, {dtype}"))


def layer_rows(architecture: Architecture) -> tuple[Row, ...]:
    """The input, the front and the layers 1 … L."""
    a = architecture
    codes = f", {counted(a.code_columns, 'category code')}" if a.code_columns else ""
    rows = [Row("input", counted(a.inputs, "input") + codes), *_front_rows(a)]
    if a.members > 1:
        rows.append(Row("members", f"a scale each on A[0]: {a.block['r']}", parameters=f"{a.block['r'].size:,}"))
    for l, layer in enumerate(a.dense, start=1):
        own = [a.block[name] for name in (f"W{l}", f"b{l}", f"slope{l}") if name in a.block]
        rows.append(
            Row(
                layer=str(l),
                what=counted(layer.units, "unit") + (", a learned slope each" if layer.learned_slope else ""),
                W=str(own[0].shape),
                b=str(own[1].shape),
                activation=layer.activation,
                dropout=f"{a.dropout[l - 1]:g}" if a.dropout[l - 1] else "",
                parameters=f"{sum(block.size for block in own):,}",
            )
        )
    return tuple(rows)


def _front_rows(architecture: Architecture) -> list[Row]:
    rows, width = [], architecture.inputs
    for part in architecture.front:
        own = [architecture.block[name] for name, *_ in part.blocks(width)]
        width = part.widen(width)
        what = f"{_words_for(part)} → {width:,}: {_listed(own)}"
        rows.append(Row("front", what, parameters=f"{sum(block.size for block in own):,}"))
    return rows


def _words_for(part: Front) -> str:
    match part:
        case NumericEmbedding():
            return f"{counted(part.columns, 'number')} embedded"
        case CategoryEmbedding():
            return f"{counted(len(part.levels), 'category', 'categories')} embedded"
        case _:
            return "a scale for each input"


def _listed(blocks: Sequence[Block]) -> str:
    more = len(blocks) - BLOCKS_SHOWN
    shown = blocks if more <= 1 else blocks[:BLOCKS_SHOWN]  # "and 1 more" is no shorter than the one
    return ", ".join(map(str, shown)) + (f" and {more} more" if more > 1 else "")


def counted(count: int, one: str, many: str = "") -> str:
    """A number and what it counts.

    Example:
        >>> counted(1, "unit"), counted(2000, "category", "categories")
        ('1 unit', '2,000 categories')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def aligned(rows: Sequence[tuple[str, ...]], right: Collection[int] = ()) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell.

    Args:
        rows: cells; the same number in each.
        right: places of columns that end, and do not begin, at one place.

    Example:
        >>> aligned([("a", "bcd"), ("ef", "g")], right=[1])
        ['a   bcd', 'ef    g']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if j in right else cell.ljust(width)
            for j, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
