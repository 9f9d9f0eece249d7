"""Templates: they override ours file by file, say where they are wrong, and can do nothing but
write a page."""

from __future__ import annotations

import re
from functools import cache
from time import monotonic

import pytest

from worksheet.errors import TemplateError
from worksheet.pages.render import render
from worksheet.resources import PACKAGE, problems_folder, templates_folder
from worksheet.solution import solve
from worksheet.spec.load import load

OURS = templates_folder()
TEMPLATES = sorted(OURS.rglob("*.j2"))


@cache
def trace(name: str = "one-hidden-neuron"):
    return solve(load(problems_folder() / f"{name}.yaml"))


@pytest.fixture
def page(tmp_path):
    """A page made with one template of a stranger's in the place of ours: page(text, name)."""

    def made(text: str, name: str = "parts/summary.md.j2") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return render(trace(), folder=tmp_path)

    return made


# ---- overriding
# ----------------------------------------------------------------------------------------------


def test_one_file_is_replaced_and_the_others_stay(page):
    ours = render(trace())
    theirs = page("## In short\n\nThe loss fell to << value(p.loss.key, 1, 'check') >>.\n")
    assert "## In short\n\nThe loss fell to 0.42420." in theirs and "## Summary" not in theirs
    assert theirs.startswith(ours[: ours.index("## Summary")].rstrip("-\n "))


def test_an_empty_folder_changes_nothing(tmp_path):
    assert render(trace(), folder=tmp_path) == render(trace())


def test_a_part_of_their_own_can_be_included(page, tmp_path):
    (tmp_path / "parts").mkdir(exist_ok=True)
    (tmp_path / "parts/ours.md.j2").write_text("Good luck with << p.title >>!")
    assert "Good luck with One hidden neuron, by hand!" in page('<% include "parts/ours.md.j2" %>')


# ---- what is wrong is told with file and line
# ---------------------------------------------------------------------

WRONG = [
    ("an unknown name", "one\n\n<< tittle >>", 3, "'tittle'", ""),
    (
        "an unknown part of the problem",
        "one\n<< p.tittle >>",
        2,
        "'tittle', which is not there",
        "did you mean 'title'?",
    ),
    ("an unknown quantity", "<< value('z_hh') >>", 1, "no quantity 'z_hh'", "did you mean 'z_h'?"),
    (
        "an unknown quantity in a loop",
        "\n<% for epoch in [1] %>\n<< value('dL_dw', epoch) >>\n<% endfor %>",
        3,
        "no quantity 'dL_dw'",
        "did you mean",
    ),
    ("a block without its end", "one\ntwo\n<% if p.title %>\nthree", 4, "", "<% %>"),
    ("a tag that there is not", "<% fr x in y %>", 1, "unknown tag 'fr'", "<% %>"),
    ("a filter that there is not", "a\n<< p.title | uper >>", 2, "uper", ""),
    ("a text that is called", "<< p.title() >>", 1, "not callable", ""),
    ("a division by zero", "a\nb\n<< 1 // 0 >>", 3, "zero", ""),
]


@pytest.mark.parametrize(
    "text, line, message, hint",
    [row[1:] for row in WRONG],
    ids=[row[0].replace(" ", "-") for row in WRONG],
)
def test_a_mistake_has_its_file_and_line(page, tmp_path, text, line, message, hint):
    with pytest.raises(TemplateError) as caught:
        page(text)
    assert caught.value.where == f"{tmp_path / 'parts/summary.md.j2'}:{line}"
    assert message in caught.value.message and hint in caught.value.hint


def test_a_template_that_is_not_there_is_named(page):
    with pytest.raises(TemplateError, match="there is no template 'parts/nowhere.md.j2'"):
        page('<% include "parts/nowhere.md.j2" %>')


# ---- a stranger's template can do nothing else
# ---------------------------------------------------------------------

ATTACKS = {
    "the class of a value": "<< ().__class__.__mro__ >>",
    "the class of a text": "<< p.title.__class__ >>",
    "the globals of a function": "<< value.__globals__ >>",
    "the function behind a method": "<< value.__func__.__code__ >>",
    "the page behind a method": "<< value.__self__.trace >>",
    "a class by a filter": "<< p.title | attr('__class__') >>",
    "a class by a format": "<< '{0.__class__.__mro__}'.format(p.title) >>",
    "the code of a macro": "<% macro m() %><% endmacro %><< m.__call__.__globals__ >>",
    "the builtins": "<< cycler.__init__.__globals__.os >>",
    "the environment": "<< self._TemplateReference__context.environment >>",
    "an import of Python": "<< __import__('os') >>",
    "open": "<< open('/etc/passwd').read() >>",
    "a file above the folder": "<% include '../../../../etc/passwd' %>",
    "a file by its absolute path": "<% include '/etc/passwd' %>",
    "a changed problem": "<% set x = p.update({'title': 'mine'}) %>",
    "a changed list": "<% set x = p.layers.clear() %>",
    "a range without end": "<% for i in range(10 ** 9) %>x<% endfor %>",
    "a page without end": "<% for i in range(99999) %>" + "x" * 200 + "<% endfor %>",
    "a template that includes itself": "<% include 'parts/summary.md.j2' %>",
    "a macro that calls itself": "<% macro m() %><< m() >><% endmacro %><< m() >>",
}


@pytest.mark.parametrize(
    "attack", ATTACKS.values(), ids=[each.replace(" ", "-") for each in ATTACKS]
)
def test_an_attack_is_refused_quickly(page, attack):
    start = monotonic()
    with pytest.raises(TemplateError):
        page(attack)
    assert monotonic() - start < 5


def test_a_class_by_map_is_nothing(page):
    assert (
        "class"
        not in page("<< [p] | map(attribute='__class__') | list >>").split(
            "## Forward pass after the update"
        )[1]
    )


def test_a_stranger_sees_no_object_of_ours(page):
    """Dictionaries, texts, numbers and functions: nothing that a template could take apart."""
    for name in ("p", "diagram", "views"):
        assert "worksheet." not in page(f"<< {name} | string if {name} is mapping else '' >>")


# ---- laws of the house
# ---------------------------------------------------------------------------------------------

CODE = re.compile(r"<%.*?%>|<<.*?>>|<#.*?#>", re.DOTALL)
# digits that are no numbers of a problem: a heading's or an icon's size, a power of ten, the ones
# of an indicator, the
# corner of ReLU, the 5 that is rounded; everything else must come from the trace
HARMLESS = re.compile(r"10\^|base 10|\b(?:A|exact) 5\b|\\mathbf\{1\}|\\\\\[0\.6em\]|\b[01]\b")


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(OURS)) for path in TEMPLATES])
def test_no_number_is_typed_in_a_template(path):
    text = HARMLESS.sub("", CODE.sub("", path.read_text(encoding="utf-8")))
    assert re.findall(r".*\d.*", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(OURS)) for path in TEMPLATES])
def test_a_template_has_no_html_and_no_control_character(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"</?[a-z]+[ >]", CODE.sub("", text)) and not re.search(
        r"[^\n\x20-\U0010ffff]", text
    )


def test_no_english_sentence_stands_in_a_family():
    """A family computes; what is said about it is said in templates. What its errors say stands in
    other files."""
    import ast

    paths = [
        *(PACKAGE / "families").glob("*/solve.py"),
        *(PACKAGE / "families").glob("*/layers.py"),
    ]
    assert len(paths) > 7
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = [
            node.body[0].value
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        ]
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in documented
        ]
        assert [text for text in texts if len(text.split()) > 2] == [], path.name


def test_a_template_that_is_no_text_is_named_by_its_own_place(tmp_path):
    broken = tmp_path / "parts/loss.md.j2"
    broken.parent.mkdir()
    broken.write_bytes(b"The loss\xff")
    with pytest.raises(TemplateError) as refusal:
        render(trace(), folder=tmp_path)
    assert (refusal.value.where, refusal.value.message) == (
        str(broken),
        "the file is not UTF-8: byte 0xff",
    ) and refusal.value.hint
