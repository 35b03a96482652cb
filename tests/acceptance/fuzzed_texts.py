"""Text tables and JSON of the stranger sort, drawn at random."""

from __future__ import annotations

import json
import random
from typing import Any

NAMES = (
    "x",
    "y",
    "k",
    "when",
    "id",
    "",
    " ",
    "x ",
    "_duplicated_0",
    "é",
    "名",
    "a\nb",
    'q"',
    "p_1",
    "X",
    "1.5",
    "None",
)
TOKENS = (
    *("", "0", "1", "-1", "1.5", "1,5", "2,25", "1e300", "-1e308", "1e999", "inf", "-Infinity", "nan", "NA", "?", "-"),
    *(
        "9" * 19,
        "9" * 25,
        "9" * 400,
        "0120",
        "00",
        "+0",
        "0x1F",
        "1_000",
        "$1,200",
        "15 %",
        "٣",
        "½",
        "1.2.3",
        ".",
        "e5",
    ),
    *(
        "true",
        "False",
        "TRUE",
        "a",
        "b",
        "Rome",
        "é",
        "\u00a0",
        "\u200b",
        "𝔘",
        "\ufeff",
        "a b c d",
        "'",
        '"',
        '""',
        'a"b',
    ),
    *("2024-02-29", "2023-02-29", "0000-00-00", "9999-12-31", "10000-01-01", "31/12/2020", "12/31/2020", "99/99/9999"),
    *("2024-02-29T25:00:00", "2024-02-29 10:00:00+02:00", "2024-02-29T10:00:00Z", "24:00", "12:30", "1850-01-01 00:00"),
    *(
        "\0",
        "\x1b",
        "\x0b",
        "x" * 5000,
        "=1+1",
        "#N/A",
        "[1,2]",
        "{}",
        "null",
        "\\N",
        "\\",
        "//",
        "\r",
        "a\nb",
        "😀" * 20,
    ),
)


def delimited(draw: random.Random) -> tuple[str, bytes]:
    """The ending and the content of a text table."""
    separator = draw.choice(",,,;\t|")
    few = draw.sample(TOKENS, draw.choice((1, 2, 4, 12)))
    width, ragged, quoted = draw.choice((1, 2, 3, 5, 300)), draw.random() < 0.1, draw.random() < 0.8
    lines = [[draw.choice(NAMES) if draw.random() < 0.5 else f"c{j}" for j in range(width)]]
    for _ in range(draw.choice((0, 1, 5, 40, 200 if width < 9 else 9))):
        wide = width + (draw.choice((-1, 1)) if ragged and draw.random() < 0.2 else 0)
        lines.append([draw.choice(few if draw.random() < 0.97 else TOKENS) for _ in range(max(0, wide))])
    end = draw.choice(("\n", "\n", "\r\n", "\r", "\n\n"))
    text = end.join(separator.join(_field(field, separator, quoted) for field in line) for line in lines)
    text += draw.choice(("", end, end * 3, separator, '"'))
    encoding = draw.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"))
    return draw.choice((".csv", ".csv", ".tsv", ".txt")), text.encode(encoding, "replace")


def _field(text: str, separator: str, quoted: bool) -> str:
    special = any(letter in text for letter in (separator, '"', "\n", "\r"))
    return '"' + text.replace('"', '""') + '"' if special and quoted else text


def _value(draw: random.Random, depth: int = 0) -> Any:
    if depth < 3 and draw.random() < 0.1:
        inner = [_value(draw, depth + 1) for _ in range(draw.randrange(4))]
        return inner if draw.random() < 0.5 else {draw.choice(NAMES): value for value in inner}
    return draw.choice((None, True, False, 0, 1, 2, 1.5, 2**63, 10**400, -(2**63), 1e308, *draw.sample(TOKENS, 8)))


def _records(draw: random.Random) -> list[Any]:
    names = draw.sample(NAMES, draw.randrange(1, 5))
    few = [_value(draw) for _ in range(draw.choice((1, 2, 6, 30)))]
    return [{name: draw.choice(few) for name in names if draw.random() < 0.95} for _ in range(draw.choice((0, 1, 30)))]


def json_text(draw: random.Random) -> tuple[str, bytes]:
    """The ending and the content of a JSON file."""
    records = _records(draw)
    shape = draw.randrange(6)
    if shape == 0:
        whole: Any = {name: [_value(draw) for _ in range(draw.choice((3, 3, 3, 4)))] for name in NAMES[:4]}
    elif shape == 1:
        whole = _value(draw)
    elif shape == 2:
        whole = [[_value(draw) for _ in range(3)] for _ in range(5)]
    else:
        whole = records
    text = _dumped(whole, draw)
    if draw.random() < 0.05:
        text = "[" * 100_000 + text
    return ".json", text.encode("utf-8", "surrogatepass")


def json_lines(draw: random.Random) -> tuple[str, bytes]:
    """The ending and the content of a file of JSON lines."""
    text = draw.choice(("\n", "\r\n", "\n\n")).join(_dumped(record, draw) for record in _records(draw))
    return draw.choice((".jsonl", ".ndjson")), text.encode("utf-8", "surrogatepass")


def _dumped(value: Any, draw: random.Random) -> str:
    text = json.dumps(value, ensure_ascii=draw.random() < 0.5)
    return text.replace("1.5", draw.choice(("1.5", "NaN", "1e999", "-Infinity", '"\\ud800"', "1.", "01")))
