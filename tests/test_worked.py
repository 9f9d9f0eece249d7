"""An update of a matrix on a slide: what is old, the gradient and what is new have their names, and
the row of the entry that is worked is shaded."""

from __future__ import annotations

import re

import pytest
from test_slides import THREE_FOUR_THREE

from worksheet import check, load, make_note
from worksheet.publish import Page, publish
from worksheet.publish.pages import SCREEN
from worksheet.publish.worked import Worked, under, with_names, worked_in
from worksheet.tex.boxes import Matrix, boxes
from worksheet.tex.to_typst import written

UPDATE = (
    r"""\begin{aligned}
  W &\leftarrow W - \alpha \frac{\partial L}{\partial W} \\[0.6em]
  &= \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} - 0.1 \cdot \begin{bmatrix} 1 & 2 \\ 4 & 3 \end{bmatrix} = """
    r"""\begin{bmatrix} 0.9 & 1.8 \\ 2.6 & 3.7 \end{bmatrix}
\end{aligned}"""
)
NAMES = ("old", "gradient", "new")


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    spec = tmp_path_factory.mktemp("worked") / "net.yaml"
    spec.write_text(THREE_FOUR_THREE)
    return make_note(load(spec), layout="slides")


def test_the_row_of_the_entry_that_moves_most_is_marked_and_the_entry_is_worked_below(deck):
    marks = re.findall(
        r"<!-- worked: row (\d); old, gradient, new -->\s*\$\$(.*?)\$\$\s*For example, \$(.*?)\$\.",
        deck.text,
        re.DOTALL,
    )
    assert len(marks) == 2 and not deck.proof.failures
    for row, tex, entry in marks:
        old, gradient, new = [
            [line.split(" & ") for line in re.split(r" \\\\(?:\[0.6em\])? ", inside)]
            for inside in re.findall(r"\\begin\{bmatrix\} (.*?) \\end", tex)
        ]
        sizes = {
            abs(float(number)): (at, place)
            for at, line in enumerate(gradient, start=1)
            for place, number in enumerate(line)
        }
        at, place = sizes[max(sizes)]
        assert at == int(row)
        assert [old[at - 1][place], gradient[at - 1][place], new[at - 1][place]] == [
            number.strip("()")
            for number in re.fullmatch(
                r"(\S+) - \S+ \\cdot (\S+) (?:=|\\approx) (\S+)", entry
            ).groups()
        ]


def test_a_worked_entry_is_proved(deck):
    entry = re.search(r"For example, \$(.*?)(\d)\$\.", deck.text)
    wrong = deck.text.replace(entry[0], f"For example, ${entry[1]}{(int(entry[2]) + 5) % 10}$.")
    assert check(deck.trace, wrong).failures


def test_the_matrices_have_their_names_and_the_row_its_shade():
    worked = Worked(2, NAMES)
    assert (
        worked_in(
            f"<!-- worked: row 2; old, gradient, new -->\n\n$$\n{UPDATE}\n$$\n",
            UPDATE.replace("\n  ", "\n"),
        )
        == worked
    )
    found = re.findall(r'#worked\((\d), "(\w+)", 2, ', written(with_names(boxes(UPDATE), worked)))
    assert found == [("2", name) for name in NAMES]
    assert re.findall(r"\\underset\{\\text\{(\w+)\}\}", under(UPDATE, worked)) == list(NAMES)


@pytest.mark.parametrize(
    "tex",
    [
        UPDATE.replace(r" = \begin{bmatrix} 0.9", r" = c \quad \begin{matrix} 0.9")
        .replace(r"3.7 \end{bmatrix}", r"3.7 \end{matrix}")
        .replace("1 & 2", "1 & 2 & 3"),
        r"z = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \begin{bmatrix} 1 \\ 2 \end{bmatrix}",
    ],
)
def test_a_chain_of_other_matrices_is_set_as_it_is(tex):
    worked = Worked(2, NAMES)
    assert with_names(boxes(tex), worked) == boxes(tex) and under(tex, worked) == tex
    assert all(not box.label for box in boxes(tex) if isinstance(box, Matrix))


def test_pdf_and_html_show_them(deck, tmp_path):
    page = Page("net", deck.text, tmp_path, stem="slides")
    [html] = publish([page], "html", paper=SCREEN, steps=False)
    assert all(
        len(re.findall(rf"<mtext[^>]*>{name}</mtext>", html.decode())) == 2 for name in NAMES
    ) and re.search(r'class="display row-\d"', html.decode())
    [pdf] = publish([page], "pdf", paper=SCREEN, steps=False)
    assert pdf.startswith(b"%PDF")
