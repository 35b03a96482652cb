"""What cannot be done is refused: exit 2, one message, nothing printed, nothing left, a finished run untouched."""

from __future__ import annotations

import os
import pickle
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.commands import QUICK, csv_text, everything_in


def fit_of(content, name="data.csv"):
    """Arguments that would replace the finished run by one of this content."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return ("fit", name, "--target", "y", "--out", "run", "--replace", *QUICK)


# --- the file --------------------------------------------------------------------------------------------------------

WHOLE = csv_text()
FILES = {
    "empty": ("", "data.csv must hold a table. Got an empty file."),
    "blank": ("\n \n\n", "data.csv must hold a table. Got an empty file."),
    "header only": ("x,k,y\n", "data.csv must hold rows. Got 3 columns and no row: is it only a header?"),
    "one row": ("x,k,y\n1,a,2.5\n", "must have 5 rows with a target or more"),
    "four rows": (csv_text(4), "must have 5 rows with a target or more"),
    "too few fields": (WHOLE + "1,a\n", "Got 2 in line 62, 3 in the header."),
    "too many fields": (WHOLE + "1,a,2,3\n", "Got 4 in line 62, 3 in the header."),
    "a comma in a text": (WHOLE + "1,a,b,2.5\n" + WHOLE, "needs quotation marks around that text"),
    "ragged beside quotes": (WHOLE + '1,"a,b",2.5\n' + "1,a\n", "Got 2 in line 63, 3 in the header."),
    "a last line that is cut": (WHOLE + "1,a", "Got 2 in line 62, 3 in the header."),
    "a quote that stays open": (WHOLE + '1,"a', "Got 2 in line 62, 3 in the header."),
    "UTF-16 that breaks off": (WHOLE.encode("utf-16")[:-1], "Got UTF-16 that breaks off at byte"),
    "one class": (csv_text(y=["yes"] * 60), "The target 'y' must hold two classes or more. Got one class, 'yes'"),
    "one class of numbers": (csv_text(y=[1] * 60), "The target 'y' must hold two classes or more. Got one class, 1"),
    "a constant target": (csv_text(y=[1.5] * 60), "must hold different values. Got 1.5 in every row"),
    "a target without values": (csv_text(y=[""] * 60), "The target 'y' must hold values."),
    "a target of infinities": (csv_text(y=["inf"] * 60), "The target 'y' must hold values."),
    "a target of names": (csv_text(y=[f"n{i}" for i in range(60)]), "Got 60 different values in 60 rows"),
    "nothing beside the target": ("y\n" + "1.5\n2.5\n" * 30, "must hold a column to predict from. Got none."),
    "only identifiers": (
        "id,name,y\n" + "".join(f"{i},n{i},{i % 2}\n" for i in range(60)),
        "must hold a column to predict from. Got none. Left out 'id'",
    ),
    "only constants": ("x,y\n" + "7,1.5\n7,2.5\n" * 30, "must hold a column to predict from. Got none. Left out 'x'"),
    "the target's name twice": (
        "x,y,y\n" + "1,2.5,3.5\n2,3.5,4.5\n" * 30,
        "The target must be one column. Got 'y', which names several",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_table_to_learn_from(refused, case):
    content, message = FILES[case]
    assert message in refused(*fit_of(content))


def test_no_file(refused):
    assert "Got nothing of that name. Did you mean 'table.csv'?" in refused("fit", "tabel.csv", "--target", "y")
    assert "There is no folder nowhere either." in refused("fit", "nowhere/t.csv", "--target", "y")
    assert "Did you mean 'concrete'?" in refused("fit", "sample:concret", "--target", "y")


ENDINGS = (
    *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".ipc", ".npz", ".npy"),
    *(
        ".h5",
        ".png",
        ".jpg",
        ".xlsx",
        ".xls",
        ".ods",
        ".sqlite",
        ".db",
        ".gz",
        ".zst",
        ".csv.gz",
        ".json.zst",
        ".x",
        "",
    ),
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_binary_junk_under_any_ending(refused, ending):
    for package in ("h5py", "PIL", "fastexcel"):
        pytest.importorskip(package)
    for seed in (0, 1):
        message = refused(*fit_of(random.Random(seed).randbytes(2000), f"junk{ending}"))
        assert message.startswith(f"junk{ending} must ")
        assert ". Got " in message


def test_a_table_under_the_ending_of_another_kind(refused):
    content = pickle.dumps({"x": 1})
    assert "must be" in refused(*fit_of(content, "data.parquet"))
    assert "Parquet" in refused(*fit_of(b"PAR1" + bytes(100) + b"PAR1", "data.csv"))


@pytest.mark.parametrize("files", [(), ("a.txt", "b.csv"), ("cats/a.txt", "dogs/b.txt")])
def test_a_directory_of_nothing_or_of_texts(refused, files):
    Path("folder").mkdir()
    for name in files:
        Path("folder", name).parent.mkdir(exist_ok=True)
        Path("folder", name).write_text("some text", encoding="utf-8")
    assert refused("fit", "folder").startswith("folder must hold pictures (.png, .jpg")


def test_no_permission_to_read(refused, monkeypatch):
    tokens = fit_of(WHOLE, "secret.csv")
    opened = Path.open

    def closed(path, *args, **kwargs):
        if path.name == "secret.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", closed)
    assert "permission denied at 'secret.csv'. Ask its owner" in refused(*tokens)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read and write everything")
def test_no_permission_for_real(cli, here):
    tokens = fit_of(WHOLE, "secret.csv")
    Path("secret.csv").chmod(0)
    ended = cli(*tokens)
    assert (ended.status, ended.out) == (2, "")
    assert "permission denied at 'secret.csv'. Ask its owner" in ended.err
    Path("secret.csv").chmod(0o600)
    Path("closed").mkdir(mode=0o500)
    assert cli(*tokens[:4], "--out", "closed/run", *QUICK).status == 2
    assert list(Path("closed").iterdir()) == []


# --- columns and settings --------------------------------------------------------------------------------------------

TWICE = "x,x,k,y\n" + "".join(f"{i},{i % 7},{'abc'[i % 3]},{2 * i + 0.5}\n" for i in range(60))
ANSWERS = csv_text(y=["no", "yes"] * 30)


@pytest.mark.parametrize(
    "options", [("--ignore", "x"), ("--weight", "x"), ("--group", "x"), ("--order", "x"), ("--kind", "x=category")]
)
def test_an_option_that_names_one_of_two_columns(refused, options):
    message = refused(*fit_of(TWICE), *options)
    assert "must be one column. Got 'x', which names several: give each a name of its own." in message


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (("--target", "z"), "The target must be one of the table's columns: x, k, y. Got 'z'."),
        (("--target", "yy"), "Did you mean 'y'?"),
        ((), "The target must be named: which column is to be predicted?"),
        (("--target", "y", "--target", "k"), "Several targets must all hold two different values"),
    ],
)
def test_a_target_that_is_not_clear(refused, target, message):
    assert message in refused("fit", fit_of(WHOLE)[1], *target, "--out", "run", "--replace", *QUICK)


OPTIONS = [
    ("--activation rleu", "--activation must be one of .* Got 'rleu'. Did you mean 'relu'?"),
    ("--metric rsme", "--metric must be one of .* Got 'rsme'. Did you mean 'rmse'?"),
    ("--metric accuracy", "--metric of a regression must be one of .* Got 'accuracy', of a classification."),
    ("--rungs lnear", "--rungs must be some of .* Got 'lnear'. Did you mean 'linear'?"),
    ("--choose dep", "--choose must be .* Got 'dep'. Did you mean 'deep'?"),
    ("--choose deep --rungs linear", "--choose must be simplest, best or a rung that is tried (linear). Got 'deep'."),
    ("--preset stron", "--preset must be one of .* Got 'stron'. Did you mean 'strong'?"),
    ("--kind x=categry", "The kind of 'x' must be one of .* Got 'categry'. Did you mean 'category'?"),
    ("--kind xx=category", "The column in kinds must be one of the table's columns: .* Got 'xx'. Did you mean 'x'?"),
    (
        "--kind y=number",
        "The column in kinds must not be the target. Got 'y'. .* with --task regression or --task class",
    ),
    ("--kind x", "--kind must be NAME=KIND, such as zip=category. Got 'x'."),
    ("--kind k=number", "Column 'k' must hold numbers. Got text in row 1, 2, 3, 4, 5 and .* such as 'a'."),
    ("--kind k=date", "Column 'k' must hold dates. Got 'a', one of "),
    ("--ignore xx", "The column to ignore must be one of the table's columns: .* Got 'xx'. Did you mean 'x'?"),
    ("--ignore y", "--ignore must not name the target. Got 'y'."),
    ("--ignore x --ignore k", "The table must hold a column to predict from. Got none."),
    ("--weight k", "The column of weight, 'k', must hold a number of 0 or more in every row. Got 'a' in row 1"),
    ("--weight w", "The column of weight must be one of the table's columns: x, k, y. Got 'w'."),
    ("--group g", "The column of group must be one of the table's columns: x, k, y. Got 'g'."),
    ("--order d", "The column of order must be one of the table's columns: x, k, y. Got 'd'."),
    ("--group k --order x", "The rows must be split by groups or in order, not both."),
    ("--task regresion", "--task must be one of .* Got 'regresion'. Did you mean 'regression'?"),
    ("--positive yes", "--positive must be left out where the target is a number. Got 'yes'."),
    ("--hidden 20,0", "--hidden must be whole numbers of 1 or more with commas, such as 20,7,5. Got '20,0'."),
    ("--hidden 20,x", "--hidden must be whole numbers of 1 or more with commas, such as 20,7,5. Got '20,x'."),
    ("--learning-rate 0", "--learning-rate must be a finite number above 0. Got 0.0."),
    ("--learning-rate nan", "--learning-rate must be a finite number above 0. Got nan."),
    ("--learning-rate fast", "--learning-rate must be a number. Got 'fast'."),
    ("--epochs 0", "--epochs must be a whole number of 1 or more.* Got 0."),
    ("--epochs 1.5", "--epochs must be a whole number. Got '1.5'."),
    ("--steps -1", "--steps must be a whole number of 1 or more"),
    ("--steps 3 --epochs 3", " must be .* Got "),
    ("--budget 0", "--budget must be a number of seconds above 0"),
    ("--budget 5 --steps 3", "--budget must be left out where steps are given"),
    ("--test 1", "--test must be a share of the rows in [0, 1), such as 0.2, or a file. Got 1.0."),
    ("--test nothing.csv", "nothing.csv must be a file or a folder. Got nothing of that name."),
    ("--seed -1", "--seed must be a whole number of 0 or more, or None. Got -1."),
    ("--seed x", "--seed must be a whole number. Got 'x'."),
    ("--query SELECT", "--query must go with a database. Got one for data.csv."),
    ("--out data.csv", "--out must be "),
    ("--traget y", "Unknown option: --traget. Did you mean --target?"),
    ("--epochs", "--epochs requires an argument"),
]


@pytest.mark.parametrize(("options", "message"), OPTIONS, ids=[options for options, _ in OPTIONS])
def test_a_setting_that_is_out_of_range_or_unknown(refused, options, message):
    fit_of(WHOLE)
    named = options.split()
    rest = ("--rungs", "constant,linear,deep") if "--rungs" not in named else ()
    place = ("--out", "run", "--replace") if "--out" not in named else ()
    found = refused("fit", "data.csv", "--target", "y", *place, *rest, *named)
    assert re.search(".*".join(map(re.escape, message.split(".*"))), found), found


def test_a_network_that_no_memory_holds(refused):
    message = refused(*fit_of(WHOLE)[: -len(QUICK)], "--rungs", "shallow", "--hidden", "99999999999", "--quiet")
    assert message.startswith("The table and the networks must fit into memory. Got: Unable to allocate")


def test_a_command_that_is_unknown(refused):
    assert 'Did you mean "predict"?' in refused("preidct", "run", "table.csv")
    assert "DATA" in refused("fit")


# --- in a process of its own -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["fit", "data.csv", "--target", "z"], b"The target must be one of the table's columns: x, k, y. Got 'z'."),
        (["predict", "data.csv", "data.csv"], b"data.csv must be a model file of gradatim"),
    ],
)
def test_a_process_says_one_thing_and_ends_with_2(here, tokens, message):
    fit_of(ANSWERS)
    before = everything_in(here)
    done = subprocess.run([sys.executable, "-m", "gradatim", *tokens], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(message)
    assert done.stderr.count(b"\n") == 1
    assert everything_in(here) == before
