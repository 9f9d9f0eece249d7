"""What stands side by side on paper: nothing is lost, nothing is torn apart, and the pages are as
few as was asked."""

from __future__ import annotations

import re
import subprocess

import pytest
from test_drawing import layered
from test_publish_pdf import pytestmark  # noqa: F401      needs pdftotext

from worksheet import load
from worksheet.family import problem_file
from worksheet.notes import in_detail, make_note, write_note
from worksheet.publish import Page, pandoc, publish
from worksheet.publish.arranged import ROOM, Beside, arranged, shared, tabled
from worksheet.publish.givens import with_givens
from worksheet.publish.pages import Display, Picture, pieces
from worksheet.resources import problems_folder
from worksheet.tex.line_breaking import wide

PAGES = {"full": 4, "normal": 3, "brief": 2}  # of two-by-two, at most


def found(markdown: str, tmp_path, columns: str = "auto"):
    page = Page("p", f"# T\n\n{markdown}\n", tmp_path)
    [blocks] = pandoc.read([page.markdown])
    return list(arranged(list(pieces(blocks[1:], page)), columns, "a4"))


def chain(head: str, *links: str) -> str:
    return (
        "\n$$\n\\begin{aligned}\n"
        + f"  {head} "
        + " \\\\\n  ".join(f"&{link}" for link in links)
        + "\n\\end{aligned}\n$$\n"
    )


def signs(pieces_) -> list[str]:
    """The TeX of every formula, in the order in which it is read."""
    return [
        sign
        for piece in pieces_
        for sign in (
            [sign for cell in piece.cells for sign in signs(cell)]
            if isinstance(piece, Beside)
            else piece.tex.split(r" \\ ")
            if isinstance(piece, Display)
            else []
        )
    ]


def pdf(tmp_path, markdown: str, columns: str, paper: str = "a4") -> tuple[int, str]:
    [made] = publish(
        [Page("p", f"# T\n\n{markdown}\n", tmp_path, columns=columns)], "pdf", paper=paper
    )
    (tmp_path / "p.pdf").write_bytes(made)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "p.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return text.count("\f"), text


@pytest.mark.parametrize("detail", PAGES)
def test_a_two_by_two_network_has_as_few_pages_as_was_asked_and_each_relation(tmp_path, detail):
    path = write_note(problem_file("two-by-two"), tmp_path, to=("pdf",), detail=detail)
    text = subprocess.run(
        ["pdftotext", "-layout", path.parent / "notes.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert text.count("\f") <= PAGES[detail]
    markdown = path.read_text(encoding="utf-8")
    formulas = "".join(re.findall(r"\$\$(.*?)\$\$", markdown, re.DOTALL))
    for sign, shown in (("=", "="), (r"\\approx", "≈")):
        assert text.count(shown) >= len(re.findall(sign, formulas)), sign
    numbers = re.findall(r"\d+\.\d{3,}", formulas)
    assert (
        len(numbers) > 60
        and [number for number in set(numbers) if text.count(number) < numbers.count(number)] == []
    )


def test_less_detail_is_visibly_shorter():
    problem = load(problems_folder() / "two-by-two.yaml")
    full, normal, brief = [make_note(in_detail(problem, detail)).text for detail in PAGES]
    assert (
        len(full.splitlines())
        > 1.2 * len(normal.splitlines())
        > 1.2 * 1.2 * len(brief.splitlines())
    )
    for weight in range(1, 9):  # what is not worked is told
        assert rf"\frac{{\partial L}}{{\partial w_{weight}}}" in brief


def test_short_chains_stand_in_columns_and_keep_their_order(tmp_path):
    chains = [
        chain(
            rf"a_{row}", f"= {row} \\cdot 2.5 + 1.25", "= 3.75", rf"= \frac{{1}}{{{row}}}", "= 0.5"
        )
        for row in range(1, 5)
    ]
    made = found("".join(chains), tmp_path)
    assert [type(piece) for piece in made] == [Beside, Beside] and [
        len(piece.widths) for piece in made
    ] == [2, 2]
    assert [
        tex
        for piece in made
        for cell in piece.cells
        for tex in [cell[0].tex.split("&")[0].split()[-1]]
    ] == [f"a_{row}" for row in range(1, 5)]
    assert all(sum(piece.widths) == pytest.approx(ROOM["a4"]) for piece in made)


def test_a_chain_wider_than_half_of_the_page_has_a_row_of_its_own(tmp_path):
    long = chain("b", "= " + " + ".join(["1.25 \\cdot 2.5"] * 9), "= 28.125")
    made = found(long + chain("c", "= 2", "= 3") + long, tmp_path)
    assert len(made) == 3 and all(isinstance(piece, Display) for piece in made)


@pytest.mark.parametrize("columns, most", [("2", 2), ("auto", 5)])
def test_columns_are_as_many_as_was_asked(tmp_path, columns, most):
    made = found("".join(f"\n$$\nx_{k} = {k}.5\n$$\n" for k in range(10)), tmp_path, columns)
    assert max(len(piece.widths) for piece in made) == most


def test_three_short_chains_are_a_table_and_longer_ones_are_not(tmp_path):
    rows = [
        chain(f"w_{k}", f"= 0.5 - 0.1 \\cdot 0.{k}", r"\approx 0.4", "= 0.3") for k in range(1, 6)
    ]
    [table] = found("".join(rows), tmp_path)
    assert isinstance(table, Display) and len(table.row[0].rows) == 5
    assert not any(
        isinstance(piece, Display) and len(piece.row[0].rows) > 4
        for piece in found(
            "".join(
                chain(f"w_{k}", *[f"= {k} + {link}" for link in range(6)]) for k in range(1, 6)
            ),
            tmp_path,
        )
        if isinstance(piece, Display) and piece.row
    )
    few = found("".join(rows[:2]), tmp_path)
    assert isinstance(few[0], Beside)


def test_links_share_a_line_that_never_ends_in_a_sign():
    display = Display(
        "\\begin{aligned} h &= \\sigma(z) \\\\ &= \\sigma(0.3775) \\\\ &= \\frac{1}{1 + e^{-0.3775}} \\\\ &\\approx 0.593270 \\end{aligned}"
    )
    wide_one, narrow = shared(display, 40), shared(display, 12)
    assert [len(made.row[0].rows) for made in (wide_one, narrow)] == [
        2,
        3,
    ]  # a fraction begins a line of its own
    for made in (wide_one, narrow):
        assert sum((cells[1] for cells in made.row[0].rows), ()) == sum(
            (cells[1] for cells in shared(display, 0).row[0].rows), ()
        )
        assert all(wide(cells[0] + cells[1]) <= 40 for cells in made.row[0].rows)


def test_a_table_of_chains_has_its_results_below_each_other():
    one, other = (
        Display(f"\\begin{{aligned}} w &= 1 {more} \\\\ &= 2 \\end{{aligned}}")
        for more in (r"\\ &= 3", "")
    )
    rows = tabled([one, other]).row[0].rows
    assert len(rows[0]) == len(rows[1]) and rows[0][-1] == rows[1][-1] and rows[1][3] == ()


def test_a_sentence_that_leads_to_several_stands_above_all_of_them(tmp_path):
    both = chain("a", "= 1.5 + 1", "= 2.5") + chain("b", "= 1.5 + 2", "= 3.5")
    lead, row = found("In the same way:\n" + both, tmp_path)
    assert lead["t"] == "Para" and isinstance(row, Beside)
    [row] = found(
        "The first one:\n"
        + chain("a", "= 1.5 + 1", "= 2.5")
        + "\nThe second one:\n"
        + chain("b", "= 1.5 + 2", "= 3.5"),
        tmp_path,
    )
    assert [cell[0]["t"] for cell in row.cells] == ["Para", "Para"]


def test_a_figure_stands_beside_its_chain(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"/>'
    )
    [row] = found(
        chain("L", "= 1.5 + 1", "= 2.5")
        + "\n![Words of the figure.](figures/a.svg)\n\n*A caption.*\n",
        tmp_path,
    )
    assert isinstance(row.cells[1][0], Picture)


def test_a_short_table_is_not_divided_over_the_end_of_a_page(tmp_path):
    tables = [
        f"Words.\n\n| A{n} | B |\n|--|--|\n"
        + "".join(f"| t{n}r{row} | {'words ' * 12}|\n" for row in range(7 + n % 5))
        for n in range(20)
    ]
    count, _ = pdf(tmp_path, "\n".join(tables), "auto")
    found = [
        subprocess.run(
            ["pdftotext", "-f", str(page), "-l", str(page), tmp_path / "p.pdf", "-"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for page in range(1, count + 1)
    ]
    places = [
        {at for at, text in enumerate(found) for row in range(7 + n % 5) if f"t{n}r{row}\n" in text}
        for n in range(20)
    ]
    assert count > 3 and all(len(each) == 1 for each in places)


def test_a_figure_as_wide_as_a_page_stands_alone(tmp_path):
    (tmp_path / "figures").mkdir()
    for name in ("net-rate-paths", "net-loss", "learning-rates"):
        (tmp_path / "figures" / f"{name}.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"/>'
        )
    for name in ("rate-paths", "loss"):
        shown = found(
            f"![A figure.](figures/net-{name}.svg)\n\n![Another one.](figures/learning-rates.svg)\n",
            tmp_path,
        )
        assert any(isinstance(piece, Beside) for piece in shown) == (name == "loss")


def test_a_formula_that_cannot_be_read_is_left_to_who_sets_it(tmp_path):
    made = found("$$\n\\begin{foo} x \\end{foo}\n$$\n" + chain("a", "= 1", "= 2"), tmp_path)
    assert made[0] == Display("\\begin{foo} x \\end{foo}")


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_what_is_side_by_side_needs_less_room_and_loses_nothing(tmp_path, paper):
    text = "".join(
        chain(rf"a_{{{row}}}", rf"= \frac{{{row}.25}}{{7}}", "= 3.75", f"= {row}.5")
        for row in range(10, 50)
    )
    (one, long), (more, short) = pdf(tmp_path, text, "1", paper), pdf(tmp_path, text, "auto", paper)
    assert more < 0.6 * one
    for row in range(10, 50):
        assert f"{row}.25" in short and f"{row}.5" in short and f"{row}.25" in long


def test_a_word_that_is_no_number_of_columns_is_told(tmp_path):
    from worksheet.errors import SpecError

    spec = tmp_path / "a.yaml"
    text = problem_file("linear-chain").read_text(encoding="utf-8")
    for value, said in (
        ("3", "unknown columns '3'"),
        ("two", "unknown columns 'two'"),
        ("[1]", "unknown columns of this kind"),
    ):
        spec.write_text(f"{text}\ncolumns: {value}\n", encoding="utf-8")
        with pytest.raises(SpecError) as refused:
            load(spec)
        assert (
            said in str(refused.value)
            and "known: auto, 1, 2" in str(refused.value)
            and f"a.yaml:{spec.read_text().count(chr(10))}" in str(refused.value)
        )
    spec.write_text(f"{text}\ncolumns: 2\n", encoding="utf-8")
    assert load(spec).columns == "2"


def test_the_bold_name_of_a_rule_leads_to_what_is_below_and_a_remark_stays_with_what_is_above(
    tmp_path,
):
    both = ["\n$$\na = 1.5 + 1\n$$\n", "\n$$\nb = 1.5 + 2\n$$\n"]
    for words, place in (
        ("**Sum rule:** term by term.", 1),
        ("So if it grows, the loss grows.", 0),
    ):
        [row] = found(both[0] + f"\n{words}\n" + both[1], tmp_path)
        assert [len(cell) for cell in row.cells] == [1 + (place == 0), 1 + (place == 1)]


def test_zeros_are_not_added_and_a_sign_is_no_line_of_its_own():
    text = (
        make_note(load(problems_folder() / "softmax-three-classes.yaml")).text
        + make_note(load(problems_folder() / "two-by-two.yaml")).text
    )
    between = [line for line in text.splitlines() if line.strip().startswith(("&=", r"&\approx"))]
    assert len(between) > 100
    assert [
        line
        for line in between
        if re.search(r"(?<![\d.])0 [+-] |[+-] 0(?![\d.])(?! \\cdot)", line)
        and r"\cdot" not in line
        and "matrix" not in line
    ] == []
    assert [
        line for line in between if re.fullmatch(r"\s*&\S+ [\d.]+ - \(-[\d.]+\) \\\\", line)
    ] == []
    assert r"&= a_1 - y_1" not in text and "-\\frac{2}{2}" not in text


def test_rows_of_a_product_stand_in_the_order_of_the_matrices():
    problem = load(problems_folder() / "three-hidden-matrix.yaml")
    full, normal = (
        make_note(in_detail(problem, "full")).text,
        make_note(in_detail(problem, "normal")).text,
    )
    assert (
        r"0.5 \cdot 2 + 0.3 \cdot 3 + (-0.1) \cdot 1 + 0.1 \\" in full
        and r"0.9 \cdot (-0.109276) \\" in full
    )
    assert (
        r"z_1^{(1)} = 0.5 \cdot 2 + 0.3 \cdot 3 + (-0.1) \cdot 1 + 0.1 = 1.9" in normal
        and r"\quad +" not in normal
    )


def test_a_network_with_what_is_given_beside_it(tmp_path):
    """As many tables as are no higher than the drawing; nothing where a weight would lose its place
    on its edge."""

    def beside(fence: str, given: str) -> list:
        page = Page("p", f"# T\n\n```mermaid\n{fence}```\n\n{given}\n", tmp_path)
        [blocks] = pandoc.read([page.markdown])
        return list(with_givens(list(pieces(blocks[1:], page)), "a4"))

    table = "The weights:\n\n| Neuron | $x_1$ |\n|:--|:--|\n" + "| $h$ | $w = 1$ |\n" * 4
    tables = f"- One\n- Two\n\n{table}\n{table}\n{table}\nWords.\n"
    [row, *rest] = beside(layered(3, 4, 3), tables)
    assert isinstance(row, Beside) and sum(row.widths) == pytest.approx(ROOM["a4"])
    kinds = [piece["t"] for piece in row.cells[1]]
    assert (
        kinds[0] == "BulletList"
        and kinds[1:] == ["Para", "Table"] * (len(kinds) // 2)
        and 1 < len(kinds) < 7
    )
    assert [piece["t"] for piece in [*row.cells[1], *rest]] == [
        "BulletList",
        *["Para", "Table"] * 3,
        "Para",
    ]  # nothing is lost
    assert isinstance(beside(layered(2, 2), "- One\n")[0], Beside)
    assert not any(
        isinstance(piece, Beside)
        for fence, given in ((layered(3, 3, 3), "- One\n"), (layered(2, 2), "One.\n"))
        for piece in beside(fence, given)
    )
