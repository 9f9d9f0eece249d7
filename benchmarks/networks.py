"""The specs that are measured: note 001, longer runs of it, and ever wider networks."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

NOTE_001 = (
    (Path(__file__).resolve().parents[1] / "problems") / "one-hidden-neuron.yaml"
).read_text(encoding="utf-8")


def notes() -> Iterator[str]:
    """Note 001 with other weights each time, drawn from a fixed seed."""
    draw = random.Random(1)
    while True:
        first, second = (f"{draw.uniform(0.2, 1.5):.4f}" for _ in range(2))
        yield NOTE_001.replace("w_h: 0.5", f"w_h: {first}").replace("w_o: 1.0", f"w_o: {second}")


def epochs(count: int) -> str:
    """Note 001 with `count` weight updates, every one worked in full."""
    return f"{NOTE_001}\nepochs: {count}\ndetail: full\n"


def units(count: int) -> str:
    """An n-n-1 network with biases, its weights drawn from the seed `count`: n squared weights to
    work."""
    draw = random.Random(count)

    def numbers(size: int) -> str:
        return "[" + ", ".join(f"{draw.uniform(-1, 1):.2f}" for _ in range(size)) + "]"

    rows = ", ".join(numbers(count) for _ in range(count))
    return f"""\
title: {count} units
network:
  inputs: {numbers(count)}
  layers:
    - {{weights: [{rows}], bias: {numbers(count)}, activation: sigmoid}}
    - {{weights: [{numbers(count)}], bias: {numbers(1)}, activation: sigmoid}}
  target: 1
  loss: binary-cross-entropy
learning_rate: 0.1
"""


def printed_lines(markdown: str) -> int:
    """The lines of mathematics on a page: one for each display formula, one more for each of its
    line breaks."""
    formulas = re.findall(r"\$\$(.+?)\$\$", markdown, re.DOTALL)
    return sum(1 + formula.count(r"\\") for formula in formulas)
