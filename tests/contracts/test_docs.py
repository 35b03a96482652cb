"""What the pages say is run.

On every page, from top to bottom, in one temporary folder and one namespace:

* a ``python`` block is executed;
* a ``console`` block is a session: a line after ``$ `` is a command, the lines below it are its whole output. There `…`
  stands for any text, and alone on a line for any lines: what depends on the machine (times, versions) is written so.
  A number with a point may differ by a fifth, because a training ends a little elsewhere on another processor;
* a translation, such as README.zh-CN.md, has the blocks of its original, and only these are run;
* ``sh`` blocks set up a checkout. `.ci/run` executes those of the README; here their text is held fast.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

SET_UP_AND_FIT = (
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt . "
    "&& .venv/bin/gradatim fit sample:concrete --target strength"
)
SET_UP_AND_TEST = "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt '.[test]' && .venv/bin/pytest"


@pytest.fixture(scope="module", autouse=True)
def compiled(tmp_path_factory):
    """The pages show a later training: the first one of an installation says that it waits for the compiler."""
    folder = tmp_path_factory.mktemp("first")
    run_command(f"gradatim fit sample:iris --target species --rungs shallow --epochs 1 --out {folder / 'run'}")


class Block(NamedTuple):
    """A fenced block: its language, its text and the number of its first line."""

    language: str
    text: str
    line: int


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    fences = re.finditer(r"^```(\w*)[^\n]*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [Block(fence[1], fence[2], text.count("\n", 0, fence.start(2)) + 1) for fence in fences]


TRANSLATED = {page: page.with_name(f"{page.name.split('.')[0]}.md") for page in PAGES if page.name.count(".") > 1}
"""Pages in another language, and their originals."""


def languages(page: Path) -> set[str]:
    return {block.language for block in blocks(page)}


def run_command(command: str) -> str:
    words = shlex.split(command.replace(".venv/bin/", ""))
    if words[0] == "gradatim":
        installed = Path(sys.executable).with_name("gradatim")
        words[:1] = [str(installed)] if installed.exists() else [sys.executable, "-m", "gradatim"]
    # A terminal's width decides where tables wrap: the pages are written for 100 columns.
    run = subprocess.run(words, env=os.environ | {"COLUMNS": "100"}, capture_output=True, text=True, encoding="utf-8")
    return run.stdout + run.stderr


NUMBER = r"\d+\.\d+"
TOLERANCE = 0.2


def matches(expected: str, actual: str) -> bool:
    """Whether the output is what the page says, up to `…`, the last digits, and space at the ends of lines."""
    tidy = ["\n".join(line.rstrip() for line in text.strip().splitlines()) for text in (expected, actual)]
    literal = [re.escape(text).replace("…", ".*?") for text in re.split(NUMBER, tidy[0])]
    found = re.fullmatch(f"({NUMBER})".join(literal), tidy[1], flags=re.DOTALL)
    if found is None:
        return False
    numbers = zip(map(float, re.findall(NUMBER, tidy[0])), map(float, found.groups()), strict=True)
    return all(abs(said - printed) <= TOLERANCE * abs(said) for said, printed in numbers)


def run_session(block: Block, where: str) -> None:
    for turn in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, expected = turn.partition("\n")
        actual = run_command(command)
        assert matches(expected, actual), f"{where}: $ {command}\nThe page says\n{expected}\nbut it printed\n{actual}"


def run_python(block: Block, page: Path, namespace: dict[str, object]) -> None:
    # Empty lines in front make a traceback name the page's own lines.
    code = compile("\n" * (block.line - 1) + block.text, str(page), "exec", dont_inherit=True)
    exec(code, namespace)


@pytest.mark.parametrize("page", TRANSLATED, ids=name)
def test_a_translation_has_the_blocks_of_its_original(page):
    """But for the comments in them."""

    def code(of):
        return [(block.language, re.sub(r"  # .*", "", block.text)) for block in blocks(of)]

    assert code(page) == code(TRANSLATED[page])


def runs(page: Path) -> bool:
    return page not in TRANSLATED and bool(languages(page) & {"python", "console"})


@pytest.mark.parametrize("page", [page for page in PAGES if runs(page)], ids=name)
def test_python_and_console_blocks_of_the_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.language == "console":
            run_session(block, f"{name(page)}:{block.line}")
        elif block.language == "python":
            run_python(block, page, namespace)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_lead_to_files(page):
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("page", [page for page in PAGES if page.name.startswith("README")], ids=name)
def test_the_readme_opens_with_the_two_commands(page):
    commands = [block.text.strip() for block in blocks(page) if block.language == "sh"]
    assert commands[:2] == [SET_UP_AND_FIT, SET_UP_AND_TEST]


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a\nb\n", "a  \nb\n\n", True),
        ("rmse 5.… in … s", "rmse 5.31 in 12 s", True),
        ("first\n…\nlast", "first\nsecond\nthird\nlast", True),
        ("rmse 5.3", "rmse 5.4", True),
        ("rmse 5.3 ± 0.4", "rmse 5.3 ± 0.6", False),
        ("641 parameters", "642 parameters", False),
        ("first", "first\nsecond", False),
    ],
)
def test_the_comparison_of_outputs(expected, actual, same):
    """The tester is tested: only `…`, last digits and trailing space are forgiven."""
    assert matches(expected, actual) is same
