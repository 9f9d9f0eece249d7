"""Following a number in a browser: by mouse, by keyboard, with a finger's width of screen, without
a script, and never on a sheet to work on."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from rendering import barriers, followed, needs
from test_cli import SPEC, desk
from test_lectures import OTHER, TWO
from test_publish_html import Strict

from worksheet.cli import main
from worksheet.resources import templates_folder

__all__ = ["desk"]  # the fixture
pytestmark = pytest.mark.xdist_group("follow")
NEURON, MATRIX = "one-hidden-neuron", "three-hidden-matrix"
MARK = re.compile(r' data-[ogus]="\d+"| data-n="[^"]*"')


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    """Notes with numbers to follow, and `plain/` those without."""
    out, found = tmp_path_factory.mktemp("follow"), {}
    for kind, *more in (("",), ("plain/", "--no-follow")):
        assert (
            main(["notes", NEURON, MATRIX, "--to", "html", "--out", str(out / f"x{kind}"), *more])
            == 0
        )
        found |= {
            f"{kind}{name}": out / f"x{kind}" / name / "notes.html" for name in (NEURON, MATRIX)
        }
    return found


def number_at(page: Path, mark: str) -> int:
    """Which of the numbers that can be followed is the first with this mark."""
    return [
        mark in each for each in re.findall(r"<mn( data[^>]*)>", page.read_text(encoding="utf-8"))
    ].index(True)


def of(page: Path, name: str, kind: str) -> int:
    """The first number of this kind of the quantity that is called so."""
    [marks] = re.findall(
        rf'<mn((?: data-\w="\d+")*) data-n="{re.escape(name)}"', page.read_text(encoding="utf-8")
    )
    key = re.findall(r'data-[og]="(\d+)"', marks)[0]
    return number_at(page, f'data-{kind}="{key}"')


def texts(marked: list[dict]) -> set[str]:
    return {each["text"] for each in marked}


@needs("node", "chromium")
def test_pointing_at_a_number_marks_its_origin_and_its_uses(pages):
    page = pages[NEURON]
    used, given = of(page, "aₕ = 0.62246", "u"), of(page, "wₕ = 0.5", "g")
    before, put_in, away, start = followed(page, [f"point {used}", "away", f"point {given}"])
    assert (
        before["told"] == ""
        and before["isHinted"]
        and not before["isBarSeen"]
        and before["labels"] == []
    )
    assert (
        put_in["told"] == "aₕ = 0.62246: worked out in “Forward pass”, used in 2 more places"
        and not put_in["isFocused"]
    )
    assert (
        len(put_in["worked"]) == 1
        and len({each["u"] for each in put_in["used"]}) == 1
        and texts(put_in["worked"] + put_in["used"]) == {"0.62246"}
    )
    assert {each["line"] for each in put_in["worked"]} == {"double"} and "dashed" in {
        each["line"] for each in put_in["used"]
    }  # not by colour alone
    assert "worked out" in put_in["labels"] and "used" in put_in["labels"]
    assert (away["here"], away["told"], away["used"], away["labels"]) == (None, "", [], [])
    assert start["told"] == "wₕ = 0.5: given in “Setup”, used in 2 more places" and texts(
        start["said"]
    ) == {"0.5"}


@needs("node", "chromium")
def test_two_numbers_that_read_the_same_are_not_marked_together(pages):
    """z_o is 0.62246 as a_h is."""
    page = pages[NEURON]
    [_, other] = followed(page, [f"point {of(page, 'zₒ = 0.62246', 'o')}"])
    assert other["told"].startswith("zₒ = 0.62246: ") and len(other["used"]) == 3
    [_, one] = followed(page, [f"point {of(page, 'aₕ = 0.62246', 'o')}"])
    assert not {each["at"] for each in one["used"]} & {
        each["at"] for each in other["used"] + other["worked"]
    }


@needs("node", "chromium")
def test_the_keyboard_leads_there_and_back(pages):
    page = pages[NEURON]
    start = of(page, "aₕ = 0.62246", "u")
    states = followed(
        page,
        [
            f"focus {start}",
            "key Enter",
            "key Enter",
            "key Space",
            "key Backspace",
            "key ArrowRight",
            "key ArrowLeft",
            "key Escape",
            "key Tab",
        ],
    )
    _, put_in, origin, first, second, back, right, left, closed, after = states
    assert (
        put_in["isFocused"]
        and put_in["stops"] == states[0]["stops"]
        and put_in["buttons"] == ["to its origin", "to its next use", "close"]
    )
    assert (
        origin["here"]["o"] == put_in["here"]["u"] == first["here"]["u"] == second["here"]["u"]
        and "back" in origin["buttons"]
    )
    assert (
        first["here"]["at"] == start
        and second["here"]["at"] > start
        and back["here"]["at"] == first["here"]["at"]
    )
    assert (
        right["here"]["at"] == back["here"]["at"] + 1 and left["here"]["at"] == back["here"]["at"]
    )
    assert all(
        each["isFocused"] and each["isSeen"] for each in (origin, first, second, back, right, left)
    )
    assert (closed["here"], closed["told"], closed["buttons"], closed["isBarSeen"]) == (
        None,
        "",
        [],
        False,
    )
    assert after["stops"] == states[0]["stops"]


@needs("node", "chromium")
def test_tab_stops_once_at_each_formula(pages):
    page = pages[NEURON]
    formulas = [
        each
        for each in re.findall(r"<math .*?</math>", page.read_text(encoding="utf-8"), re.DOTALL)
        if MARK.search(each)
    ]
    states = followed(page, ["focus 0", *["key Tab"] * 6])
    assert states[0]["stops"] == len(formulas)
    places = [state["here"]["at"] for state in states[1:] if state["here"]]
    assert len(places) >= 5 and places == sorted(set(places))


@needs("node", "chromium")
def test_buttons_lead_there_and_back(pages):
    page = pages[MATRIX]
    start = of(page, "h₁⁽¹⁾ = 0.8698915", "u")
    _, kept, origin, back, on, closed = followed(
        page,
        [
            f"click {start}",
            "press to its origin",
            "press back",
            "press to its next use",
            "press close",
        ],
    )
    assert (
        kept["isFocused"]
        and origin["here"]["o"] == kept["here"]["u"]
        and back["here"]["at"] == start
    )
    assert on["here"]["at"] != start and on["isSeen"] and not closed["isBarSeen"]


@needs("node", "chromium")
@pytest.mark.parametrize(
    "width, media",
    [
        (320, {}),
        (320, {"colorScheme": "dark"}),
        (900, {"forcedColors": "active"}),
        (900, {"reducedMotion": "reduce"}),
    ],
)
def test_on_a_phone_in_the_dark_in_high_contrast_and_without_motion(pages, width, media):
    page = pages[MATRIX]
    states = followed(
        page,
        [f"focus {of(page, 'h₁⁽¹⁾ = 0.8698915', 'o')}", "key Space", "key Space"],
        width=width,
        media=media,
    )
    assert all(state["scroll"] <= width for state in states) and all(
        state["isFocused"] and state["isSeen"] for state in states[1:]
    )
    assert states[-1]["worked"][0]["line"] == "double" and states[-1]["here"]["line"] == "solid"


@needs("node", "chromium")
def test_a_printed_page_shows_nothing_of_it(pages):
    page = pages[NEURON]
    *_, printed = followed(page, ["focus 3", "print"])
    assert (
        not printed["isBarSeen"]
        and not printed["isHinted"]
        and {each["line"] for each in [printed["here"], *printed["used"], *printed["worked"]]}
        == {"none"}
    )


@needs("node", "chromium")
def test_nothing_bars_a_reader(pages):
    for found in barriers([pages[NEURON], pages[MATRIX]], [(900, "light"), (320, "dark")]):
        assert found["violations"] == [], found


def test_without_its_script_a_page_is_what_it_was(pages):
    """Byte for byte, but for the marks; and it weighs little more."""
    for name in (NEURON, MATRIX):
        made, plain = (pages[each].read_text(encoding="utf-8") for each in (name, f"plain/{name}"))
        assert "<script" not in plain and not MARK.search(plain) and "follow" not in plain
        body = MARK.sub("", made.partition("<main>")[2].partition("</main>")[0])
        assert body == plain.partition("<main>")[2].partition("</main>")[0] and len(
            made
        ) < 1.1 * len(plain)
        assert (
            re.findall(r'<p class="follow-hint" hidden>|<aside id="follow"[^>]* hidden ', made)
            and Strict(made).faults == []
        )
    assert (pages[NEURON].parent / "notes.md").read_bytes() == (
        pages[f"plain/{NEURON}"].parent / "notes.md"
    ).read_bytes()


def test_one_small_script_may_run_and_no_other(pages):
    made = pages[NEURON].read_text(encoding="utf-8")
    [script] = re.findall(r"<script>(.*?)</script>", made, re.DOTALL)
    assert (
        len(script.encode()) < 4000
        and f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}';" in made
    )
    assert not re.search(
        r"https?:|fetch|import|eval|innerHTML|insertAdjacent|document\.write", script
    )
    words = re.findall(r'"([^"]*)"', script)
    assert not [
        each for each in words if re.search(r"[a-z]{3,} [a-z]{2,} ", each) and "mn[" not in each
    ]  # they stand in follow.html
    assert (templates_folder() / "html/follow.html").is_file()


@pytest.mark.parametrize("more", [[], ["--fade", "0.5"]])
def test_a_sheet_leads_nowhere_and_its_key_does(tmp_path, more):
    assert main(["sheet", NEURON, "--to", "html", "--out", str(tmp_path), *more]) == 0
    sheet, key = (
        (tmp_path / NEURON / f"{stem}.html").read_text(encoding="utf-8")
        for stem in ("sheet", "key")
    )
    assert (
        not MARK.search(sheet)
        and "<script" not in sheet
        and "script-src" not in sheet
        and "follow" not in sheet
    )
    assert (
        "data-n=" in key and len(re.findall(r"<script>", key)) == 1
    )  # what is underlined there, as it was blank, is not followed
    if not more:
        assert "0.65078" not in sheet and 'data-n="ŷ = 0.65078"' in key
    assert (
        main(["sheet", NEURON, "--to", "html", "--out", str(tmp_path), "--no-follow", *more]) == 0
    )
    assert "<script" not in (tmp_path / NEURON / "key.html").read_text(encoding="utf-8")
    assert (tmp_path / NEURON / "sheet.html").read_text(encoding="utf-8") == sheet


def test_problems_of_a_lecture_lead_to_their_own_numbers(desk):  # noqa: F811
    """Two problems whose quantities have the same names, one after the other and mixed; what an
    author wrote leads nowhere."""
    for name, text in {"one.yaml": SPEC, "other.yaml": OTHER, "two.yaml": TWO}.items():
        (desk / name).write_text(text, encoding="utf-8")
    assert main(["notes", "two.yaml", "--to", "html", "--no-figures"]) == 0
    page = (desk / "build/two/notes.html").read_text(encoding="utf-8")
    groups: dict[str, set[str]] = {}
    for marks, text in re.findall(r"<mn((?: data-[^>]*)+)>([^<]*)</mn>", page):
        for key in re.findall(r'data-[ogus]="(\d+)"', marks):
            groups.setdefault(key, set()).add(text)
    assert groups == {"1": {"0.5"}, "2": {"1"}, "3": {"0.5"}, "4": {"2"}}
    assert re.findall(r'data-n="([^"]*)"', page) == ["w = 0.5", "ŷ = 1", "w = 0.5", "ŷ = 2"]
    [prose] = re.findall(r"Remember that .*?</p>", page, re.DOTALL)
    assert "<mn>" in prose and not MARK.search(prose)
