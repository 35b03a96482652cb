"""What the site does with its pages beyond Sphinx: two languages, links out of the site, lessons to download."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from gradatim.lessons import NAMES, PARTS, lesson, save_notebook

CHINESE = ".zh-CN"
LESSONS = "src/gradatim/lessons/pages/"
FOLDERS = {
    "docs/decisions": "docs/site/decisions",
    "src/gradatim/formulas/activations": "docs/site/reference/formulas",
}
"""Folders that pages link to, as a repository shows them, and the pages that list them here."""


class LinksOutOfThisSite(SphinxTransform):
    """Links to pages of the other language, and to folders: MyST knows neither as a page of this site."""

    default_priority = 5

    def apply(self, **kwargs: Any) -> None:
        """Sphinx calls this for each page."""
        for link in list(self.document.findall(addnodes.pending_xref)):
            if link["reftype"] == "myst" and (page := self._page(link)):
                target = address(self.env.docname, page) + (
                    f"#{link['reftargetid']}" if link.get("reftargetid") else ""
                )
                link.replace_self(nodes.reference("", "", *link.children, refuri=target, internal=True))

    def _page(self, link: addnodes.pending_xref) -> str | None:
        if link["refdomain"] == "doc":
            return None if link["reftarget"] in self.env.found_docs else str(link["reftarget"])
        folder, _ = self.env.relfn2path(link["reftarget"].rstrip("/"), self.env.docname)
        return FOLDERS.get(folder)


def address(from_page: str, to_page: str) -> str:
    """From a page of one site to a page of the other, or of the same."""
    return posixpath.relpath(_place(to_page), posixpath.dirname(_place(from_page)))


def _place(page: str) -> str:
    return f"zh-CN/{page}.html" if page.endswith(CHINESE) else f"{page}.html"


def fill_in(app: Sphinx, page: str, source: list[str]) -> None:
    """The contents of the lessons are written by a template: their order stands in the package."""
    if page.startswith("docs/site/lessons"):
        template = app.builder.templates.environment.from_string(source[0])
        source[0] = template.render(parts=PARTS)


def leave_out(app: Sphinx, what: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    """What scikit-learn puts into every estimator is described there."""
    return True if str(getattr(member, "__module__", "")).startswith("sklearn.") else None


def describe(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """What the templates ask: the page in the other language, and the notebook of a lesson."""
    base = page.removesuffix(CHINESE)
    other = base if app.config.root_doc.endswith(CHINESE) else base + CHINESE
    if not (Path(app.srcdir) / f"{other}.md").exists():
        other = "docs/site/index" if app.config.root_doc.endswith(CHINESE) else f"docs/site/index{CHINESE}"
    context["other_language"] = address(page, other)
    if base.removeprefix(LESSONS) in NAMES:
        context["notebook"] = f"{posixpath.basename(page)}.ipynb"


def write_notebooks(app: Sphinx, exception: Exception | None) -> None:
    """Beside each lesson, its notebook."""
    if exception is not None or app.builder.format != "html":
        return
    for page in app.env.found_docs:
        if page.startswith(LESSONS):
            name, _, language = posixpath.basename(page).partition(".")
            save_notebook(lesson(name, language or "en"), Path(app.outdir) / f"{page}.ipynb")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this once."""
    app.add_transform(LinksOutOfThisSite)
    app.connect("autodoc-skip-member", leave_out)
    app.connect("source-read", fill_in)
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True}
