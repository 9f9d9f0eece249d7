"""What can be asked about a function of one variable."""

from __future__ import annotations

from ...assessment.questions import Questions, each, is_moved, named

PARTS = {
    "derivative": named("derivation", "slope_formula"),
    "slope": named("backward", "slope"),
    "tangent": named("forward backward", "value", "intercept"),
    "prediction": named("check", "estimate"),
    "change": named("check", "moved_value", "rise", "gap"),
}
QUESTIONS = Questions(PARTS, each(*PARTS), is_moved)
