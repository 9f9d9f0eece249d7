"""The thread of a number: where it was worked out, where it is used; from the trace, proved, and in
no other place of a page."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from math import cos, exp, log, prod, sin, sqrt, tanh
from random import Random

import pytest
from random_formulas import function_text, graph_text
from random_networks import spec_text

from worksheet.algebra.expression import Apply, Literal, evaluate, names
from worksheet.errors import SolveError
from worksheet.markdown.reader import formulas
from worksheet.notes import make_note
from worksheet.pages.render import render
from worksheet.publish.threaded import condensed, marked, unfaithful
from worksheet.resources import problem_files
from worksheet.solution import solve, to_the_end
from worksheet.spec.load import load, loads
from worksheet.threads.find import (
    GIVEN,
    SAID,
    STATED,
    USED,
    WORKED,
    Owner,
    Thread,
    joined,
    numbers_of,
)
from worksheet.threads.proof import proved_thread, thread_findings

SPECS = {spec.stem: spec for spec in problem_files()}
SEEDS = range(12)
FLOATS = {
    "sum": lambda *terms: sum(terms),
    "product": lambda *factors: prod(factors),
    "neg": lambda x: -x,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "exp": exp,
    "ln": log,
    "sigmoid": lambda x: 1 / (1 + exp(-x)),
    "tanh": tanh,
    "relu": lambda x: max(0, x),
    "sin": sin,
    "cos": cos,
    "sqrt": sqrt,
}


@cache
def note(name: str):
    return make_note(load(SPECS[name]), follow=True)


@cache
def drawn(kind, seed: int):
    """A random problem's trace and page; None where it has no answer."""
    try:
        trace = to_the_end(solve(loads(kind(seed))))
    except SolveError:
        return None
    return trace, str(render(trace))


def at(page: str, thread: Thread, tex: str, number: int = 0) -> set[tuple[str, str, int, str]]:
    """What a number of the first formula that holds this TeX is: (role, name, epoch, phase)."""
    [formula] = [
        place for place, each in enumerate(formulas(page)) if tex in " ".join(each.tex.split())
    ][:1]
    return {
        (mark.role, *mark.owner.key)
        for mark in thread.marks
        if mark.formula == formula and mark.place == number
    }


def test_two_numbers_that_are_alike_by_chance_are_two():
    made = note("one-hidden-neuron")
    chain = r"z_o &= w_o \cdot a_h \\ &= 1.0 \cdot 0.62246 \\ &= 0.62246"
    assert at(made.text, made.thread, chain, 0) == {(USED, "w_o", 0, GIVEN)}  # x is 1.0 too
    assert at(made.text, made.thread, chain, 1) == {(USED, "a_h", 1, "forward")} and at(
        made.text, made.thread, chain, 2
    ) == {(WORKED, "z_o", 1, "forward")}


def test_what_was_worked_out_on_the_way_is_nobodys():
    made = note("one-hidden-neuron")
    chain = r"&= 0.62246(1 - 0.62246) \\ &= 0.62246 \cdot 0.37754"
    places = [at(made.text, made.thread, chain, place) for place in range(7)]
    assert [len(each) for each in places] == [
        0,
        1,
        0,
        1,
        0,
        0,
        1,
    ]  # 1; 0.62246, 1, 0.62246; 0.62246, 0.37754; 0.23500


def test_a_weight_is_that_of_its_time():
    made = note("one-hidden-neuron")
    assert at(made.text, made.thread, r"&= 0.50821 \cdot 1.0") == {(USED, "w_h", 1, "update")}
    assert at(made.text, made.thread, "w_h = 0.5") == {
        (STATED, "w_h", 0, GIVEN)
    }  # where it is given, and said again where it is used
    assert Counter(
        mark.role for mark in made.thread.marks if mark.owner == Owner("w_h", 1, "update")
    ) == {WORKED: 1, USED: 1, SAID: 1}


def test_a_result_that_is_another_one_bears_both():
    made = note("three-hidden-matrix")
    assert at(made.text, made.thread, r"\frac{\partial L}{\partial b_2} &=", 1) == {
        (USED, "dL_dy_hat", 1, "backward"),
        (WORKED, "dL_db_1__2", 1, "backward"),
    }


def test_the_entries_of_a_matrix_are_those_of_their_rows_and_columns():
    made = note("three-hidden-matrix")
    matrix = next(
        place
        for place, each in enumerate(formulas(made.text))
        if "W_2^{\\top}" in each.tex and "0.9 \\\\" in each.tex
    )
    assert [mark.owner.name for mark in made.thread.marks if mark.formula == matrix][:4] == [
        "w_1_1__2",
        "w_1_2__2",
        "w_1_3__2",
        "dL_dy_hat",
    ]


@pytest.mark.parametrize("name", SPECS)
def test_every_quantity_that_is_used_can_be_followed(name):
    """Whatever the page works out in a chain of its own, and every chain whose formula has names
    has the marks of all its numbers."""
    made = note(name)
    assert (
        thread_findings(made.trace, made.text, made.thread) == []
        and made.thread.unsure == frozenset()
    )
    worked = {mark.owner for mark in made.thread.marks if mark.role in (WORKED, STATED)}
    used = {
        mark.owner for mark in made.thread.marks if mark.role == USED and mark.owner.phase != GIVEN
    }
    assert used - worked == set()
    leads = {
        owner
        for owner in worked
        if any(
            owner.key == each.key
            for working in made.trace.workings
            for each in made.trace.uses[working.key].values()
        )
    }
    assert {owner for owner in leads if owner.phase != GIVEN} - used == set()


def replace_literals(expr):
    """The same with floats for its numbers."""
    if isinstance(expr, Literal):
        return Literal(float(expr.value), expr.text)
    return (
        Apply(expr.op, tuple(map(replace_literals, expr.args))) if isinstance(expr, Apply) else expr
    )


@pytest.mark.parametrize("name", SPECS)
def test_what_is_put_in_gives_the_result(name):
    """In floats: the numbers that are marked in a chain, for the names of its formula, give the
    number at its end."""
    made, checked = note(name), 0
    shown = {
        owner: made.trace.get(*owner.key).shown
        if owner.phase != GIVEN
        else made.trace.events[made.trace.givens[owner.name]].shown
        for owner in {mark.owner for mark in made.thread.marks}
    }
    by_formula: dict[int, list] = {}
    for mark in made.thread.marks:
        by_formula.setdefault(mark.formula, []).append(mark)
    for marks in by_formula.values():
        ends = {mark.owner for mark in marks if mark.role == WORKED and mark.owner.phase != GIVEN}
        values = {mark.owner.name: float(shown[mark.owner]) for mark in marks if mark.role == USED}
        for owner in ends if len(ends) == 1 else ():
            working = made.trace.get(*owner.key)
            if names(working.formula) and set(names(working.formula)) <= set(values):
                value = evaluate(replace_literals(working.formula), values, FLOATS)
                assert value == pytest.approx(float(working.shown), rel=2e-2, abs=2e-2), (
                    owner,
                    value,
                )
                checked += 1
    assert (
        checked
        or not any(names(working.formula) for working in made.trace.workings)
        or made.trace.problem.notation.style == "matrix"
        or not made.thread.marks
    )


@pytest.mark.parametrize(
    "kind, seed",
    [(kind, seed) for kind in (spec_text, graph_text, function_text) for seed in SEEDS],
)
def test_random_problems_have_threads_that_are_proved(kind, seed):
    if not (found := drawn(kind, seed)):
        return
    trace, page = found
    thread = proved_thread(trace, page)
    assert thread_findings(trace, page, thread) == [] and len(thread.unsure) <= 2
    assert thread.marks or not trace.givens


def wrong_threads(trace, thread: Thread, random: Random):
    """Each with one mark that leads elsewhere: to another number that reads the same, to another
    time, to none; or with one that is lost."""
    owners = {mark.owner for mark in thread.marks} | {
        Owner(*working.key) for working in trace.workings
    }
    for mark in thread.marks:
        others = [
            each
            for each in owners
            if each != mark.owner
            and (
                each.name == mark.owner.name
                or shown(trace, each).lstrip("-") == shown(trace, mark.owner).lstrip("-")
            )
        ]
        changed = (
            [mark._replace(owner=random.choice(others))]
            if others and random.random() < 0.7
            else []
            if mark.role == USED
            and mark == next(each for each in thread.marks if each.formula == mark.formula)
            else [mark._replace(place=mark.place + 1)]
        )
        if changed and changed[0] in thread.marks:
            continue
        yield (
            mark,
            changed,
            Thread(
                tuple(
                    sorted(
                        [each for each in thread.marks if each != mark] + changed,
                        key=lambda each: each[:2],
                    )
                ),
                thread.called,
            ),
        )


def shown(trace, owner: Owner) -> str:
    return (
        trace.get(*owner.key).shown
        if owner.phase != GIVEN
        else trace.events[trace.givens[owner.name]].shown
    )


@pytest.mark.parametrize(
    "name",
    [
        "one-hidden-neuron",
        "two-by-two",
        "three-hidden-matrix",
        "descent-two-weights",
        "shared-weight",
    ],
)
def test_a_mark_that_leads_elsewhere_is_refused(name):
    made, missed, tried = note(name), [], 0
    for mark, changed, wrong in wrong_threads(made.trace, made.thread, Random(name)):
        tried += 1
        if not thread_findings(made.trace, made.text, wrong):
            missed.append((mark, changed))
    assert tried > 30 and missed == []


def test_what_an_author_writes_has_no_marks():
    spec = (
        SPECS["one-hidden-neuron"].read_text(encoding="utf-8")
        + "\ndescription: Here $w_h = 0.5$ and $z_o = 0.62246$.\n"
    )
    made = make_note(
        loads(re.sub(r"^description: (?!Here).*\n(?:  .*\n)*", "", spec, flags=re.MULTILINE)),
        follow=True,
    )
    own = [place for place, each in enumerate(formulas(made.text)) if each.line == 5]
    assert len(own) == 2 and not [mark for mark in made.thread.marks if mark.formula in own]


def test_two_problems_of_a_lecture_have_threads_of_their_own():
    pages = {name: note(name) for name in ("one-hidden-neuron", "tanh-one-hidden")}
    first, second = (each.text for each in pages.values())
    blank = "\n" * first.count("\n")
    whole = first + second
    both = joined(
        whole,
        {
            "one": (first, pages["one-hidden-neuron"].thread),
            "two": (blank + second, pages["tanh-one-hidden"].thread),
        },
    )
    assert len(both.marks) == sum(len(each.thread.marks) for each in pages.values()) and {
        owner.problem for owner, _ in both.followed()
    } == {"one", "two"}
    assert all(
        numbers_of(formulas(whole)[mark.formula].tex)[mark.place][1] in both.called[mark.owner]
        for mark in both.marks
    )


def test_a_number_that_leads_astray_is_refused_in_html():
    page = '<mn data-o="1" data-n="a = −0.5">0.5</mn><mn data-u="1">0.5</mn>'
    assert list(unfaithful(page)) == []
    assert list(unfaithful(page.replace('data-u="1">0.5', 'data-u="1">0.6'))) == ["0.6 for 0.5"]
    assert list(unfaithful(page.replace("−0.5", "0.6"))) == ["a = 0.6 at 0.5"]


def test_formulas_whose_html_holds_other_numbers_have_no_marks():
    made = note("one-hidden-neuron")
    body = (
        '<math x><mn>1.0</mn><annotation encoding="application/x-tex">x = 1.0</annotation></math>'
    )
    one = Thread(
        (*[mark for mark in made.thread.marks if mark.owner.name == "x"],), made.thread.called
    )
    assert marked(body.replace("1.0</mn>", "2.0</mn>"), made.text, one) == body.replace(
        "1.0</mn>", "2.0</mn>"
    )
    assert marked(body + body, made.text, one) == body + body  # which of them is meant is not known


def test_condensing_a_script_leaves_its_strings():
    assert (
        condensed('// why\n  const a = "x , y";      // b\n  if (a) go(`${a} = b`);\n')
        == 'const a="x , y";\nif(a)go(`${a} = b`);'
    )
