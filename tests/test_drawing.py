"""Networks as drawings: what a mermaid text says is all there, nothing lies on top of anything else."""

from __future__ import annotations

import math
import re
from itertools import combinations, pairwise
from random import Random
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from worksheet import drawing, load, render, solve
from worksheet.drawing import described, drawn
from worksheet.errors import WorksheetError
from worksheet.mermaid import network
from worksheet.places import problem_files

SVG = "{http://www.w3.org/2000/svg}"
SPECS = problem_files()


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
    drawn_ones = len([spec for spec in SPECS if load(spec).family in ("network", "formulas")])
    assert drawn_ones < len(found) <= 2 * drawn_ones      # with its values only where the detail asks for that
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


def random_fence(random: Random) -> str:
    """Layers of up to five units with the labels that a note writes: names with layers, numbers of up to four digits, biases or none."""
    sizes = [random.randint(1, 5) for _ in range(random.randint(2, 4))]
    places, has_biases = random.randint(0, 3), random.random() < 0.5

    def label(base: str, *indices: int, layer: int) -> str:
        value = f" = {random.choice(('', '-'))}{random.uniform(0, 10):.{places}f}" if places else ""
        return f"{base}{''.join('₀₁₂₃₄₅'[index] for index in indices)}⁽{'⁰¹²³⁴'[layer]}⁾{value}"

    lines = ["graph LR", *[f'n{c}_{j}(("{label("a", j, layer=c)}"))' for c, size in enumerate(sizes) for j in range(1, size + 1)]]
    for c, (one, other) in enumerate(pairwise(sizes)):
        lines += [f'n{c}_{i} -->|"{label("w", j, i, layer=c + 1)}"| n{c + 1}_{j}' for j in range(1, other + 1) for i in range(1, one + 1)]
        lines += [f'b{c}_{j}["{label("b", j, layer=c + 1)}"] -.-> n{c + 1}_{j}' for j in range(1, other + 1) if has_biases]
    return "\n".join(lines)


def long(spans) -> float:
    """Pixels that the words of a label take: what stands above a symbol and below it is as wide as the wider of both."""
    scripts = [0.5 * float(span.get("font-size")) * len(span.text) for span in spans if span.get("font-size")]
    return max(scripts, default=0) + sum(0.48 * drawing.SMALL * len(span.text) for span in spans if not span.get("font-size"))


def boxes(svg: str) -> list[list[Box]]:
    """For each label of an edge the boxes that its signs take: all of it, and its symbol with what stands above and below."""
    found = []
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        x, y, angle = numbers(group.get("transform"))
        spans = list(group.iter(f"{SVG}tspan"))
        direction, half = math.radians(angle), long(spans) / 2
        across, down = math.cos(direction), math.sin(direction)
        found.append([Box(x, y, across, down, half, 4.3)])
        if any(span.get("font-size") for span in spans):
            aside = half - 9
            found[-1].append(Box(x - across * aside, y - down * aside, across, down, 9, 7))
    return found


class Box(NamedTuple):
    """A label's box: its middle, its direction, half its length and half its height."""

    x: float
    y: float
    across: float
    down: float
    half: float
    tall: float

    def ends(self) -> tuple:
        return ((self.x - self.across * self.half, self.y - self.down * self.half), (self.x + self.across * self.half, self.y + self.down * self.half))

    def meets(self, line: tuple, margin: float = 0) -> bool:
        """Whether a straight line passes through the box."""
        first, last = 0.0, 1.0
        start, end = [((px - self.x) * self.across + (py - self.y) * self.down, (py - self.y) * self.across - (px - self.x) * self.down)
                      for px, py in line]
        for one, other, most in zip(start, end, (self.half, self.tall + margin)):
            if abs(other - one) < 1e-9:
                if abs(one) > most:
                    return False
                continue
            low, high = sorted(((-most - one) / (other - one), (most - one) / (other - one)))
            first, last = max(first, low), min(last, high)
        return first < last


def collisions(svg: str) -> list[str]:
    """What lies on a weight that should not: another weight, the edge of another, a unit, a bias."""
    circles, _, edges = parts(svg)
    labels = boxes(svg)
    frames = [[float(rect.get(key)) for key in ("x", "y", "width", "height")] for rect in ElementTree.fromstring(svg).iter(f"{SVG}rect")]
    found = []
    for place, label in enumerate(labels):
        for box in label:
            found += [f"edge {other} on label {place}" for other, edge in enumerate(edges) if other != place and box.meets(edge)]
            found += [f"a unit on label {place}" for x, y, r in circles if Box(x, y, 1, 0, r + 2, r).meets(box.ends(), 2) and
                      min(math.dist((x, y), (box.x + box.across * t, box.y + box.down * t)) for t in (-box.half, 0, box.half)) < r + 2]
            found += [f"a bias on label {place}" for x, y, w, h in frames if Box(x + w / 2, y + h / 2, 1, 0, w / 2, h / 2).meets(box.ends(), 3)]
    found += [f"labels {one} and {other}" for one, other in combinations(range(len(labels)), 2)
              if labels[one][0].meets(labels[other][0].ends(), labels[other][0].tall)]
    return found


def test_no_weight_lies_on_another_on_a_foreign_edge_or_on_a_unit():
    labelled = 0
    for seed in range(150):
        svg = drawn(network(random_fence(Random(seed))))
        assert collisions(svg) == [], seed
        labelled += "<g" in svg
    assert labelled > 100


def test_a_weight_on_something_is_seen():
    svg = drawn(network(layered(2, 2)))
    labels = re.findall(r"translate\(.*?\)", svg)
    circle = re.search(r'cx="(\S+)" cy="(\S+)"', svg)
    assert collisions(svg) == []
    assert any("labels" in found for found in collisions(svg.replace(labels[0], labels[1])))
    assert any("edge" in found for found in collisions(svg.replace(labels[1], labels[2])))
    assert any("unit" in found for found in collisions(svg.replace(labels[0], f"translate({circle[1]} {circle[2]})")))


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2, 1), (3, 3, 1), (2, 3), (3, 2), (5, 5), (4, 4, 2), (1, 5), (5, 1), (2, 2, 2), (3, 3, 3), (2, 5, 3)])
def test_up_to_five_units_every_weight_is_written(sizes):
    circles, labels, edges = parts(drawn(network(layered(*sizes))))
    assert len(labels) == len(edges) == sum(one * other for one, other in pairwise(sizes))
    assert all(sum(map(str.isdigit, text)) >= 2 for _, _, text in labels)
    for (cx, cy, r), (other_x, other_y, _) in combinations(circles, 2):
        assert ((cx - other_x) ** 2 + (cy - other_y) ** 2) ** 0.5 > 2 * r


def test_a_symbol_and_its_value_stay_within_their_circle():
    svg = drawn(network('graph LR\n  x(("temperature_outside_now = -0.12345678")) --> y(("ŷ"))'))
    circles, _, _ = parts(svg)
    texts = [each for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    for text in texts:
        half = 0.25 * float(text.get("font-size")) * len("".join(text.itertext()))
        assert any(math.dist((x, y), (x + half, float(text.get("y")) - 4)) <= r for x, y, r in circles if x == float(text.get("x"))), text
    assert len(texts) == 3 and max(r for _, _, r in circles) <= drawing.ROUNDEST


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
    ("", "graph LR"), ("graph LR\n a --> b\n b --> a", "circle"), (layered(61, 1), "60"),
])
def test_what_cannot_be_drawn_is_refused(fence, says):
    with pytest.raises(WorksheetError) as refused:
        network(fence)
    assert says in str(refused.value)


def test_same_input_same_bytes():
    assert [drawn(network(fence)) for fence in fences()] == [drawn(network(fence)) for fence in fences()]
