"""Grids: each number where it is multiplied, as the trace has it; no room is no grid; the sheet is the key without what is to be found."""

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
from worksheet.cli import main
from worksheet.errors import ProofError, WorksheetError
from worksheet.solution import by_hand
from worksheet.grids.page import BACKWARD, FORWARD, NEW, PASSES, cells, open_events
from worksheet.grids.places import NARROWEST, PAPERS, Places, needed
from worksheet.grids.proof import Reading, grid_failures
from worksheet.grids.text import grid_texts
from worksheet.publish import Page, publish
from worksheet.spec.load import loads
from worksheet.worksheets import gridded

LEFT, TOP = 13.0, 19.5      # millimetres of the text area on paper


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
    """Whether the proof refuses what is written; the sheet is emptied like the key if it is not given."""
    trace, filled = trace_of(CASES[case]), json.loads(key)
    if sheet is None:
        emptied = [page | {"cells": [cell | {"text": ""} if cell["is-open"] else cell for cell in page["cells"]]} for page in filled["pages"]]
        sheet = json.dumps(filled | {"is-key": False, "pages": emptied})
    return bool(grid_failures(trace, sheet, json.dumps(filled))[1])


# ---- the numbers -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("case", CASES)
def test_every_number_is_that_of_the_trace_and_follows_from_those_around_it(case):
    trace, (sheet, key) = trace_of(CASES[case]), texts_of(case)
    checked, failures = grid_failures(trace, sheet, key)
    assert failures == []
    for page in json.loads(key)["pages"]:
        assert all(cell["text"] == (trace.events[cell["event"]].shown if cell["event"] is not None else "1") for cell in page["cells"])
    for epoch in range(1, trace.problem.epochs + 1):
        there = [cell for page in json.loads(key)["pages"] if page["epoch"] == epoch for cell in page["cells"]]
        proved = {(where.partition(",")[0], of, text) for where, of, text, _ in Reading(trace, there, epoch).relations()}
        held = ("weight", "bias")      # at the start of a later epoch they are those that the page before has found
        found = {(cell["place"][0], cell["of"], cell["text"]) for cell in there if cell["event"] is not None and trace.events[cell["event"]].operands
                 and not (cell["place"][0] == FORWARD and cell["place"][2] in held)}
        assert found <= proved and len(found) <= checked


@pytest.mark.parametrize("case", CASES)
def test_a_cell_that_is_changed_is_refused(case):
    key = json.loads(texts_of(case)[1])
    for place, page in enumerate(key["pages"]):
        for at, cell in enumerate(page["cells"]):
            changes = (re.sub(r"\d$", lambda last: str((int(last[0]) + 1) % 10), cell["text"]), f"-{cell['text']}".removeprefix("--"), "")
            changed = deepcopy(key)
            changed["pages"][place]["cells"][at]["text"] = changes[at % 3]
            assert refused(case, json.dumps(changed)), (cell, changes[at % 3])


@pytest.mark.parametrize("case", ["two-by-two", "3-4-2", "softmax", "three layers"])
def test_right_numbers_in_each_others_places_are_refused(case):
    """What tells is the arithmetic of the page alone: each text is still that of the event that it names."""
    trace, key = trace_of(CASES[case]), json.loads(texts_of(case)[1])
    page = key["pages"][0]
    places = [at for at, cell in enumerate(page["cells"]) if cell["place"][2] in ("weight", "bias", "z", "a", "input")]
    pairs = [(one, other) for one, other in combinations(places, 2) if page["cells"][one]["text"] != page["cells"][other]["text"]][::7]
    assert len(pairs) > 10
    for one, other in pairs:
        changed = deepcopy(key)
        first, second = (changed["pages"][0]["cells"][at] for at in (one, other))
        for name in ("x", "y"):
            first[name], second[name] = second[name], first[name]
        cells_there = [cell for each in changed["pages"] if each["epoch"] == 1 for cell in each["cells"]]
        reading = Reading(trace, cells_there, 1)
        assert list(reading.missing()) or any(not low <= float(text) <= high for _, _, text, (low, high) in reading.relations()), (first, second)


def renamed(key: dict, name: str, other: str) -> None:
    """Give what has this name first another one."""
    next(formula for sign in key["pages"][0]["signs"] for formula in sign["formulas"] if formula["tex"] == name)["tex"] = other


@pytest.mark.parametrize("change", [
    lambda key: key["pages"][0]["cells"].pop(3),
    lambda key: key["pages"][0]["cells"].append(key["pages"][0]["cells"][4]),
    lambda key: key["pages"][0]["cells"][0].update(of="w_2"),
    lambda key: key["pages"][0]["cells"][0].update(event=key["pages"][0]["cells"][1]["event"], text=key["pages"][0]["cells"][1]["text"]),
    lambda key: key["pages"][0]["cells"][2].update({"is-open": True}),
    lambda key: key["pages"][0]["cells"][0].update(x=0.0),
    lambda key: key.update(title="The loss is 0.298371"),
    lambda key: key.update(rate="0.1"),
    lambda key: key["layers"][1].update(units=3),
    lambda key: renamed(key, r"h_1", r"h_2"),
    lambda key: renamed(key, r"\times i_1", r"\times i_2"),
    lambda key: renamed(key, r"i_2", r"i_1"),
    lambda key: key["pages"][0]["signs"].remove(next(sign for sign in key["pages"][0]["signs"] if sign["formulas"] and sign["formulas"][0]["tex"] == "o_2")),
])
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
        return      # no solution, or no room
    assert grid_failures(trace, sheet, key)[1] == []


# ---- the places ------------------------------------------------------------------------------------------------

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
    kept = {name for layer in places.layers if not layer.trained_bias for unit in layer.units for name in unit.bias}
    assert {box.cell.name for box in placed if box.cell.passing == NEW and box.cell.is_given} >= kept


@pytest.mark.parametrize("case", CASES)
def test_no_cell_lies_on_another_or_beyond_the_page_and_each_has_room_for_its_number(case):
    places, placed = boxes_of(CASES[case])
    wide, high = PAPERS["a4"]
    for box in placed:
        assert 0 <= box.x and box.right <= wide + 0.01 and 0 <= box.y and box.bottom <= high + 0.01
        assert box.cell.part == "slope" or box.width >= max(NARROWEST, needed(box.cell.text, places.measures.size)) - 0.01 and box.height >= 7
        assert box.width >= needed(box.cell.text, places.measures.size) - 0.01
    for one, other in combinations(placed, 2):
        apart = one.page != other.page or one.right < other.x + 0.02 or other.right < one.x + 0.02 or one.bottom < other.y + 0.02 or other.bottom < one.y + 0.02
        assert apart, (one, other)


def test_the_measures_are_those_of_the_drawn_pages():
    small, large = (boxes_of(CASES[case])[0].measures for case in ("3-4-2", "two-by-two"))
    assert (small.size, small.cell, small.height) == (10.5, 15.0, 7.9)
    assert (large.size, large.height) == (9.2, 9.4) and large.cell == pytest.approx(17.4, abs=0.05)


@pytest.mark.parametrize("sizes, says", [
    ([6, 6, 6], "no room for 6 units below each other"),
    ([3, 6, 2], "no room for 6 units below each other"),
    ([10, 5, 2], "271 mm wide: 10 and 5 and 2 units need 20 columns of 12.0 mm"),
    ([2, 2, 2, 2, 2], "holds 3 layers of weights at most, and here are 4"),
])
def test_what_has_no_room_is_refused_with_the_limit(sizes, says, tmp_path, capsys):
    text = spec(sizes, ["identity"] * (len(sizes) - 1), [1] * sizes[-1], is_sparse=True)
    with pytest.raises(WorksheetError, match=says) as refusal:
        grid_texts(trace_of(text))
    assert "--layout tasks" in refusal.value.hint
    (tmp_path / "wide.yaml").write_text(text, encoding="utf-8")
    assert main(["sheet", str(tmp_path / "wide.yaml"), "--layout", "grid", "--out", str(tmp_path / "out")]) == 2
    assert says in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.parametrize("sizes", [[6, 5, 2], [4, 5, 2], [8, 2], [6, 4, 3, 2]], ids=str)
def test_what_has_room_just_so_is_drawn(sizes):
    trace = trace_of(spec(sizes, ["identity"] * (len(sizes) - 1), [1] * sizes[-1], is_sparse=True))
    assert grid_failures(trace, *grid_texts(trace))[1] == []


def test_more_places_need_wider_cells_and_are_never_set_smaller():
    limits = []
    for places in (2, 4, 6):
        text = spec([3, 3, 2], ["sigmoid", "sigmoid"], [0, 1], more=f"rounding: {{places: {places}}}\n")
        try:
            limits.append(boxes_of(text)[0].measures.size >= 9.2)
        except WorksheetError as refusal:
            assert "columns of" in str(refusal)
            limits.append(False)
    assert limits == [True, True, False]


# ---- on paper --------------------------------------------------------------------------------------------------

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
    return [word.replace("−", "-") for x, y, word in found if -0.5 < x - LEFT - cell["x"] < cell["width"] and -0.5 < y - TOP - cell["y"] < cell["height"] - 1]


@needs_pdftotext
@pytest.mark.parametrize("case", CASES)
def test_the_printed_key_has_each_number_in_its_cell_and_the_sheet_none_that_is_to_be_found(case, paper):
    sheet, key = printed(case, paper)
    there, empty = words(key), words(sheet)
    data = json.loads(texts_of(case)[1])
    assert len(there) == len(empty) == len(data["pages"])
    for page, full, bare in zip(data["pages"], there, empty, strict=True):
        for cell in page["cells"]:
            assert inside(full, cell) == [cell["text"]]
            assert inside(bare, cell) == ([] if cell["is-open"] else [cell["text"]])
    known = {cell["text"] for page in data["pages"] for cell in page["cells"] if not cell["is-open"]}
    secret = {cell["text"] for page in data["pages"] for cell in page["cells"] if cell["is-open"] and "." in cell["text"]} - known
    told = {word.replace("−", "-").strip("(),;") for page in empty for _, _, word in page}
    assert not secret & told - {trace_of(CASES[case]).problem.learning_rate.text}


@needs_pdftotext
@pytest.mark.parametrize("case", ["two-by-two", "softmax"])
def test_the_sheet_is_the_key_without_its_numbers_to_the_last_speck_of_ink(case, paper):
    from PIL import Image, ImageChops
    shots = []
    for file in printed(case, paper):
        subprocess.run(["pdftoppm", "-r", "100", "-gray", "-png", "-f", "1", "-l", "1", "-singlefile", file, file.with_suffix("")], check=True)
        shots.append(Image.open(file.with_suffix(".png")))
    differs, scale = ImageChops.difference(*shots).point(lambda value: 255 if value else 0), 100 / 25.4
    differs.paste(0, (0, 0, differs.width, round((TOP - 1) * scale)))      # the head has room for a name
    assert differs.getbbox()
    for cell in json.loads(texts_of(case)[1])["pages"][0]["cells"]:
        if cell["is-open"]:
            x, y = cell["x"] + LEFT, cell["y"] + TOP
            differs.paste(0, tuple(round(edge * scale) for edge in (x + 0.5, y + 0.5, x + cell["width"] - 0.5, y + cell["height"] - 0.5)))
    assert differs.getbbox() is None


# ---- the command -----------------------------------------------------------------------------------------------

def test_the_command_writes_both_and_so_does_a_spec_that_says_so(tmp_path, capsys):
    assert main(["sheet", "two-by-two", "--layout", "grid", "--out", str(tmp_path)]) == 0
    assert "relations and 46 results proved" in capsys.readouterr().out
    assert {file.name for file in (tmp_path / "two-by-two").glob("*.pdf")} == {"sheet.pdf", "key.pdf"}
    (tmp_path / "said.yaml").write_text(CASES["3-4-2"] + "layout: grid\n", encoding="utf-8")
    assert main(["sheet", str(tmp_path / "said.yaml"), "--out", str(tmp_path)]) == 0
    drawn = (tmp_path / "said" / "key.pdf").read_bytes()
    [again] = publish([Page("key", texts_of("3-4-2")[1], tmp_path, layout="grid")], "pdf")
    assert drawn == again
    assert main(["sheet", str(tmp_path / "said.yaml"), "--layout", "tasks", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "said" / "key.pdf").read_bytes() != drawn


@pytest.mark.parametrize("arguments, says", [
    (["two-by-two", "--layout", "grid", "--to", "html"], "drawn as a PDF by Typst, not as html"),
    (["two-by-two", "--layout", "grid", "--to", "md"], "drawn as a PDF by Typst, not as md"),
    (["two-by-two", "--layout", "grid", "--key", "compact"], "the key of a grid is the grid"),
    (["linear-chain", "--layout", "grid"], "these gradients go through the prediction"),
    (["derivative-cubic", "--layout", "grid"], "a grid is drawn of a network"),
])
def test_what_is_no_grid_is_refused_by_name(arguments, says, tmp_path, capsys):
    assert main(["sheet", *arguments, "--out", str(tmp_path)]) == 2
    assert says in capsys.readouterr().err


def test_the_command_knows_the_layouts_of_a_spec():
    from worksheet.cli import LAYOUTS as OFFERED
    from worksheet.problem import LAYOUTS
    assert OFFERED == LAYOUTS


def test_what_the_author_writes_by_hand_does_not_stop_a_grid(tmp_path):
    (tmp_path / "said.yaml").write_text(CASES["3-4-2"] + "layout: grid\ndescription: Nobody holds that $1 + 1 = 3$.\n", encoding="utf-8")
    assert main(["sheet", str(tmp_path / "said.yaml"), "--out", str(tmp_path)]) == 0


def test_us_letter_is_narrower_and_higher():
    wide, narrow = (json.loads(grid_texts(trace_of(CASES["softmax"]), paper)[1]) for paper in ("a4", "us-letter"))
    assert wide["paper"] == "a4" and narrow["paper"] == "us-letter"
    assert max(cell["x"] + cell["width"] for cell in narrow["pages"][0]["cells"]) <= PAPERS["us-letter"][0]
    with pytest.raises(WorksheetError, match="us-letter is 253.4 mm wide"):
        grid_texts(trace_of(CASES["two-by-two"]), "us-letter")


def test_softmax_without_its_loss_is_refused():
    with pytest.raises(WorksheetError, match="softmax is the last activation"):
        grid_texts(trace_of(spec([2, 2, 2], ["relu", "softmax"], [1, 0])))


def test_a_power_of_ten_is_refused():
    with pytest.raises(WorksheetError, match="no room for a power of ten"):
        grid_texts(trace_of(spec([1, 1], ["identity"], [1], more="rounding: {significant: 3}\n").replace("inputs: [1]", "inputs: [1e-9]")))


@pytest.mark.parametrize("share, least, most", [("0", 0, 0), ("0.5", 0.45, 0.6), ("1", 1, 1)])
def test_a_share_is_left_to_the_student_cell_by_cell(share, least, most):
    trace = trace_of(CASES["two-by-two"] + f"fade: {share}\n")
    results = {cell.event for cell in cells(trace) if not cell.is_given}
    assert least <= len(open_events(trace, (cells(trace),)) & results) / len(results) <= most
    sheet, key = grid_texts(trace)
    assert grid_failures(trace, sheet, key)[1] == []
    shown = {cell["event"]: cell["text"] for cell in json.loads(sheet)["pages"][0]["cells"]}
    copies = [(cell["event"], cell["text"]) for cell in json.loads(sheet)["pages"][0]["cells"]]
    assert all(shown[event] == text for event, text in copies)      # a number that is copied is empty in both places


def test_every_update_has_its_page_and_begins_with_the_weights_before_it():
    trace, (sheet, key) = trace_of(CASES["softmax"]), texts_of("softmax")
    first, second = json.loads(key)["pages"]
    ends = {cell["of"]: cell["text"] for cell in first["cells"] if cell["place"][0] == NEW and cell["place"][2] in ("weight", "bias")}
    begins = {cell["of"]: cell["text"] for cell in second["cells"] if cell["place"][0] == FORWARD and cell["place"][2] in ("weight", "bias")}
    assert begins == ends and len(ends) == len(trace.problem.parameters)
    assert all(not cell["text"] for cell in json.loads(sheet)["pages"][1]["cells"] if cell["of"] in ends)


def test_the_steps_are_numbered_in_the_order_of_the_work():
    signs = [sign for page in json.loads(texts_of("two-by-two")[1])["pages"] for sign in page["signs"]]
    assert sorted({sign["step"] for sign in signs} - {0}) == list(range(1, 23))
    assert [sign["step"] for sign in signs if sign["words"] == "new-and-bias"] == [16, 16]


def test_copies_have_their_codes_and_their_numbers(tmp_path, capsys):
    (tmp_path / "drill.yaml").write_text(CASES["3-4-2"] + "layout: grid\nvary: {inputs: {integers: {from: 1, to: 4}}}\n", encoding="utf-8")
    assert main(["sheet", str(tmp_path / "drill.yaml"), "--copies", "2", "--out", str(tmp_path)]) == 0
    assert "2 sheets, each with its key" in capsys.readouterr().out
    found = sorted((tmp_path / "drill" / "copies").glob("*.pdf"))
    assert [file.name for file in found] == ["key-01.pdf", "key-02.pdf", "sheet-01.pdf", "sheet-02.pdf"]
    assert len({file.read_bytes() for file in found}) == 4


def test_a_grid_with_a_wrong_number_is_not_written(monkeypatch):
    import worksheet.worksheets as room
    monkeypatch.setattr(room, "grid_texts", lambda *arguments: tuple(text.replace("0.298371", "0.298372") for text in texts_of("two-by-two")))
    with pytest.raises(ProofError, match="0.298372"):
        gridded(trace_of(CASES["two-by-two"]))


def test_the_names_of_the_passes_are_those_of_the_page_set_up():
    setting = (PROBLEMS.parent / "templates" / "typst" / "grid.typ").read_text(encoding="utf-8")
    assert all(re.search(rf"^  {passing}: ", setting, re.MULTILINE) for passing in PASSES)
    said = {sign["words"] for case in CASES for text in texts_of(case) for page in json.loads(text)["pages"] for sign in page["signs"]} - {""}
    assert {BACKWARD, *said} - set(re.findall(r"^  ([a-z-]+): ", setting, re.MULTILINE)) == set()
