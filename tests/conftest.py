"""Options of the test run."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write what came out into the documents under tests/cases")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether documents are rewritten instead of compared."""
    return request.config.getoption("--update")
