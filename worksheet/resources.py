"""Where the templates and problems that come with worksheet lie, in a checkout and in an installed
wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
_IS_CHECKOUT = (PACKAGE.parent / "pyproject.toml").is_file() and (
    PACKAGE.parent / "templates"
).is_dir()
_HOME = (
    PACKAGE.parent if _IS_CHECKOUT else PACKAGE / "_data"
)  # the wheel puts them there, see pyproject.toml


def is_file(path: Path) -> bool:
    """Whether there is such a file; none has a name that the system refuses (too long, a zero
    byte)."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is such a folder; False for a path that the system cannot look up."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def templates_folder() -> Path:
    """The folder of our own templates (`layouts/`, `families/`, `parts/`)."""
    return _HOME / "templates"


def is_ours(templates: Path | None) -> bool:
    """Whether a folder of templates overrides none of ours."""
    return templates is None or templates.resolve() == templates_folder().resolve()


def problems_folder() -> Path:
    """The folder of the specs that come with worksheet."""
    return _HOME / "problems"


def problem_files() -> list[Path]:
    """Every spec that comes with worksheet: the networks by name, then those of other families, in
    `calculus/`."""
    return [
        path
        for folder in (problems_folder(), problems_folder() / "calculus")
        for path in sorted(folder.glob("*.yaml"))
    ]


def lecture_files() -> list[Path]:
    """Every lecture that comes with worksheet, by name."""
    return sorted((problems_folder() / "lectures").glob("*.yaml"))
