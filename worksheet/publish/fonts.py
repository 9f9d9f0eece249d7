"""Fonts for the signs that Typst's own fonts do not have, or do not join as their script is
written: found on this machine.

    faces = faces_for("李雷, प्रिया", own)      # faces.rules: Typst that gives each script its font; faces.files: to hand to the compiler

Typst sees these files and its own fonts, and no other: the same page with the same fonts is the
same bytes. A page of Latin, Greek or Cyrillic letters asks for none and costs nothing.
"""

from __future__ import annotations

import re
import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typst import Fonts

CORE, EAST, EMOJI = (
    "fonts-noto-core",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
)  # packages of Debian and Ubuntu
JOINERS = "\u200c\u200d\ufe0e\ufe0f"
MARKS = (
    (0x300, 0x36F),
    (0x200C, 0x200D),
    (0xFE00, 0xFE0F),
    (0x1AB0, 0x1AFF),
    (0x20D0, 0x20FF),
)  # what goes with the letter before it
USUAL = (
    (0x00, 0x24F),
    (0x2B0, 0x2FF),
    (0x300, 0x36F),
    (0x370, 0x45F),
    (0x1E00, 0x1EFF),
    (0x2000, 0x200A),
    (0x2010, 0x2027),
    (0x2030, 0x203A),
    (0x2070, 0x208E),
    (0x2090, 0x209C),
    (0x20AC, 0x20AC),
    (0x2190, 0x2194),
    (0x2200, 0x22FF),
)  # a test asks Typst
MOST_PROBES = 40

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Script:
    """A script: its name, its signs, the families that have them, the best first, and the package
    that brings one. `is_needed`: Typst's own fonts lack it, or set it letter by letter; without,
    another font is only nicer."""

    name: str
    ranges: Ranges
    families: tuple[str, ...]
    package: str = CORE
    is_needed: bool = True


def _noto(name: str, *others: str) -> tuple[str, ...]:
    return (f"Noto Serif {name}", f"Noto Sans {name}", *others)


HAN = (
    (0x2E80, 0x2FDF),
    (0x3000, 0x303F),
    (0x3100, 0x312F),
    (0x3190, 0x31EF),
    (0x3200, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFF60),
    (0xFFE0, 0xFFEF),
    (0x20000, 0x3FFFD),
)
KANA = ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF61, 0xFF9F), (0x1B000, 0x1B16F))
HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xFFA0, 0xFFDF))
CHINESE = (
    "Noto Serif CJK SC",
    "Noto Sans CJK SC",
    "Source Han Serif SC",
    "Source Han Sans SC",
    "Noto Serif SC",
    "Noto Sans SC",
    "Songti SC",
    "PingFang SC",
    "SimSun",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "AR PL UMing CN",
    "Droid Sans Fallback",
)
JAPANESE = (
    "Noto Serif CJK JP",
    "Noto Sans CJK JP",
    "Source Han Serif",
    "Source Han Sans",
    "Noto Serif JP",
    "Noto Sans JP",
    "Hiragino Mincho ProN",
    "Hiragino Sans",
    "Yu Mincho",
    "Yu Gothic",
    "MS Mincho",
    "IPAexMincho",
    "IPAGothic",
    "TakaoGothic",
)
KOREAN = (
    "Noto Serif CJK KR",
    "Noto Sans CJK KR",
    "Source Han Serif K",
    "Source Han Sans K",
    "Noto Serif KR",
    "Noto Sans KR",
    "AppleMyungjo",
    "Apple SD Gothic Neo",
    "Batang",
    "Malgun Gothic",
    "NanumMyeongjo",
    "NanumGothic",
    "UnBatang",
)

SCRIPTS: dict[str, Script] = {
    "han": Script("Chinese characters", HAN, (*CHINESE, *JAPANESE, *KOREAN), EAST),
    "kana": Script("Japanese letters", KANA, (*JAPANESE, *CHINESE), EAST),
    "hangul": Script("Korean letters", HANGUL, KOREAN, EAST),
    "emoji": Script(
        "emoji",
        ((0x1F000, 0x1FAFF), (0xE0020, 0xE007F)),
        (
            "Noto Color Emoji",
            "Apple Color Emoji",
            "Segoe UI Emoji",
            "Twemoji",
            "Noto Emoji",
            "Symbola",
        ),
        EMOJI,
    ),
    "arabic": Script(
        "Arabic letters",
        ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
        (
            "Noto Naskh Arabic",
            "Noto Sans Arabic",
            "Geeza Pro",
            "Amiri",
            "Times New Roman",
            "Arial",
            "DejaVu Sans",
        ),
        is_needed=False,
    ),
    "devanagari": Script(
        "Devanagari",
        ((0x900, 0x97F), (0xA8E0, 0xA8FF), (0x1CD0, 0x1CFF)),
        _noto("Devanagari", "Kohinoor Devanagari", "Nirmala UI", "Mangal", "Lohit Devanagari"),
    ),
    "bengali": Script(
        "Bengali letters",
        ((0x980, 0x9FF),),
        _noto("Bengali", "Kohinoor Bangla", "Nirmala UI", "Vrinda", "Lohit Bengali"),
    ),
    "gurmukhi": Script(
        "Gurmukhi",
        ((0xA00, 0xA7F),),
        _noto("Gurmukhi", "Gurmukhi MN", "Nirmala UI", "Raavi", "Lohit Gurmukhi"),
    ),
    "gujarati": Script(
        "Gujarati letters",
        ((0xA80, 0xAFF),),
        _noto("Gujarati", "Gujarati Sangam MN", "Nirmala UI", "Shruti", "Lohit Gujarati"),
    ),
    "oriya": Script(
        "Odia letters",
        ((0xB00, 0xB7F),),
        ("Noto Sans Oriya", "Oriya Sangam MN", "Nirmala UI", "Kalinga"),
    ),
    "tamil": Script(
        "Tamil letters",
        ((0xB80, 0xBFF),),
        _noto("Tamil", "Tamil Sangam MN", "Nirmala UI", "Latha", "Lohit Tamil"),
    ),
    "telugu": Script(
        "Telugu letters",
        ((0xC00, 0xC7F),),
        _noto("Telugu", "Kohinoor Telugu", "Nirmala UI", "Gautami"),
    ),
    "kannada": Script(
        "Kannada letters",
        ((0xC80, 0xCFF),),
        _noto("Kannada", "Kannada Sangam MN", "Nirmala UI", "Tunga"),
    ),
    "malayalam": Script(
        "Malayalam letters",
        ((0xD00, 0xD7F),),
        _noto("Malayalam", "Malayalam Sangam MN", "Nirmala UI", "Kartika"),
    ),
    "sinhala": Script(
        "Sinhala letters",
        ((0xD80, 0xDFF),),
        _noto("Sinhala", "Sinhala Sangam MN", "Nirmala UI", "Iskoola Pota"),
    ),
    "thai": Script(
        "Thai letters",
        ((0xE00, 0xE7F),),
        _noto("Thai", "Thonburi", "Leelawadee UI", "Tahoma", "Loma", "Norasi"),
    ),
    "lao": Script("Lao letters", ((0xE80, 0xEFF),), _noto("Lao", "Lao Sangam MN", "Leelawadee UI")),
    "tibetan": Script(
        "Tibetan letters",
        ((0xF00, 0xFFF),),
        ("Noto Serif Tibetan", "Kailasa", "Microsoft Himalaya"),
    ),
    "myanmar": Script(
        "Burmese letters",
        ((0x1000, 0x109F), (0xAA60, 0xAA7F), (0xA9E0, 0xA9FF)),
        _noto("Myanmar", "Myanmar MN", "Myanmar Text"),
    ),
    "ethiopic": Script(
        "Ethiopic letters",
        ((0x1200, 0x139F), (0x2D80, 0x2DDF)),
        _noto("Ethiopic", "Kefa", "Nyala", "Ebrima"),
    ),
    "khmer": Script(
        "Khmer letters",
        ((0x1780, 0x17FF), (0x19E0, 0x19FF)),
        _noto("Khmer", "Khmer MN", "Leelawadee UI", "Khmer UI"),
    ),
}
# signs of no script above that Typst's own fonts do not have
OTHER = Script(
    "other signs",
    (),
    (
        "Noto Sans Symbols",
        "Noto Sans Symbols2",
        "DejaVu Sans",
        "Noto Sans",
        "Apple Symbols",
        "Segoe UI Symbol",
        "Arial Unicode MS",
        "FreeSerif",
        "Symbola",
    ),
)


@dataclass(frozen=True)
class Face:
    """A font that was found: its family, its file."""

    family: str
    file: Path
    index: int = 0  # within the file


@dataclass(frozen=True)
class Faces:
    """The fonts for some texts: by script, and the signs for which there is none."""

    found: tuple[tuple[str, Face, str], ...] = ()  # script, font, the pattern of what it sets
    missing: tuple[tuple[str, Script], ...] = ()

    @property
    def rules(self) -> str:
        """Typst that gives each script its font, wherever it stands."""
        return "".join(
            f'#show regex("{pattern}"): set text(font: "{face.family}")\n'
            for _, face, pattern in self.found
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """Each file once, in the order in which the scripts were found."""
        return tuple(dict.fromkeys(face.file for _, face, _ in self.found))

    @property
    def hashes(self) -> dict[str, str]:
        """What they are, for who makes the same page elsewhere."""
        return {
            face.family: sha256(face.file.read_bytes()).hexdigest() for _, face, _ in self.found
        }

    @property
    def hint(self) -> str:
        """The one command that brings what is missing."""
        packages = dict.fromkeys(script.package for _, script in self.missing)
        return (
            f"apt-get install {' '.join(packages)} on Debian and Ubuntu; elsewhere any font that has "
            f"{' and '.join(dict.fromkeys(script.name for _, script in self.missing))}, installed or put into templates/fonts"
        )


def named(faces: Faces) -> str:
    """`李 (Chinese characters)`, `U+E000 (other signs)`."""
    return ", ".join(
        f"{sign if sign.isprintable() else f'U+{ord(sign):04X}'} ({script.name})"
        for sign, script in faces.missing[:5]
    ) + f" and {len(faces.missing) - 5} more" * (len(faces.missing) > 5)


def is_usual(text: str) -> bool:
    """Whether Typst's own fonts have every sign of a text, for sure."""
    return text.isascii() or all(_is_in(ord(sign), USUAL) for sign in set(text))


@lru_cache(maxsize=512)
def faces_for(text: str, own: Path | None = None, is_bare: bool = False) -> Faces:
    """The fonts that a text asks for. `own`: a folder of fonts that go before those of the machine.
    `is_bare`: Typst's own do not count, and every sign of the text needs one."""
    if is_usual(text) and not is_bare:
        return Faces()
    signs, found, missing = (
        {
            sign
            for sign in text
            if (is_bare or not _is_in(ord(sign), USUAL)) and sign not in JOINERS
        },
        [],
        [],
    )
    rest = set(signs)
    for key, script in SCRIPTS.items():
        mine = {sign for sign in signs if _is_in(ord(sign), script.ranges)}
        rest -= mine
        if key == "emoji":
            coloured = {match[0][0] for match in re.finditer("[\u2190-\u2bff]\ufe0f", text)}
            mine, rest = mine | coloured, rest - coloured
        if not mine:
            continue
        families = {
            "han": JAPANESE
            if any(_is_in(ord(sign), KANA) for sign in signs)
            else KOREAN
            if any(_is_in(ord(sign), HANGUL) for sign in signs)
            else CHINESE
        }.get(key, ())
        if face := _face((*families, *script.families), mine, own):
            found.append((key, face, _pattern(key, script)))
        elif script.is_needed or is_bare or _unset("".join(sorted(mine))):
            missing += [(sign, script) for sign in sorted(mine)]
    for face, mine in _others(
        rest if is_bare or not rest else set(_unset("".join(sorted(rest)))), own
    ):
        if face:
            found.append(
                ("other", face, "[" + "".join(_escape(ord(sign)) for sign in sorted(mine)) + "]")
            )
        else:
            missing += [(sign, OTHER) for sign in sorted(mine)]
    return Faces(tuple(found), tuple(missing))


def _others(lost: set[str], own: Path | None) -> Iterator[tuple[Face | None, set[str]]]:
    """Fonts for signs of no script above: one that has them all, or else, of many scripts, for each
    sign the first that has it, and what that has beside it; None for those that no font has."""
    if lost and (face := _face(OTHER.families, lost, own)):
        yield face, lost
        return
    unset: set[str] = set()
    while lost:
        first = min(lost)
        face = _face((*OTHER.families, *sorted(_installed(own))), {first}, own)
        mine = {sign for sign in lost if _has(face, sign)} if face else {first}
        unset |= set() if face else mine
        lost = lost - mine
        if face:
            yield face, mine
    if unset:
        yield None, unset


@contextmanager
def given(files: Iterable[Path]) -> Iterator[Fonts]:
    """The fonts that Typst is given: its own, and those of these files, which lie in a folder that
    holds nothing else."""
    files = list(files)
    if not files:
        yield _own()
        return
    import typst

    with tempfile.TemporaryDirectory(prefix="worksheet-") as place:
        for number, file in enumerate(files):
            link = Path(place, f"{number}{file.suffix}")
            try:
                link.symlink_to(file)
            except OSError:  # Windows, where not everybody may
                link.write_bytes(file.read_bytes())
        yield typst.Fonts(include_system_fonts=False, font_paths=[place])


@lru_cache
def _own() -> Fonts:
    """Typst's own fonts, which it has read once."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def _is_in(code: int, ranges: Ranges) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _pattern(key: str, script: Script) -> str:
    """A run of a script, with the marks and joiners in it."""
    mine = _ranges(script.ranges)
    more = mine + _ranges(MARKS)
    if key == "emoji":
        return f"([{mine}]|[\\u{{2190}}-\\u{{2bff}}]\\u{{fe0f}}|[0-9#*]\\u{{fe0f}}\\u{{20e3}})[{more}]*"
    return f"[{mine}][{more}]*"


def _ranges(ranges: Ranges) -> str:
    return "".join(f"{_escape(low)}-{_escape(high)}" for low, high in ranges)


def _escape(code: int) -> str:
    return f"\\u{{{code:x}}}"


@lru_cache(maxsize=8)
def _installed(own: Path | None) -> dict[str, list]:
    """The upright fonts of this machine by family, the regular weight first; those of `own` before
    all."""
    import typst

    found: dict[str, list] = {}
    folders = [str(own)] if own and own.is_dir() else []
    for font in typst.Fonts(
        include_system_fonts=True, include_embedded_fonts=False, font_paths=folders
    ).fonts():
        if font.path and font.style == "normal":
            found.setdefault(font.family, []).append(font)
    for fonts in found.values():
        fonts.sort(
            key=lambda font: (
                not (own and str(font.path).startswith(str(own))),
                abs(font.weight - 400),
                abs(font.stretch - 1),
                font.path,
            )
        )
    return found


def _face(families: Iterable[str], signs: set[str], own: Path | None) -> Face | None:
    """The first of these families, if it is here, that has all the signs."""
    installed = _installed(own)
    for family in families:
        for font in installed.get(family, [])[:1]:
            face = Face(family, Path(font.path), font.index)
            if all(_has(face, sign) for sign in signs):
                return face
    return None


def _has(face: Face, sign: str) -> bool:
    """Whether a font has a sign."""
    starts, ends = _covered(face.file, face.index)
    place = bisect_right(starts, ord(sign)) - 1
    return place >= 0 and ord(sign) <= ends[place]


@lru_cache(maxsize=2048)
def _covered(path: Path, index: int) -> tuple[array, array]:
    """The signs that a font has: where each run of them starts, and where it ends. (As sets they
    would take hundreds of megabytes.)"""
    from fontTools.ttLib import TTFont, TTLibError

    starts, ends = array("L"), array("L")
    unreadable = (OSError, TTLibError, KeyError, ValueError, AssertionError)
    with suppress(*unreadable), TTFont(path, fontNumber=index, lazy=True) as font:
        for code in sorted(font.getBestCmap() or {}):
            if not ends or code > ends[-1] + 1:
                starts.append(code), ends.append(code)
            ends[-1] = code
    return starts, ends


@lru_cache(maxsize=64)
def _unset(signs: str) -> tuple[str, ...]:
    """Those of some signs that Typst cannot set with its own fonts: it is asked."""
    import typst

    lost: list[str] = []
    with tempfile.TemporaryDirectory(prefix="worksheet-") as place:
        root = Path(place)
        compiler = typst.Compiler(
            root=root,
            ignore_system_fonts=True,
            package_path=root / "none",
            package_cache_path=root / "none",
        )
        for _ in range(MOST_PROBES):
            rest = [sign for sign in signs if sign not in lost]
            (root / "page.typ").write_text(
                '#set document(title: "x")\n#set text(font: "New Computer Modern")\n'
                + "\n\n".join(f'#text("{_escape(ord(sign))}")' for sign in rest),
                encoding="utf-8",
            )
            try:
                compiler.compile(
                    root / "page.typ", format="pdf", pdf_standards=["ua-1"], timestamp=0
                )
                return tuple(lost)
            except typst.TypstError as fault:
                named = [
                    sign
                    for sign in rest
                    if sign in fault.message or _escape(ord(sign)) in fault.message
                ] or rest[:1]
                lost += named
    return tuple(signs)
