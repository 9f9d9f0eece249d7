"""Sheets on paper: cells for matrices, blanks in the order of the task, a task with its room and
its answers on one page, points in the margin."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from zipfile import ZipFile

import pytest
from drawn_lines import strokes
from hard_cases import THREE_FOUR_THREE
from rendering import barriers, needs
from test_worksheets import PROBLEMS, needs_pdftotext, worksheet

from worksheet.assessment.answer_blanks import millimetres
from worksheet.assessment.sheet_and_key import Handout
from worksheet.publish import Page, publish
from worksheet.publish.docx import LINE
from worksheet.publish.pages import pieces
from worksheet.publish.pandoc import read
from worksheet.publish.regions import Region, regions
from worksheet.spec.load import loads
from worksheet.worksheets import make_worksheet, sheet_failures

SHAPES = {
    "a": [(4, 1), (4, 1), (3, 1), (3, 1)],
    "b": [],
    "c": [(3, 4), (3, 1), (4, 3), (4, 1)],
    "d": [(3, 4), (3, 1), (4, 3), (4, 1)],
    "e": [(3, 1)],
}
HIGH = 8  # millimetres of a cell


@cache
def sheet_of(spec: str):
    made = make_worksheet(loads(spec, "spec.yaml"))
    return made, Handout(made.trace, is_key=False)


def printed(spec: str, folder: Path) -> Path:
    [pdf] = publish([Page("sheet", sheet_of(spec)[0].sheet, folder)], "pdf")
    (folder / "sheet.pdf").write_bytes(pdf)
    return folder / "sheet.pdf"


def words(pdf: Path) -> list[list[tuple[float, float, str]]]:
    """The words of each page, each with its left and upper edge in millimetres."""
    boxes = subprocess.run(
        ["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    return [
        [
            (float(x) * 25.4 / 72, float(y) * 25.4 / 72, word)
            for x, y, word in re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>(.*?)</word>', page)
        ]
        for page in boxes.split("<page ")[1:]
    ]


def grids(pdf: Path, page: int) -> list[tuple[int, int, float]]:
    """The cells of each matrix of a page in reading order: rows, columns, millimetres of a cell."""
    thin = [each for each in strokes(pdf, page) if each.width == pytest.approx(0.4, abs=0.01)]
    upright = [each for each in thin if each.is_upright]
    found = []
    for (left, right), lines in groupby(
        sorted(
            (each for each in thin if each.is_level),
            key=lambda each: (round(each.left), round(each.right), each.top),
        ),
        key=lambda each: (round(each.left), round(each.right)),
    ):
        tops = [each.top for each in lines]
        runs = [[tops[0]]]
        for top in tops[1:]:
            if abs(top - runs[-1][-1] - HIGH) < 0.05:
                runs[-1].append(top)
            else:
                runs.append([top])
        for run in (run for run in runs if len(run) > 1):
            across = {
                round(each.left, 1)
                for each in upright
                if left - 1 < each.left < right + 1 and abs(each.top - run[0]) < 0.5
            }
            found.append(
                (
                    run[0],
                    left,
                    len(run) - 1,
                    len(across) - 1,
                    (max(across) - min(across)) / (len(across) - 1),
                )
            )
    middle = [
        (top + HIGH * rows / 2, left, rows, columns, wide)
        for top, left, rows, columns, wide in found
    ]
    return [each[2:] for each in sorted(middle, key=lambda each: (round(each[0] / 3), each[1]))]


# ---- cells
# ---------------------------------------------------------------------------------------------------------


@needs_pdftotext
def test_a_matrix_is_answered_in_brackets_with_cells_in_the_order_of_the_task(tmp_path):
    pdf = printed(THREE_FOUR_THREE, tmp_path)
    found = [grid for page in range(len(words(pdf))) for grid in grids(pdf, page)]
    assert [grid[:2] for grid in found] == [shape for shapes in SHAPES.values() for shape in shapes]
    assert {round(grid[2], 1) for grid in found} == {18.5}  # four places, a sign, in whole em


def test_a_cell_is_as_wide_as_the_digits_of_the_spec_and_not_as_its_number():
    _, sheet = sheet_of(THREE_FOUR_THREE)
    [width] = {millimetres(sheet.problem.rounding, task.asked) for task in sheet.tasks}
    assert width == pytest.approx(2.4 * 7 + 1.5)
    _, other = sheet_of(THREE_FOUR_THREE.replace("inputs: [2, 1, -1]", "inputs: [12, 1, -1]"))
    assert {millimetres(other.problem.rounding, task.asked) for task in other.tasks} == {width}
    _, finer = sheet_of(THREE_FOUR_THREE.replace("places: 4", "places: 6"))
    assert max(
        millimetres(finer.problem.rounding, task.asked) for task in finer.tasks
    ) == pytest.approx(2.4 * 9 + 1.5)


@pytest.mark.parametrize(
    "old, new, says",
    [
        (
            r"$W_2 = \begin{bmatrix} \underline",
            r"$b_2 = \begin{bmatrix} \underline",
            "the solution has no such form of b_2",
        ),
        (
            r"$z_1 = \begin{bmatrix} \underline",
            r"$h = \begin{bmatrix} \underline",
            "the solution has no such form of h",
        ),
        (
            r" \\[0.6em] \underline{\qquad\qquad\quad} \end",
            r" \end",
            "the sheet has 78 cells for 79 answers",
        ),
        (
            r"h = \begin{bmatrix} \underline{\qquad\qquad\quad}",
            r"h = \begin{bmatrix} 1.6",
            "the sheet has 78 cells for 79 answers",
        ),
    ],
)
def test_cells_are_proved_with_the_answers_of_the_key_in_them(old, new, says):
    made, sheet = sheet_of(THREE_FOUR_THREE)
    text = sheet.render("sheet")
    assert not sheet_failures(sheet, text) and old in text
    assert says in [each.message for each in sheet_failures(sheet, text.replace(old, new, 1))]


# ---- the order of the task
# -----------------------------------------------------------------------------------------


def in_line(node) -> Iterator[dict]:
    """The formulas of some blocks."""
    if isinstance(node, dict) and node.get("t") == "Math":
        yield node
    else:
        for each in (
            node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        ):
            yield from in_line(each)


@pytest.mark.parametrize("name", PROBLEMS)
def test_blanks_come_in_the_order_of_the_task(name):
    made = worksheet(name)
    page, sheet = Page("sheet", made.sheet, Path()), Handout(made.trace, is_key=False)
    [blocks] = read([made.sheet])
    tasks = {
        task.letter: [facts["flat"] for facts in sheet.task_facts(task)["asked"]]
        for task in sheet.tasks
    }
    found = [
        piece
        for piece in regions(pieces(blocks, page, has_tasks=True))
        if isinstance(piece, Region)
    ]
    for region in found:
        assert [blank.label.removesuffix("=").strip() for blank in region.blanks] == tasks[
            region.task.letter
        ]
        asked = tasks[region.task.letter]
        assert [
            formula["c"][1] for formula in in_line(region.statement) if formula["c"][1] in asked
        ][-len(asked) :] == asked
    without = {
        task.letter
        for task in sheet.tasks
        if task.has_choices or any(facts["step"] for facts in sheet.task_facts(task)["asked"])
    }
    assert [region.task.letter for region in found] == [
        letter for letter in tasks if letter not in without
    ]


# ---- a task on its page
# ----------------------------------------------------------------------------------------------


def of_tasks(pdf: Path, word: str) -> dict[str, list[int]]:
    """The pages on which the label `(c) Working` or `(c) Answer` stands, by its letter."""
    found: dict[str, list[int]] = {}
    for number, page in enumerate(words(pdf)):
        for (_, _, letter), (_, _, after) in zip(page, page[1:]):
            if after == word and re.fullmatch(r"\([a-z]\)", letter):
                found.setdefault(letter[1], []).append(number)
    return found


@needs_pdftotext
@pytest.mark.parametrize(
    "name", ["two-by-two", "three-hidden-matrix", "relu-two-updates", "softmax-three-classes"]
)
def test_a_task_stands_on_one_page_with_its_labelled_room_and_its_answers(name, tmp_path):
    [pdf] = publish([Page("sheet", worksheet(name).sheet, tmp_path)], "pdf")
    (tmp_path / "sheet.pdf").write_bytes(pdf)
    room, answer = (of_tasks(tmp_path / "sheet.pdf", word) for word in ("Working", "Answer"))
    assert room == answer and list(room) == [
        task.letter for task in Handout(worksheet(name).trace, is_key=False).tasks
    ]
    assert all(len(pages) == 1 for pages in room.values())


@needs_pdftotext
def test_a_room_that_is_longer_than_a_page_goes_on_and_its_answers_bear_the_letter(tmp_path):
    pdf = printed(THREE_FOUR_THREE + "ask: [forward, {of: [backward], room: 36}]\n", tmp_path)
    [room], [answer] = of_tasks(pdf, "Working")["b"], of_tasks(pdf, "Answer")["b"]
    assert answer == room + 1
    assert [grid[:2] for grid in grids(pdf, answer)] == SHAPES["c"]


NINE = [[0.1, -0.2, 0.3, 0.4, -0.5, 0.6, -0.7, 0.8, 0.9]] * 9
LONG = f"""title: Nine units
network:
  inputs: [2, 1, -1]
  layers:
    - {{weights: {[row[:3] for row in NINE]}, bias: {NINE[0]}, activation: relu, symbols: {{weights: W_1, bias: b_1, z: z_1, a: h}}}}
    - {{weights: {NINE}, bias: {NINE[0]}, activation: sigmoid, symbols: {{weights: W_2, bias: b_2, z: z_2, a: k}}}}
    - {{weights: {NINE}, bias: {NINE[0]}, activation: sigmoid, symbols: {{weights: W_3, bias: b_3, z: z_3, a: y_hat}}}}
  target: [0, 1, 0, 1, 0, 0, 0, 0, 1]
  loss: half-squared-error
learning_rate: 0.1
notation: matrix
rounding: {{places: 4}}
"""


@needs_pdftotext
@pytest.mark.parametrize(
    "spec, last",
    [
        (
            f"{THREE_FOUR_THREE}ask: [{{of: [forward], room: 9}}, {{of: [backward], room: 36}}]\n",
            ["(b), continued", "(b) Answer"],
        ),  # the room goes on
        (
            f"{THREE_FOUR_THREE}ask: [{{of: [forward], room: 3}}, {{of: [backward], room: 24}}]\n",
            ["(b), continued:"],
        ),  # the answers alone stand on the next page
        (
            f"{LONG}ask: [{{of: [forward], room: 3}}, {{of: [backward], room: 20}}]\n",
            ["(b), continued"],
        ),
    ],
)  # the answers go on
def test_a_task_that_goes_on_says_so_on_every_further_page(spec, last, tmp_path):
    labels = [
        [
            f"{word} {after}"
            for (_, _, word), (_, _, after) in zip(page, page[1:])
            if word.startswith("(b)")
        ]
        for page in words(printed(spec, tmp_path))
    ]
    first, *further = [found for found in labels if found]
    assert first[:2] == ["(b) With", "(b) Working"] and "(b), continued" not in first
    assert further == [last]


@needs_pdftotext
def test_points_stand_in_the_right_margin_level_with_the_first_line(tmp_path):
    pdf = printed(THREE_FOUR_THREE, tmp_path)
    made, sheet = sheet_of(THREE_FOUR_THREE)
    for task in sheet.tasks:
        [(page, y)] = [
            (page, y)
            for page in words(pdf)
            for x, y, word in page
            if word == f"({task.letter})" and x < 18
        ]
        [level] = [top for x, top, word in page if x > 181 and word == str(task.points)]
        assert abs(level - y) < 3.5
    assert "points)" not in [word for page in words(pdf) for _, _, word in page]


# ---- in other formats
# ------------------------------------------------------------------------------------------------


def published(kind: str, name: str, folder: Path) -> str:
    """A sheet in another format, with the tasks of a Word document as XML."""
    [made] = publish([Page("sheet", worksheet(name).sheet, folder)], kind)
    return (
        ZipFile(BytesIO(made)).read("word/document.xml").decode()
        if kind == "docx"
        else made.decode()
    )


FRAMES = {  # a task by its letter, its room and the frame of its answers; and its points
    "html": (
        r'aria-label="Task \((\w)\)".*?class="working" style="--lines: (\d+)".*?class="answers"',
        r'<p class="points"><span role="img" aria-label="(\S+) points">/ \1</span>',
    ),
    "tex": (
        r"\\begintask.*?\\working\{(\w)\}\{\d+\}\{(\d+)\}\s*\\begin\{(?:long)?answers\}",
        r"\\points\{(\S+)\}\\textbf",
    ),
    "docx": (r"\((\w)\)\u00a0Working(?=.*?Answer)", r"<w:t>/ (\S+)</w:t>"),
}


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("name", ["three-hidden-matrix", "two-by-two", "derive-sigmoid"])
def test_a_task_has_its_points_its_room_and_the_frame_of_its_answers_in_every_format(
    kind, name, tmp_path
):
    text, (frame, worth) = published(kind, name, tmp_path), FRAMES[kind]
    tasks = Handout(worksheet(name).trace, is_key=False).tasks
    [blocks] = read([worksheet(name).sheet])
    wanted = [
        piece
        for piece in regions(pieces(blocks, Page("sheet", "", tmp_path), has_tasks=True))
        if isinstance(piece, Region)
    ]
    found = re.findall(frame, text, re.DOTALL)
    assert found == (
        [region.task.letter for region in wanted]
        if kind == "docx"
        else [(region.task.letter, str(region.lines)) for region in wanted]
    )
    assert re.findall(worth, text) == [str(task.points) for task in tasks] and "points)" not in text
    if kind == "docx":
        assert [int(high) for high in re.findall(r'<w:trHeight w:val="(\d+)"', text)] == [
            region.lines * LINE for region in wanted
        ]


@needs("node", "chromium")
def test_a_browser_finds_no_barrier_in_a_sheet(tmp_path):
    files = [
        tmp_path / f"{name}.html"
        for name in ("three-hidden-matrix", "two-by-two", "derive-sigmoid")
    ]
    for file in files:
        file.write_text(published("html", file.stem, tmp_path), encoding="utf-8")
    found = barriers(files, [(900, "light"), (390, "dark")])
    assert (
        len(found) == 6
        and [(each["page"], each["violations"]) for each in found if each["violations"]] == []
    )


@needs("lualatex")
@pytest.mark.parametrize(
    "spec",
    [THREE_FOUR_THREE, f"{LONG}ask: [{{of: [forward], room: 3}}, {{of: [backward], room: 36}}]\n"],
)
def test_tex_sets_the_same_rooms_and_frames(spec, tmp_path):
    """Every task with its points in the right margin, its answers on the page of its room where
    both fit one."""
    [pdf] = publish([Page("sheet", sheet_of(spec)[0].sheet, tmp_path)], "pdf", engine="lualatex")
    (tmp_path / "sheet.pdf").write_bytes(pdf)
    room, answer = (of_tasks(tmp_path / "sheet.pdf", word) for word in ("Working", "Answer"))
    letters = [task.letter for task in sheet_of(spec)[1].tasks]
    assert list(room) == list(answer) == letters and all(len(pages) == 1 for pages in room.values())
    assert spec != THREE_FOUR_THREE or room == answer
    worths = [
        word.strip("/")
        for page in words(tmp_path / "sheet.pdf")
        for x, _, word in page
        if x > 185 and word.strip("/").isdigit()
    ]
    assert worths == [str(task.points) for task in sheet_of(spec)[1].tasks]
