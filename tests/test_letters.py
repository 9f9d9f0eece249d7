"""Letters of every script on paper: fonts that are found, by Typst and by TeX, and what is told
where there is none."""

from __future__ import annotations

import os
import subprocess

import pytest
from rendering import needs
from test_cli import desk, spec
from test_worksheets import needs_pdftotext

from worksheet.cli import main
from worksheet.publish import fonts
from worksheet.publish.texfonts import commanded, foreign, found_for, loaded, runs

__all__ = ["desk"]  # the fixture
WORDS = {
    "反向传播算法": "han",
    "김철수": "hangul",
    "さくら": "kana",
    "प्रिया": "devanagari",
    "ქართული": "other",
    "Женя": "other",
    "محمد": "arabic",
}
SPEC = "title: '{}'\nformulas: [h = a*b, L = h^2]\ngiven: {{a: 2, b: 3}}\ntrain: [a]\n"
needs_fonts = pytest.mark.skipif(
    bool(found_for("".join(WORDS)).missing) and not os.environ.get("CI"),
    reason="apt-get install fonts-noto-core fonts-noto-cjk",
)


@pytest.fixture
def bare(monkeypatch):
    """A machine without a font."""
    monkeypatch.setattr(fonts, "_installed", lambda own: {})
    fonts.faces_for.cache_clear()
    yield
    fonts.faces_for.cache_clear()


def test_what_is_foreign_to_tex_are_letters_and_signs_of_other_scripts_alone():
    assert foreign("Zoë Łukasz Ćwik Nguyễn — “x” 20 € … → ½ ℝ 𝑥 é") == ""
    assert foreign("Ж x Ж 语。") == "Ж语。"


@needs_fonts
def test_a_text_comes_apart_into_runs_of_one_font_and_together_again():
    text = f"see {', '.join(WORDS)}: done"
    faces = found_for(text)
    assert "".join(run for _, run in runs(text, faces)) == text
    assert all(not letter for letter, run in runs(text, faces) if run.isascii()) and all(
        letter for letter, run in runs(text, faces) if foreign(run)
    )
    assert (
        loaded(faces).count(r"\newfontfamily") == len(faces.found) >= 5
        and loaded(found_for("Zoë")) == ""
    )
    assert (
        commanded("محمد", found_for("محمد")).startswith(r"\leftward{\inscript{a}{")
        and commanded("反向", found_for("反向")) == r"\inscript{a}{反\softbreak{}向}"
    )


@needs_fonts
@needs("lualatex", "xelatex")
@needs_pdftotext
@pytest.mark.xdist_group("tex")
@pytest.mark.parametrize("engine", ["lualatex", "xelatex"])
def test_a_title_of_any_script_is_set_by_tex(desk, engine):
    spec(desk, "words.yaml", SPEC.format(" ".join(WORDS)))
    assert main(["notes", "words.yaml", "--no-figures", "--to", "pdf", "--engine", engine]) == 0
    file = desk / "build/words/notes.pdf"
    shown = subprocess.run(
        ["pdftotext", file, "-"], capture_output=True, text=True, check=True
    ).stdout
    assert all(word in shown for word in ("反向传播算法", "김철수", "さくら", "ქართული", "Женя"))
    assert (
        " ".join(WORDS)
        in subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    )


def test_what_pdflatex_has_no_letters_for_is_told_with_its_line(desk, capsys):
    spec(desk, "words.yaml", SPEC.format("Женя"))
    assert main(["notes", "words.yaml", "--no-figures", "--to", "pdf", "--engine", "pdflatex"]) == 2
    said = capsys.readouterr().err
    assert (
        "words.yaml:1: title: pdflatex has no letters for Женя" in said
        and "--engine lualatex" in said
        and not (desk / "build").exists()
    )


@pytest.mark.parametrize(
    "arguments",
    [["notes", "--to", "tex"], ["sheet", "--to", "tex"], ["sheet", "--copies", "2", "--to", "tex"]],
)
def test_a_letter_without_a_font_is_told_before_any_work_for_tex_too(desk, bare, arguments, capsys):
    spec(desk, "words.yaml", SPEC.format("反向") + "vary: {a: {integers: {from: 1, to: 9}}}\n")
    assert main([arguments[0], "words.yaml", *arguments[1:]]) == 2
    said = capsys.readouterr().err
    assert (
        "words.yaml:1: title: no font on this machine has 反 (Chinese characters), 向 (Chinese characters)"
        in said
        and "apt-get install fonts-noto-cjk" in said
    )
    assert not (desk / "build").exists()


def test_tex_sets_no_emoji_and_says_so(desk, capsys):
    spec(desk, "words.yaml", SPEC.format("🦊"))
    assert main(["notes", "words.yaml", "--no-figures", "--to", "tex"]) == 2
    assert "Typst, the default engine, sets emoji; TeX does not" in capsys.readouterr().err


def test_signs_of_several_rare_scripts_have_a_font_each_and_what_has_none_is_told_by_its_number():
    signs = "ᠮᠣⵜⴰ"
    if all(found_for(sign).found for sign in signs):
        assert not fonts.faces_for(signs).missing
    lost = fonts.faces_for("Zoë \U000f14cb")
    assert [sign for sign, _ in lost.missing] == [
        "\U000f14cb"
    ] and "U+F14CB (other signs)" in fonts.named(lost)
    assert not fonts._unset("ქარ") and fonts._unset("ქ\U000f14cb") == ("\U000f14cb",)


def test_what_a_font_has_is_kept_small():
    """All fonts of a machine are looked into for a sign that none of them has."""
    import resource

    fonts.faces_for.cache_clear()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert fonts.faces_for("\U000f14cd").missing
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024
