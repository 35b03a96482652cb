"""Remedies as they are typed."""

from gradatim.glass.doctor import Diagnosis, Findings
from gradatim.terminal.doctor import findings_text


def test_arguments_become_options_and_lines_fit():
    remedy = 'Keep one of each: ignore="house no" and ignore="b", learning_rate=0.01, activation="relu" or dropout=0.1.'
    text = findings_text(Findings([Diagnosis("a", "serious", "So it is.", remedy)], ["a"]), width=80)
    assert text.split("\n\n")[1].splitlines() == [
        "a (serious)",
        "  So it is.",
        "  Keep one of each: --ignore 'house no' and --ignore b, --learning-rate 0.01,",
        "  --activation relu or dropout=0.1.",
    ]
