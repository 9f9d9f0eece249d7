"""The tables of a page: every cell was a value of its symbol, in the order of the page."""

from __future__ import annotations

import pytest

from worksheet.recalculation.recalculation import repunch
from worksheet.recalculation.tables import table_findings

PAGE = """# A page

$w_o = 1.0$ and $w_h = 0.5$, and after the update $w_o = 1.0 + 0.02 = 1.02$ and $w_h = 0.5 + 0.01 = 0.51$.

$$
W^{(1)} = \\begin{bmatrix} 3 & 4.25 \\end{bmatrix}
$$

| Parameter | before | after |
| :-- | --: | --: |
| $w_h$ | $0.5$ | $0.51$ |
| $w_o$ | $1.0$ | $1.02$ |
| $w_{12}^{(1)}$ | $4.25$ | $4.25$ |
| $W^{(1)}$, column 2 | $4.25$ | $4.25$ |

| Epoch | $w_o$ |
| :-- | --: |
| 1 | $1.0$ |
| 2 | $1.02$ |
"""


def findings(page: str) -> list:
    return table_findings(page, repunch(page).printed)


def test_a_true_table_passes():
    assert findings(PAGE) == []


@pytest.mark.parametrize(
    "old, new, said",
    [
        (
            "| $w_h$ | $0.5$ | $0.51$ |",
            "| $w_h$ | $0.5$ | $0.52$ |",
            "0.52 is not a value that w_h has here",
        ),
        (
            "| $w_h$ | $0.5$ | $0.51$ |",
            "| $w_h$ | $0.51$ | $0.5$ |",
            "0.5 is not a value that w_h has here",
        ),
        (
            "| $w_h$ | $0.5$ | $0.51$ |",
            "| $w_o$ | $0.5$ | $0.51$ |",
            "0.5 is not a value that w_o has here",
        ),
        ("column 2 | $4.25$ |", "column 2 | $3$ |", "3 is not a value that W^{(1)} has here"),
        ("column 2 | $4.25$ |", "row 2 | $4.25$ |", "4.25 is not a value that W^{(1)} has here"),
        ("$4.25$ | $4.25$ |", "$4.25$ | $4.26$ |", "4.26 stands nowhere else on the page"),
        ("| 2 | $1.02$ |", "| 2 | $-1.02$ |", "-1.02 is not a value that w_o has here"),
    ],
)
def test_a_false_cell_is_found(old, new, said):
    assert old in PAGE
    found = findings(PAGE.replace(old, new))
    assert said in [finding.message for finding in found]
