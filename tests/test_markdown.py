"""The one reader of Markdown: examples in tests/cases/prose.md; pandoc on all notes, and in all
formats. Documents drawn from seeds are in measures."""

from __future__ import annotations

import re
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from documents import Case, cases, check
from hypothesis import given
from hypothesis import strategies as st
from markdown_documents import differences, plain, set_by_pandoc

from worksheet.markdown.reader import document, formulas, in_dollars, words_only
from worksheet.markdown.spans import _Scan, spans
from worksheet.pages.facts import words
from worksheet.publish import Page, publish

HERE = Path(__file__).parent
NOTES = sorted([*HERE.glob("golden/**/*.md"), *HERE.glob("cases/notes/*.txt")])


def outcome(markdown: str) -> str:
    read = document(markdown)
    lines = [
        (each.line, f"{each.line}{' display' * each.is_display}: {' '.join(each.tex.split())}")
        for each in read.formulas
    ]
    lines += [(each.line, f"{each.line} open: {each.text} ({each.why})") for each in read.strays]
    return "\n".join(text for _, text in sorted(lines, key=lambda pair: pair[0]))


@pytest.mark.parametrize("case", cases("prose.md"), ids=str)
def test_where_formulas_stand(case: Case, update: bool):
    check(case, outcome(case.given), update)


@pytest.mark.parametrize("case", cases("prose.md"), ids=str)
def test_pandoc_sets_what_we_read(case: Case):
    assert not differences([case.given])


def test_pandoc_sets_what_we_read_in_all_notes():
    texts = [file.read_text(encoding="utf-8") for file in NOTES]
    assert len(texts) > 30
    for file, text, theirs in zip(NOTES, texts, set_by_pandoc(map(in_dollars, texts)), strict=True):
        ours = plain((each.is_display, each.tex) for each in document(in_dollars(text)).formulas)
        assert ours == theirs, file.name


# ---- what every format sets --------------------------------------------------------------------

EVERY = "\n\n".join(
    [
        "# A page with $t$",
        r"In a line $a = 1$ and \(b = 2\).",
        "> $$\n> c = 3\n> $$",
        "- $d$\n- \\[ e = 5 \\]",
        "| $f$ | g |\n|---|---|\n| $h$ | $i$ |",
        "\\begin{align} j &= 1 \\\\ k &= 2 \\end{align}",
        "A note[^n], *$l$*, `$no$`, \\$5.",
        "[^n]: $m = 4$",
        "```math\nn = 1\n```",
        "\\begin{cases} o & p > 0 \\\\ 0 & q \\le 0 \\end{cases}",
    ]
)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, bytes]:
    """The page in every format."""
    folder = tmp_path_factory.mktemp("every")
    text = in_dollars(EVERY)
    return {
        kind: publish([Page("every", text, folder)], kind)[0]
        for kind in ("html", "tex", "docx", "pdf")
    } | {"md": text.encode()}


def test_every_format_sets_what_is_read(made):
    read = ["".join(each.tex.split()) for each in formulas(EVERY.replace("align", "aligned"))]
    assert len(read) == 14
    shown = [
        "".join(tex.split())
        for tex in re.findall(
            r'<annotation encoding="application/x-tex">(.*?)</annotation>',
            made["html"].decode(),
            re.DOTALL,
        )
    ]
    assert sorted(set(shown) | {"t"}) == sorted(
        {tex.replace("&", "&amp;").replace(">", "&gt;") for tex in read}
    )
    body = made["tex"].decode()
    for tex in read:
        letters = re.findall(r"(?<![\\a-z])[a-z](?![a-z])", tex)
        assert all(re.search(rf"(?<![\\a-z]){letter}(?![a-z])", body) for letter in letters)
    with zipfile.ZipFile(BytesIO(made["docx"])) as docx:
        whole = docx.read("word/document.xml").decode() + docx.read("word/footnotes.xml").decode()
    assert whole.count("<m:oMath>") == len(read)
    assert made["pdf"].startswith(b"%PDF")


# ---- what is given dollars ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "given_text, expected",
    [
        (r"\( x \) and \[ y \]", "$x$ and $$ y $$"),
        ("\\begin{align*}\nx\n\\end{align*}", "$$\\begin{aligned}\nx\n\\end{aligned}$$"),
        (r"\begin{equation} x \end{equation}", "$$ x $$"),
        (r"\begin{alignat}{2} x \end{alignat}", r"$$\begin{aligned} x \end{aligned}$$"),
        (r"\begin{itemize} x \end{itemize}", r"\begin{itemize} x \end{itemize}"),
        (r"`\( x \)` \\( y \\)", r"`\( x \)` \\( y \\)"),
        (r"$5 and:\(x\)", r"$5 and:\(x\)"),  # it would pair with the dollar of money
        ("$\\begin{aligned} x \\end{aligned}$", "$\\begin{aligned} x \\end{aligned}$"),
    ],
)
def test_what_tex_alone_knows_is_given_dollars(given_text, expected):
    assert in_dollars(given_text) == expected


@given(
    st.lists(
        st.sampled_from(
            [
                "$",
                "$$",
                "\\(",
                "\\)",
                "\\[",
                "\\]",
                "x",
                " ",
                "\n",
                "> ",
                "- ",
                "`",
                "\\begin{align}",
                "\\end{align}",
                "{",
                "}",
                "|",
                "<",
                "&",
            ]
        ),
        max_size=16,
    ).map("".join)
)
def test_giving_dollars_changes_no_line_and_is_done_once(text):
    changed = in_dollars(text)
    assert changed.count("\n") == text.count("\n") and in_dollars(changed) == changed
    assert [each.line for each in document(changed).formulas if each.tex.strip()] == [
        each.line for each in document(text).formulas if each.tex.strip()
    ]
    assert len(words_only(text)) == len(text)


def test_no_html_of_an_author_gets_out_of_a_formula():
    assert words("<b> $a <b$ and `<i>`") == r"&lt;b> $a \lt b$ and `&lt;i>`"
    assert words(r"\(1 < 2\)") == r"$1 \lt 2$"


@given(
    st.lists(
        st.sampled_from(
            [
                "$",
                "$$",
                "{",
                "}",
                "\\",
                "x",
                " ",
                "`",
                "\\$",
                "\\(",
                "\\)",
                "\n",
                "\\text{a $b$ c}",
                "\\frac{a}{b}",
                "{{a}}",
                "{{{a}}}",
                "](a)",
                "[",
            ]
        ),
        max_size=14,
    )
)
def test_a_dollar_that_is_closed_in_one_look_is_closed_by_the_one_that_the_braces_tell(signs):
    text, in_one_look = "".join(signs), _Scan.closer
    found = spans(text)
    try:
        _Scan.closer = lambda scan, at: scan.closing().get(at, -1)
        assert spans(text) == found
    finally:
        _Scan.closer = in_one_look


# ---- hostile -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece",
    [
        "$",
        "$$",
        "$a{",
        "`",
        "`` ` ",
        "[",
        "](",
        "[a](",
        "> ",
        "- ",
        "* - ",
        "<!--",
        "<a ",
        '<a b="',
        "\\(",
        "\\[",
        "\\begin{align}",
        "\\",
        "{",
        "}$",
        "|",
        "[^a]: ",
        "[a]: <",
        "\n",
        "    \n",
        ">\n",
        "- a\n  - ",
        "$x\n",
        "![",
        "&#36;",
        "~~~\n",
        "1. ",
    ],
)
def test_a_hundred_thousand_signs_are_read_in_time(piece):
    began = time.process_time()
    document((piece * (100_000 // len(piece)))[:100_000])
    assert time.process_time() - began < 4


def test_nested_lists_with_empty_lines_are_read_in_time():
    began = time.process_time()
    document("- " * 2000 + "a\n" + "\n" * 40_000 + "  " * 2000 + "b\n" + ("> " * 500 + "\n") * 200)
    assert time.process_time() - began < 4
