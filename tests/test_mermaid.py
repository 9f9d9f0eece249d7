"""Mermaid by hand: what is read and what is refused, as a document of cases; mermaid itself reads
the same."""

from __future__ import annotations

import documents
import pytest
from rendering import draw_diagrams, needs

from worksheet.diagrams.drawing import drawn
from worksheet.diagrams.mermaid import MOST_EDGES, PASSED, Network, network
from worksheet.errors import WorksheetError
from worksheet.publish import Page, publish

CASES = documents.cases("mermaid.md")


def told(found: Network) -> str:
    """A network in words, with every shape, label and edge."""
    sides = {"circle": "({})", "box": "[{}]", "round": "[({})]", PASSED: "·"}
    columns = [
        ", ".join(
            sides[node.shape].format(f"{node.symbol} {node.value}".strip()) for node in column
        )
        for column in found.columns
    ]
    edges = [
        f"{edge.source} {'-.->' if edge.is_dashed else '-->'} {edge.target}: {edge.symbol} {edge.value}".rstrip(
            " :"
        )
        for edge in found.edges
    ]
    biases = [
        f"bias of {unit}: {node.symbol} {node.value}".rstrip()
        for unit, node in found.biases.items()
    ]
    return "\n".join([" | ".join(columns), *edges, *biases])


def outcome(text: str) -> str:
    try:
        return told(network(text, "page"))
    except WorksheetError as refused:
        return str(refused)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_document(case, update):
    documents.check(case, outcome(case.given), update)


@needs("node", "chromium")
@pytest.mark.xdist_group("renderers")
def test_what_we_read_mermaid_reads_with_the_same_labels():
    read = [
        case
        for case in CASES
        if "cannot be drawn" not in case.expected and "only a mermaid" not in case.expected
    ]
    assert len(read) > 10
    for case, theirs in zip(read, draw_diagrams([case.given for case in read]), strict=True):
        found = network(case.given)
        parts = [
            *found.edges,
            *[node for column in found.columns for node in column],
            *found.biases.values(),
        ]
        ours = {f"{part.symbol} {part.value}".strip().replace("−", "-") for part in parts} - {""}
        assert not theirs.error and set(theirs.labels) == ours, case.title


def test_a_fault_is_placed_on_its_line_of_the_page(tmp_path):
    page = "# A\n\nWords.\n\n```mermaid\ngraph LR\n  x --> y\n  x ==> z\n```\n"
    with pytest.raises(WorksheetError) as refused:
        publish([Page("p", page, tmp_path)], "html")
    assert page.splitlines()[7] == "  x ==> z" and "p, line 8: this kind of link" in str(
        refused.value
    )


def test_an_empty_fence_is_refused(tmp_path):
    with pytest.raises(WorksheetError, match="empty"):
        publish([Page("p", "# A\n\n```mermaid\n```\n", tmp_path)], "html")


def test_boxes_are_drawn_as_boxes_and_dashes_as_dashes():
    svg = drawn(network("graph LR\n  i[Input] --> h(Hidden) -.-> o((o))"))
    assert (
        svg.count("<rect") == 2
        and svg.count("<circle") == 1
        and svg.count('stroke-dasharray="4 3"') == 1
    )


def test_a_flood_is_refused():
    crowd = " & ".join(f"n{k}" for k in range(MOST_EDGES // 50))
    with pytest.raises(WorksheetError, match="edges"):
        network(f"graph LR\n  {crowd} --> {crowd.replace('n', 'm')}")
    chain = " --> ".join(f"n{k}" for k in range(100))
    with pytest.raises(WorksheetError, match="columns"):
        network(f"graph LR\n  {chain}\n" + "  n0 --> n99\n" * (MOST_EDGES // 99 + 1))
