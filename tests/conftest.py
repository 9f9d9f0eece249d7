"""Options of the test run."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="write what came out into the documents under tests/cases",
    )


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether documents are rewritten instead of compared."""
    return request.config.getoption("--update")


@pytest.fixture(scope="session")
def paper_notes(tmp_path_factory) -> dict[str, Path]:
    """The folder of each problem's note in every format; for tests of the group `paper`, which one
    worker runs."""
    from worksheet.notes import write_note
    from worksheet.publish import FORMATS
    from worksheet.resources import problem_files

    out = tmp_path_factory.mktemp("paper")
    return {spec.stem: write_note(spec, out, to=tuple(FORMATS)).parent for spec in problem_files()}
