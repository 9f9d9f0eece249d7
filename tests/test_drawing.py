"""Networks as drawings: what a mermaid text says is all there, its labels are level and large
enough, and nothing lies on anything else."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from random import Random
from xml.etree import ElementTree

import pytest
from drawn_labels import SVG, faults, parts, signs_of
from random_networks import spec_text

from worksheet import load, render, solve
from worksheet.circuits.text import is_circuit
from worksheet.diagrams import drawing
from worksheet.diagrams.drawing import PAPER, Room, described, drawn, plainness
from worksheet.diagrams.lettering import shortened, width
from worksheet.diagrams.mermaid import Network, network
from worksheet.diagrams.screen import HEIGHT, WIDTH
from worksheet.diagrams.writer import structure, with_values
from worksheet.errors import WorksheetError
from worksheet.pages.render import page_of
from worksheet.resources import problem_files
from worksheet.solution import by_hand
from worksheet.spec.load import loads

SPECS = problem_files()
RANDOM = 200
COLUMN, SLIDE = Room(304, PAPER.height), Room(WIDTH * drawing.SMALL, HEIGHT * drawing.SMALL)
LONG = "the_temperature_outside_the_house_" * 4  # 136 letters


def errors() -> list[str]:
    """The backward passes of our networks."""
    return [
        page_of(by_hand(load(spec))).error_diagram() + "\n"
        for spec in SPECS
        if load(spec).family == "network"
    ]


def fences() -> list[str]:
    return [
        fence
        for spec in SPECS
        for fence in re.findall(r"```mermaid\n(.*?)```", render(solve(load(spec))), re.DOTALL)
        if not is_circuit(fence)
    ]


def layered(*sizes: int, value: str = " = -0.12", bias: str = "") -> str:
    lines = [
        "graph LR",
        *[
            f'n{c}_{j}(("a{"₁₂₃₄₅₆₇₈₉"[j % 9]}{value}"))'
            for c, size in enumerate(sizes)
            for j in range(size)
        ],
    ]
    for c, (one, other) in enumerate(pairwise(sizes)):
        lines += [
            f'n{c}_{i} -->|"w₁₂{value}"| n{c + 1}_{j}' for i in range(one) for j in range(other)
        ]
        lines += [f'b{c}_{j}["b₁{bias}"] -.-> n{c + 1}_{j}' for j in range(other) if bias]
    return "\n".join(lines) + "\n"


def test_everything_the_fence_says_is_in_the_drawing():
    found = fences()
    drawn_ones = len([spec for spec in SPECS if load(spec).family in ("network", "formulas")])
    assert (
        drawn_ones < len(found) <= 2 * drawn_ones
    )  # with its values only where the detail asks for that
    for fence in [*found, *errors()]:
        net, svg = network(fence), drawn(network(fence))
        circles, labels, edges, _ = parts(svg)
        passed = [
            node for column in net.columns for node in column if not node.symbol
        ]  # where a long edge goes through
        assert len(circles) == sum(map(len, net.columns)) - len(passed) == fence.count('(("')
        assert len(edges) == len(net.edges) == fence.count(" -->") + len(passed)
        text = "".join(ElementTree.fromstring(svg).itertext())
        for value in re.findall(r"[=≈] (-?[\d.]+)", fence):
            assert value.replace("-", "−") in text
        assert len([label for label in labels if label.is_beside]) == len(
            [edge for edge in net.edges if edge.symbol]
        ) + len(net.biases)
        assert len(net.biases) == fence.count("-.->")


# ---- labels by their boxes
# ------------------------------------------------------------------------


@cache
def random_nets() -> list[Network]:
    """Random specs as a note draws them, as a sheet does, and with what the units come to."""
    found = []
    for seed in range(RANDOM):
        problem, random = loads(spec_text(seed)), Random(seed)
        net = problem.network
        units = [unit for layer in net.layers for unit in layer.units]
        given = {
            name: (each.text, True)
            for those in (
                net.inputs,
                *[part for unit in units for part in (unit.weights, unit.bias)],
            )
            for name, each in those.items()
        }
        results = {
            unit.a: (f"{random.uniform(-9, 9):.{random.randint(2, 8)}f}", False) for unit in units
        }
        found.append(
            network(
                [
                    structure(problem),
                    with_values(problem, given),
                    with_values(problem, given | results),
                ][seed % 3]
            )
        )
    return found


@pytest.mark.parametrize("room", [PAPER, COLUMN, SLIDE], ids=["page", "column", "slide"])
def test_labels_of_random_networks_by_their_boxes(room):
    """Level, of 8 points at least, none on another, on a unit or on a line, all of them in a frame
    that fits its place unscaled."""
    svgs = list(map(drawn, random_nets(), [room] * RANDOM))
    signs = signs_of(svgs)
    found = {seed: wrong for seed, svg in enumerate(svgs) if (wrong := faults(svg, signs))}
    assert found == {}
    for svg in svgs:
        left, top, right, bottom = parts(svg, signs).frame
        assert right - left <= room.width and bottom - top <= room.height
    labelled = [net for net in random_nets() if drawing._is_labelled(net)]
    shown = [net for net, svg in zip(random_nets(), svgs) if 'class="label"' in svg]
    assert len(labelled) > RANDOM / 3 and (
        room != PAPER or all(any(net is each for each in shown) for net in labelled)
    )


def broken(svg: str, what: str, to: str, count: int = 1) -> str:
    changed = re.sub(what, to, svg, count=count)
    assert changed != svg
    return changed


def test_labels_in_the_wrong_place_are_seen():
    svg = drawn(network(layered(2, 2, 2, bias=" = 0.35")))
    assert faults(svg) == []
    [one, other, *_] = [
        label for label in re.findall(r'<g class="label"><text x="([\d.-]+)" y="([\d.-]+)"', svg)
    ]
    [(x, y, *_)] = re.findall(r'<circle cx="([\d.-]+)" cy="([\d.-]+)"', svg)[:1]

    def moved(to: tuple[str, str]) -> list[str]:
        return faults(
            broken(
                svg,
                f'<g class="label"><text x="{one[0]}" y="{one[1]}"',
                f'<g class="label"><text x="{to[0]}" y="{to[1]}"',
            )
        )

    assert any(" on w12" in fault for fault in moved(other)) and any(
        "on a unit" in fault for fault in moved((x, y))
    )
    assert any("outside" in fault for fault in moved((one[0], "-900")))
    assert any("a line through" in fault for fault in moved((one[0], str(float(one[1]) + 6))))
    assert any(
        "points" in fault
        for fault in faults(
            broken(svg, '(<g class="label"><text [^>]*font-size=)"[^"]*"', r'\1"10.5"')
        )
    )
    assert any(
        "turned" in fault
        for fault in faults(
            broken(svg, '<g class="label">', '<g class="label" transform="rotate(30)">')
        )
    )
    assert any(
        "leaves its unit" in fault
        for fault in faults(svg.replace(">= −0.12<", ">= −0.1234567890<"))
    )


def test_the_sizes_we_reckon_with_are_those_of_the_font():
    """No label is wider than its reckoned width, nor much narrower."""
    svgs = list(map(drawn, random_nets()))
    signs = signs_of(svgs)
    for label in {
        label.text: label
        for svg in svgs
        for label in parts(svg, signs).labels
        if label.is_beside and "(" not in label.text
    }.values():
        name = re.sub(
            r"(?<=^[a-z])\d+",
            lambda index: "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in index[0]),
            label.text,
        )
        assert (
            0.85 * width(name, label.size) - 1
            < label.right - label.left
            <= width(name, label.size) + 1
        ), name


@pytest.mark.parametrize("sizes", [(4, 1), (1, 4), (3, 4, 3), (8, 8, 1), (12, 10, 3)])
def test_beyond_three_by_three_no_weight_stands_on_its_edge(sizes):
    circles, labels, edges, _ = parts(drawn(network(layered(*sizes))))
    assert not [label for label in labels if label.is_beside] and len(circles) == sum(sizes)
    assert len(edges) == sum(one * other for one, other in pairwise(sizes))


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2, 2), (3, 3), (3, 3, 3), (3, 1, 3), (2, 3, 2, 3)])
def test_up_to_three_by_three_every_weight_does(sizes):
    for value in ("", " = -0.12"):
        svg = drawn(network(layered(*sizes, value=value, bias=" = 0.3")))
        assert faults(svg) == [] and len(
            [label for label in parts(svg).labels if label.is_beside and "0.3" not in label.text]
        ) == sum(one * other for one, other in pairwise(sizes))


def test_a_level_edge_has_its_label_outside_and_a_crossing_one_near_its_beginning():
    svg = drawn(network(layered(2, 2, value="")))
    (one, other), labels = (
        [y for _, y, _ in parts(svg).circles[:2]],
        [label for label in parts(svg).labels if label.is_beside],
    )
    assert labels[0].bottom < one < other < labels[3].top
    [begin, end] = [x for x, _, _ in parts(svg).circles[::2]]
    for label in labels[1:3]:
        assert ((label.left + label.right) / 2 - begin) / (end - begin) == pytest.approx(
            0.27, abs=0.02
        )


@pytest.mark.parametrize("sizes", [(60, 1), (3, 60, 60)])
def test_a_layer_higher_than_its_page_is_cut(sizes):
    for room in (PAPER, SLIDE):
        svg = drawn(network(layered(*sizes)), room)
        left, top, right, bottom = parts(svg).frame
        assert bottom - top <= room.height and faults(svg) == [] and "⋮" in svg


def test_a_long_name_stays_in_its_unit_and_on_the_page():
    fence = f'graph LR\n  x(("{LONG}in = 1.0"))\n  y(("{LONG}out"))\n  x -->|"{LONG}weight = 0.5"| z(("ŷ"))\n  y -->|"w"| z\n  b["{LONG}bias = 2"] -.-> z'
    for room in (PAPER, COLUMN, SLIDE):
        svg = drawn(network(fence), room)
        assert faults(svg) == [] and "…" in svg
        left, _, right, _ = parts(svg).frame
        assert right - left <= room.width
    assert LONG + "weight" in described(network(fence))


def test_shortened_names_differ():
    names = [f"{LONG}{place}{LONG}" for place in range(12)] + ["w"]
    found = shortened(names, 60, 11.5)
    assert (
        len(set(found.values())) == 13
        and found["w"] == "w"
        and all(width(each, 11.5) <= 66 for each in found.values())
    )


def test_less_room_leaves_out_names_before_values():
    net = network(layered(2, 2, 2))
    [page, column] = [parts(drawn(net, room)).labels for room in (PAPER, COLUMN)]
    assert (
        "w12 = −0.12" in {label.text for label in page}
        and "w12 = −0.12" not in {label.text for label in column}
        and "−0.12" in {label.text for label in column}
    )
    assert plainness(net, PAPER) == 0 < plainness(net, COLUMN)


def test_symbols_are_set_with_index_and_layer():
    svg = drawn(
        network('graph LR\n  a(("w₁₁⁽¹⁾ = -0.5")) --> b(("ŷ"))'.replace(" --> ", "\n  a --> b\n  "))
    )
    spans = [
        (span.text, span.get("font-style"))
        for span in ElementTree.fromstring(svg).iter(f"{SVG}tspan")
    ]
    assert spans[:3] == [("w", "italic"), ("(1)", None), ("11", None)]
    assert ("ŷ", "italic") in spans and "= −0.5" in "".join(ElementTree.fromstring(svg).itertext())


def test_the_words_for_who_cannot_see_it():
    assert described(
        network(
            'graph LR\n  x(("x = 1.0"))\n  h(("aₕ ≈ 0.6"))\n  x -->|"wₕ = 0.5"| h\n  b["bₕ = 2"]\n  b -.-> h'
        )
    ) == ("The network from left to right: x = 1.0; aₕ ≈ 0.6. Weights: wₕ = 0.5. Biases: bₕ = 2.")


def test_hostile_labels_stay_text():
    svg = drawn(network('graph LR\n  a(("#lt;script#gt;#quot;#60;"))\n  a -->|"#lt;/svg#gt;"| b'))
    root = ElementTree.fromstring(svg)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
        "svg",
        "path",
        "circle",
        "text",
        "tspan",
        "g",
    }
    assert '<script>"<' in "".join(root.itertext())


@pytest.mark.parametrize(
    "fence, says",
    [("", "graph LR"), ("graph LR\n a --> b\n b --> a", "circle"), (layered(61, 1), "60")],
)
def test_what_cannot_be_drawn_is_refused(fence, says):
    with pytest.raises(WorksheetError) as refused:
        network(fence)
    assert says in str(refused.value)


def test_same_input_same_bytes():
    assert [drawn(network(fence)) for fence in fences()] == [
        drawn(network(fence)) for fence in fences()
    ]


def test_the_error_runs_from_the_right_to_the_left():
    """The columns are those of the forward pass, and every arrow points the other way; a bias gets
    what it is pointed at."""
    for fence in errors():
        net = network(fence)
        at, tips = (
            {},
            re.findall(
                r'<path d="M([-\d.]+) ([-\d.]+) L([-\d.]+) [-\d.]+ L[-\d.]+ [-\d.]+ Z"/>',
                drawn(net),
            ),
        )
        for column, nodes in enumerate(net.columns):
            at |= dict.fromkeys([node.id for node in nodes], column)
        assert (
            net.is_back
            and net.columns[-1][0].id == "loss"
            and all(at[edge.source] < at[edge.target] for edge in net.edges)
        )
        assert len(tips) == len(net.edges) + len(net.biases)
        assert len([tip for tip in tips if float(tip[0]) < float(tip[2])]) >= len(
            net.edges
        )  # the tip lies left of its barbs
        assert described(net).startswith("The error on its way back, from right to left: ")
    forwards = drawn(network(layered(2, 1)))
    assert all(
        float(tip[0]) > float(tip[1])
        for tip in re.findall(
            r'<path d="M([-\d.]+) [-\d.]+ L([-\d.]+) [-\d.]+ L[-\d.]+ [-\d.]+ Z"/>', forwards
        )
    )
