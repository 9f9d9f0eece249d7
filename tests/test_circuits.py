"""Circuits: the operations of a forward pass with every number of the trace and no other, drawn in
rows so that nothing lies on anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import combinations, islice

import pytest
from drawn_labels import faults, parts, signs_of
from random_formulas import graph_text
from rendering import mermaid_errors, needs
from test_spec import NAMED
from test_worksheets import needs_pdftotext
from told import words_of

from worksheet import load, make_note, solve
from worksheet.assessment.sheet_and_key import Handout
from worksheet.assessment.tasks import tasks_of
from worksheet.circuits.drawing import ACROSS, BOX, NODE_BOX, best, described, drawn
from worksheet.circuits.graph import MOST, SIGNS, asked_of, circuit_of, refusal, to_fill_in
from worksheet.circuits.layout import laid
from worksheet.circuits.text import ASKED, DOT, LOCAL, OPERATION, Circuit, is_circuit, read, written
from worksheet.diagrams.drawing import PAPER
from worksheet.diagrams.placing import Box
from worksheet.errors import ProofError, SpecError, WorksheetError
from worksheet.family import problem_file
from worksheet.proofs import checks
from worksheet.proofs import circuit as circuit_proof
from worksheet.proofs.circuit import circuit_findings, drawing_findings
from worksheet.publish import publish
from worksheet.publish.pages import Page
from worksheet.publish.pictures import converted
from worksheet.resources import problem_files
from worksheet.spec.load import loads
from worksheet.trace.trace import Trace
from worksheet.views.phases import chains_of
from worksheet.worksheets import check_key, make_worksheet, sheet_failures

SLANTED = re.compile(r' transform="matrix\(1 0 -0\.25 1 [-\d.]+ 0\)"')
GRAPHS = 50
SIGMOID = f"{NAMED}rounding: {{places: 5}}\ncircuit: {{derivatives: local}}\n"


def formulas(*texts: str, given: str, train: str, more: str = "circuit: true\n") -> str:
    return (
        "title: T\nformulas:\n"
        + "".join(f"  - {text}\n" for text in texts)
        + f"given: {{{given}}}\ntrain: [{train}]\n{more}"
    )


def fence_of(text: str) -> str:
    [fence] = [
        fence for fence in re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL) if is_circuit(fence)
    ]
    return fence


@cache
def ours() -> dict[str, tuple[Trace, Circuit]]:
    """The circuits of all problems that have one."""
    traces = {
        spec.stem: solve(problem)
        for spec in problem_files()
        if (problem := load(spec)).family in ("network", "formulas", "chain")
        and not refusal(problem)
    }
    return {name: (trace, circuit_of(trace, is_local=True)) for name, trace in traces.items()}


@cache
def random_ones() -> dict[int, tuple[Trace, Circuit]]:
    """The first random graphs of formulas that have a circuit which fits a page."""

    def found() -> Iterator[tuple[int, tuple[Trace, Circuit]]]:
        for seed in range(1000):
            if not refusal(problem := loads(graph_text(seed))):
                circuit = circuit_of(trace := solve(problem), is_local=True)
                try:
                    drawn(circuit)
                except WorksheetError as fault:
                    assert "larger than a page" in fault.message
                    continue
                yield seed, (trace, circuit)

    return dict(islice(found(), GRAPHS))


def all_circuits() -> dict[object, tuple[Trace, Circuit]]:
    return ours() | random_ones()


def test_most_kinds_of_problems_have_one():
    assert {
        "one-hidden-neuron",
        "linear-chain",
        "two-inputs-sigmoid",
        "tanh-one-hidden",
        "shared-weight",
        "computational-graph",
        "chain-rule",
        "chain-of-a-neuron",
    } <= ours().keys()
    assert len(random_ones()) == GRAPHS


# ---- the graph
# -----------------------------------------------------------------------------------------


def test_the_graph_of_two_sigmoids():
    """The numbers of the mock-up; nothing between the activation and the loss that are
    differentiated in one."""
    _, circuit = ours()["one-hidden-neuron"]
    assert [place.label for place in circuit.places.values() if place.kind == OPERATION] == [
        "×",
        "σ",
        "×",
        "σ",
        "BCE",
    ]
    told = {
        wire.quantity.symbol: tuple(
            each and str(each) for each in (wire.quantity.value, wire.quantity.slope)
        )
        for wire in circuit.wires
    }
    assert told == {
        "x": ("= 1.0", None),
        "wₕ": ("= 0.5", "= -0.08207"),
        "zₕ": ("= 0.5", "≈ -0.08207"),
        "aₕ": ("≈ 0.62246", "= -0.34922"),
        "wₒ": ("= 1.0", "≈ -0.21738"),
        "zₒ": ("= 0.62246", "= -0.34922"),
        "ŷ": ("≈ 0.65078", None),
        "y": ("= 1", None),
        "L": ("≈ 0.42958", "= 1"),
    }
    assert [place.local.text for place in circuit.places.values() if place.local] == ["0.23500"]
    assert [(frame.ids, frame.rule) for frame in circuit.frames] == [
        (("o4", "o5"), "∂L/∂zₒ = ŷ − y")
    ]


def test_a_value_that_is_used_twice_has_a_dot_and_what_comes_back_on_each_path():
    for name, total, paths in (
        ("shared-weight", "0.41681", {"1.16341", "-0.74660"}),
        ("computational-graph", "-3", {"1.5", "-4.5"}),
    ):
        _, circuit = ours()[name]
        [into] = [wire for wire in circuit.wires if wire.target == "d1"]
        assert (
            into.quantity.slope.text == total
            and {wire.quantity.slope.text for wire in circuit.out_of("d1")} == paths
        )
        assert sum(map(Decimal, paths)) == Decimal(total)


def test_the_text_says_all_of_it():
    for circuit in (each for _, each in all_circuits().values()):
        assert read(written(circuit)) == circuit


@needs("node", "chromium")
def test_mermaid_draws_it():
    blank = [
        to_fill_in(trace, asked_of(trace, "both"), is_filled)
        for trace, _ in ours().values()
        for is_filled in (False, True)
    ]
    assert (
        mermaid_errors(
            [written(circuit) for circuit in (*blank, *[circuit for _, circuit in ours().values()])]
        )
        == []
    )


# ---- the drawing
# ---------------------------------------------------------------------------------------


def test_no_label_on_another_and_none_too_small():
    found = {name: best(circuit) for name, (_, circuit) in all_circuits().items()}
    svgs, rooms = (
        {name: svg for name, (svg, _) in found.items()},
        {name: ACROSS if is_wide else PAPER for name, (_, is_wide) in found.items()},
    )
    assert {*rooms.values()} == {PAPER, ACROSS}
    level = {name: SLANTED.sub("", svg) for name, svg in svgs.items()}
    signs = signs_of(level.values())
    assert {name: found for name, svg in level.items() if (found := faults(svg, signs))} == {}
    for name, svg in level.items():
        left, top, right, bottom = parts(svg, signs).frame
        assert right - left <= rooms[name].width and bottom - top <= rooms[name].height


def test_a_label_in_the_wrong_place_is_seen():
    svg = SLANTED.sub("", drawn(ours()["one-hidden-neuron"][1]))
    [(x, y), (to_x, to_y), *_] = re.findall(
        r'<g class="label value"><text x="([\d.]+)" y="([\d.]+)"', svg
    )
    assert faults(svg) == []
    assert any(
        " on " in fault
        for fault in faults(
            svg.replace(
                f'<g class="label value"><text x="{x}" y="{y}"',
                f'<g class="label value"><text x="{to_x}" y="{to_y}"',
            )
        )
    )
    assert any(
        "a line through" in fault
        for fault in faults(
            svg.replace(
                f'<g class="label value"><text x="{x}" y="{y}"',
                f'<g class="label value"><text x="{x}" y="{float(y) + 9}"',
            )
        )
    )


def test_no_row_has_more_than_five_operations():
    rows = [
        sum(1 for place in block.places.values() if place[0] == row)
        for _, circuit in all_circuits().values()
        for block in laid(circuit, 5)
        for row in range(-12, 12)
    ]
    assert max(rows) == 5


def test_what_goes_on_in_another_row_begins_there_again():
    _, circuit = ours()["shared-weight"]
    _, first, second = laid(circuit, 5)
    out, into = (
        [edge for edge in block.edges if edge.wire.quantity.symbol == "h₂"]
        for block in (first, second)
    )
    assert (
        [edge.ends for edge in out] == ["arrow"]
        and [edge.begins for edge in into] == ["open"]
        and out[0].quantity == into[0].quantity
    )


# ---- what is proved
# ----------------------------------------------------------------------------------------


def test_every_circuit_passes_its_proofs():
    for name, (trace, circuit) in all_circuits().items():
        assert circuit_findings(trace, written(circuit), 1) == [], name
        assert drawing_findings(circuit, drawn(circuit), described(circuit)) == [], name


NUMBER = re.compile(r"(?<=[=≈] )-?\d[\d.]*|(?<=<br/>×)-?\d[\d.]*")


def mutants(text: str) -> Iterator[str]:
    """A number with another digit, without its sign, with another sign before it; another
    operation; an operand with another role; other ends."""
    for match in NUMBER.finditer(text):
        digits = [place for place in range(match.start(), match.end()) if text[place].isdigit()]
        at = digits[-1]
        yield text[:at] + str((int(text[at]) + 5) % 10) + text[at + 1 :]
        if match[0].strip("-0."):
            yield (
                text[: match.start()]
                + (match[0][1:] if match[0][0] == "-" else f"-{match[0]}")
                + text[match.end() :]
            )
        if (
            text[match.start() - 1] == " "
            and text[match.start() - 7 : match.start() - 2] != "path "
        ):  # two paths may bring back the same number
            yield (
                text[: match.start() - 2]
                + {"=": "≈", "≈": "="}[text[match.start() - 2]]
                + text[match.start() - 1 :]
            )
    for sign, other in (
        ("×", "+"),
        ("+", "×"),
        ("σ", "tanh"),
        ("tanh", "σ"),
        ("^2", "^3"),
        ("÷2", "÷3"),
        ("BCE", "SE"),
        ("exp", "ln"),
        ("sin", "cos"),
        ("max", "+"),
    ):
        for match in re.finditer(rf'\(\("{re.escape(sign)}(?=["<])', text):
            yield text[: match.start()] + f'(("{other}' + text[match.end() :]
    for role in ("subtracted", "divisor", "exponent"):
        for match in re.finditer(rf'\|"{role}(<br/>|"\| )', text):
            yield (
                text[: match.start()] + ('|"' if match[1] == "<br/>" else "") + text[match.end() :]
            )
    for match in re.finditer(r"\[\"(?!together)(\S+) =", text):
        yield text[: match.start(1)] + "k" + text[match.end(1) :]
    for match in re.finditer(r"=  ?(\S+) − (\S+)\"\]", text):
        yield text[: match.start(1)] + f"{match[2]} − {match[1]}" + text[match.end(2) :]
    if "path" in text:
        one, other, *_ = [*re.findall(r"path [=≈] \S+?(?=\")", text), "", ""]
        if one and other and one.split()[-1] != other.split()[-1]:
            yield text.replace(one, "#").replace(other, one).replace("#", other)


def test_every_change_is_refused():
    count = 0
    for name, (trace, circuit) in all_circuits().items():
        text = written(circuit)
        for mutant in mutants(text):
            assert circuit_findings(trace, mutant, 1), (
                name,
                [line for line in mutant.splitlines() if line not in text.splitlines()],
            )
            count += 1
    assert count > 2000


def test_a_page_with_a_changed_circuit_is_not_written():
    note = make_note(loads(SIGMOID))
    assert checks.check(note.trace, note.text).failures == ()
    fence = fence_of(note.text)
    for mutant in [
        *mutants(fence),
        fence.replace('  o3(("×"))\n', ""),
        fence.replace("  i1 --> o5\n", ""),
    ]:
        assert checks.check(note.trace, note.text.replace(fence, mutant)).failures, mutant
    [failure, *_] = checks.check(
        note.trace, note.text.replace("aₕ ≈ 0.62246<br/>", "aₕ ≈ 0.62247<br/>")
    ).failures
    assert "aₕ is ≈ 0.62246 in the first epoch" in str(failure) and note.text.splitlines()[
        int(re.search(r"line (\d+)", failure.where)[1]) - 1
    ].startswith("  o2 -->|")


def test_every_number_of_a_drawing_and_of_its_words_is_read_again():
    for name, (_, circuit) in ours().items():
        svg, alt = drawn(circuit), described(circuit)
        for match in re.finditer(
            r'<g class="label (?:value|slope|local)"[^>]*><text [^>]*><tspan [^>]*>([^<]*\d)<', svg
        ):
            at = match.end(1) - 1
            assert drawing_findings(
                circuit, svg[:at] + str((int(svg[at]) + 5) % 10) + svg[at + 1 :], alt
            ), (name, match[1])
        for match in re.finditer(
            r"(?<=[=≈] )−?\d[\d.]*\d|(?<=gives )−?[\d.]*\d|(?<=path )−?[\d.]*\d", alt
        ):
            at = match.end() - 1
            assert drawing_findings(
                circuit, svg, alt[:at] + str((int(alt[at]) + 5) % 10) + alt[at + 1 :]
            ), (name, match[0])
        assert drawing_findings(
            circuit,
            svg.replace(">×<", ">+<", 1).replace(">×1.5<", ">×1.6<").replace(">×2<", ">×3<"),
            alt,
        ) or '(("×' not in written(circuit)


@pytest.mark.parametrize("what", ["best", "described"])
def test_a_drawing_with_another_number_is_not_published(what, monkeypatch, tmp_path):
    note = make_note(loads(SIGMOID))
    right = getattr(circuit_proof, what)
    page = Page("p", note.text, tmp_path)
    for figure in re.findall(r"\((figures/[^)]+)\)", note.text):
        (tmp_path / figure).parent.mkdir(exist_ok=True)
    assert "The computational graph of L." in publish([page], "html")[0].decode()

    def wrong(*args):
        said = right(*args)
        return (
            said.replace("0.62246", "0.62245")
            if isinstance(said, str)
            else (said[0].replace("0.62246", "0.62245"), said[1])
        )

    monkeypatch.setattr(circuit_proof, what, wrong)
    with pytest.raises(ProofError):
        publish([page], "html")


# ---- on the page
# ---------------------------------------------------------------------------------------------


def test_it_stands_behind_the_backward_pass_where_it_is_asked_for():
    text = make_note(loads(SIGMOID)).text
    heads = re.findall(r"^## (.*)", text, re.MULTILINE)
    assert heads.index("The computational graph") == heads.index("Backward pass") + 1
    assert (
        f"σ<br/>{LOCAL}0.23500" in text
        and "below a circle stands the derivative of that operation" in text
    )
    plain = make_note(loads(SIGMOID.replace("{derivatives: local}", "true"))).text
    assert f"<br/>{LOCAL}" not in plain and "below a circle" not in plain
    assert (
        "computational graph"
        not in make_note(loads(SIGMOID.replace("{derivatives: local}", "false"))).text
    )


def test_slides_and_pages_with_blanks_have_none():
    assert (
        "%% circuit"
        not in make_note(load(problem_file("computational-graph")), layout="slides").text
    )


SHEET = formulas(
    "q = a + b",
    "p = b*c",
    "f = q*p",
    given="a: -2, b: 5, c: -4",
    train="a, b, c",
    more="ask: [{of: circuit, blank: BLANK}]\n",
)


def sheet_and_key(text: str) -> tuple[str, str]:
    made = make_worksheet(loads(text))
    return made.sheet, made.key


@pytest.mark.parametrize("blank", ["gradients", "values", "both"])
@pytest.mark.parametrize(
    "spec",
    [
        SHEET,
        SIGMOID.replace("circuit: {derivatives: local}\n", "ask: [{of: circuit, blank: BLANK}]\n"),
    ],
    ids=["formulas", "network"],
)
def test_a_graph_to_fill_in_has_its_numbers_in_the_key(spec, blank):
    """The sheet has a box for each number that is asked, and the others; on the key the same
    drawing has the numbers in the boxes."""
    sheet, key = map(fence_of, sheet_and_key(spec.replace("BLANK", blank)))
    asked = re.findall(r"([^\s\">|]+) [=≈] #91;(?!\?)(\S+?)#93;", key)
    slopes = [name for name, _ in asked if name.startswith("∂")]
    assert asked and (
        not slopes
        if blank == "values"
        else len(slopes) == len(asked)
        if blank == "gradients"
        else 0 < len(slopes) < len(asked)
    )
    assert re.findall(r"([^\s\">|]+) = #91;\?#93;", sheet) == [name for name, _ in asked]
    assert "path" not in sheet or blank == "values"
    empty, filled = drawn(read(sheet)), drawn(read(key))
    bare = re.sub(
        r'(<rect class="blank"[^>]*/>)<g class="label (?:value|slope)"[^>]*><text.*?</text></g>',
        r"\1",
        filled,
    )
    assert bare == empty and empty.count('class="blank"') == filled.count('class="blank"') >= len(
        asked
    )
    for svg in (empty, filled):
        assert faults(SLANTED.sub("", svg)) == []
        rects = [
            tuple(map(float, each))
            for each in re.findall(
                r'class="blank" x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg
            )
        ]
        boxes = [Box(x, y, x + wide, y + high) for x, y, wide, high in rects]
        assert not any(one.meets(other) for one, other in combinations(boxes, 2))
        assert not any(
            box.meets_circle(x, y, radius)
            for box in boxes
            for x, y, radius in parts(SLANTED.sub("", svg)).circles
        )
        names = [
            label
            for label in parts(SLANTED.sub("", svg)).labels
            if label.is_beside and not label.text[-1].isdigit() or label.text == "together:"
        ]
        assert not any(box.meets(Box(*label[1:5])) for box in boxes for label in names)


def test_what_another_task_asks_is_not_told_by_the_graph():
    sheet, _ = sheet_and_key(
        SHEET.replace("[{of: circuit, blank: BLANK}]", "[forward, {of: circuit, blank: gradients}]")
    )
    fence = fence_of(sheet)
    assert "q = #91;?#93;" in fence and "p = #91;?#93;" in fence and "f = -60" in fence


def test_numbers_that_stand_in_the_graph_earn_no_marks():
    tasks = {
        blank: tasks_of(trace, chains_of(trace))
        for blank in ("gradients", "both")
        if (trace := solve(loads(SHEET.replace("BLANK", blank))))
    }
    assert {step.view.name for step in tasks["gradients"][0].steps} == {
        "df_da",
        "df_db",
        "df_dc",
        "df_dq",
        "df_dp",
    }
    assert {"q", "p", "f"} < {step.view.name for step in tasks["both"][0].steps}


def test_a_filled_key_with_a_changed_number_is_refused():
    made = make_worksheet(loads(SHEET.replace("BLANK", "gradients")))
    assert "#91;-32#93;" in made.key and not check_key(made.page, made.key).failures
    assert check_key(made.page, made.key.replace("#91;-32#93;", "#91;-31#93;")).failures
    sheet = Handout(made.trace, is_key=False)
    assert sheet_failures(sheet, sheet.render("sheet").replace("#91;?#93;", "#91;-32#93;", 1))


@pytest.mark.parametrize(
    "ask, message",
    [
        ("{of: [circuit, L]}", "a task of its own"),
        ("{of: circuit, choices: 3}", "without choices"),
        ("{of: circuit, blank: all}", "unknown blank 'all'"),
    ],
)
def test_what_a_graph_cannot_be_asked_for(ask, message):
    with pytest.raises(WorksheetError) as raised:
        make_worksheet(loads(SIGMOID.replace("circuit: {derivatives: local}", f"ask: [{ask}]")))
    assert message in str(raised.value)


def test_a_problem_without_a_graph_is_not_asked_for_it():
    with pytest.raises(
        WorksheetError, match=f"at most {MOST} operations, and this one would have 17"
    ):
        make_worksheet(
            loads(problem_file("two-by-two").read_text(encoding="utf-8") + "ask: [circuit]\n")
        )


REFUSED = [
    (
        SIGMOID.replace("{derivatives: local}", "{derivatives: all}"),
        "unknown derivatives 'all'",
        "gradients, local",
    ),
    (
        SIGMOID.replace("{derivatives: local}", "2"),
        "expected true, false or a mapping",
        "{derivatives: local}",
    ),
    (SIGMOID + "notation: matrix\n", "this network is in matrix notation", "draw a part of it"),
    (
        formulas(
            *[f"h_{k} = h_{k - 1}*w + {k}" if k > 1 else "h_1 = x*w" for k in range(1, 10)],
            given="x: 1, w: 0.5",
            train="w",
        ),
        f"a circuit has at most {MOST} operations, and this one would have 17",
        "draw a part of it",
    ),
    (
        formulas(
            "L = a + b + c + d + e_1 + f_1 + g + h",
            given="a: 1, b: 1, c: 1, d: 1, e_1: 1, f_1: 1, g: 1, h: 1",
            train="a",
        ),
        "at most 7 operands, and one of 'L' has 8",
        "draw a part of it",
    ),
    (
        formulas("h = x", "L = h*w", given="x: 1, w: 0.5", train="w"),
        "'h' is only another name",
        "draw a part of it",
    ),
    (
        "title: T\nchain: [y = 2*x, z = y^2]\ncircuit: true\n",
        "this chain has no point",
        "at: {x: 2}",
    ),
]


@pytest.mark.parametrize("text, message, hint", REFUSED, ids=[message for _, message, _ in REFUSED])
def test_what_has_no_circuit_says_so_with_its_line(text, message, hint):
    with pytest.raises(SpecError) as raised:
        loads(text)
    [fault] = raised.value.faults
    line = next(
        number
        for number, each in enumerate(text.splitlines(), start=1)
        if each.startswith("circuit:")
    )
    assert message in fault.message and hint in fault.hint and f":{line}: circuit" in fault.where


def test_two_units_have_one_and_what_has_too_many_operations_is_told_of_the_grid():
    """Three units, nine operations: drawn; four units, seventeen: refused with the limit and what
    to use instead."""
    trace = solve(loads(TWO_UNITS))
    circuit = circuit_of(trace)
    assert len([place for place in circuit.places.values() if place.kind == OPERATION]) == 9
    assert checks.check(trace, make_note(loads(TWO_UNITS)).text).failures == ()
    with pytest.raises(
        SpecError, match=f"at most {MOST} operations, and this one would have 17"
    ) as raised:
        loads(problem_file("two-by-two").read_text(encoding="utf-8") + "circuit: true\n")
    assert "layout: grid" in raised.value.faults[0].hint
    with pytest.raises(SpecError, match="softmax is one operation of all outputs together"):
        loads(
            problem_file("softmax-three-classes")
            .read_text(encoding="utf-8")
            .replace("notation: matrix\n", "")
            + "circuit: true\n"
        )


TWO_UNITS = """title: Two hidden units
network:
  inputs: {x: 0.5}
  layers:
    - {units: [{z: z_1, a: h_1, weights: {w_1: 0.4}}, {z: z_2, a: h_2, weights: {w_2: -0.6}}], activation: sigmoid}
    - {units: [{z: z_o, a: y_hat, weights: {v_1: 0.7, v_2: 0.2}, bias: {b: 0.1}}], activation: sigmoid}
  target: {y: 1}
  loss: binary-cross-entropy
learning_rate: 0.1
rounding: {places: 4}
circuit: {derivatives: local}
"""


# ---- a page across, lines between dots, what is filled in at a circle
# ----------------------------------------------


def test_what_would_be_cut_upright_stands_across_and_what_fits_does_not():
    """Five operations in a row: as they are, upright; with boxes, across, as in the mock-up; never
    with a cut that a page across spares."""
    trace = solve(loads(SIGMOID))
    assert not best(circuit_of(trace))[1]
    boxed = to_fill_in(trace, asked_of(trace, "both"), False)
    svg, is_wide = best(boxed)
    assert is_wide and float(re.search(r' width="([\d.]+)"', svg)[1]) > PAPER.width
    assert len({y for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', svg)}) == 1
    assert (
        len({y for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', drawn(boxed, PAPER))}) == 2
    )


FAN = re.compile(r'<g class="fan"><path d="([^"]*)"')
SPOT = re.compile(r'<path d="M([-\d.]+) ([-\d.]+) a')


def test_lines_lead_from_where_a_value_parts_to_all_its_uses_and_nowhere_else():
    """Each dot of a value is an end of its lines, and each end is a dot of it."""
    count = 0
    for name, (_, circuit) in all_circuits().items():
        svg = drawn(circuit)
        fans = FAN.findall(svg)
        shared = [id for id, place in circuit.places.items() if place.kind == DOT]
        assert len(fans) == len(shared), name
        spots = {(float(x) + 2.8, float(y)) for x, y in SPOT.findall(svg)}
        ends = set()
        for fan in fans:
            for y, to_x, to_y in re.findall(r"M[-\d.]+ ([-\d.]+) H([-\d.]+)(?: V([-\d.]+))?", fan):
                ends.add((float(to_x), float(to_y or y)))
        count += len(ends)
        assert all(
            any(abs(x - other) < 0.2 and abs(y - high) < 0.2 for other, high in ends)
            for x, y in spots
        ), name
        assert all(
            any(abs(x - other) < 0.2 and abs(y - high) < 0.2 for other, high in spots)
            for x, y in ends
        ), name
    assert count > 100


def test_local_derivatives_are_filled_in_too_where_the_spec_has_them():
    text = SIGMOID + "ask: [{of: circuit, blank: gradients}]\n"
    sheet, key = map(fence_of, sheet_and_key(text))
    assert (
        f"σ<br/>{LOCAL}#91;{ASKED}#93;" in sheet
        and f"σ<br/>{LOCAL}#91;0.23500#93;" in key
        and "0.23500" not in sheet
    )
    size = f'width="{NODE_BOX[0]}" height="{NODE_BOX[1]}"'
    assert drawn(read(sheet)).count(size) == drawn(read(key)).count(
        size
    ) == 1 and f'width="{BOX[0]}"' in drawn(read(sheet))
    [task] = tasks_of(trace := solve(loads(text)), chains_of(trace))
    assert "da_h_dz_h" in {view.name for view in task.asked}
    made = make_worksheet(loads(text))
    assert check_key(made.page, made.key.replace("#91;0.23500#93;", "#91;0.23501#93;")).failures
    values, _ = map(fence_of, sheet_and_key(text.replace("gradients", "values")))
    assert "0.23500" not in values  # which would tell a_h
    assert f"<br/>{LOCAL}" not in "".join(
        map(fence_of, sheet_and_key(text.replace("circuit: {derivatives: local}\n", "")))
    )


def test_how_it_is_read_stands_below_it_for_each_of_its_operations():
    said = make_note(loads(SIGMOID)).text
    box = said[said.index("> **Read it twice.**") :]
    assert (
        "> - **×** gives each input" in box
        and "> - **σ** gives what comes back" in box
        and "BCE" not in box.split("\n\n")[0]
        and "only data" in box
    )
    known = (
        problem_file("one-hidden-neuron").parents[1] / "templates" / "parts" / "circuit_rules.md.j2"
    ).read_text(encoding="utf-8")
    assert {sign for sign in SIGNS.values() if f'"{sign}": "' not in known} == set()
    assert "Read it twice" in make_worksheet(loads(SHEET.replace("BLANK", "both"))).sheet


def test_no_rule_of_the_page_in_a_browser_is_about_a_class_of_the_drawing():
    """`.blank` was a line to write on, and made boxes of no width."""
    trace = solve(loads(SIGMOID))
    classes = {
        name
        for found in re.findall(
            r'class="([^"]+)"', drawn(to_fill_in(trace, asked_of(trace, "both"), True))
        )
        for name in found.split()
    }
    for style in ("notes.css", "slides.css"):
        text = (
            problem_file("one-hidden-neuron").parents[1] / "templates" / "html" / style
        ).read_text(encoding="utf-8")
        assert classes >= {"blank", "edge"} and not [
            name for name in classes if re.search(rf"(?<![\w-])\.{name}(?![\w-])", text)
        ], style


@needs_pdftotext
def test_the_blank_page_is_the_filled_one_without_its_numbers(tmp_path):
    """In every speck of ink: the pictures differ inside the boxes alone."""
    from PIL import Image, ImageChops

    trace = solve(loads(SIGMOID))
    shots = []
    for is_filled in (False, True):
        svg = drawn(to_fill_in(trace, asked_of(trace, "both"), is_filled))
        file = tmp_path / f"{is_filled}.png"
        file.write_bytes(converted(svg.replace("currentColor", "#000").encode(), "png"))
        shots.append(Image.open(file).convert("L"))
    scale = shots[0].width / float(re.search(r' width="([\d.]+)"', svg)[1])
    left, top = (float(each) for each in re.search(r'viewBox="([-\d.]+) ([-\d.]+)', svg).groups())
    differs = ImageChops.difference(*shots).point(lambda value: 255 if value > 40 else 0)
    assert differs.getbbox()
    for x, y, wide, high in re.findall(
        r'class="blank" x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg
    ):
        x, y = float(x) - left, float(y) - top
        differs.paste(
            0,
            tuple(
                round(edge * scale)
                for edge in (x + 1, y + 1, x + float(wide) - 1, y + float(high) - 1)
            ),
        )
    assert differs.getbbox() is None


@pytest.mark.parametrize("to", ["html", "tex", "docx", "pdf"])
def test_no_format_tells_what_is_to_be_filled_in(to, tmp_path):
    made = make_worksheet(loads(SIGMOID + "ask: [{of: circuit, blank: both}]\n"))
    (tmp_path / "p").mkdir()
    [sheet] = publish([Page("p", made.sheet, tmp_path / "p", "sheet")], to)
    [key] = publish([Page("p", made.key, tmp_path / "p", "key")], to)
    told = words_of(sheet, to), words_of(key, to)
    for number in ("0.62246", "0.65078", "0.42958", "0.08207", "0.34922", "0.21738", "0.23500"):
        assert number not in told[0] and number in told[1], number


def test_what_is_larger_than_a_page_is_refused_and_never_shrunk():
    """With its numbers the circuit of two units has room; with boxes to write in it has none on
    either page."""
    assert make_note(loads(TWO_UNITS))
    with pytest.raises(WorksheetError, match="larger than a page") as raised:
        make_worksheet(loads(TWO_UNITS + "ask: [{of: circuit, blank: both}]\n"))
    assert (
        "fewer" in raised.value.hint
        and "{of: grid}" in raised.value.hint
        and "network" in raised.value.where
    )
