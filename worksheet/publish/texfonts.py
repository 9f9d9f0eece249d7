r"""Letters that TeX's own fonts do not have, set by lualatex and xelatex in fonts that are found on
this machine (`fonts.py`).

    signs = foreign("反向传播, Женя");   loaded(faces)      # \newfontfamily\scripta{NotoSerifCJK-Regular.ttc}[...]
    runs("反向 x", faces)      ->      [("a", "反向"), ("", " x")]

Each run of such letters stands in a command of its own, `\inscript{a}{...}`. A font is named by its
file, for TeX needs minutes to find one by its family. pdflatex can use none of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from .fonts import HAN, HANGUL, KANA, MARKS, SCRIPTS, Faces, faces_for

LATEX, XELATEX = USED = "lualatex", "xelatex"  # which take any font
EMOJI = "emoji"
# up to here TeX's own fonts have all letters; and the Latin letters with accents further on
LATIN = 0x250
SHAPED = (
    "arabic",
    "devanagari",
    "bengali",
    "gurmukhi",
    "gujarati",
    "tamil",
    "telugu",
    "kannada",
    "malayalam",
    "sinhala",
    "thai",
    "lao",
    "khmer",
)
UNSPACED = re.compile(
    r"(?<=[\u2e80-\u30ff\u31f0-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff])(?=[\u2e80-\u3000\u3003-\u30ff\u31f0-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)
BREAK = r"\\softbreak{}"
LEFTWARD = (
    "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"  # Hebrew, Arabic, Syriac, Thaana: set from the right
)


def foreign(text: str) -> str:
    """The letters of a text, once each, that TeX's own fonts do not have, and the marks that stand
    among them."""
    return "".join(dict.fromkeys(filter(_is_foreign, text)))


def _is_foreign(sign: str) -> bool:
    code = ord(sign)
    if code < LATIN or 0x1E00 <= code <= 0x1EFF or any(low <= code <= high for low, high in MARKS):
        return False
    return (
        unicodedata.category(sign)[0] in "LM"
        and not 0x2B0 <= code <= 0x2FF
        and "MATHEMATICAL" not in unicodedata.name(sign, "")
        and not 0x2100 <= code <= 0x214F
        or any(
            low <= code <= high
            for ranges in (HAN, KANA, HANGUL, SCRIPTS[EMOJI].ranges)
            for low, high in ranges
        )
    )


def found_for(text: str, own: Path | None = None) -> Faces:
    """The fonts that the letters of a text ask for."""
    if not (signs := foreign(text)):
        return Faces()
    faces = faces_for(signs, own, is_bare=True)
    coloured = tuple(
        (sign, SCRIPTS[EMOJI])
        for sign in signs
        if any(key == EMOJI for key, *_ in faces.found)
        and any(low <= ord(sign) <= high for low, high in SCRIPTS[EMOJI].ranges)
    )
    return Faces(
        tuple(each for each in faces.found if each[0] != EMOJI), faces.missing + coloured
    )  # TeX sets no pictures


def tex_hint(faces: Faces) -> str:
    """What to do where a sign is missing."""
    is_emoji = all(script == SCRIPTS[EMOJI] for _, script in faces.missing)
    return (
        "Typst, the default engine, sets emoji; TeX does not"
        if is_emoji
        else f"{faces.hint}; Typst, the default engine, has more"
    )


def loaded(faces: Faces) -> str:
    """What loads the fonts, for before the document begins."""
    if not faces.found:
        return ""
    lines = [
        rf"\newfontfamily\script{_letter(place)}[Path={face.file.parent.as_posix()}/,FontIndex={face.index}{_options(key)}]{{{face.file.name}}}"
        for place, (key, face, _) in enumerate(faces.found)
    ]
    return "\n".join(
        [
            r"% letters that TeX's own fonts do not have, in fonts of the machine where this was written: elsewhere, name others here",
            r"\ifpdftex",
            r"  \newcommand\inscript[2]{#2}",
            r"\else",
            *[f"  {line}" for line in lines],
            r"  \newcommand\inscript[2]{\texorpdfstring{{\csname script#1\endcsname #2}}{#2}}",
            r"\fi",
            r"\newcommand\softbreak{\texorpdfstring{\hskip0pt\relax}{}}",
            r"\newcommand\leftward[1]{\texorpdfstring{\ifluatex\bgroup\textdir TRT#1\egroup"
            r"\else\ifxetex\bgroup\TeXXeTstate=1\beginR#1\endR\egroup\else#1\fi\fi}{#1}}",
            "",
        ]
    )


def runs(text: str, faces: Faces) -> Iterator[tuple[str, str]]:
    """The pieces of a text, each with the letter of its font; none for TeX's own. What joins or
    stands on letters goes with them."""
    patterns = [re.compile(_python(pattern)) for _, _, pattern in faces.found]
    at = 0
    while at < len(text):
        for place, pattern in enumerate(patterns):
            if match := pattern.match(text, at):
                yield _letter(place), match[0]
                at = match.end()
                break
        else:
            end = min(
                (match.start() for pattern in patterns if (match := pattern.search(text, at))),
                default=len(text),
            )
            yield "", text[at:end]
            at = end


def commanded(text: str, faces: Faces) -> str:
    r"""A piece of TeX with every foreign run in its font."""
    return "".join(
        command(letter, run) if letter else run for letter, run in _joined(runs(text, faces))
    )


def command(letter: str, run: str) -> str:
    """A run in its font; between two signs of East Asia a line may end."""
    inner = rf"\inscript{{{letter}}}{{{UNSPACED.sub(BREAK, run)}}}"
    return rf"\leftward{{{inner}}}" if re.match(f"[{LEFTWARD}]", run) else inner


def _joined(found: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Runs of one font that stand side by side as one."""
    last, text = "", ""
    for letter, run in found:
        if letter == last:
            text += run
            continue
        if text:
            yield last, text
        last, text = letter, run
    if text:
        yield last, text


def _letter(place: int) -> str:
    return chr(ord("a") + place)


def _options(key: str) -> str:
    return r",Renderer=HarfBuzz" + (f",Script={key.title()}" if key in SHAPED else "")


def _python(pattern: str) -> str:
    """A pattern of Typst's as one of Python's."""
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: f"\\U{int(match[1], 16):08x}", pattern)
