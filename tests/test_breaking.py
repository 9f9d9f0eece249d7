r"""Formulas wider than a page: every sign is kept in its order, every line fits, and breaks stand
where a reader expects them."""

from __future__ import annotations

import pytest
import typst as engine
from hard_cases import hard_specs

from worksheet import load, render, solve
from worksheet.markdown.reader import formulas
from worksheet.tex.boxes import Aligned, Glyph, Lines, Marked, Matrix, boxes
from worksheet.tex.line_breaking import QUAD, fitted, lines, tall, wide
from worksheet.tex.to_typst import written

WIDEST = 48
PAGE = (
    '#set page(width: auto, height: auto, margin: 0pt)\n#set text(font: "New Computer Modern", size: 10pt)\n'
    '#show math.equation: set text(font: "New Computer Modern Math")\n#set math.mat(column-gap: 0.8em, row-gap: 0.35em)\n'
)


def signs(part) -> list:
    """Every sign of boxes in its order, but for spaces and the marks of arrangement."""
    if isinstance(part, Glyph):
        return [] if part in (QUAD, Glyph(r"\qquad")) else [part.tex]
    if isinstance(part, str):
        return [part]
    if isinstance(part, tuple):
        return [sign for each in part for sign in signs(each)]
    if isinstance(part, Marked) and part.command in ("strut", "{}"):
        return signs(part.body)
    if isinstance(part, Matrix | Aligned | Lines):
        return signs(part.rows)
    return [sign for name in part.__dataclass_fields__ for sign in signs(getattr(part, name))]


@pytest.fixture(scope="module")
def displays(tmp_path_factory) -> list[str]:
    spec = tmp_path_factory.mktemp("hard") / "hard.yaml"
    found = []
    for text in hard_specs().values():
        spec.write_text(text)
        found += [
            formula.tex for formula in formulas(render(solve(load(spec)))) if formula.is_display
        ]
    return list(dict.fromkeys(found))


def test_every_sign_is_kept_and_every_line_fits(displays):
    broken = [tex for tex in displays if fitted(boxes(tex), WIDEST) != boxes(tex)]
    assert len(broken) > 20
    for tex in broken:
        row = fitted(boxes(tex), WIDEST)
        assert signs(row) == signs(boxes(tex)), tex
        assert wide(row) <= WIDEST * 1.1, tex
    assert all(
        fitted(boxes(tex), WIDEST) == boxes(tex) for tex in displays if wide(boxes(tex)) <= WIDEST
    )


def test_widths_and_heights_are_those_of_typst(displays):
    for tex in sorted(displays, key=len)[::-1][:12] + sorted(displays, key=len)[::40]:
        row = fitted(boxes(tex), WIDEST)
        cell = (
            max((cell for cells in row[0].rows for cell in cells), key=tall)
            if isinstance(row[0], Aligned)
            else row
        )
        width, height = natural(cell)
        assert 0.85 < wide(cell) / width < 1.3 or width < 3, tex
        assert 0.9 < tall(cell) / height < 1.15 or height < 6, tex


def natural(row) -> tuple[float, float]:
    """Width and height that Typst gives a row, in em."""
    svg = engine.compile(
        (PAGE + f"$ {written(row)} $").encode(), format="svg", ignore_system_fonts=True
    ).decode()
    _, _, width, height = map(float, svg.partition('viewBox="')[2].partition('"')[0].split())
    return width / 10, height / 10


@pytest.mark.parametrize(
    "tex, most, expected",
    [
        ("a + b", 9, ["a + b"]),
        ("z = a \\cdot b + c \\cdot d", 6, ["z = a \\cdot b", "\\quad + c \\cdot d"]),
        ("z = a(b + c) - d", 6, ["z = a ( b + c )", "\\quad - d"]),
        ("z = a \\cdot b \\qquad y = c", 7, ["z = a \\cdot b", "\\qquad y = c"]),
        ("x = 12345 \\cdot 67890", 6, ["x = 12345", "\\quad \\cdot 67890"]),
        ("x = [1111 + 2222]", 5, ["x = [ 1111", "\\quad + 2222 ]"]),
        ("1234567890123", 3, ["1234567890123"]),
    ],
)
def test_where_a_row_breaks(tex, most, expected):
    assert [" ".join(signs_with_quads(line)) for line in lines(boxes(tex), most)] == expected


def signs_with_quads(row) -> list[str]:
    return [box.tex for box in row]


def test_a_wide_matrix_breaks_its_entries_first_then_its_rows():
    sums = (
        r"\begin{bmatrix} 0.12345 - 0.1 \cdot 0.5 & 0.12345 - 0.1 \cdot 0.5 \\ 1 & 2 \end{bmatrix}"
    )
    [narrow] = fitted(boxes(sums), 16)[0].rows[0][0]
    assert isinstance(narrow.rows[0][0][0], Lines) and len(narrow.rows) == 2
    numbers = (
        r"\begin{bmatrix} "
        + " & ".join(["0.12345"] * 12)
        + r" \\ "
        + " & ".join(["1"] * 12)
        + r" \end{bmatrix}"
    )
    [wrapped] = fitted(boxes(numbers), 24)[0].rows[0][0]
    assert (
        len(wrapped.rows) == 6
        and {len(row) for row in wrapped.rows} == {4}
        and wide((wrapped,)) <= 24
    )
