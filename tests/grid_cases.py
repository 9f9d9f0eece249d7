"""Networks for grids: the sizes of the hand-drawn pages and those at the edge of a page."""

from __future__ import annotations

from pathlib import Path

PROBLEMS = Path(__file__).parents[1] / "problems"


def spec(
    sizes: list[int],
    activations: list[str],
    target: list,
    loss: str = "half-squared-error",
    more: str = "",
    is_sparse: bool = False,
) -> str:
    """A network of small integers with these numbers of units, the inputs first. is_sparse: each
    unit has one input that counts."""

    def weight(row: int, column: int) -> int:
        return int(row == column) if is_sparse else (2 * row + column) % 3 - 1

    layers = ", ".join(
        f"{{weights: {[[weight(row, column) for column in range(before)] for row in range(count)]}, "
        f"bias: {[(row + 1) % 2 for row in range(count)]}, activation: {activation}}}"
        for before, count, activation in zip(sizes[:-1], sizes[1:], activations, strict=True)
    )
    return (
        f"title: Units {sizes}\nnetwork: {{inputs: {[place % 3 + 1 for place in range(sizes[0])]}, layers: [{layers}], target: {target}, loss: {loss}}}\n"
        f"learning_rate: 0.1\nnotation: matrix\n{more}"
    )


CASES = {
    "two-by-two": (PROBLEMS / "two-by-two.yaml").read_text(encoding="utf-8"),
    "2-2-2": spec([2, 2, 2], ["sigmoid", "sigmoid"], [0, 1], more="rounding: {places: 4}\n"),
    "3-4-2": """
title: Three inputs, four hidden units, two outputs
network:
  inputs: [2, 1, 3]
  layers:
    - {weights: [[1, -1, 1], [1, 1, 0], [0, 1, -1], [1, 0, 1]], bias: [-2, 0, 1, -1], activation: relu, symbols: {weights: W_1, bias: b_1, z: z_1, a: h}}
    - {weights: [[1, 1, -1, 0], [0, -1, 2, 1]], bias: [1, -1], activation: identity, symbols: {weights: W_2, bias: b_2}}
  target: [4, 2]
  loss: half-squared-error
learning_rate: 0.01
notation: matrix
""",
    "softmax": (PROBLEMS / "softmax-three-classes.yaml").read_text(encoding="utf-8"),
    "three layers": spec(
        [2, 3, 2, 2],
        ["relu", "tanh", "softmax"],
        [1, 0],
        "categorical-cross-entropy",
        "rounding: {places: 4}\n",
    ),
    "one layer": spec([3, 2], ["identity"], [1, 2]),
    "exact": spec(
        [2, 2, 1],
        ["tanh", "sigmoid"],
        [1],
        "binary-cross-entropy",
        "rounding: {policy: exact, places: 3}\n",
    ),
    "large scores": spec(
        [2, 2],
        ["softmax"],
        [1, 0],
        "categorical-cross-entropy",
        "rounding: {places: 3}\n",
        is_sparse=True,
    ).replace("inputs: [1, 2]", "inputs: [400, 399]"),
    "names": (PROBLEMS / "two-inputs-sigmoid.yaml").read_text(encoding="utf-8"),
}
