"""What the site needs of its sources: a place for every page and every public name. No Sphinx is needed."""

import re
from pathlib import Path

import pytest

import gradatim as gd
from gradatim.lessons import LANGUAGES

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "site"
ENDINGS = {"en": ".md", "zh-CN": ".zh-CN.md"}
LISTED_BY_A_TEMPLATE = ("docs/decisions/", "src/gradatim/lessons/pages/")


def pages(language: str) -> set[str]:
    """Those of the site in one language, as paths in the repository without their ending."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    names = [page.relative_to(ROOT).as_posix() for page in found if page.name.count(".") == (language != "en") + 1]
    return {name.removesuffix(".md") for name in names}


def contents(language: str) -> set[str]:
    """What the first page of the site lists, itself included."""
    index = SITE / f"index{ENDINGS[language]}"
    entries = re.findall(r"^:::\{toctree\}\n(.*?)^:::$", index.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for entry in entries for line in entry.splitlines() if line and not line.startswith(":")]
    targets = [re.sub(r".*<(.*)>", r"\1", line) for line in lines]
    paths = [(SITE / target).resolve().relative_to(ROOT).as_posix() for target in targets]
    return {index.relative_to(ROOT).as_posix().removesuffix(".md"), *paths}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_the_contents(language):
    listed = {page for page in pages(language) if not page.startswith(LISTED_BY_A_TEMPLATE)}
    assert listed - contents(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contents_name_pages_that_exist(language):
    endings = (".md", ".rst")
    assert [page for page in contents(language) if not any((ROOT / (page + end)).exists() for end in endings)] == []


def test_every_public_name_is_in_the_reference():
    text = "\n".join(page.read_text(encoding="utf-8") for page in (SITE / "reference").glob("*.rst"))
    described = re.findall(r"^\.\. auto(?:class|function|module):: gradatim\.(\w+)$", text, re.MULTILINE)
    assert set(gd.__all__) - set(described) == set()
    assert len(described) == len(set(described))
