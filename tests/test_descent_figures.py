"""The figures of gradient descent: what is drawn for which problem, in which words, and the path
that appears step by step."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from test_descent import descent

from worksheet.family import problem_file
from worksheet.figures.animation import MOVING, inlined, moving
from worksheet.figures.draw import compose, draw
from worksheet.figures.subject import Subject
from worksheet.judge.judges import steps_in_floats
from worksheet.notes import shown_numbers, write_note
from worksheet.solution import solve
from worksheet.spec.load import load, loads
from worksheet.tex.notation import Symbols

BOWL = descent(
    "f(x, y) = x^2/2 + 2*y^2 + 1",
    "x: 4, y: 1.5",
    "0.3",
    "iterations: 4\nlearning_rates: [0.02, 0.3, 0.45, 0.55]\n",
)
WELLS = descent(
    "f(x) = x^4/4 - x^2 + 0.3*x",
    "x: -2.5",
    "0.2",
    "iterations: 4\nlearning_rates: [0.02, 0.1, 0.3, 0.45]\n",
)
ACROSS = descent("L(w) = (w - 3)^2", "w: 0", "0.9", "iterations: 3\n")
LEVEL = descent("L(w) = w^2", "w: 0", "0.1", "iterations: 1\n")
STAYS = descent(
    "L(w, v) = (w*v - 1)^2", "w: 0, v: 0", "0.1", "iterations: 2\n"
)  # on a saddle, where nothing moves
AWAY = descent("L(w) = (w - 3)^2", "w: 0", "1.2", "iterations: 3\n")
EDGE = descent(
    "f(x, y) = ln(x) + y^2", "x: 0.5, y: 1", "0.01", "iterations: 2\nlearning_rates: [0.01, 0.4]\n"
)
OUT = descent(
    "L(w) = sqrt(w)", "w: 1", "0.5", "iterations: 3\nlearning_rates: [0.1, 0.5, 5]\n"
)  # the program goes on beyond the domain
UNBROKEN = descent("L(w) = w^2/2", "w: 1", "0.1", "iterations: 20\nlong_run: 0\n")
CASES = {
    "two weights": None,
    "bowl": BOWL,
    "wells": WELLS,
    "across": ACROSS,
    "level": LEVEL,
    "stays": STAYS,
    "away": AWAY,
    "edge": EDGE,
    "out": OUT,
    "unbroken": UNBROKEN,
}


def problem_of(text: str | None):
    return loads(text) if text else load(problem_file("descent-two-weights"))


def drawn_at(text: str | None, name: str):
    problem = problem_of(text)
    return compose(
        Subject(
            problem, steps_in_floats(problem), shown_numbers(solve(problem)), Symbols.of(problem)
        ),
        name,
    )


@pytest.mark.parametrize(
    "case, expected",
    [
        (
            "two weights",
            ["descent-path", "descent-surface", "descent-curve", "rate-paths", "learning-rates"],
        ),
        ("wells", ["descent-path", "descent-curve", "rate-paths", "learning-rates"]),
        ("across", ["descent-path", "descent-curve"]),
        ("level", ["descent-path"]),
        ("stays", ["descent-path", "descent-surface"]),
        ("unbroken", ["descent-path", "descent-curve"]),
        ("away", ["descent-path", "descent-curve"]),
        ("out", ["descent-path", "descent-curve", "rate-paths", "learning-rates"]),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_drawn(case, expected, tmp_path):
    problem = problem_of(CASES[case])
    drawn = draw(problem, tmp_path, shown=shown_numbers(solve(problem)))
    assert [figure.name for figure in drawn] == expected
    assert all(file.is_file() for figure in drawn for file in figure.files)
    for figure in drawn:
        assert "{" not in figure.alt and "None" not in figure.alt and figure.alt.endswith(".")


@pytest.mark.parametrize("case", CASES)
def test_no_label_hides_another_or_leaves_the_picture(case):
    figure, _ = drawn_at(CASES[case], "descent-path")
    figure.draw_without_rendering()  # an axis puts its label in place when it is drawn
    (ax,) = figure.axes
    boxes = {
        text.get_text(): text.get_window_extent()
        for text in [*ax.texts, ax.xaxis.label, ax.yaxis.label]
        if text.get_text() and text.get_visible()
    }
    for text, box in boxes.items():
        assert (
            figure.bbox.x0 <= box.x0
            and box.x1 <= figure.bbox.x1
            and figure.bbox.y0 <= box.y0
            and box.y1 <= figure.bbox.y1
        ), text
    for one, other in combinations(boxes, 2):
        assert not boxes[one].overlaps(boxes[other]), (one, other)


def test_the_words_say_what_is_seen(tmp_path):
    problem = load(problem_file("descent-two-weights"))
    words = {
        figure.name: figure.alt
        for figure in draw(problem, tmp_path, ("svg",), shown_numbers(solve(problem)))
    }
    assert words["descent-path"] == (
        "The path of gradient descent on the contour map of L(w₁, w₂): a stroke for each update. It starts from w₁ = 2, w₂ = 0.5, where L is 162; "
        "after 3 updates it is at w₁ = 2.93096, w₂ = 2.39602, where L is 17.72935; from there on it settles."
    )
    assert words["learning-rates"].endswith(
        ": with 0.001 it settles; with 0.01 it settles; with 0.025 it goes to and fro without end; with 0.05 it diverges."
    )


def test_the_same_bytes_every_time(tmp_path):
    problem = load(problem_file("descent-two-weights"))
    one, other = (
        [
            file.read_bytes()
            for figure in draw(problem, tmp_path / place, shown=shown_numbers(solve(problem)))
            for file in figure.files
        ]
        for place in ("one", "other")
    )
    assert one == other


# ---- step by step -------------------------------------------------------------------------------


def test_the_moving_path_is_the_still_one_with_a_style(tmp_path):
    problem = load(problem_file("descent-parabola"))
    draw(problem, tmp_path, ("svg",), shown_numbers(solve(problem)))
    still, motion = (
        (tmp_path / f"descent-path{suffix}").read_text() for suffix in (".svg", MOVING)
    )
    ElementTree.fromstring(motion)
    [style] = re.findall(r"<style>.*?</style>\n ", motion, re.DOTALL)
    counted = re.search(r'<g id="updates".*?</g>\n', motion)[0]
    assert (
        motion.replace(style, "").replace(counted, "") == still
        and "<script" not in motion
        and "http" not in style
    )
    inside = style.split("@media (prefers-reduced-motion: no-preference) {")
    assert len(inside) == 2 and "animation" not in inside[0]
    appearing = set(re.findall(r"#(\w+-\d+)", style))
    assert {f"point-{k}" for k in range(1, 5)} | {
        f"step-{k}" for k in range(1, 5)
    } <= appearing and "point-0" not in appearing
    assert all(
        f'id="{name}"' in (counted if name.startswith("update") else still) for name in appearing
    )
    shares = [float(share) for share in re.findall(r"opacity: 0 \} ([\d.]+)%", style)]
    assert shares == sorted(shares) and shares[-1] < 100
    assert re.findall(r">update (\d+)<", counted)[:6] == [
        "1",
        "2",
        "3",
        "4",
        "6",
        "8",
    ]  # four of the page, then a stroke for two


def test_what_moves_in_a_page_is_ours_alone(tmp_path):
    problem = load(problem_file("descent-parabola"))
    draw(problem, tmp_path, ("svg",), shown_numbers(solve(problem)))
    motion = (tmp_path / f"descent-path{MOVING}").read_text()
    one, other = (inlined(motion, key, "a path") for key in ("path-1", "path-2"))
    names = [
        set(re.findall(r'id="((?:path|step|point|name|update)-[^"]*)"', text))
        for text in (one, other)
    ]
    assert (
        names[0]
        and not names[0] & names[1]
        and all(name.startswith("path-1-") for name in names[0])
    )
    assert set(re.findall(r"animation: (\S+)", one)).isdisjoint(
        re.findall(r"animation: (\S+)", other)
    )
    for harm in (
        "<script>alert(1)</script>",
        '<image href="#a"/>',
        '<g onclick="alert(1)"/>',
        '<use xlink:href="https://a.b/c.svg#d"/>',
        "<style>*{background: url(https://a.b)}</style>",
        "<style>@import 'a.css'</style>",
        "<foreignObject/>",
        "<g/onload=alert(1) />",
        "<!--><script>1</script>",
        "<style>a{b: u\\72l(//a.b)}</style>",
    ):
        assert inlined(motion.replace("</svg>", harm + "</svg>"), "path-1", "a path") is None, harm


def test_the_page_of_a_browser_has_it_and_a_pdf_does_not_need_it(tmp_path):
    path = write_note(problem_file("descent-parabola"), tmp_path, to=("html",), follow=False)
    text = path.with_suffix(".html").read_text(encoding="utf-8")
    assert (
        text.count('class="motion"') == 1
        and text.count('<input type="checkbox">') == 2
        and "<script" not in text
    )
    assert MOVING not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("detail", ["full", "brief"])
def test_no_file_stays_of_a_figure_that_the_page_does_not_show(detail, tmp_path):
    path = write_note(problem_file("linear-chain"), tmp_path, detail=detail)
    shown = set(re.findall(r"\(figures/([\w-]+)\.", path.read_text(encoding="utf-8")))
    assert {file.name.partition(".")[0] for file in (path.parent / "figures").iterdir()} == shown


def test_a_path_of_one_point_does_not_move():
    svg = b'<svg><defs></defs><g id="point-0"></g></svg>'
    assert b"@keyframes" not in moving(svg, 1)
