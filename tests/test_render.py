r"""Every note, through the renderers that a lecturer looks at it with; and the renderers on what
they must refuse."""

from __future__ import annotations

import subprocess
import sys

import pytest
from rendering import (
    FOLDER,
    draw_diagrams,
    katex_errors,
    markdown_math,
    mermaid_blocks,
    mermaid_errors,
    needs,
    too_wide,
    vscode_reads,
)

from worksheet.resources import problem_files

pytestmark = pytest.mark.xdist_group(
    "render"
)  # one worker: the notes are made once, the browser starts once
SPECS = problem_files()

PAGE = r"""# A title with $w_h = 0.5$

Code `$is$ not` mathematics, \$5 and \$6 neither, but $x = 1.0$ and $\text{5\$}$ are.

$$
\begin{aligned}
  \hat{y} &= \sigma(0.5) \\[0.2em]
  &\approx 0.62246
\end{aligned}
$$

```mermaid
graph LR
  I((x=1.0)) -->|w_h=0.5| O((ŷ≈0.62246))
```

```
$nor$ this
```

| parameter | value |
|---|---|
| $w_o$ | $1.0$ |

$$\frac{\partial L}{\partial z_o}$$
"""


@pytest.fixture(scope="module")
def notes() -> dict[str, str]:
    """Each problem's name and its note in Markdown."""
    from worksheet import load, render, solve

    return {path.stem: render(solve(load(path))) for path in SPECS}


@needs("node")
def test_katex_accepts_every_formula(notes):
    formulas = [
        (name, formula) for name, markdown in notes.items() for formula in markdown_math(markdown)
    ]
    assert len(formulas) > 20 * len(SPECS)
    refused = katex_errors([formula for _, formula in formulas])
    assert [
        f"{formulas[index][0]}, line {formulas[index][1].line}: {message}"
        for index, message in refused
    ] == []


@needs("node", "chromium")
def test_mermaid_draws_every_diagram(notes):
    diagrams = [
        (name, diagram) for name, markdown in notes.items() for diagram in mermaid_blocks(markdown)
    ]
    from worksheet import load

    graphs = {spec.stem for spec in SPECS if load(spec).family in ("network", "formulas")}
    assert {name for name, _ in diagrams} == graphs, "a note without a diagram"
    drawn = draw_diagrams([diagram for _, diagram in diagrams])
    assert [
        (name, picture.error) for (name, _), picture in zip(diagrams, drawn) if picture.error
    ] == []
    assert all(picture.width > 50 and picture.height > 30 and picture.labels for picture in drawn)


@needs("node")
def test_an_editor_reads_the_same_mathematics_in_every_note(notes):
    """VS Code's own reader finds the formulas and diagrams that we meant, and no others (a `|` in a
    table cell, a `$` of money)."""
    for (name, markdown), read in zip(notes.items(), vscode_reads(list(notes.values()))):
        assert read["formulas"] == reading(markdown), name
        assert read["diagrams"] == mermaid_blocks(markdown), name


@needs("node", "chromium")
def test_no_formula_runs_off_the_page(notes):
    assert {
        name: formulas for name, formulas in zip(notes, too_wide(list(notes.values()))) if formulas
    } == {}


def reading(markdown: str) -> list[list]:
    """Our formulas the way VS Code returns them: display formulas without the line break after
    `$$`."""
    return [
        [tex.removeprefix("\n") if tex.startswith("\n") else tex + "\n" * display, display]
        for tex, display, _ in markdown_math(markdown)
    ]


def test_formulas_and_diagrams_are_found_with_their_lines():
    assert [(tex.strip()[:12], display, line) for tex, display, line in markdown_math(PAGE)] == [
        ("w_h = 0.5", False, 1),
        ("x = 1.0", False, 3),
        (r"\text{5\$}", False, 3),
        (r"\begin{align", True, 5),
        ("w_o", False, 23),
        ("1.0", False, 23),
        (r"\frac{\parti", True, 25),
    ]
    assert mermaid_blocks(PAGE) == ["graph LR\n  I((x=1.0)) -->|w_h=0.5| O((ŷ≈0.62246))\n"]


@needs("node")
def test_our_reading_is_the_editors():
    [read] = vscode_reads([PAGE])
    assert read == {"formulas": reading(PAGE), "diagrams": mermaid_blocks(PAGE)}


@needs("node")
def test_katex_refuses_what_a_reader_would_see_in_red():
    sound = [(tex, display) for tex, display, _ in markdown_math(PAGE)]
    faulty = [
        (r"\frac{1", False),
        (r"\lpha", False),
        ("ŷ", False),
        ("rac{1}{2}}", True),
        (r"a = 1 \\ a = 2", True),
        (r"\begin{aligned} a \end{array}", True),
        (r"\href{https://x.org}{a}", False),
        ("x_1_2", False),
    ]
    refused = dict(katex_errors(sound + faulty))
    assert sorted(refused) == [len(sound) + index for index in range(len(faulty))]
    assert "Undefined control sequence: \\lpha" in refused[len(sound) + 1].replace("\u0332", "")
    assert "newLineInDisplayMode" in refused[len(sound) + 4]


@needs("node", "chromium")
def test_mermaid_refuses_what_it_cannot_draw():
    faulty = ["graph LR\n  A(( --> B", "grph LR\n  A --> B", "", "graph LR\n  A -->|w_h=0.5 B"]
    refused = mermaid_errors([*mermaid_blocks(PAGE), *faulty])
    assert [index for index, _ in refused] == [1, 2, 3, 4]
    assert "Parse error on line 2" in refused[0][1] or "Parse error on line 3" in refused[0][1]


@needs("node", "chromium")
def test_mermaid_shows_the_labels_and_values():
    [drawn] = draw_diagrams(mermaid_blocks(PAGE))
    assert set(drawn.labels) == {"x=1.0", "w_h=0.5", "ŷ≈0.62246"}
    assert drawn.width > drawn.height > 50


@needs("node", "chromium")
def test_a_formula_that_runs_off_the_page_is_seen():
    wide = "a = " + " + ".join(["0.12345"] * 20)
    [[(tex, pixels)], []] = too_wide([f"$$\n{wide}\n$$\n\n{PAGE}", PAGE])
    assert tex.strip() == wide and pixels > 1000


@needs("node", "chromium")
def test_a_page_can_be_looked_at_with_its_images(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "tall.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="3000"><rect width="80" height="3000"/></svg>'
    )
    (tmp_path / "notes.md").write_text(f"{PAGE}\n![a tall bar](figures/tall.svg)\n")
    ran = subprocess.run(
        [sys.executable, FOLDER / "look.py", tmp_path / "notes.md", tmp_path / "page.png"],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == [str(tmp_path / f"page-{part}.png") for part in (1, 2)]
    assert all(
        (tmp_path / f"page-{part}.png").read_bytes().startswith(b"\x89PNG") for part in (1, 2)
    )
