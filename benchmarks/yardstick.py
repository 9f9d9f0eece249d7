"""handcalcs on twenty lines: the arithmetic of note 001 and of a neuron more, from Python source to
TeX.

handcalcs carries binary floats and proves nothing; it is the yardstick for speed alone.
"""

from __future__ import annotations

from math import exp, log

from handcalcs.handcalcs import LatexRenderer

GIVENS = {
    "x": 1.0,
    "y": 1,
    "w_h": 0.5,
    "w_k": -0.3,
    "w_o": 1.0,
    "v_o": 0.8,
    "alpha": 0.1,
    "exp": exp,
    "log": log,
}
SOURCE = """\
z_h = w_h * x
a_h = 1 / (1 + exp(-z_h))
z_k = w_k * x
a_k = 1 / (1 + exp(-z_k))
z_o = w_o * a_h + v_o * a_k
y_hat = 1 / (1 + exp(-z_o))
L = -(y * log(y_hat) + (1 - y) * log(1 - y_hat))
dL_dz_o = y_hat - y
dL_dw_o = dL_dz_o * a_h
dL_dv_o = dL_dz_o * a_k
dL_da_h = dL_dz_o * w_o
dL_da_k = dL_dz_o * v_o
da_h_dz_h = a_h * (1 - a_h)
da_k_dz_k = a_k * (1 - a_k)
dL_dw_h = dL_da_h * da_h_dz_h * x
dL_dw_k = dL_da_k * da_k_dz_k * x
w_o_new = w_o - alpha * dL_dw_o
v_o_new = v_o - alpha * dL_dv_o
w_h_new = w_h - alpha * dL_dw_h
w_k_new = w_k - alpha * dL_dw_k
"""
LINES = SOURCE.count("\n")
_CODE = compile(SOURCE, "yardstick", "exec")


def render() -> str:
    """The twenty lines computed and set, each as symbols = numbers = result."""
    values = dict(GIVENS)
    exec(_CODE, values)
    return LatexRenderer(SOURCE, values, {"precision": 5, "sci_not": None, "override": ""}).render()
