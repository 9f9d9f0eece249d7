"""Networks as drawings: what a mermaid text says is all there, nothing lies on top of anything else."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from worksheet import drawing, load, render, solve
from worksheet.drawing import described, drawn, network
from worksheet.errors import WorksheetError
from worksheet.places import problems_folder

SVG = "{http://www.w3.org/2000/svg}"
SPECS = sorted(problems_folder().glob("*.yaml"))


def fences() -> list[str]:
    return [fence for spec in SPECS for fence in re.findall(r"```mermaid\n(.*?)```", render(solve(load(spec))), re.DOTALL)]


def layered(*sizes: int, value: str = " = -0.12") -> str:
    lines = ["graph LR", *[f'n{c}_{j}(("a{"₁₂₃₄₅₆₇₈₉"[j % 9]}{value}"))' for c, size in enumerate(sizes) for j in range(size)]]
    for c, (one, other) in enumerate(pairwise(sizes)):
        lines += [f'n{c}_{i} -->|"w₁₂{value}"| n{c + 1}_{j}' for i in range(one) for j in range(other)]
    return "\n".join(lines) + "\n"


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def parts(svg: str) -> tuple[list, list, list]:
    """Circles (x, y, r); labels of edges (x, y, text); edges as their first and last point."""
    root = ElementTree.fromstring(svg)
    circles = [tuple(float(each.get(key)) for key in ("cx", "cy", "r")) for each in root.iter(f"{SVG}circle")]
    labels = [(*numbers(each.get("transform"))[:2], "".join(each.itertext())) for each in root.iter(f"{SVG}g")]
    edges = [numbers(each.get("d")) for each in root.iter(f"{SVG}path") if each.get("d").startswith("M") and "L" in each.get("d")
             and each.get("fill") == "none"]
    return circles, labels, [(tuple(points[:2]), tuple(points[-2:])) for points in edges]


def test_everything_the_fence_says_is_in_the_drawing():
    found = fences()
    assert len(found) == 2 * len([spec for spec in SPECS if load(spec).family in ("network", "formulas")])
    for fence in found:
        net, svg = network(fence), drawn(network(fence))
        circles, labels, edges = parts(svg)
        passed = [node for column in net.columns for node in column if not node.symbol]      # where a long edge goes through
        assert len(circles) == sum(map(len, net.columns)) - len(passed) == fence.count('(("')
        assert len(edges) == len(net.edges) == fence.count(" -->") + len(passed)
        assert len(net.biases) == fence.count("-.->") == svg.count("<rect")
        text = "".join(ElementTree.fromstring(svg).itertext())
        for value in re.findall(r"[=≈] (-?[\d.]+)", fence):
            assert value.replace("-", "−") in text
        assert len(labels) == len([edge for edge in net.edges if edge.symbol])


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2, 1), (3, 3, 1), (2, 3), (3, 2), (5, 5), (4, 4, 2), (1, 5), (5, 1), (2, 2, 2)])
def test_no_label_touches_another_or_a_circle(sizes):
    circles, labels, edges = parts(drawn(network(layered(*sizes))))
    assert len(labels) == len(edges) == sum(one * other for one, other in pairwise(sizes))
    for (x, y, _), (other_x, other_y, _) in combinations(labels, 2):
        assert abs(y - other_y) > 12 or abs(x - other_x) > 40, "two weights on top of each other"
    for x, y, text in labels:
        for cx, cy, r in circles:
            assert ((x - cx) ** 2 + (y - cy) ** 2) ** 0.5 > r + 9, "a weight on a unit"
        assert sum(map(str.isdigit, text)) >= 2
    for (cx, cy, r), (other_x, other_y, _) in combinations(circles, 2):
        assert ((cx - other_x) ** 2 + (cy - other_y) ** 2) ** 0.5 > 2 * r


@pytest.mark.parametrize("sizes", [(6, 6), (8, 8, 1), (5, 5, 5), (12, 10, 3)])
def test_a_network_too_dense_for_labels_has_none(sizes):
    circles, labels, edges = parts(drawn(network(layered(*sizes))))
    assert not labels and len(circles) == sum(sizes)
    assert len(edges) == sum(one * other for one, other in pairwise(sizes))


def test_nothing_leaves_the_frame():
    for fence in [*fences(), layered(5, 5), layered(8, 8, 1)]:
        svg = drawn(network(fence))
        _, _, width, height = numbers(re.search(r'viewBox="([^"]*)"', svg)[1])
        circles, labels, edges = parts(svg)
        for x, y, r in circles:
            assert r <= x <= width - r and r <= y <= height - r
        for rect in ElementTree.fromstring(svg).iter(f"{SVG}rect"):
            x, y, w, h = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
            assert 0 <= x and x + w <= width and 0 <= y and y + h <= height
        assert width <= drawing.WIDEST or not labels


def test_symbols_are_set_with_index_and_layer():
    svg = drawn(network('graph LR\n  a(("w₁₁⁽¹⁾ = -0.5")) --> b(("ŷ"))'.replace(" --> ", "\n  a --> b\n  ")))
    spans = [(span.text, span.get("font-style")) for span in ElementTree.fromstring(svg).iter(f"{SVG}tspan")]
    assert spans[:3] == [("w", "italic"), ("(1)", None), ("11", None)]
    assert ("ŷ", "italic") in spans and "= −0.5" in "".join(ElementTree.fromstring(svg).itertext())


def test_the_words_for_who_cannot_see_it():
    assert described(network('graph LR\n  x(("x = 1.0"))\n  h(("aₕ ≈ 0.6"))\n  x -->|"wₕ = 0.5"| h\n  b["bₕ = 2"]\n  b -.-> h')) == (
        "The network from left to right: x = 1.0; aₕ ≈ 0.6. Weights: wₕ = 0.5. Biases: bₕ = 2.")


def test_hostile_labels_stay_text():
    svg = drawn(network('graph LR\n  a(("#lt;script#gt;#quot;#60;"))\n  a -->|"#lt;/svg#gt;"| b'))
    root = ElementTree.fromstring(svg)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {"svg", "path", "circle", "text", "tspan", "g"}
    assert '<script>"<' in "".join(root.itertext())


@pytest.mark.parametrize("fence, says", [
    ("", "graph LR"), ("graph TD\n a --> b", "graph LR"), ("graph LR\n a ==> b", "line 2"), ("graph LR\n a --> b\n b --> a", "circle"),
    ("graph LR\n subgraph x\n a --> b\n end", "line 2"), (layered(61, 1), "60"),
])
def test_what_cannot_be_drawn_is_refused(fence, says):
    with pytest.raises(WorksheetError) as refused:
        network(fence)
    assert says in str(refused.value)


def test_same_input_same_bytes():
    assert [drawn(network(fence)) for fence in fences()] == [drawn(network(fence)) for fence in fences()]
