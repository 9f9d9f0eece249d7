"""What must stay the same for years: the codes and the numbers of variants, and the bytes of an
exam that was printed.

Codes, draws and choices hang on names: whoever renames a quantity, a slot or a problem changes
sheets that are in somebody's drawer. The pages themselves are pinned in tests/golden. `pytest
--update` writes what comes out now; look at the difference before you keep it.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from worksheet.cli import main
from worksheet.resources import problem_files, problems_folder
from worksheet.variants.search import open_source, search

PINS = Path(__file__).parent / "pins"
VARIED = [spec for spec in problem_files() if "\nvary:" in spec.read_text(encoding="utf-8")]
SEEDS, COPIES = (1, 7), range(1, 6)
PINNED = (
    "exam-*.pdf",
    "key-*.pdf",
    "answers.csv",
    "answers.json",
)  # those that are joined say what joined them


def pinned(name: str, text: str, update: bool) -> None:
    """Compare with what stands in tests/pins, or write it there."""
    file = PINS / name
    if update:
        file.write_text(text, encoding="utf-8", newline="\n")
    assert text == file.read_text(encoding="utf-8"), (
        f"{file.name}: what was printed once comes out otherwise now"
    )


def test_variants_keep_their_codes_and_their_numbers(update):
    lines = []
    for spec in VARIED:
        source = open_source(spec)
        for seed in SEEDS:
            for copy in COPIES:
                variant = search(source, seed, copy)
                lines.append(
                    f"{source.written.problem.family} {source.name} {variant.code} {sha256(variant.text.encode()).hexdigest()[:16]}"
                )
    assert len(lines) >= 200
    assert len({line.split()[0] for line in lines}) == 7, "a family is missing"
    pinned("codes.txt", "\n".join(lines) + "\n", update)


@pytest.mark.xdist_group("paper")
def test_an_exam_keeps_its_bytes(tmp_path, update):
    assert (
        main(
            [
                "exam",
                str(problems_folder() / "exams" / "midterm.yaml"),
                "--out",
                str(tmp_path),
                "--seed",
                "7",
                "--copies",
                "4",
            ]
        )
        == 0
    )
    files = sorted(file for pattern in PINNED for file in (tmp_path / "midterm").glob(pattern))
    assert len(files) == 10
    pinned(
        "exam.txt",
        "".join(f"{sha256(file.read_bytes()).hexdigest()} {file.name}\n" for file in files),
        update,
    )
