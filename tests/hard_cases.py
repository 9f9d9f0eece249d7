"""Specs that are hard to set on a page: wide layers, long numbers, many epochs, long names."""

from __future__ import annotations

import json
from random import Random

THREE_FOUR_THREE = """\
title: Three inputs, four hidden units, three classes
network:
  inputs: [2, 1, -1]
  layers:
    - weights: [[0.5, -0.2, 0.1], [0.3, 0.4, -0.6], [-0.4, 0.2, 0.3], [0.1, 0.6, 0.2]]
      bias: [0.1, 0, -0.1, 0.2]
      activation: relu
      symbols: {weights: W_1, bias: b_1, z: z_1, a: h}
    - weights: [[0.4, -0.3, 0.2, 0.1], [-0.2, 0.5, 0.3, -0.4], [0.1, 0.2, -0.5, 0.6]]
      bias: [0.1, 0, -0.1]
      activation: softmax
      symbols: {weights: W_2, bias: b_2, z: z_2, a: y_hat}
  target: [0, 1, 0]
  loss: categorical-cross-entropy
learning_rate: 0.1
notation: matrix
rounding: {places: 4}
"""


def hard_specs() -> dict[str, str]:
    """Each case as the text of a spec (JSON is YAML)."""
    return {
        name: json.dumps(spec, ensure_ascii=False)
        for name, spec in {
            "ten-units": layered(
                "Zehn Einheiten: Übergröße & Maß, #5 [a] @x",
                [3, 10, 1],
                style="scalar",
                rounding={"significant": 8},
                detail="brief",
            ),
            "six-by-six": layered(
                "Six by six, long numbers", [6, 6, 6], places=8, rounding={"significant": 8}
            ),
            "twelve-by-twelve": layered("Twelve by twelve", [12, 12, 2], rounding={"places": 5}),
            "twelve-inputs": layered(
                "A long sum",
                [12, 2, 1],
                style="scalar",
                rounding={"significant": 8},
                detail={"backward": "brief"},
            ),
            "five-classes": layered(
                "Five classes, three epochs",
                [4, 4, 5],
                activation="tanh",
                last="softmax",
                loss="categorical-cross-entropy",
                rounding={"places": 6},
                epochs=3,
                detail={"later": "brief"},
            ),
            "five-classes-scalar": layered(
                "Five classes",
                [2, 2, 5],
                style="scalar",
                activation="tanh",
                last="softmax",
                loss="categorical-cross-entropy",
                rounding={"places": 8},
                detail="normal",
            ),
            "five-by-five-by-five": layered(
                "Five by five by five",
                [5, 5, 5],
                style="scalar",
                activation="relu",
                gradient_list=True,
                detail="brief",
            ),
            "long-names": named(),
        }.items()
    }


def layered(
    title: str,
    sizes: list[int],
    *,
    style: str = "matrix",
    activation: str = "sigmoid",
    last: str = "identity",
    loss: str = "half-squared-error",
    places: int = 2,
    **options,
) -> dict:
    """A network of full layers with random weights, the same each time."""
    random = Random(title)

    def row(size: int) -> list[float]:
        return [round(random.uniform(-1, 1), places) for _ in range(size)]

    layers = [
        {
            "weights": [row(below) for _ in range(units)],
            "bias": row(units),
            "activation": last if depth == len(sizes) - 2 else activation,
        }
        for depth, (below, units) in enumerate(zip(sizes, sizes[1:]))
    ]
    network = {
        "inputs": row(sizes[0]),
        "layers": layers,
        "target": [1] + [0] * (sizes[-1] - 1),
        "loss": loss,
    }
    return {
        "title": title,
        "network": network,
        "learning_rate": 0.1,
        "notation": {"style": style},
        "long_run": 0,
        **options,
    }


def named() -> dict:
    """Names as long as they may be."""
    hidden = [
        {
            "z": f"z_{place}_hidden_neuron_a",
            "a": f"a_{place}_hidden_neuron_a",
            "bias": {f"bias_of_{place}_hidden": 0.1},
            "weights": {
                f"weight_of_temperature_{place[0]}": 0.5,
                f"weight_of_humidity_{place[0]}": -0.25,
            },
        }
        for place in ("first", "second")
    ]
    output = {
        "a": "prediction_of_the_net",
        "weights": {"weight_out_of_the_first": 0.5, "weight_out_of_second_x": -0.5},
        "bias": {"bias_of_the_output": 0.3},
    }
    return {
        "title": "Long names",
        "learning_rate": 0.1,
        "rounding": {"significant": 8},
        "epochs": 3,
        "long_run": 0,
        "network": {
            "inputs": {"temperature_outside_now": 1.5, "humidity_of_the_air_x": -0.25},
            "target": {"measured_temperature_y": 1},
            "layers": [
                {"activation": "tanh", "units": hidden},
                {"activation": "identity", "units": [output]},
            ],
            "loss": "half-squared-error",
        },
    }
