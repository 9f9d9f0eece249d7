"""Grids: each number where it is multiplied, as the trace has it; no room is no grid; the sheet is
the key without what is to be found."""

from __future__ import annotations

import json
import re
import subprocess
from copy import deepcopy
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from grid_cases import CASES, PROBLEMS, spec
from random_networks import spec_text
from test_sheet_pages import words
from test_worksheets import needs_pdftotext
from told import words_of

from worksheet.assessment.sheet_and_key import Handout
from worksheet.cli import main
from worksheet.errors import ProofError, WorksheetError
from worksheet.family import family
from worksheet.grids.page import BACKWARD, FORWARD, NEW, PASSES, cells, open_events
from worksheet.grids.places import NARROWEST, PAPERS, Places, needed
from worksheet.grids.proof import Reading, grid_failures
from worksheet.grids.text import FENCE, cells_in, grid_texts
from worksheet.publish import Page, contents, publish
from worksheet.publish.cells import cells_of, drawn_by
from worksheet.publish.pictures import converted
from worksheet.solution import by_hand
from worksheet.spec.load import loads
from worksheet.worksheets import check_key, gridded, make_worksheet, sheet_failures

LEFT, TOP = 13.0, 19.5  # millimetres of the text area on paper


@cache
def trace_of(text: str):
    return by_hand(loads(text, "grid.yaml"))


@cache
def texts_of(case: str) -> tuple[str, str]:
    return grid_texts(trace_of(CASES[case]))


def boxes_of(text: str, paper: str = "a4"):
    trace = trace_of(text)
    found = cells(trace)
    places = Places(trace.problem, found, paper)
    return places, places.boxes(found)


def refused(case: str, key: str, sheet: str | None = None) -> bool:
    """Whether the proof refuses what is written; the sheet is emptied like the key if it is not
    given."""
    trace, filled = trace_of(CASES[case]), json.loads(key)
    if sheet is None:
        emptied = [
            page
            | {
                "cells": [
                    cell | {"text": ""} if cell["is-open"] else cell for cell in page["cells"]
                ]
            }
            for page in filled["pages"]
        ]
        sheet = json.dumps(filled | {"is-key": False, "pages": emptied})
    return bool(grid_failures(trace, sheet, json.dumps(filled))[1])


# ---- the numbers
# -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_every_number_is_that_of_the_trace_and_follows_from_those_around_it(case):
    trace, (sheet, key) = trace_of(CASES[case]), texts_of(case)
    checked, failures = grid_failures(trace, sheet, key)
    assert failures == []
    for page in json.loads(key)["pages"]:
        assert all(
            cell["text"]
            == (trace.events[cell["event"]].shown if cell["event"] is not None else "1")
            for cell in page["cells"]
        )
    for epoch in range(1, trace.problem.epochs + 1):
        there = [
            cell
            for page in json.loads(key)["pages"]
            if page["epoch"] == epoch
            for cell in page["cells"]
        ]
        proved = {
            (where.partition(",")[0], of, text)
            for where, of, text, _ in Reading(trace, there, epoch).relations()
        }
        held = (
            "weight",
            "bias",
        )  # at the start of a later epoch they are those that the page before has found
        found = {
            (cell["place"][0], cell["of"], cell["text"])
            for cell in there
            if cell["event"] is not None
            and trace.events[cell["event"]].operands
            and not (cell["place"][0] == FORWARD and cell["place"][2] in held)
        }
        assert found <= proved and len(found) <= checked


@pytest.mark.parametrize("case", CASES)
def test_a_cell_that_is_changed_is_refused(case):
    key = json.loads(texts_of(case)[1])
    for place, page in enumerate(key["pages"]):
        for at, cell in enumerate(page["cells"]):
            changes = (
                re.sub(r"\d$", lambda last: str((int(last[0]) + 1) % 10), cell["text"]),
                f"-{cell['text']}".removeprefix("--"),
                "",
            )
            changed = deepcopy(key)
            changed["pages"][place]["cells"][at]["text"] = changes[at % 3]
            assert refused(case, json.dumps(changed)), (cell, changes[at % 3])


@pytest.mark.parametrize("case", ["two-by-two", "3-4-2", "softmax", "three layers"])
def test_right_numbers_in_each_others_places_are_refused(case):
    """What tells is the arithmetic of the page alone: each text is still that of the event that it
    names."""
    trace, key = trace_of(CASES[case]), json.loads(texts_of(case)[1])
    page = key["pages"][0]
    places = [
        at
        for at, cell in enumerate(page["cells"])
        if cell["place"][2] in ("weight", "bias", "z", "a", "input")
    ]
    pairs = [
        (one, other)
        for one, other in combinations(places, 2)
        if page["cells"][one]["text"] != page["cells"][other]["text"]
    ][::7]
    assert len(pairs) > 10
    for one, other in pairs:
        changed = deepcopy(key)
        first, second = (changed["pages"][0]["cells"][at] for at in (one, other))
        for name in ("x", "y"):
            first[name], second[name] = second[name], first[name]
        cells_there = [
            cell for each in changed["pages"] if each["epoch"] == 1 for cell in each["cells"]
        ]
        reading = Reading(trace, cells_there, 1)
        assert list(reading.missing()) or any(
            not low <= float(text) <= high for _, _, text, (low, high) in reading.relations()
        ), (first, second)


def renamed(key: dict, name: str, other: str) -> None:
    """Give what has this name first another one."""
    next(
        formula
        for sign in key["pages"][0]["signs"]
        for formula in sign["formulas"]
        if formula["tex"] == name
    )["tex"] = other


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key["pages"][0]["cells"].pop(3),
        lambda key: key["pages"][0]["cells"].append(key["pages"][0]["cells"][4]),
        lambda key: key["pages"][0]["cells"][0].update(of="w_2"),
        lambda key: key["pages"][0]["cells"][0].update(
            event=key["pages"][0]["cells"][1]["event"], text=key["pages"][0]["cells"][1]["text"]
        ),
        lambda key: key["pages"][0]["cells"][2].update({"is-open": True}),
        lambda key: key["pages"][0]["cells"][0].update(x=0.0),
        lambda key: key.update(title="The loss is 0.298371"),
        lambda key: key.update(rate="0.1"),
        lambda key: key["layers"][1].update(units=3),
        lambda key: renamed(key, r"h_1", r"h_2"),
        lambda key: renamed(key, r"\times i_1", r"\times i_2"),
        lambda key: renamed(key, r"i_2", r"i_1"),
        lambda key: key["pages"][0]["signs"].remove(
            next(
                sign
                for sign in key["pages"][0]["signs"]
                if sign["formulas"] and sign["formulas"][0]["tex"] == "o_2"
            )
        ),
    ],
)
def test_a_grid_that_lacks_a_cell_or_says_too_much_is_refused(change):
    key = json.loads(texts_of("two-by-two")[1])
    assert not refused("two-by-two", json.dumps(key))
    change(key)
    assert refused("two-by-two", json.dumps(key))


def test_a_sheet_with_an_answer_is_refused():
    sheet, key = map(json.loads, texts_of("two-by-two"))
    at = next(at for at, cell in enumerate(sheet["pages"][0]["cells"]) if cell["is-open"])
    sheet["pages"][0]["cells"][at]["text"] = key["pages"][0]["cells"][at]["text"]
    assert refused("two-by-two", json.dumps(key), json.dumps(sheet))


@pytest.mark.parametrize("seed", range(40))
def test_the_proof_refuses_nothing_of_a_random_network(seed):
    try:
        trace = by_hand(loads(spec_text(seed), "random.yaml"))
        sheet, key = grid_texts(trace)
    except WorksheetError:
        return  # no solution, or no room
    assert grid_failures(trace, sheet, key)[1] == []


# ---- the places
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_gradients_stand_below_their_weights_and_new_weights_below_these(case):
    places, placed = boxes_of(CASES[case])
    at = {box.cell.place: box for box in placed}
    for (passing, layer, part, row, column), box in at.items():
        if part not in ("weight", "bias", "z", "a") or passing == FORWARD:
            continue
        above = at[FORWARD, layer, part, row, column]
        assert box.x == above.x
        if places.is_stacked:
            assert (box.y, box.page) == (above.y, above.page + PASSES.index(passing))
        else:
            assert box.y > above.y and box.page == above.page
    kept = {
        name
        for layer in places.layers
        if not layer.trained_bias
        for unit in layer.units
        for name in unit.bias
    }
    assert {
        box.cell.name for box in placed if box.cell.passing == NEW and box.cell.is_given
    } >= kept


@pytest.mark.parametrize("case", CASES)
def test_no_cell_lies_on_another_or_beyond_the_page_and_each_has_room_for_its_number(case):
    places, placed = boxes_of(CASES[case])
    wide, high = PAPERS["a4"]
    for box in placed:
        assert box.x >= 0 and box.right <= wide + 0.01 and box.y >= 0 and box.bottom <= high + 0.01
        assert (
            box.cell.part == "slope"
            or box.width >= max(NARROWEST, needed(box.cell.text, places.measures.size)) - 0.01
            and box.height >= 7
        )
        assert box.width >= needed(box.cell.text, places.measures.size) - 0.01
    for one, other in combinations(placed, 2):
        apart = (
            one.page != other.page
            or one.right < other.x + 0.02
            or other.right < one.x + 0.02
            or one.bottom < other.y + 0.02
            or other.bottom < one.y + 0.02
        )
        assert apart, (one, other)


def test_the_measures_are_those_of_the_drawn_pages():
    small, large = (boxes_of(CASES[case])[0].measures for case in ("3-4-2", "two-by-two"))
    assert (small.size, small.cell, small.height) == (10.5, 15.0, 7.9)
    assert (large.size, large.height) == (9.2, 9.4) and large.cell == pytest.approx(17.4, abs=0.05)


@pytest.mark.parametrize(
    "sizes, says",
    [
        ([6, 6, 6], "no room for 6 units below each other"),
        ([3, 6, 2], "no room for 6 units below each other"),
        ([10, 5, 2], "271 mm wide: 10 and 5 and 2 units need 20 columns of 12.0 mm"),
        ([2, 2, 2, 2, 2], "holds 3 layers of weights at most, and here are 4"),
    ],
)
def test_what_has_no_room_is_refused_with_the_limit(sizes, says, tmp_path, capsys):
    text = spec(sizes, ["identity"] * (len(sizes) - 1), [1] * sizes[-1], is_sparse=True)
    with pytest.raises(WorksheetError, match=says) as refusal:
        grid_texts(trace_of(text))
    assert "--layout tasks" in refusal.value.hint
    (tmp_path / "wide.yaml").write_text(text, encoding="utf-8")
    assert (
        main(
            [
                "sheet",
                str(tmp_path / "wide.yaml"),
                "--layout",
                "grid",
                "--out",
                str(tmp_path / "out"),
            ]
        )
        == 2
    )
    assert says in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.parametrize("sizes", [[6, 5, 2], [4, 5, 2], [8, 2], [6, 4, 3, 2]], ids=str)
def test_what_has_room_just_so_is_drawn(sizes):
    trace = trace_of(spec(sizes, ["identity"] * (len(sizes) - 1), [1] * sizes[-1], is_sparse=True))
    assert grid_failures(trace, *grid_texts(trace))[1] == []


def test_more_places_need_wider_cells_and_are_never_set_smaller():
    limits = []
    for places in (2, 4, 6):
        text = spec(
            [3, 3, 2], ["sigmoid", "sigmoid"], [0, 1], more=f"rounding: {{places: {places}}}\n"
        )
        try:
            limits.append(boxes_of(text)[0].measures.size >= 9.2)
        except WorksheetError as refusal:
            assert "columns of" in str(refusal)
            limits.append(False)
    assert limits == [True, True, False]


# ---- on paper
# --------------------------------------------------------------------------------------------------


@cache
def printed(case: str, folder: Path) -> tuple[Path, Path]:
    files = []
    for stem, text in zip(("sheet", "key"), texts_of(case), strict=True):
        [pdf] = publish([Page(case, text, folder, stem, layout="grid")], "pdf")
        files.append(folder / f"{case}-{stem}.pdf")
        files[-1].write_bytes(pdf)
    return files[0], files[1]


@pytest.fixture(scope="module")
def paper(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("grids")


def inside(found: list[tuple[float, float, str]], cell: dict) -> list[str]:
    """The words of a page whose box begins within a cell, or less than half a millimetre before it."""
    return [
        word.replace("−", "-")
        for x, y, word in found
        if -0.5 < x - LEFT - cell["x"] < cell["width"]
        and -0.5 < y - TOP - cell["y"] < cell["height"] - 1
    ]


@needs_pdftotext
@pytest.mark.parametrize("case", CASES)
def test_the_printed_key_has_each_number_in_its_cell_and_the_sheet_none_that_is_to_be_found(
    case, paper
):
    sheet, key = printed(case, paper)
    there, empty = words(key), words(sheet)
    data = json.loads(texts_of(case)[1])
    assert len(there) == len(empty) == len(data["pages"])
    for page, full, bare in zip(data["pages"], there, empty, strict=True):
        for cell in page["cells"]:
            assert inside(full, cell) == [cell["text"]]
            assert inside(bare, cell) == ([] if cell["is-open"] else [cell["text"]])
    known = {
        cell["text"] for page in data["pages"] for cell in page["cells"] if not cell["is-open"]
    }
    secret = {
        cell["text"]
        for page in data["pages"]
        for cell in page["cells"]
        if cell["is-open"] and "." in cell["text"]
    } - known
    told = {word.replace("−", "-").strip("(),;") for page in empty for _, _, word in page}
    assert not secret & told - {trace_of(CASES[case]).problem.learning_rate.text}


@needs_pdftotext
@pytest.mark.parametrize("case", ["two-by-two", "softmax"])
def test_the_sheet_is_the_key_without_its_numbers_to_the_last_speck_of_ink(case, paper):
    from PIL import Image, ImageChops

    shots = []
    for file in printed(case, paper):
        subprocess.run(
            [
                "pdftoppm",
                "-r",
                "100",
                "-gray",
                "-png",
                "-f",
                "1",
                "-l",
                "1",
                "-singlefile",
                file,
                file.with_suffix(""),
            ],
            check=True,
        )
        shots.append(Image.open(file.with_suffix(".png")))
    differs, scale = (
        ImageChops.difference(*shots).point(lambda value: 255 if value else 0),
        100 / 25.4,
    )
    differs.paste(
        0, (0, 0, differs.width, round((TOP - 1) * scale))
    )  # the head has room for a name
    assert differs.getbbox()
    for cell in json.loads(texts_of(case)[1])["pages"][0]["cells"]:
        if cell["is-open"]:
            x, y = cell["x"] + LEFT, cell["y"] + TOP
            differs.paste(
                0,
                tuple(
                    round(edge * scale)
                    for edge in (
                        x + 0.5,
                        y + 0.5,
                        x + cell["width"] - 0.5,
                        y + cell["height"] - 0.5,
                    )
                ),
            )
    assert differs.getbbox() is None


# ---- the command
# -----------------------------------------------------------------------------------------------


def test_the_command_writes_both_and_so_does_a_spec_that_says_so(tmp_path, capsys):
    assert main(["sheet", "two-by-two", "--layout", "grid", "--out", str(tmp_path)]) == 0
    assert "relations and 46 results proved" in capsys.readouterr().out
    assert {file.name for file in (tmp_path / "two-by-two").glob("*.pdf")} == {
        "sheet.pdf",
        "key.pdf",
    }
    (tmp_path / "said.yaml").write_text(CASES["3-4-2"] + "layout: grid\n", encoding="utf-8")
    assert main(["sheet", str(tmp_path / "said.yaml"), "--out", str(tmp_path)]) == 0
    drawn = (tmp_path / "said" / "key.pdf").read_bytes()
    [again] = publish([Page("key", texts_of("3-4-2")[1], tmp_path, layout="grid")], "pdf")
    assert drawn == again
    assert (
        main(["sheet", str(tmp_path / "said.yaml"), "--layout", "tasks", "--out", str(tmp_path)])
        == 0
    )
    assert (tmp_path / "said" / "key.pdf").read_bytes() != drawn


@pytest.mark.parametrize(
    "arguments, says",
    [
        (
            ["two-by-two", "--layout", "grid", "--to", "md"],
            "a training step in cells is a picture, and md has none",
        ),
        (
            ["two-by-two", "--layout", "grid", "--key", "compact"],
            "the key of a grid is the grid, filled in: it has no form 'compact'",
        ),
        (["linear-chain", "--layout", "grid"], "these gradients go through the prediction"),
        (["derivative-cubic", "--layout", "grid"], "a grid is drawn of a network"),
    ],
)
def test_what_is_no_grid_is_refused_by_name(arguments, says, tmp_path, capsys):
    assert main(["sheet", *arguments, "--out", str(tmp_path)]) == 2
    assert says in capsys.readouterr().err


def test_the_command_knows_the_layouts_of_a_spec():
    from worksheet.cli import LAYOUTS as OFFERED
    from worksheet.problem import LAYOUTS

    assert OFFERED == LAYOUTS


def test_what_the_author_writes_by_hand_does_not_stop_a_grid(tmp_path):
    (tmp_path / "said.yaml").write_text(
        CASES["3-4-2"] + "layout: grid\ndescription: Nobody holds that $1 + 1 = 3$.\n",
        encoding="utf-8",
    )
    assert main(["sheet", str(tmp_path / "said.yaml"), "--out", str(tmp_path)]) == 0


def test_us_letter_is_narrower_and_higher():
    wide, narrow = (
        json.loads(grid_texts(trace_of(CASES["softmax"]), paper)[1])
        for paper in ("a4", "us-letter")
    )
    assert wide["paper"] == "a4" and narrow["paper"] == "us-letter"
    assert (
        max(cell["x"] + cell["width"] for cell in narrow["pages"][0]["cells"])
        <= PAPERS["us-letter"][0]
    )
    with pytest.raises(WorksheetError, match="us-letter is 253.4 mm wide"):
        grid_texts(trace_of(CASES["two-by-two"]), "us-letter")


def test_softmax_without_its_loss_is_refused():
    with pytest.raises(WorksheetError, match="softmax is the last activation"):
        grid_texts(trace_of(spec([2, 2, 2], ["relu", "softmax"], [1, 0])))


def test_a_power_of_ten_is_refused():
    with pytest.raises(WorksheetError, match="no room for a power of ten"):
        grid_texts(
            trace_of(
                spec([1, 1], ["identity"], [1], more="rounding: {significant: 3}\n").replace(
                    "inputs: [1]", "inputs: [1e-9]"
                )
            )
        )


@pytest.mark.parametrize("share, least, most", [("0", 0, 0), ("0.5", 0.45, 0.6), ("1", 1, 1)])
def test_a_share_is_left_to_the_student_cell_by_cell(share, least, most):
    trace = trace_of(CASES["two-by-two"] + f"fade: {share}\n")
    results = {cell.event for cell in cells(trace) if not cell.is_given}
    assert least <= len(open_events(trace, (cells(trace),)) & results) / len(results) <= most
    sheet, key = grid_texts(trace)
    assert grid_failures(trace, sheet, key)[1] == []
    shown = {cell["event"]: cell["text"] for cell in json.loads(sheet)["pages"][0]["cells"]}
    copies = [(cell["event"], cell["text"]) for cell in json.loads(sheet)["pages"][0]["cells"]]
    assert all(
        shown[event] == text for event, text in copies
    )  # a number that is copied is empty in both places


def test_every_update_has_its_page_and_begins_with_the_weights_before_it():
    trace, (sheet, key) = trace_of(CASES["softmax"]), texts_of("softmax")
    first, second = json.loads(key)["pages"]
    ends = {
        cell["of"]: cell["text"]
        for cell in first["cells"]
        if cell["place"][0] == NEW and cell["place"][2] in ("weight", "bias")
    }
    begins = {
        cell["of"]: cell["text"]
        for cell in second["cells"]
        if cell["place"][0] == FORWARD and cell["place"][2] in ("weight", "bias")
    }
    assert begins == ends and len(ends) == len(trace.problem.parameters)
    assert all(
        not cell["text"] for cell in json.loads(sheet)["pages"][1]["cells"] if cell["of"] in ends
    )


def test_the_steps_are_numbered_in_the_order_of_the_work():
    signs = [
        sign for page in json.loads(texts_of("two-by-two")[1])["pages"] for sign in page["signs"]
    ]
    assert sorted({sign["step"] for sign in signs} - {0}) == list(range(1, 23))
    assert [sign["step"] for sign in signs if sign["words"] == "new-and-bias"] == [16, 16]


def test_copies_have_their_codes_and_their_numbers(tmp_path, capsys):
    (tmp_path / "drill.yaml").write_text(
        CASES["3-4-2"] + "layout: grid\nvary: {inputs: {integers: {from: 1, to: 4}}}\n",
        encoding="utf-8",
    )
    assert (
        main(["sheet", str(tmp_path / "drill.yaml"), "--copies", "2", "--out", str(tmp_path)]) == 0
    )
    assert "2 sheets, each with its key" in capsys.readouterr().out
    found = sorted((tmp_path / "drill" / "copies").glob("*.pdf"))
    assert [file.name for file in found] == [
        "key-01.pdf",
        "key-02.pdf",
        "sheet-01.pdf",
        "sheet-02.pdf",
    ]
    assert len({file.read_bytes() for file in found}) == 4


def test_a_grid_with_a_wrong_number_is_not_written(monkeypatch):
    import worksheet.worksheets as room

    monkeypatch.setattr(
        room,
        "grid_texts",
        lambda *arguments: tuple(
            text.replace("0.298371", "0.298372") for text in texts_of("two-by-two")
        ),
    )
    with pytest.raises(ProofError, match="0.298372"):
        gridded(trace_of(CASES["two-by-two"]))


def test_the_names_of_the_passes_are_those_of_the_page_set_up():
    setting = (PROBLEMS.parent / "templates" / "typst" / "grid.typ").read_text(encoding="utf-8")
    assert all(re.search(rf"^  {passing}: ", setting, re.MULTILINE) for passing in PASSES)
    said = {
        sign["words"]
        for case in CASES
        for text in texts_of(case)
        for page in json.loads(text)["pages"]
        for sign in page["signs"]
    } - {""}
    assert {BACKWARD, *said} - set(re.findall(r"^  ([a-z-]+): ", setting, re.MULTILINE)) == set()


def test_a_key_of_another_form_in_the_spec_is_told_not_ignored(tmp_path, capsys):
    (tmp_path / "said.yaml").write_text(
        CASES["3-4-2"] + "layout: grid\nkey: compact\n", encoding="utf-8"
    )
    assert main(["sheet", str(tmp_path / "said.yaml"), "--out", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert (
        "said.yaml: key: the key of a grid is the grid, filled in: it has no form 'compact'" in told
        and "--key full" in told
        and "{of: grid}" in told
    )
    assert (
        main(["sheet", str(tmp_path / "said.yaml"), "--key", "full", "--out", str(tmp_path)]) == 0
    )


def test_the_softmax_of_the_mock_ups_has_room():
    """3-4-3 with four places: the distances give way, the type does not."""
    text = spec(
        [3, 4, 3],
        ["relu", "softmax"],
        [0, 1, 0],
        "categorical-cross-entropy",
        "rounding: {places: 4}\n",
    ).replace("inputs: [1, 2, 3]", "inputs: [0.2, -0.1, 0.3]")
    places, placed = boxes_of(text)
    assert (
        places.measures.size in (9.2, 10.5)
        and places.measures.cell >= NARROWEST
        and max(box.right for box in placed) <= PAPERS["a4"][0]
    )
    assert grid_failures(trace_of(text), *grid_texts(trace_of(text)))[1] == []


# ---- other formats
# -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["html", "tex", "docx"])
def test_other_formats_have_it_as_a_picture_whose_words_say_every_number_and_the_sheet_none_to_be_found(
    to, tmp_path
):
    data = json.loads(texts_of("two-by-two")[1])
    every = {
        cell["text"].replace("-", "−")
        for page in data["pages"]
        for cell in page["cells"]
        if "." in cell["text"]
    }
    secret = every - {
        cell["text"].replace("-", "−")
        for page in data["pages"]
        for cell in page["cells"]
        if not cell["is-open"]
    }
    for stem, text, is_told in zip(
        ("sheet", "key"), texts_of("two-by-two"), (False, True), strict=True
    ):
        [made] = publish([Page("g", text, tmp_path, stem, layout="grid")], to)
        said = words_of(made, to)
        assert "A training step in cells." in said and "0.15" in said and "empty" in said or is_told
        found = {number for number in secret if number.replace("−", "negative ") in said}
        assert found == (secret if is_told else set())
    assert len(secret) > 30


def test_the_picture_of_a_sheet_is_that_of_its_key_without_its_numbers(tmp_path):
    """In every speck: outside of the open cells nothing differs."""
    from PIL import Image, ImageChops

    shots = []
    for stem, text in zip(("sheet", "key"), texts_of("two-by-two"), strict=True):
        file = tmp_path / f"{stem}.png"
        file.write_bytes(converted(next(cells_of(text, drawn_by(None))).svg.encode(), "png"))
        shots.append(Image.open(file).convert("L"))
    data, scale = json.loads(texts_of("two-by-two")[1]), 300 / 25.4
    differs = ImageChops.difference(*shots).point(lambda value: 255 if value else 0)
    assert differs.getbbox()
    for cell in data["pages"][0]["cells"]:
        if cell["is-open"]:
            x, y = cell["x"] + 1, cell["y"] + 1  # the margin of a picture
            differs.paste(
                0,
                tuple(
                    round(edge * scale)
                    for edge in (
                        x + 0.4,
                        y + 0.4,
                        x + cell["width"] - 0.4,
                        y + cell["height"] - 0.4,
                    )
                ),
            )
    assert differs.getbbox() is None


# ---- among the tasks of a sheet
# ------------------------------------------------------------------------------------


def asking(case: str, ask: str) -> str:
    return CASES[case] + f"ask: [{ask}]\n"


def cells_of_fence(text: str) -> list[dict]:
    [fence] = FENCE.findall(text)
    return cells_in(fence)


@pytest.mark.parametrize("case", ["two-by-two", "softmax", "three layers", "one layer", "names"])
@pytest.mark.parametrize(
    "blank, last",
    [
        ("values", FORWARD),
        ("gradients", BACKWARD),
        ("both", BACKWARD),
        ("update", NEW),
        ("all", NEW),
    ],
)
def test_a_grid_is_a_task_with_what_it_asks_empty_and_nothing_after_it(case, blank, last):
    made = make_worksheet(loads(asking(case, f"{{of: grid, blank: {blank}}}"), "grid.yaml"))
    sheet, key = cells_of_fence(made.sheet), cells_of_fence(made.key)
    assert [cell | {"text": ""} for cell in sheet] == [cell | {"text": ""} for cell in key]
    assert {cell["place"][0] for cell in sheet} == set(PASSES[: PASSES.index(last) + 1])
    asked = {member.event for member in made.page.asked_members.values()}
    for bare, full in zip(sheet, key, strict=True):
        assert full["text"] and bare["text"] == ("" if bare["is-open"] else full["text"])
        assert not (bare["event"] in asked and bare["text"])
        passes = {
            "values": [FORWARD],
            "gradients": [BACKWARD],
            "both": [FORWARD, BACKWARD],
            "update": [NEW],
            "all": PASSES,
        }[blank]
        is_found = bare["event"] is not None and bool(made.trace.events[bare["event"]].operands)
        if bare["place"][0] in passes and is_found:
            assert bare["is-open"]
    [task] = made.page.tasks
    assert task.points > 0 and not task.room


def test_a_grid_of_a_task_that_says_an_answer_or_a_wrong_number_is_refused():
    made = make_worksheet(loads(asking("two-by-two", "{of: grid, blank: both}"), "grid.yaml"))
    sheet, key = Handout(made.trace, is_key=False), made.page
    right = sheet.render("sheet")
    assert not sheet_failures(sheet, right)
    [fence] = FENCE.findall(right)
    filled = FENCE.findall(made.key)[0]
    count = 0
    for bare, full in zip(fence.splitlines(), filled.splitlines()):
        if bare != full and '"text": ""' in bare:
            assert sheet_failures(sheet, right.replace(bare, full)), full
            assert check_key(
                key,
                made.key.replace(
                    full,
                    re.sub(
                        r'("text": "[^"]*?)(\d)"',
                        lambda found: f'{found[1]}{(int(found[2]) + 1) % 10}"',
                        full,
                    ),
                ),
            ).failures, full
            assert check_key(key, made.key.replace(full + "\n", "")).failures
            count += 1
    assert count > 25
    given = next(line for line in fence.splitlines() if '"text": "0.15"' in line)
    assert sheet_failures(sheet, right.replace(given, given.replace("0.15", "0.16")))
    assert sheet_failures(sheet, right.replace(given, given.replace('"x": ', '"x": 1')))
    assert sheet_failures(sheet, right.replace("```grid\n{", "```grid\n["))


def test_what_another_task_asks_is_empty_in_the_grid_with_the_powers_that_lead_there():
    made = make_worksheet(
        loads(asking("softmax", "loss, {of: grid, blank: gradients}, forward"), "grid.yaml")
    )
    forward = [cell for cell in cells_of_fence(made.sheet) if cell["place"][0] == FORWARD]
    assert all(
        cell["is-open"]
        for cell in forward
        if cell["place"][2] in ("z", "a", "power", "total", "loss")
    )
    alone = make_worksheet(loads(asking("softmax", "{of: grid, blank: gradients}"), "grid.yaml"))
    assert all(cell["text"] for cell in cells_of_fence(alone.sheet) if cell["place"][0] == FORWARD)


@pytest.mark.parametrize(
    "ask, says",
    [
        ("{of: grid, blank: vales}", "did you mean 'values'"),
        ("{of: circuit, blank: all}", "refused"),
        ("{of: [grid, L]}", "a grid is a task of its own"),
        ("{of: grid, choices: 3}", "without choices"),
        ("{of: grid, epoch: 2}", "of the first epoch"),
        ("{of: forward, blank: values}", "'blank' says what of a drawing is left to fill in"),
    ],
)
def test_what_a_grid_cannot_be_asked_for_is_told(ask, says, tmp_path, capsys):
    (tmp_path / "said.yaml").write_text(asking("softmax", ask), encoding="utf-8")
    assert main(["sheet", str(tmp_path / "said.yaml"), "--out", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert (says in told or says == "refused" and "a circuit" in told) and re.search(
        r"said.yaml:\d+: ask\[0\]", told
    )


def test_a_blank_that_a_drawing_does_not_have_is_told_with_those_that_it_has():
    text = (PROBLEMS / "one-hidden-neuron.yaml").read_text(encoding="utf-8")
    with pytest.raises(WorksheetError, match="unknown blank 'update' of a circuit") as refusal:
        make_worksheet(loads(text + "ask: [{of: circuit, blank: update}]\n"))
    assert "gradients, values, both" in str(refusal.value)


@needs_pdftotext
def test_on_paper_a_task_stands_on_one_page_across_with_its_statement_and_its_points(tmp_path):
    made = make_worksheet(
        loads(asking("two-by-two", "{of: grid, blank: both, points: 29}, update"), "grid.yaml")
    )
    [pdf] = publish([Page("g", made.sheet, tmp_path, "sheet")], "pdf")
    (tmp_path / "s.pdf").write_bytes(pdf)
    shapes = subprocess.run(
        ["pdfinfo", "-f", "1", "-l", "9", tmp_path / "s.pdf"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    sizes = [
        tuple(map(float, found)) for found in re.findall(r"size: +([\d.]+) x ([\d.]+)", shapes)
    ]
    [across] = [place for place, (wide, high) in enumerate(sizes) if wide > high]
    there = [word for _, _, word in words(tmp_path / "s.pdf")[across]]
    assert {"(a)", "29", "0.15", "Forward", "Backward"} <= set(there)
    made_key = publish([Page("g", made.key, tmp_path, "key")], "pdf")[0]
    (tmp_path / "k.pdf").write_bytes(made_key)
    told = {word.replace("−", "-") for page in words(tmp_path / "s.pdf") for _, _, word in page}
    full = {word.replace("−", "-") for page in words(tmp_path / "k.pdf") for _, _, word in page}
    secret = {
        cell["text"] for cell in cells_of_fence(made.key) if cell["is-open"] and "." in cell["text"]
    } - {cell["text"] for cell in cells_of_fence(made.key) if not cell["is-open"]}
    assert len(secret) > 15 and not secret & told and secret <= full


@pytest.mark.parametrize("to", ["html", "tex", "docx"])
def test_no_format_of_a_sheet_tells_what_is_to_be_found(to, tmp_path):
    made = make_worksheet(loads(asking("two-by-two", "{of: grid}"), "grid.yaml"))
    [sheet], [key] = (
        publish([Page("g", text, tmp_path, stem)], to)
        for stem, text in (("sheet", made.sheet), ("key", made.key))
    )
    secret = {
        cell["text"].lstrip("-")
        for cell in cells_of_fence(made.key)
        if cell["is-open"] and len(cell["text"]) > 5
    } - {cell["text"] for cell in cells_of_fence(made.key) if not cell["is-open"]}
    assert (
        len(secret) > 25
        and not [number for number in secret if number in words_of(sheet, to)]
        and not [number for number in secret if number not in words_of(key, to)]
    )


def test_a_wide_grid_has_no_room_on_the_narrower_paper(tmp_path):
    made = make_worksheet(loads(asking("two-by-two", "{of: grid}"), "grid.yaml"))
    with pytest.raises(WorksheetError, match="a grid that is 271 mm wide has no room on us-letter"):
        publish([Page("g", made.sheet, tmp_path)], "pdf", paper="us-letter")
    small = make_worksheet(loads(asking("3-4-2", "{of: grid}"), "grid.yaml"))
    assert publish([Page("g", small.sheet, tmp_path)], "pdf", paper="us-letter")


@pytest.mark.parametrize("to", ["md", "ipynb"])
def test_a_format_without_pictures_of_its_own_says_what_to_use(to, tmp_path):
    made = make_worksheet(loads(asking("one layer", "{of: grid}"), "grid.yaml"))
    with pytest.raises(WorksheetError, match=f"is a picture, and {to} has none") as refusal:
        contents([Page("g", made.sheet, tmp_path)], to)
    assert refusal.value.hint == "--to pdf, html, tex or docx"


def test_an_exam_holds_grids_and_circuits_with_keys_marking_and_the_same_from_its_manifest(
    tmp_path, capsys
):
    """Two students, two problems: their sheets differ, every key is made again from its code, and
    the marking has each answer."""
    spec_of_grid = (
        CASES["3-4-2"]
        + "ask: [{of: grid, blank: both}]\nvary: {inputs: {integers: {from: 1, to: 5}}}\n"
    )
    (tmp_path / "cells.yaml").write_text(spec_of_grid, encoding="utf-8")
    graph = (
        (PROBLEMS / "calculus" / "computational-graph.yaml")
        .read_text(encoding="utf-8")
        .replace("circuit: true", "ask: [{of: circuit, blank: gradients}]")
    )
    (tmp_path / "graph.yaml").write_text(graph, encoding="utf-8")
    (tmp_path / "class.csv").write_text("Name,ID\nAda,1\nBob,2\n", encoding="utf-8")
    (tmp_path / "quiz.yaml").write_text(
        "title: Quiz\nproblems: [{spec: cells.yaml}, {spec: graph.yaml}]\nroster: class.csv\nseed: 5\nkey: both\n",
        encoding="utf-8",
    )
    assert main(["exam", str(tmp_path / "quiz.yaml"), "--out", str(tmp_path)]) == 0
    folder = tmp_path / "quiz"
    names = {file.name for file in folder.iterdir()}
    assert {
        "exam-01.pdf",
        "exam-02.pdf",
        "key-01.pdf",
        "key-02.pdf",
        "marking.pdf",
        "manifest.json",
        "answers.csv",
    } <= names
    assert (folder / "exam-01.pdf").read_bytes() != (folder / "exam-02.pdf").read_bytes()
    rows = (folder / "answers.csv").read_text(encoding="utf-8").splitlines()
    assert sum("cells" in row for row in rows) > 20 and sum("graph" in row for row in rows) > 6
    code = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["papers"][0]["code"]
    assert main(["key", code, "--exam", str(folder / "manifest.json"), "--out", str(tmp_path)]) == 0
    assert main(["exam", "--rebuild", str(folder / "manifest.json")]) == 0
    assert "made again" in capsys.readouterr().out


def test_copies_of_a_sheet_with_a_grid_have_codes_from_which_their_keys_are_made(tmp_path, capsys):
    (tmp_path / "drill.yaml").write_text(
        CASES["3-4-2"]
        + "ask: [{of: grid}]\nkey: compact\nvary: {inputs: {integers: {from: 1, to: 4}}}\n",
        encoding="utf-8",
    )
    assert (
        main(
            [
                "sheet",
                str(tmp_path / "drill.yaml"),
                "--copies",
                "2",
                "--to",
                "html",
                "--out",
                str(tmp_path),
            ]
        )
        == 0
    )
    page = (tmp_path / "drill" / "copies" / "sheet-01.html").read_text(encoding="utf-8")
    code = re.search(r"QR code: ([\w-]+)", page)[1]
    assert (
        main(
            [
                "key",
                code,
                "--spec",
                str(tmp_path / "drill.yaml"),
                "--to",
                "html",
                "--out",
                str(tmp_path),
            ]
        )
        == 0
    )
    assert "The training step in cells" in (tmp_path / "drill" / f"key-{code}.html").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("case", ["two-by-two", "softmax"])
def test_a_family_gives_its_matrices_and_nothing_else(case, monkeypatch):
    """With no more than the protocol names, the grid is the same; a family that gives none has
    none."""
    from types import SimpleNamespace

    from worksheet.grids import page as grid_page

    right = texts_of(case)

    def bare(problem):
        network = problem.network
        return SimpleNamespace(
            **{name: getattr(network, name) for name in grid_page.Matrices.__annotations__}
        )

    monkeypatch.setattr(type(family("network")), "matrices", lambda self, problem: bare(problem))
    assert (
        grid_texts(trace_of(CASES[case])) == right
        and grid_failures(trace_of(CASES[case]), *right)[1] == []
    )
    monkeypatch.delattr(type(family("network")), "matrices")
    with pytest.raises(WorksheetError, match="a grid is drawn of a"):
        grid_texts(trace_of(CASES[case]))


@pytest.mark.parametrize(
    "more, says",
    [
        ("layout: grit\n", ("layout: unknown layout 'grit'", "known: grid, tasks")),
        ("circuit: {derivaties: local}\n", ("circuit", "did you mean 'derivatives'")),
        (
            "ask: [{of: grid, blank: vales}]\n",
            ("ask[0].blank: unknown blank 'vales'", "did you mean 'values'"),
        ),
        (
            "ask: [{of: circuit, blank: all}]\n",
            ("unknown blank 'all' of a circuit", "gradients, values, both"),
        ),
    ],
)
def test_what_is_not_known_is_told_with_what_is(more, says, tmp_path, capsys):
    text = (PROBLEMS / "one-hidden-neuron.yaml").read_text(encoding="utf-8").partition("vary:")[0]
    (tmp_path / "said.yaml").write_text(text + more, encoding="utf-8")
    assert main(["sheet", str(tmp_path / "said.yaml"), "--out", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert all(each in told for each in says), told
