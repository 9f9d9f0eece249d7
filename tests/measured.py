"""Measures of the whole program: a few cases in the suite, all of them with `make measures`, whose
figures stand in docs/measures/.

count = size(20, 2000)                    # in the suite, in full
written("natural-sizes", text)            # docs/measures/natural-sizes.md, only in full
"""

from __future__ import annotations

import os
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs" / "measures"
IS_FULL = os.environ.get("WORKSHEET_MEASURES") == "full"


def size(small: int, full: int) -> int:
    """How many cases are tried."""
    return full if IS_FULL else small


def written(name: str, text: str) -> None:
    """Keep the figures of a full run in the documentation; those of a small one say too little."""
    if IS_FULL:
        DOCS.mkdir(parents=True, exist_ok=True)
        (DOCS / f"{name}.md").write_text(text, encoding="utf-8")
