"""How Sphinx builds the site; CONTRIBUTING.md has the two commands, one for each language.

Conventions
-----------
* The source folder is the repository itself: a page's address is its path there. So links between pages are those that
  a reader of the repository follows, and nothing is copied.
* ``NAME.zh-CN.md`` is the Chinese page of ``NAME.md``. The English site has the pages without that ending, the Chinese
  site (``-t chinese``, built into the folder ``zh-CN`` of the English one) those with it.
* What only a site needs is in this folder: the contents, the reference, templates and style.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import gradatim  # noqa: E402
from gradatim.lessons import NAMES, lesson  # noqa: E402

CHINESE = tags.has("chinese")  # noqa: F821  Sphinx puts `tags` here
ROOT = HERE.parents[1]
LESSONS = "src/gradatim/lessons/pages"

project = "gradatim"
version = release = gradatim.__version__
html_title = "gradatim"
language = "zh_CN" if CHINESE else "en"
root_doc = "docs/site/index.zh-CN" if CHINESE else "docs/site/index"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "pages", "chinese_search"]

_ending = ".zh-CN.md" if CHINESE else ".md"
include_patterns = [
    f"*{_ending}",
    f"docs/**{_ending}",
    f"{LESSONS}/*{_ending}",
    "src/gradatim/tables/samples/*.md",
    "docs/site/reference/*.rst",
]
exclude_patterns = [".*", "build", "dist", "runs", "tests", "benchmarks", "examples"]
if CHINESE:
    exclude_patterns += ["src/gradatim/tables/samples", "docs/site/reference"]
else:
    exclude_patterns += ["**.zh-CN.md"]

# Pages: Markdown, and notebooks in Markdown. A lesson runs once for both languages: the cache is asked for its code.
myst_enable_extensions = ["colon_fence", "substitution"]
myst_heading_anchors = 4  # links to headings, as GitHub makes them
nb_execution_mode = "cache"
nb_execution_cache_path = str(ROOT / "build" / "lessons")
nb_execution_in_temp = True
nb_execution_timeout = 300
# What needs a file that is not part of gradatim is shown, and not run.
nb_execution_excludepatterns = [
    f"{LESSONS}/{name}*" for name in NAMES if (ROOT / LESSONS / f"{name}.md").exists() and lesson(name).needs
]
nb_merge_streams = True

# The reference: docstrings as they are. Types stand in the signatures; those of other libraries lead nowhere offline.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": False}
autodoc_typehints = "signature"
napoleon_custom_sections = ["Source"]
napoleon_use_ivar = True
nitpick_ignore_regex = [("py:obj", ".*"), ("py:class", ".*"), ("py:exc", "NotFittedError")]
add_module_names = False
python_maximum_signature_line_length = 88

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["style.css"]
templates_path = ["templates"]
html_copy_source = False
html_show_copyright = False
html_additional_pages = {"index": "first.html"}
html_context = {"first_page": f"{root_doc}.html"}


def _colours(accent: str, ink: str, soft: str, line: str, panel: str, paper: str) -> dict[str, str]:
    """The colours of a run's page (report/templates/style.css), by the names that the theme has for them."""
    return {
        "color-brand-primary": accent,
        "color-brand-content": accent,
        "color-brand-visited": accent,
        "color-foreground-primary": ink,
        "color-foreground-secondary": soft,
        "color-foreground-muted": soft,
        "color-foreground-border": line,
        "color-background-primary": paper,
        "color-background-secondary": panel,
        "color-background-border": line,
    }


html_theme_options = {
    "light_css_variables": _colours("#0072b2", "#1d2329", "#5a6570", "#d5dae0", "#f5f7f9", "#ffffff"),
    "dark_css_variables": _colours("#63b3ed", "#e4e8ec", "#a0abb6", "#38414a", "#1d2329", "#14181c"),
    "top_of_page_buttons": ["view"],  # templates/components/view-this-page.html
}
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"
