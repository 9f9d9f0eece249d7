"""What a page says in words: said through one function, decided by the judge, and tied to the words
that stand on the page."""

from __future__ import annotations

import re
from functools import cache

import pytest
from template_words import faults_of

from worksheet.errors import ProofError, TemplateError
from worksheet.family import problem_file
from worksheet.judge.duals import judging
from worksheet.notes import Note, make_note, prove_note
from worksheet.pages.claims import Claim
from worksheet.pages.lexicon import ALLOWED, LEXICON
from worksheet.proofs.bench import Bench
from worksheet.proofs.checks import check
from worksheet.proofs.claims import decide
from worksheet.proofs.deciding import JUDGES
from worksheet.proofs.reading_claims import READERS
from worksheet.resources import templates_folder
from worksheet.solution import solve
from worksheet.spec.load import load, loads

TEMPLATES = sorted(templates_folder().rglob("*.j2"))


# a ReLU that is off, with two weights: nothing flows back through it
DEAD = """title: A ReLU that is off
network:
  inputs: {x_1: 1, x_2: 2}
  layers:
    - {units: [{z: z_1, a: a_1, weights: {w_1: -1, w_2: -2}}, {z: z_2, a: a_2, weights: {w_3: 1, w_4: 0.5}}], activation: relu}
    - {units: [{a: y_hat, weights: {w_5: 1, w_6: 1}}], activation: identity}
  target: {y: 1}
  loss: half-squared-error
learning_rate: 0.1
"""


@cache
def note(name: str) -> Note:
    return make_note(loads(DEAD) if name == "dead" else load(problem_file(name)))


def words_against(made: Note, text: str, claims=None) -> list[str]:
    """What the proof of words has against a page."""
    return [
        str(failure)
        for failure in check(made.trace, text, claims=claims or made.claims).failures
        if failure.proof == "words"
    ]


# ---- the templates
# ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=[str(path.relative_to(templates_folder())) for path in TEMPLATES]
)
def test_a_template_asserts_nothing_without_a_claim_and_speaks_of_nothing_unknown(path):
    assert faults_of(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "The loss fell.",
        "<% if sign > 0 %>\nThe loss **rose**.\n<% endif %>",
        '<< "the loss decreases" if sign < 0 >>',
        '<< one_of("meaning", "So it goes.", "The loss " ~ ("falls" if sign < 0 else "grows")) >>',
        '<% set words = {"a": "smaller"} %><< words[x] >>',
        "<% macro m() %>exactly so<% endmacro %>",
        '<% for phase, heading in [("a", "Once more:")] %><< heading >><% endfor %>',
        '| << "too large" >> |',
        "## The last update",
    ],
)
def test_an_assertion_without_a_claim_is_seen(source):
    assert any("asserts without a claim" in fault for fault in faults_of(source))


@pytest.mark.parametrize(
    "source",
    [
        '<% call says("moved", old, new, -1) %>The loss fell.<% endcall %>',
        "<% call always() %>A smaller step is safer.<% endcall %>",
        '<% if state == "off" %><% endif %>',
        '<% if view.activation == "relu" %>So.<% endif %>',
        "## <% call titled() %>The last update<% endcall +%>\n\nSo.",
        "$\\text{more}$",
    ],
)
def test_a_claim_a_rule_a_comparison_and_a_heading_are_none(source):
    assert faults_of(source) == []


@pytest.mark.parametrize(
    "source",
    [
        '<% if law == "relu" %>0<% else %>the slope<% endif %>',
        '<< "0" if law == "relu" else "the slope" >>',
        '<% if law in ["sigmoid", "tanh"] %>a<% elif law == "relu" %>b<% else %>c<% endif %>',
        '<% if n %>a<% elif law == "relu" %>b<% else %>c<% endif %>',
    ],
)
def test_a_choice_that_speaks_of_whatever_is_left_is_seen(source):
    assert faults_of(source) == ["1: what is left over from a choice is spoken of"]


@pytest.mark.parametrize(
    "source",
    [
        '<% if law == "relu" %>0<% else %><< unknown("activation", law) >><% endif %>',
        '<< {"relu": "0", "leaky-relu": "the slope"}[law] >>',
        '<< "s" if n != 1 >>',
        '<% if law == "relu" %>0<% endif %>',
        '<< "a" if n > 1 else "b" >>',
    ],
)
def test_a_choice_that_ends_in_an_error_is_none(source):
    assert faults_of(source) == []


def test_an_activation_that_templates_have_no_words_for_is_refused_by_name(tmp_path):
    """A page about a unit that is in a state, or has an activation, which nobody thought of."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "summary.md.j2").write_text('<< unknown("activation", "gelu") >>')
    with pytest.raises(TemplateError, match="no words for the activation 'gelu'"):
        prove_note(solve(load(problem_file("one-hidden-neuron"))), templates=tmp_path)


def test_every_kind_has_its_words_and_its_judge():
    figures = {
        "number",
        "slope",
        "step",
        "alone",
        "furthest-off",
        "updates-worked",
        "after",
        "fate-of",
        "held",
        "height",
    }
    assert {*JUDGES, *READERS} - figures == set(ALLOWED) - {"nothing", "figure"}
    used = {
        kind
        for path in TEMPLATES
        for kind in re.findall(r'says\("([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert used == {*JUDGES, *READERS} - figures


# ---- the judge
# -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "one-hidden-neuron",
        "two-by-two",
        "linear-chain",
        "relu-two-updates",
        "gradient-squares",
        "descent-parabola",
        "shared-weight",
    ],
)
def test_a_claim_that_is_turned_round_is_refused(name):
    """Every claim of a page with its sign turned is refused, by itself, with the sentence."""
    made = note(name)
    for claim in made.claims.said:
        for other in turned(claim):
            found = words_against(made, made.text, with_claim(made, claim, other))
            assert any("this is not so" in failure for failure in found), other


def turned(claim: Claim) -> list[Claim]:
    """The same words about what is not so: another sign, state, number, or fate."""
    kind, about = claim.kind, claim.about
    match kind:
        case (
            "moved"
            | "direction"
            | "directions"
            | "size"
            | "sign"
            | "nudged"
            | "changed"
            | "case"
            | "foretold"
        ):
            return [Claim(kind, (*about[:-1], -about[-1] or 1), claim.text)]
        case "flat":
            return [
                Claim(kind, (about[0], how), claim.text)
                for how in {"constant", "level"} - {about[1]}
            ]
        case "state":
            return [
                Claim(kind, (about[0], state), claim.text)
                for state in {"off", "corner"} - {about[1]}
            ]
        case "count":
            return [Claim(kind, (about[0] + 1, *about[1:]), claim.text)]
        case "fate":
            return [Claim(kind, (*about[:3], about[3] + 1), claim.text)]
        case "rate":
            return [
                Claim(kind, (about[0], verdict), claim.text)
                for verdict in {"small", "right", "large", "beyond"} - {about[1]}
            ]
        case "to-and-fro":
            return [Claim(kind, (-about[0] or 1,), claim.text)]
    return []


def with_claim(made: Note, claim: Claim, other: Claim):
    spoilt = replace_all(made)
    spoilt.said[spoilt.said.index(claim)] = other
    return spoilt


def replace_all(made: Note):
    from copy import copy

    spoilt = copy(made.claims)
    spoilt.said = list(made.claims.said)
    return spoilt


def test_parameters_that_do_nothing_stand_in_one_sentence():
    assert "A small change of $w_1$ or $w_2$ does not change the loss." in note("dead").text


# ---- the words of the page
# -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, old, new",
    [
        ("one-hidden-neuron", "The loss fell from", "The loss rose from"),
        ("one-hidden-neuron", "The loss fell from 0.42958", "The loss fell from 0.42968"),
        (
            "one-hidden-neuron",
            "So if we increase $z_o$, the loss decreases",
            "So if we increase $z_o$, the loss increases",
        ),
        ("one-hidden-neuron", "is smaller than that of $w_o$", "is larger than that of $w_o$"),
        ("one-hidden-neuron", "is smaller than that of $w_o$", "is smaller than that of $w_h$"),
        (
            "two-by-two",
            "rises with $w_6$, and falls with $w_7$",
            "rises with $w_6$, and rises with $w_7$",
        ),
        (
            "two-by-two",
            "rises with $w_6$, and falls with $w_7$",
            "rises with $w_7$, and falls with $w_6$",
        ),
        ("one-hidden-neuron", "One input", "Two inputs"),
        ("one-hidden-neuron", "A 5 is rounded away from zero", "A 5 is rounded towards zero"),
        ("one-hidden-neuron", "rounded to 5 decimal places", "rounded to 4 decimal places"),
        ("linear-chain", "The gradient is negative", "The gradient is positive"),
        ("linear-chain", "the loss becomes smaller", "the loss becomes larger"),
        ("linear-chain", "| 0.025 | too large |", "| 0.025 | too small |"),
        ("linear-chain", "it has **settled**", "it has **diverged**"),
        ("linear-chain", "nearly right about the size", "exactly right about the size"),
        (
            "relu-two-updates",
            "is exactly 0, where ReLU has a corner",
            "is almost 0, where ReLU has a corner",
        ),
        ("gradient-squares", "grows a little", "falls a little"),
        ("descent-parabola", "has fallen from", "has risen from"),
    ],
)
def test_a_word_that_is_changed_afterwards_is_refused(name, old, new):
    made = note(name)
    assert old in made.text and not words_against(made, made.text)
    assert words_against(made, made.text.replace(old, new, 1))


def test_a_sentence_that_is_added_is_refused_with_its_line():
    made = note("one-hidden-neuron")
    text = made.text.replace("## Loss\n", "## Loss\n\nThe loss grows with every step.\n")
    [failure] = words_against(made, text)
    assert (
        "bears out 'grows'" in failure
        and f"line {text.split(chr(10)).index('The loss grows with every step.') + 1}" in failure
    )


def test_the_words_of_an_author_are_the_author_s():
    made = make_note(
        load(problem_file("one-hidden-neuron")).model_copy(
            update={
                "title": "A smaller loss",
                "description": "The loss falls, exactly twice as much.",
            }
        )
    )
    assert "The loss falls, exactly twice as much." in made.text


def test_a_false_claim_is_not_written(monkeypatch):
    """A template that turns a sentence round: the page is refused with the sentence."""
    from worksheet.pages import page

    monkeypatch.setattr(page.Page, "loss_change", turned_change(page.Page.loss_change))
    with pytest.raises(ProofError) as caught:
        make_note(load(problem_file("one-hidden-neuron")))
    assert "The loss **rose** from" in str(caught.value) and "this is not so (moved)" in str(
        caught.value
    )


def turned_change(own):
    def change(self, epoch):
        found = own(self, epoch)
        return found | {"sign": -found["sign"], "real": -found["real"]}

    return change


def test_templates_of_somebody_else_may_say_what_they_like(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "summary.md.j2").write_text("The loss fell, and much more.\n")
    assert (
        "and much more"
        in prove_note(solve(load(problem_file("one-hidden-neuron"))), templates=tmp_path).text
    )


def test_the_lexicon_is_lower_case_and_closed():
    assert (
        all(re.fullmatch("[a-z]+", word) for word in LEXICON)
        and {"rose", "fell", "same", "exactly", "saturated", "two"} <= LEXICON
    )


# ---- claims that are decided from their own words
# --------------------------------------------------


@pytest.mark.parametrize(
    "name, kind, about, text, is_so",
    [
        ("one-hidden-neuron", "of", ("w_h",), "For the weight $w_h$:", True),
        ("one-hidden-neuron", "of", ("w_h",), "For the weight $w_o$:", False),
        ("one-hidden-neuron", "unit", ("a_h",), "It takes $x$, and its weight is $w_h$.", True),
        ("one-hidden-neuron", "unit", ("a_h",), "It takes $x$, and its weight is $w_o$.", False),
        (
            "relu-two-updates",
            "law",
            ((1,), "relu"),
            "The activation of layer 1 is the **ReLU**",
            True,
        ),
        (
            "relu-two-updates",
            "law",
            ((2,), "relu"),
            "The activation of layer 2 is the **ReLU**",
            False,
        ),
        (
            "relu-two-updates",
            "law",
            ((1,), "relu"),
            "The activation of layer 1 is the **sigmoid**",
            False,
        ),
        (
            "relu-two-updates",
            "law",
            ((1,), "relu"),
            "The activation of layer 2 is the **ReLU**",
            False,
        ),
        (
            "one-hidden-neuron",
            "law",
            ((), "binary-cross-entropy"),
            "The loss is the binary cross-entropy.",
            True,
        ),
        (
            "one-hidden-neuron",
            "law",
            ((), "squared-error"),
            "The loss is the squared error.",
            False,
        ),
        ("relu-two-updates", "place", ("layer", 2), "The weights of layer 2 are", True),
        ("relu-two-updates", "place", ("layer", 3), "The weights of layer 3 are", False),
        ("relu-two-updates", "place", ("layer", 2), "The weights of layer 1 are", False),
        (
            "two-by-two",
            "directions",
            ((("dL_dw_7", 1, "backward"), ("dL_dw_8", 1, "backward")), -1),
            "falls with $w_7$ and $w_8$",
            True,
        ),
        (
            "two-by-two",
            "directions",
            ((("dL_dw_7", 1, "backward"), ("dL_dw_8", 1, "backward")), 1),
            "rises with $w_7$ and $w_8$",
            False,
        ),
        (
            "two-by-two",
            "directions",
            ((("dL_dw_6", 1, "backward"), ("dL_dw_8", 1, "backward")), -1),
            "falls with $w_6$ and $w_8$",
            False,
        ),
        (
            "two-by-two",
            "directions",
            ((("dL_dw_7", 1, "backward"), ("dL_dw_8", 1, "backward")), -1),
            "falls with $w_7$ and $w_6$",
            False,
        ),
        (
            "two-by-two",
            "directions",
            ((("dL_dw_7", 1, "backward"), ("dL_dw_8", 1, "backward")), -1),
            "falls with $w_7$",
            False,
        ),
        (
            "relu-two-updates",
            "constants",
            ((("dL_dw_2_1__1", 1, "backward"),),),
            "A small change of $w_{21}^{(1)}$ does not change the loss.",
            False,
        ),
        (
            "dead",
            "constants",
            ((("dL_dw_1", 1, "backward"), ("dL_dw_2", 1, "backward")),),
            "A small change of $w_1$ or $w_2$ does not change the loss.",
            True,
        ),
        (
            "dead",
            "constants",
            ((("dL_dw_1", 1, "backward"), ("dL_dw_2", 1, "backward")),),
            "A small change of $w_1$ or $w_3$ does not change the loss.",
            False,
        ),
        (
            "dead",
            "constants",
            ((("dL_dw_1", 1, "backward"), ("dL_dw_3", 1, "backward")),),
            "A small change of $w_1$ or $w_3$ does not change the loss.",
            False,
        ),
        (
            "relu-two-updates",
            "about",
            (("dL_dw_2_1__1", 1, "backward"), 2),
            "The gradient of the weights of layer 2:",
            False,
        ),
        (
            "one-hidden-neuron",
            "asked",
            ("a", 1, "3", ("z_h", "a_h")),
            "**(a)** Compute $z_h$ and $a_h$. *(3 points)*",
            True,
        ),
        (
            "one-hidden-neuron",
            "asked",
            ("a", 1, "3", ("z_h", "a_h")),
            "**(a)** Compute $z_h$ and $z_o$. *(3 points)*",
            False,
        ),
        (
            "one-hidden-neuron",
            "asked",
            ("a", 1, "3", ("z_h",)),
            "**(a)** Compute $z_h$. *(4 points)*",
            False,
        ),
        ("one-hidden-neuron", "blank", ("z_h",), r"$z_h =$ ______", True),
        ("one-hidden-neuron", "blank", ("z_h",), r"$z_o =$ ______", False),
        (
            "one-hidden-neuron",
            "step-of",
            (("w_h", 1, "update"), 1),
            r"$w_h = 0.5$, $\alpha = 0.1$ and $\frac{\partial L}{\partial w_h} = -0.08207$, so",
            True,
        ),
        (
            "one-hidden-neuron",
            "step-of",
            (("w_h", 1, "update"), 1),
            r"$w_o = 0.5$, $\alpha = 0.1$ and $\frac{\partial L}{\partial w_h} = -0.08207$, so",
            False,
        ),
        (
            "one-hidden-neuron",
            "graded",
            ("w_h", "a"),
            r"| $w_h$ | (a) | $0.50821$ | $[0.5082,\, 0.5083]$ |",
            True,
        ),
        (
            "one-hidden-neuron",
            "graded",
            ("w_h", "a"),
            r"| $w_h$ | (a) | $0.50821$ | $[-0.5082,\, 0.5081]$ |",
            False,
        ),
        (
            "one-hidden-neuron",
            "graded",
            ("w_h", "a"),
            r"| $w_o$ | (a) | $0.50821$ | $[0.5082,\, 0.5083]$ |",
            False,
        ),
        (
            "one-hidden-neuron",
            "differs-by-digits",
            ("0.223", "0.222", True),
            "$0.223$ is printed, and the printed numbers give $0.222$",
            True,
        ),
        (
            "one-hidden-neuron",
            "differs-by-digits",
            ("0.223", "0.182", True),
            "$0.223$ is printed, and the printed numbers give $0.182$",
            False,
        ),
        (
            "one-hidden-neuron",
            "differs-by-digits",
            ("0.223", "0.182", False),
            "$0.223$ is printed, and the printed numbers give $0.182$",
            True,
        ),
        (
            "one-hidden-neuron",
            "differs-by-digits",
            ("-0.223", "-0.222", True),
            "$0.223$ is printed, and the printed numbers give $-0.222$",
            False,
        ),
        ("one-hidden-neuron", "together", ("12",), "together 13 points", False),
        ("shared-weight", "trained", (("u", "v"),), "- Trained: $u$ and $v$", True),
        ("shared-weight", "trained", (("u", "v"),), "- Trained: $u$ and $x_1$", False),
        ("shared-weight", "rule", (), r"$w$ is any weight, $\alpha$ is the learning rate", True),
        ("shared-weight", "rule", (), r"$u$ is any weight, $\alpha$ is the learning rate", False),
        (
            "shared-weight",
            "rule",
            (("u", "v"),),
            r"Here $w$ stands for $u$ or $v$, and $\alpha$ is the learning rate",
            True,
        ),
        (
            "shared-weight",
            "rule",
            (("u", "v"),),
            r"Here $w$ stands for $u$ or $x_1$, and $\alpha$ is the learning rate",
            False,
        ),
        (
            "shared-weight",
            "rule",
            (("u", "x_1"),),
            r"Here $w$ stands for $u$ or $x_1$, and $\alpha$ is the learning rate",
            False,
        ),
        ("gradient-squares", "others", ("x",), "We hold $y$ constant", True),
        ("gradient-squares", "others", ("x",), "We hold $x$ constant", False),
        ("chain-rule", "parts", ("variable", "links"), "$x$ moves $y$, and $y$ moves $z$.", True),
        ("chain-rule", "parts", ("variable",), "As a function of $y$ alone,", False),
        ("derive-tanh", "spec", ("why", 1), "**Step 1.** The quotient rule.", True),
        ("derive-tanh", "spec", ("why", 2), "**Step 2.** The quotient rule.", False),
        (
            "derive-half-squared-error",
            "first-number",
            (4,),
            "We put the numbers into step 4, the first with no derivative left in it.",
            True,
        ),
        (
            "derive-half-squared-error",
            "first-number",
            (4,),
            "We put the numbers into step 3, the first with no derivative left in it.",
            False,
        ),
        (
            "derive-half-squared-error",
            "first-number",
            (3,),
            "We put the numbers into step 3, the first with no derivative left in it.",
            False,
        ),
    ],
)
def test_a_claim_is_decided_from_its_own_words(name, kind, about, text, is_so):
    with judging():
        assert (decide(Bench(note(name).trace), Claim(kind, about, text)) == "") == is_so


def test_every_reader_is_tried():
    tried = {
        mark.args[1][place][1]
        for mark in test_a_claim_is_decided_from_its_own_words.pytestmark
        for place in range(len(mark.args[1]))
    }
    assert tried == set(READERS)
