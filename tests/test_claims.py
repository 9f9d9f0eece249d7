"""What a page says in words: said through one function, decided by the judge, and tied to the words that stand on the page."""

from __future__ import annotations

import re
from functools import cache

import pytest
from template_words import faults_of

from worksheet.checks import check
from worksheet.claims import Claim
from worksheet.deciding import JUDGES
from worksheet.errors import ProofError, TemplateError
from worksheet.families import solve
from worksheet.lexicon import ALLOWED, LEXICON
from worksheet.notes import Note, make_note, prove_note
from worksheet.places import problem_file, templates_folder
from worksheet.reading_claims import READERS
from worksheet.spec import load

TEMPLATES = sorted(templates_folder().rglob("*.j2"))


@cache
def note(name: str) -> Note:
    return make_note(load(problem_file(name)))


def words_against(made: Note, text: str, claims=None) -> list[str]:
    """What the proof of words has against a page."""
    return [str(failure) for failure in check(made.trace, text, claims=claims or made.claims).failures if failure.proof == "words"]


# ---- the templates ---------------------------------------------------------------------------------

@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(templates_folder())) for path in TEMPLATES])
def test_a_template_asserts_nothing_without_a_claim_and_speaks_of_nothing_unknown(path):
    assert faults_of(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", [
    "The loss fell.",
    '<% if sign > 0 %>\nThe loss **rose**.\n<% endif %>',
    '<< "the loss decreases" if sign < 0 >>',
    '<< one_of("meaning", "So it goes.", "The loss " ~ ("falls" if sign < 0 else "grows")) >>',
    '<% set words = {"a": "smaller"} %><< words[x] >>',
    '<% macro m() %>exactly so<% endmacro %>',
    '<% for phase, heading in [("a", "Once more:")] %><< heading >><% endfor %>',
    '| << "too large" >> |', "## The last update",
])
def test_an_assertion_without_a_claim_is_seen(source):
    assert any("asserts without a claim" in fault for fault in faults_of(source))


@pytest.mark.parametrize("source", [
    '<% call says("moved", old, new, -1) %>The loss fell.<% endcall %>',
    '<% call always() %>A smaller step is safer.<% endcall %>',
    '<% if state == "off" %><% endif %>', '<% if view.activation == "relu" %>So.<% endif %>', '## <% call titled() %>The last update<% endcall +%>\n\nSo.', '$\\text{more}$',
])
def test_a_claim_a_rule_a_comparison_and_a_heading_are_none(source):
    assert faults_of(source) == []


@pytest.mark.parametrize("source", [
    '<% if law == "relu" %>0<% else %>the slope<% endif %>',
    '<< "0" if law == "relu" else "the slope" >>',
    '<% if law in ["sigmoid", "tanh"] %>a<% elif law == "relu" %>b<% else %>c<% endif %>',
    '<% if n %>a<% elif law == "relu" %>b<% else %>c<% endif %>',
])
def test_a_choice_that_speaks_of_whatever_is_left_is_seen(source):
    assert faults_of(source) == ["1: what is left over from a choice is spoken of"]


@pytest.mark.parametrize("source", [
    '<% if law == "relu" %>0<% else %><< unknown("activation", law) >><% endif %>',
    '<< {"relu": "0", "leaky-relu": "the slope"}[law] >>', '<< "s" if n != 1 >>', '<% if law == "relu" %>0<% endif %>', '<< "a" if n > 1 else "b" >>',
])
def test_a_choice_that_ends_in_an_error_is_none(source):
    assert faults_of(source) == []


def test_an_activation_that_templates_have_no_words_for_is_refused_by_name(tmp_path):
    """A page about a unit that is in a state, or has an activation, which nobody thought of."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "summary.md.j2").write_text('<< unknown("activation", "gelu") >>')
    with pytest.raises(TemplateError, match="no words for the activation 'gelu'"):
        prove_note(solve(load(problem_file("one-hidden-neuron"))), templates=tmp_path)


def test_every_kind_has_its_words_and_its_judge():
    figures = {"number", "slope", "step", "alone", "furthest-off", "updates-worked", "after", "fate-of", "held", "height"}
    assert {*JUDGES, *READERS} - figures == set(ALLOWED) - {"nothing", "figure"}
    used = {kind for path in TEMPLATES for kind in re.findall(r'says\("([\w-]+)"', path.read_text(encoding="utf-8"))}
    assert used == {*JUDGES, *READERS} - figures


# ---- the judge -------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["one-hidden-neuron", "two-by-two", "linear-chain", "relu-two-updates", "gradient-squares", "descent-parabola", "shared-weight"])
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
        case "moved" | "direction" | "size" | "sign" | "nudged" | "changed" | "case" | "foretold":
            return [Claim(kind, (*about[:-1], -about[-1] or 1), claim.text)]
        case "flat":
            return [Claim(kind, (about[0], how), claim.text) for how in {"constant", "level"} - {about[1]}]
        case "state":
            return [Claim(kind, (about[0], state), claim.text) for state in {"off", "corner"} - {about[1]}]
        case "count":
            return [Claim(kind, (about[0] + 1, *about[1:]), claim.text)]
        case "fate":
            return [Claim(kind, (*about[:3], about[3] + 1), claim.text)]
        case "rate":
            return [Claim(kind, (about[0], verdict), claim.text) for verdict in {"small", "right", "large", "beyond"} - {about[1]}]
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


# ---- the words of the page -------------------------------------------------------------------------

@pytest.mark.parametrize("name, old, new", [
    ("one-hidden-neuron", "The loss fell from", "The loss rose from"),
    ("one-hidden-neuron", "The loss fell from 0.42958", "The loss fell from 0.42968"),
    ("one-hidden-neuron", "the loss decreases, but not as much", "the loss increases, but not as much"),
    ("one-hidden-neuron", "but not as much as with $w_o$", "but not as much as with $w_h$"),
    ("one-hidden-neuron", "One input", "Two inputs"),
    ("one-hidden-neuron", "A 5 is rounded away from zero", "A 5 is rounded towards zero"),
    ("one-hidden-neuron", "rounded to 5 decimal places", "rounded to 4 decimal places"),
    ("linear-chain", "The gradient is negative", "The gradient is positive"),
    ("linear-chain", "the loss becomes smaller", "the loss becomes larger"),
    ("linear-chain", "| 0.025 | too large |", "| 0.025 | too small |"),
    ("linear-chain", "it has **settled**", "it has **diverged**"),
    ("linear-chain", "nearly right about the size", "exactly right about the size"),
    ("relu-two-updates", "is exactly 0, where ReLU has a corner", "is almost 0, where ReLU has a corner"),
    ("gradient-squares", "grows a little", "falls a little"),
    ("descent-parabola", "has fallen from", "has risen from"),
])
def test_a_word_that_is_changed_afterwards_is_refused(name, old, new):
    made = note(name)
    assert old in made.text and not words_against(made, made.text)
    assert words_against(made, made.text.replace(old, new, 1))


def test_a_sentence_that_is_added_is_refused_with_its_line():
    made = note("one-hidden-neuron")
    text = made.text.replace("## Loss\n", "## Loss\n\nThe loss grows with every step.\n")
    [failure] = words_against(made, text)
    assert "bears out 'grows'" in failure and f"line {text.split(chr(10)).index('The loss grows with every step.') + 1}" in failure


def test_the_words_of_an_author_are_the_author_s():
    made = make_note(load(problem_file("one-hidden-neuron")).model_copy(update={"title": "A smaller loss", "description": "The loss falls, exactly twice as much."}))
    assert "The loss falls, exactly twice as much." in made.text


def test_a_false_claim_is_not_written(monkeypatch):
    """A template that turns a sentence round: the page is refused with the sentence."""
    from worksheet import page
    monkeypatch.setattr(page.Page, "loss_change", turned_change(page.Page.loss_change))
    with pytest.raises(ProofError) as caught:
        make_note(load(problem_file("one-hidden-neuron")))
    assert "The loss **rose** from" in str(caught.value) and "this is not so (moved)" in str(caught.value)


def turned_change(own):
    def change(self, epoch):
        found = own(self, epoch)
        return found | {"sign": -found["sign"], "real": -found["real"]}
    return change


def test_templates_of_somebody_else_may_say_what_they_like(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "summary.md.j2").write_text("The loss fell, and much more.\n")
    assert "and much more" in prove_note(solve(load(problem_file("one-hidden-neuron"))), templates=tmp_path).text


def test_the_lexicon_is_lower_case_and_closed():
    assert all(re.fullmatch("[a-z]+", word) for word in LEXICON) and {"rose", "fell", "same", "exactly", "saturated", "two"} <= LEXICON
