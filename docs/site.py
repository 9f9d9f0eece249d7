"""The documentation as a site: `python docs/site.py` builds it into build/site, with notes of ours
as pages; `--reference` writes docs/reference.md.

The reference of specs is made of the JSON Schema, so it says what the program says. Formulas become
MathML here, so that a page needs no script.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).resolve().parent
HOME = HERE.parent
NOTES = (
    "one-hidden-neuron",
    "two-by-two",
    "softmax-three-classes",
    "chain-rule",
    "descent-two-weights",
)
SUBJECTS = {
    "Notes": (
        "specs.md",
        "rounding.md",
        "lectures.md",
        "slides.md",
        "formats.md",
        "code.md",
        "follow.md",
    ),
    "Sheets and exams": ("sheets.md", "variants.md", "exams.md"),
    "Reference": ("reference.md", "python.md", "templates.md"),
    "Trust": ("proofs.md", "hostile-input.md", "accessibility.md", "accessible-files.md"),
    "The house": ("architecture.md",),
}
MATHS = re.compile(r"(?s)\$\$(.+?)\$\$")


# ---- the reference of specs
# ------------------------------------------------------------------------------------------


def reference(schema: dict[str, Any]) -> str:
    """Every key of every family, with what it means, its default and an example."""
    parts = schema["$defs"]
    families = [name["$ref"].rpartition("/")[2] for name in schema["anyOf"]]
    shared = set.intersection(*(set(parts[name]["properties"]) for name in families))
    lines = [
        "# Every key of a spec",
        "",
        "Made of the JSON Schema (`worksheet schema`) by `python docs/site.py --reference`.",
        "",
        "## Of every family",
        "",
        *table(parts[families[0]], sorted(shared)),
    ]
    for name in families:
        own = [key for key in parts[name]["properties"] if key not in shared]
        lines += [
            "",
            f"## `{parts[name]['required'][-1] if 'required' in parts[name] else own[0]}`: {parts[name]['description']}",
            "",
            *table(parts[name], own),
        ]
    for name in sorted(set(parts) - set(families)):
        if "properties" in parts[name]:
            lines += [
                "",
                f"## {name.removesuffix('Part')}",
                "",
                *([parts[name]["description"], ""] if "description" in parts[name] else []),
                *table(parts[name], list(parts[name]["properties"])),
            ]
    return "\n".join(lines) + "\n"


def table(part: dict[str, Any], keys: list[str]) -> list[str]:
    rows = ["| key | what it is | default | example |", "|:--|:--|:--|:--|"]
    for key in keys:
        field = part["properties"][key]
        cells = (
            f"`{key}`",
            meaning(field),
            code(field["default"])
            if "default" in field
            else "required"
            if key in part.get("required", ())
            else "",
            code(field["examples"][0]) if field.get("examples") else "",
        )
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def meaning(field: dict[str, Any]) -> str:
    return field.get("description", "").replace("|", r"\|").replace("<", "&lt;").replace("\n", " ")


def code(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return "`" + text.replace("|", r"\|") + "`" if text not in ('""', "[]", "{}", "null") else ""


# ---- the site
# --------------------------------------------------------------------------------------------------------


def build(target: Path) -> None:
    """Build the whole site, with warnings as errors."""
    with TemporaryDirectory() as folder:
        pages = Path(folder) / "docs"
        shutil.copytree(HERE, pages, ignore=shutil.ignore_patterns("site.py", "__pycache__"))
        for name, at in (
            ("README.md", "index.md"),
            ("CONTRIBUTING.md", "contributing.md"),
            ("CHANGELOG.md", "changelog.md"),
        ):
            (pages / at).write_text(
                at_home((HOME / name).read_text(encoding="utf-8")), encoding="utf-8"
            )
        for file in pages.rglob("*.md"):
            file.write_text(
                with_mathml(moved(file.read_text(encoding="utf-8"), file.relative_to(pages))),
                encoding="utf-8",
            )
        notes(pages / "notes")
        (Path(folder) / "mkdocs.yml").write_text(json.dumps(settings(target)), encoding="utf-8")
        subprocess.run(
            [
                sys.executable,
                "-m",
                "mkdocs",
                "build",
                "--strict",
                "--quiet",
                "--config-file",
                "mkdocs.yml",
            ],
            cwd=folder,
            check=True,
        )
        (target / "404.html").unlink(
            missing_ok=True
        )  # its links begin at the root of a server, and this site may lie anywhere


def settings(target: Path) -> dict[str, Any]:
    nav = [
        {"worksheet": "index.md"},
        *[{subject: list(files)} for subject, files in SUBJECTS.items()],
        {"Notes of ours": "notes/index.md"},
        {"Gallery": "gallery/README.md"},
        {
            "More": [
                "contributing.md",
                "changelog.md",
                *[f"measures/{file.name}" for file in sorted((HERE / "measures").glob("*.md"))],
            ]
        },
    ]
    return {
        "site_name": "worksheet",
        "docs_dir": "docs",
        "site_dir": str(target.resolve()),
        "nav": nav,
        "theme": {"name": "mkdocs", "highlightjs": False},
        "use_directory_urls": False,
        "validation": {
            "nav": {"omitted_files": "ignore"},
            "links": {"anchors": "warn", "not_found": "warn", "absolute_links": "warn"},
        },
        "plugins": [],
    }


def at_home(text: str) -> str:
    """What stands at the top of the repository, as it stands among the pages: its links to docs/
    are to its neighbours."""
    text = re.sub(r"\]\(docs/measures\)", "](measures/keys.md)", text)
    return (
        re.sub(r"\]\(docs/", "](", text)
        .replace("](CONTRIBUTING.md)", "](contributing.md)")
        .replace("](CHANGELOG.md)", "](changelog.md)")
    )


def moved(text: str, place: Path) -> str:
    """Links of a page to files beside docs/ lead to where those are in the site; what is not in it
    is named without a link."""
    up = "../" * (len(place.parts) - 1)
    for name, at in (
        ("CONTRIBUTING.md", "contributing.md"),
        ("CHANGELOG.md", "changelog.md"),
        ("README.md", "index.md"),
    ):
        text = text.replace(f"](../{name})", f"]({up}{at})")
    return re.sub(
        r"\[([^\]]+)\]\((?:\.\./)*(?:benchmarks|tests|problems|templates|worksheet)/[^)]*\)",
        r"\1",
        text,
    )


def with_mathml(text: str) -> str:
    """Displays in dollars as MathML, which browsers set by themselves."""
    if "$$" not in text:
        return text
    import pypandoc

    def set_in_mathml(match: re.Match[str]) -> str:
        html = pypandoc.convert_text(
            f"$${match[1].strip()}$$", "html", format="markdown", extra_args=["--mathml"]
        )
        return f"<div>{html.strip()}</div>"

    return MATHS.sub(set_in_mathml, text)


def notes(folder: Path) -> None:
    """Some of our notes as pages of their own, and a page that leads to them."""
    from worksheet import load
    from worksheet.family import problem_file
    from worksheet.notes import write_note

    folder.mkdir()
    lines = [
        "# Notes of ours",
        "",
        "Each is one file, made and proved by the program as this page was built.",
        "",
    ]
    with TemporaryDirectory() as out:
        for name in NOTES:
            spec = problem_file(name)
            assert spec is not None
            page = write_note(spec, Path(out), to=("html",)).parent / "notes.html"
            shutil.copy(page, folder / f"{name}.html")
            lines.append(f"- [{load(spec).title}]({name}.html)")
    (folder / "index.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if "--reference" in sys.argv:
        from worksheet import schema as schema_of_specs

        (HERE / "reference.md").write_text(
            reference(schema_of_specs()), encoding="utf-8", newline="\n"
        )
    else:
        build(HOME / "build" / "site")
        print("build/site/index.html")
