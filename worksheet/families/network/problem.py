"""A network: layers of units, a target, a loss."""

from __future__ import annotations

from typing import Literal

from ...numbers.number import Number
from ...problem import Descending, Layer, Network, Written


class NetworkProblem(Descending):
    """A network that is trained."""

    family: Literal["network"] = "network"
    network: Network
    learning_rate: Written
    gradients: Literal["by-layer", "through-prediction"] = "by-layer"  # dL/dw by way of dy_hat/dw
    gradient_list: bool = False  # the numbered list of gradient formulas before the numbers

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Those of its network, the outputs last."""
        return self.network.layers

    @property
    def loss_name(self) -> str:
        """The name that its network has for the loss."""
        return self.network.loss_name

    @property
    def results(self) -> tuple[str, ...]:
        """The outputs of the last layer, and the loss."""
        return *(unit.a for unit in self.network.layers[-1].units), self.loss_name

    @property
    def parameters(self) -> dict[str, Number]:
        """Every weight and bias, in the order of the layers."""
        return {
            name: number
            for layer in self.network.layers
            for unit in layer.units
            for name, number in (unit.weights | unit.bias).items()
        }

    @property
    def weights(self) -> tuple[str, ...]:
        """Every weight without the biases, in the order of the layers."""
        return tuple(
            name for layer in self.network.layers for unit in layer.units for name in unit.weights
        )

    @property
    def trained(self) -> tuple[str, ...]:
        """Weights and biases in the order of the layers, without biases that stay as they are."""
        return tuple(
            name
            for layer in self.network.layers
            for unit in layer.units
            for name in (*unit.weights, *(unit.bias if layer.trained_bias else ()))
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Every given and every quantity of the forward pass."""
        units = [unit for layer in self.network.layers for unit in layer.units]
        return (
            *self.network.inputs,
            *self.network.target,
            *self.parameters,
            *[name for unit in units for name in (unit.z, unit.a)],
        )


PROBLEM = NetworkProblem
