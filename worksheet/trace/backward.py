"""The chain rule over a tape: dL/dq = sum over the paths of dL/dc * dc/dq.

Nothing here knows a network. For every quantity that reaches the loss, each formula on the tape
that uses it gives one factor, found by `algebra/derivative.py`; a quantity that is used more than
once sums over its uses. Pairs with a famous short form (sigmoid with cross-entropy: y_hat - y) come
from `algebra/laws.py`.
"""

from __future__ import annotations

from ..algebra.derivative import add, differentiate
from ..algebra.expression import Apply, Expr, Literal, Name, leaves, names
from ..algebra.laws import LAWS, LOSSES
from ..algebra.simplify import simplify
from .recorder import as_shown
from .tape import Entry, Tape
from .trace import Link


def partial_name(of: str, by: str) -> str:
    """The name of d(of)/d(by): `dL_dw_o`."""
    return f"d{of}_d{by}"


def backward(tape: Tape, of: str, wanted: dict[str, str]) -> None:
    """Work out d(of)/d(q) for every q in `wanted` and all that lies between.

    `wanted` maps each q to the name of its matrix or vector, whose gradients show one number of
    places. The order is that of the board: from the loss back, a layer's parameters right after it.
    """
    entries = {entry.name: entry for entry in tape.entries}
    uses = {name: names(entry.formula) for name, entry in entries.items()}
    reaches = _reaching(of, uses)
    needed = [name for name in _needed(wanted, uses) if name in reaches]
    consumers = {
        name: [
            entry for entry in tape.entries if name in uses[entry.name] and entry.name in reaches
        ]
        for name in [*wanted, *needed]
    }
    depth = _depths(of, uses, consumers)
    done: set[str] = {of}
    layers = sorted({depth[name] for name in needed} | {depth[of]})
    for level in layers:
        here = [
            name for name in entries if depth.get(name) == level and (name == of or name in needed)
        ]
        if level != depth[of]:
            _gradients(tape, of, here, entries, consumers, done)
        ready: dict[str, list[str]] = {}
        for leaf in dict.fromkeys(leaf for name in here for leaf in uses[name]):
            if (
                leaf in wanted
                and leaf not in entries
                and all(consumer.name in done for consumer in consumers[leaf])
            ):
                ready.setdefault(wanted[leaf], []).append(leaf)
        for group in ready.values():
            _gradients(tape, of, group, entries, consumers, done)


def _reaching(of: str, uses: dict[str, tuple[str, ...]]) -> set[str]:
    reached, queue = set(), [of]
    while queue:
        name = queue.pop()
        if name not in reached:
            reached.add(name)
            queue += uses.get(name, ())
    return reached


def _needed(wanted: dict[str, str], uses: dict[str, tuple[str, ...]]) -> list[str]:
    """The quantities of the tape that depend on something wanted, in the order of the tape."""
    touched = set(wanted)
    for name, used in uses.items():  # the tape is in order, so one pass is enough
        if touched.intersection(used):
            touched.add(name)
    return [name for name in uses if name in touched]


def _depths(of: str, uses: dict, consumers: dict[str, list[Entry]]) -> dict[str, int]:
    """The longest way from each quantity to the loss."""
    depth = {of: 0}
    for name in reversed(list(uses)):
        if name != of and name in consumers:
            depth[name] = 1 + max(
                (depth[entry.name] for entry in consumers[name] if entry.name in depth), default=0
            )
    return depth


def _gradients(
    tape: Tape,
    of: str,
    group: list[str],
    entries: dict[str, Entry],
    consumers: dict[str, list[Entry]],
    done: set[str],
) -> None:
    """The gradients of one layer's quantities, with the local derivatives they need before them."""
    gradients: dict[str, dict] = {}
    locals_: dict[str, dict] = {}
    for name in group:
        keywords = _short_form(of, name, entries, consumers) or _by_chain_rule(
            of, name, consumers[name], locals_
        )
        keywords["layer"] = entries[name].layer if name in entries else consumers[name][0].layer
        gradients[partial_name(of, name)] = keywords
        done.add(name)
    skipped = {name for name in group if _is_skipped(name, entries, consumers, of)}
    for name in skipped:
        del gradients[partial_name(of, name)]
    by_layer: dict[int | None, dict[str, dict]] = {}
    for name, keywords in locals_.items():
        by_layer.setdefault(keywords["layer"], {})[name] = keywords
    for same in by_layer.values():
        tape.let_all(same, "gradient")
    if gradients:
        tape.let_all(gradients, "gradient")


def _loss_pair(activation: Entry, consumers: dict[str, list[Entry]]):
    """The loss entry and the short form, where the activation's only use is a loss that pairs with
    it and its pre-activation goes nowhere else."""
    used = consumers.get(activation.name, [])
    if (
        len(used) != 1
        or not isinstance(used[0].formula, Apply)
        or not isinstance(activation.formula, Apply)
    ):
        return None
    loss, call = used[0].formula, activation.formula
    law, z = LOSSES.get(loss.op), call.args[0]
    if not law or call.op not in law.pairs or not isinstance(z, Name):
        return None
    outputs = activation.siblings or (activation.name,)
    is_alone = (
        tuple(entry.name for entry in consumers.get(z.name, ())) == outputs
        and list(leaves(loss)).count(Name(activation.name)) == 1
        and (
            not activation.siblings or loss.args[len(loss.args) // 2 :] == tuple(map(Name, outputs))
        )
    )
    return (used[0], law.pairs[call.op]) if is_alone else None


def _short_form(
    of: str, name: str, entries: dict[str, Entry], consumers: dict[str, list[Entry]]
) -> dict | None:
    """z under an activation whose loss pairs with it: dL/dz = y_hat - y at once."""
    for output in consumers[name]:
        pair = _loss_pair(output, consumers)
        if pair is None or pair[0].name != of or output.formula.args[0] != Name(name):
            continue
        loss, form = pair
        half = len(loss.formula.args) // 2
        k = loss.formula.args.index(Name(output.name), half) - half
        formula = form(loss.formula.args[k], Name(output.name))
        chain = add(
            *[
                Name(partial_name(of, each)) * Name(partial_name(each, name))
                for each in output.siblings or (output.name,)
            ]
        )
        return {
            "formula": formula,
            "chain": chain,
            "pair": loss.formula.op,
            "links": (Link(output.name, partial_name(of, output.name), formula, False),),
        }
    return None


def _is_skipped(
    name: str, entries: dict[str, Entry], consumers: dict[str, list[Entry]], of: str
) -> bool:
    """An output whose gradient is already inside the short form of its pre-activation."""
    pair = _loss_pair(entries[name], consumers) if name in entries else None
    return pair is not None and pair[0].name == of


def _by_chain_rule(of: str, name: str, uses: list[Entry], locals_: dict[str, dict]) -> dict:
    """dL/dq as the sum over its uses; local derivatives that are more than a symbol go into
    `locals_`."""
    links, chain, formula = [], [], []
    for entry in uses:
        local = differentiate(
            entry.formula, name, Name(entry.name), [Name(sibling) for sibling in entry.siblings]
        )
        if not (
            isinstance(entry.formula, Apply) and entry.formula.op in LAWS
        ):  # a law's derivative has its taught form
            local = simplify(local)
        if entry.name == of:
            links.append(Link(entry.name, "", as_shown(local), False))
            chain.append(as_shown(local))
            formula.append(local)
            continue
        upstream, factor = Name(partial_name(of, entry.name)), Name(partial_name(entry.name, name))
        has_working = not _is_simple(local)
        if has_working:
            locals_[factor.name] = {"formula": local, "layer": entry.layer}
        links.append(Link(entry.name, upstream.name, as_shown(local), has_working))
        chain.append(upstream * factor)
        formula.append(upstream * (factor if has_working else local))
    keywords = {"formula": add(*formula), "links": tuple(links)}
    is_direct = all(link.through == of for link in links)  # then there is no chain to show
    return keywords if is_direct else {**keywords, "chain": add(*chain)}


def _is_simple(local: Expr) -> bool:
    if isinstance(local, Apply) and local.op == "neg":
        local = local.args[0]
    return isinstance(local, (Name, Literal))
