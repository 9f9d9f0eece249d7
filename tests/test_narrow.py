"""No sheet and no key scrolls sideways on a narrow phone; `test_publish_html.py` has the notes."""

from __future__ import annotations

from pathlib import Path

import pytest
from rendering import needs, seen

from worksheet.numbers.number import Number
from worksheet.output.jobs import write_all
from worksheet.resources import problem_files
from worksheet.worksheets import worksheet_job

NARROW = 320


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> list[Path]:
    out = tmp_path_factory.mktemp("narrow")
    files = problem_files()
    written = [
        *write_all([worksheet_job(spec) for spec in files], out / "bare", ("html",)),
        *write_all(
            [worksheet_job(spec, fade=Number.written("0.5")) for spec in files[::9]],
            out / "faded",
            ("html",),
        ),
    ]
    return [file for done in written for file in done.files]


@needs("node", "chromium")
def test_nothing_scrolls_sideways_at_320_pixels(pages):
    looks = [look for look in seen(pages, [NARROW]) if look["colorScheme"] == "light"]
    assert len(looks) == len(pages) == 2 * (len(problem_files()) + len(problem_files()[::9]))
    wide = [
        (look["page"], look["scroll"], look["outside"][:2])
        for look in looks
        if look["scroll"] > NARROW or look["outside"]
    ]
    assert not wide
