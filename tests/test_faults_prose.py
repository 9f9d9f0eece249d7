"""Prose of an author that passed as proved: the inputs of tests/faults/, and more of their kinds,
through the program itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from worksheet.cli import main

FAULTS = Path(__file__).parent / "faults"


@pytest.fixture
def said(tmp_path, capsys, recwarn):
    """What the program says of a text in a lecture, with its exit status; or of a file."""

    def run(text: str | Path, *more: str) -> tuple[int, str, str]:
        spec = text
        if isinstance(text, str):
            spec = tmp_path / "talk.yaml"
            (tmp_path / "prose.md").write_text(text, encoding="utf-8")
            spec.write_text(
                "lecture: Talk\nproblems: {net: linear-chain}\nsections:\n  - {title: A, file: prose.md}\n  - {title: B, problem: net, part: h}\n",
                encoding="utf-8",
            )
        status = main(["notes", str(spec), "--out", str(tmp_path / "build"), *more])
        shown = capsys.readouterr()
        return (
            status,
            shown.out,
            shown.err + "".join(f"warning: {each.message}\n" for each in recwarn.list),
        )

    return run


@pytest.mark.parametrize(
    "name, told",
    [
        ("prose-hole-3", ":6, line 11 of the page: 7 should be 6"),
        ("prose-hole-5", ":6, line 11 of the page: 7 should be 6"),
        ("prose-hole-6", ":6, line 11 of the page: cannot be read: '7e-2' is set as 7 times e"),
        ("prose-hole-8", ":7, line 12 of the page: 7 should be 6"),
        ("prose-hole-15", ":6, line 11 of the page: 7 should be 6"),
    ],
)
def test_each_file_is_refused_with_its_line(said, name, told):
    status, _, error = said(FAULTS / f"{name}.yaml")
    assert status == 1 and f"{name}.yaml{told}" in error


WRONG = r"2 \cdot 3 = 7"


@pytest.mark.parametrize(
    "text",
    [
        f"> ${WRONG}$",
        f"> - a\n>\n>   $$\n>   {WRONG}\n>   $$",
        f"| a |\n|---|\n| ${WRONG}$ |",
        f"Head ${WRONG}$\n---",
        f"# ${WRONG}$",
        f"*${WRONG}$* and $5 and $6",
        f"[${WRONG}$](https://x.org)",
        f"a[^1]\n\n[^1]: ${WRONG}$",
        f"| ${WRONG}$\n| b",
        f"Term\n: ${WRONG}$",
        f"x ${WRONG}$5",
        f"1. a\n   - b\n\n     \\[ {WRONG} \\]",
        f"\\( {WRONG} \\)",
        f"\\begin{{gather*}} {WRONG} \\end{{gather*}}",
        f"```math\n{WRONG}\n```",
        "$$\\begin{align} 2 \\cdot 3 &= 6 \\\\ &= 7 \\end{align}$$",
        r"$2 < 1$",
        r"$1 + 1 \ne 2$",
        r"$0.5 \ge 0.6$",
        r"$\boxed{1 = 2}$",
        r"$2 \cdot 3 \cong 7$",
        r"$2 \cdot 3 := 7$",
        "$2 = 3 \\\\ 3 = 3$",
        "```math\n1 = 2\n```",
        r"$(1 = 2)$",
        r"$1 \overset{!}{=} 2$",
        r"$\text{1 = 2}$",
        r"$0,5 + 0,5 = 1,5$",
        "> text\n$1 = 2$ goes on in the quote",
        "- $1 =\n  2$",
    ],
)
def test_what_is_typeset_is_proved(said, text):
    status, _, error = said(text)
    assert status == 1 and "prose.md:" in error, error


@pytest.mark.parametrize(
    "text",
    [
        f"`${WRONG}$`",
        f"a\n\n    ${WRONG}$",
        f"~~~\n${WRONG}$\n~~~",
        f"<!-- ${WRONG}$ -->",
        f"\\${WRONG}\\$",
        f"text\n\n[r]: https://x.org '${WRONG}$'",
        "[a](https://x.org/$1=2$)",
        f"a\n\n[^1]: ${WRONG}$ of a note that nothing calls",
    ],
)
def test_what_is_not_typeset_is_not(said, text):
    status, out, error = said(text)
    assert status == 0 and "of the author's" not in out and not error


@pytest.mark.parametrize(
    "text, told",
    [
        ("$x^2 = 9$", "prose.md:1: 'x^2 = 9' is not proved: x has no value here"),
        ("a\n\n$0.5 \\in [0, 1]$", "prose.md:3: '0.5 \\in [0, 1]' is not proved"),
        ("$ 2 = 3 $", "prose.md:1: '$ 2 = 3 $' is not proved: it is no formula"),
        ("- a\n- $\\sum_{i=1}^3 i = 6$", "prose.md:2: '\\sum_{i=1}^3 i' is not proved"),
        (
            "$2 \\cdot 3 = 6\\,\\text{kg}$",
            "prose.md:1: '2 \\cdot 3 = 6\\,\\text{kg}' is not proved",
        ),
    ],
)
def test_what_is_not_proved_is_told_and_counted(said, text, told):
    status, out, error = said(text)
    assert status == 0 and told in error and "not proved" in out


def test_a_document_says_how_many_relations_of_the_authors_were_proved(said):
    status, out, error = said(
        "$2 + 2 = 4$, let $q = 3$, so $q < 4$ and $r = q + s$, but $s + 1 = 2$."
    )
    assert status == 0 and "of the author's 2 proved, 2 only said, 1 not proved)" in out
    assert error.count("warning:") == 1


@pytest.mark.parametrize(
    "text, told",
    [
        ("$$\n1 = 2\n\n$$", "prose.md:1: '$$' is left open"),
        ("```\n$1 = 2$", "prose.md:1: '```' is left open"),
        ("a\n\n\\begin{align} 1 &= 2", "prose.md:3: '\\begin{align}' is left open"),
        ("$$\na\n+ 1 = 2\n$$", "prose.md:1: '$$' is left open"),
        (
            "costs $5 and:\\(1 = 2\\)",
            "prose.md:1: '\\(1 = 2\\)' is left open: a dollar before or within it",
        ),
    ],
)
def test_what_is_left_open_is_told(said, text, told):
    status, _, error = said(text)
    assert status == 2 and told in error


def test_a_condition_is_no_claim(said):
    assert said("Let $q = 3$. If $q > 5$, we stop; since $q < 5$, we go on.")[0] == 0
    assert said("Let $q = 3$. Since $q > 5$, we stop.")[0] == 1


@pytest.mark.parametrize(
    "key, text",
    [("title", "A title: $1 + 1 = 3$"), ("description", "We know that \\( 1 + 1 = 3 \\) holds.")],
)
def test_the_words_of_a_spec_are_proved_where_they_stand(tmp_path, capsys, key, text):
    spec = tmp_path / "spec.yaml"
    other = {"title": "description: x", "description": "title: x"}[key]
    spec.write_text(f"{other}\n{key}: '{text}'\nfunction: f(x) = x^2\nat: 3\n", encoding="utf-8")
    assert main(["notes", str(spec), "--out", str(tmp_path), "--no-figures"]) == 1
    assert f"spec.yaml:2: {key}, line" in capsys.readouterr().err


def test_a_less_than_in_a_title_stays_a_formula(tmp_path, capsys):
    spec = tmp_path / "spec.yaml"
    spec.write_text("title: 'Where $1 < 2$'\nfunction: f(x) = x^2\nat: 3\n", encoding="utf-8")
    assert (
        main(["notes", str(spec), "--out", str(tmp_path), "--no-figures", "--to", "md,html"]) == 0
    )
    assert "of the author's 1 proved" in capsys.readouterr().out
    assert r"# Where $1 \lt 2$" in (tmp_path / "spec" / "notes.md").read_text(encoding="utf-8")
