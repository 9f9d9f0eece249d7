"""The documentation: it says what the program says, builds without a warning, and every link leads
somewhere."""

from __future__ import annotations

import importlib.util
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import worksheet

HOME = Path(__file__).parents[1]
DOCS = HOME / "docs"
_spec = importlib.util.spec_from_file_location("docs_site", DOCS / "site.py")
site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(site)


class Links(HTMLParser):
    """What a page links to or shows, and the places in it that can be linked to."""

    def __init__(self):
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.places |= {found[key] for key in ("id", "name") if found.get(key)}
        self.links += [found[key] for key in ("href", "src") if found.get(key)]


def read(page: Path) -> Links:
    parsed = Links()
    parsed.feed(page.read_text(encoding="utf-8"))
    return parsed


def broken(folder: Path) -> list[str]:
    """The links of a site within itself that lead nowhere."""
    pages, found = {page: read(page) for page in folder.rglob("*.html")}, []
    for page, parsed in pages.items():
        for link in parsed.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if target.is_dir():
                target = target / "index.html"
            if not target.is_file():
                found.append(f"{page.relative_to(folder)}: {link}")
            elif (
                parts.fragment
                and target in pages
                and unquote(parts.fragment) not in pages[target].places
            ):
                found.append(f"{page.relative_to(folder)}: {link} has no such place")
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("site").resolve()
    site.build(target)
    return target


@pytest.mark.xdist_group("site")
def test_the_site_builds_and_every_link_leads_somewhere(built):
    assert broken(built) == []
    assert {f"{name}.html" for name in site.NOTES} <= {
        file.name for file in (built / "notes").iterdir()
    }


@pytest.mark.xdist_group("site")
def test_every_page_of_the_documentation_is_reached_from_its_contents(built):
    linked = {
        (built / unquote(urlsplit(link).path)).resolve()
        for link in read(built / "index.html").links
        if not urlsplit(link).scheme
    }
    assert not [
        page.relative_to(built)
        for page in built.glob("*.html")
        if page not in linked and page.name not in ("404.html", "index.html")
    ]


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html">b</a> <a href="#c">c</a> <a href="https://example.org/x">x</a>'
    )
    assert broken(tmp_path) == ["a.html: b.html", "a.html: #c has no such place"]


def test_the_reference_of_specs_is_the_one_that_the_schema_makes():
    text = site.reference(worksheet.schema())
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == text, (
        "python docs/site.py --reference"
    )
    for part in worksheet.schema()["$defs"].values():
        assert all(f"`{key}`" in text for key in part.get("properties", ()))


def test_what_stands_in_the_repository_links_to_what_is_there():
    """On a forge the pages are read as they lie."""
    import re

    missing = []
    for page in (
        HOME / "README.md",
        HOME / "CONTRIBUTING.md",
        HOME / "CHANGELOG.md",
        *DOCS.rglob("*.md"),
    ):
        for link in re.findall(
            r"\]\(([^)\s#]+)(?:#[^)]*)?\)",
            re.sub(r"(?s)```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8")),
        ):
            if "://" not in link and not (page.parent / link).exists():
                missing.append(f"{page.relative_to(HOME)}: {link}")
    assert missing == []
    assert (HOME / "README.md").read_text(encoding="utf-8").count("\n") <= 150
