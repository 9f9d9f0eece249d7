"""What a machine reads of templates: words that assert without a claim, and choices whose last
branch speaks of whatever is left.

faults_of('The loss fell.')                                    ["1: 'fell' asserts without a claim"]
faults_of('<< "0" if law == "relu" else "the slope" >>')       ["1: what is left over from a choice is spoken of"]
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import nodes

from worksheet.pages.environment import environment
from worksheet.proofs import claims as claims_proof

CLAIMING = {"says", "always", "titled"}
SPEAKING = {"one_of", "display", "equation"}  # functions that write what they are handed
UNSPOKEN = re.compile(
    r"<!--.*?-->|\$\$.*?\$\$", re.MULTILINE | re.DOTALL
)  # comments and displays: proved elsewhere


def faults_of(source: str) -> list[str]:
    """What is wrong with the words of a template, each with its line."""
    tree = environment("").parse(source)
    return [*_unclaimed(tree), *_left_over(tree)]


def _unclaimed(tree: nodes.Template) -> list[str]:
    found = []
    written = {
        each.name
        for name in tree.find_all(nodes.Assign)
        for each in name.find_all(nodes.Name)
        if each.ctx == "store"
    }
    outside = {
        name.name for name in _outside(tree) if isinstance(name, nodes.Name) and name.ctx == "load"
    }
    for node in _outside(tree):
        texts: Iterator[nodes.Node] = iter(())
        if isinstance(
            node, nodes.Output
        ):  # its own words at once, a value between them as a letter, so that dollars are paired
            texts = (
                each
                for part in node.nodes
                if not isinstance(part, nodes.TemplateData)
                for each in spoken(part)
            )
            own = "".join(
                part.data if isinstance(part, nodes.TemplateData) else "v" for part in node.nodes
            )
            found += [f"{node.lineno}: '{word}' asserts without a claim" for word in asserting(own)]
        elif isinstance(node, nodes.Assign) and not (
            isinstance(node.target, nodes.Name) and node.target.name in written - outside
        ):
            texts = spoken(node.node)
        elif isinstance(node, nodes.For):
            texts = spoken(node.iter)
        for text in texts:
            found += [
                f"{text.lineno}: '{word}' asserts without a claim" for word in asserting(text.value)
            ]
    return found


def asserting(text: str) -> list[str]:
    """The words of a text by which something is asserted."""
    bare = UNSPOKEN.sub("", text)
    return [bare[start:end] for start, end, _ in claims_proof.asserting(bare)]


def _outside(node: nodes.Node) -> Iterator[nodes.Node]:
    """Every node that is not within a claim."""
    for child in node.iter_child_nodes():
        yield child
        if (
            isinstance(child, nodes.CallBlock)
            and isinstance(child.call.node, nodes.Name)
            and child.call.node.name in CLAIMING
        ):
            continue
        yield from _outside(child)


def spoken(node: nodes.Node) -> Iterator[nodes.Node]:
    """The texts that an expression may write."""
    match node:
        case nodes.TemplateData():
            yield node
        case nodes.Const(value=str()):
            yield node
        case nodes.CondExpr():
            yield from spoken(node.expr1)
            if node.expr2:
                yield from spoken(node.expr2)
        case nodes.Filter():
            yield from spoken(node.node)
        case nodes.Getitem():
            yield from spoken(node.node)
        case nodes.Pair():
            yield from spoken(node.value)
        case nodes.Call(node=nodes.Name(name=name)) if name in SPEAKING:
            for each in node.args:
                yield from spoken(each)
        case (
            nodes.Concat()
            | nodes.Add()
            | nodes.Or()
            | nodes.And()
            | nodes.List()
            | nodes.Tuple()
            | nodes.Dict()
        ):
            for each in node.iter_child_nodes():
                yield from spoken(each)


def _left_over(tree: nodes.Template) -> list[str]:
    found = []
    for node in tree.find_all((nodes.If, nodes.CondExpr)):
        if not any(
            map(_names_one, [node.test, *[each.test for each in getattr(node, "elif_", ())]])
        ):
            continue
        if isinstance(node, nodes.CondExpr):
            is_closed = (
                node.expr2 is None
                or isinstance(node.expr2, nodes.CondExpr)
                or _refuses(node.expr2)
                or not any(each.value for each in spoken(node.expr2))
            )
        else:
            is_closed = all(
                _is_blank(each) or isinstance(each, nodes.Include) for each in node.else_
            ) or any(_refuses(each) for each in node.else_)
        if not is_closed:
            found.append(f"{node.lineno}: what is left over from a choice is spoken of")
    return found


def _names_one(test: nodes.Node) -> bool:
    """Whether a test asks which one of an open set something is: `x == "relu"`, `x in ["sigmoid",
    "tanh"]`."""
    match test:
        case nodes.Compare(ops=[nodes.Operand(op="eq", expr=nodes.Const(value=str(value)))]):
            return bool(value)
        case nodes.Compare(ops=[nodes.Operand(op="in", expr=nodes.List())]):
            return True
        case nodes.And() | nodes.Or():
            return any(map(_names_one, test.iter_child_nodes()))
    return False


def _refuses(node: nodes.Node) -> bool:
    """Whether it ends in an error for what has no words: by `unknown`, or by a table that has no
    such entry."""
    inside = [*node.find_all((nodes.Call, nodes.Getitem)), node]
    return any(
        isinstance(each, nodes.Call)
        and isinstance(each.node, nodes.Name)
        and each.node.name == "unknown"
        or isinstance(each, nodes.Getitem)
        and (
            isinstance(each.node, nodes.Dict)
            or isinstance(each.node, nodes.Getattr)
            and each.node.attr == "laws"
            or isinstance(each.node, nodes.Name)
            and each.node.name == "self"
        )
        for each in inside
    )


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
    )
