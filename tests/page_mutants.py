r"""Pages with one thing changed: every place and every kind, drawn at random, and which changes are
harmless.

    mutants(page, symbols, draws) -> Mutant(place="table", kind="digit", text=..., was="$0.50821$", now="$0.50831$")

Places: display, inline, table, mermaid, heading, alt, caption, prose. Kinds: digit, sign (a minus
more or less, + for -), relation (= for ≈ and back), symbol (one of the problem's for another, or
one that it has not), direction, count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

PLACES = ("display", "inline", "table", "mermaid", "heading", "alt", "caption", "prose")
KINDS = ("digit", "sign", "relation", "symbol", "direction", "count")

PAIRS = [
    pair.split()
    for pair in """increases decreases|increase decrease|increased decreased|rose fell|rises falls|rise fall|grows shrinks|larger smaller
    largest smallest|left right|higher lower|more less|upwards downwards|uphill downhill|longer shorter|long short|steeper flatter|adds subtracts
    positive negative|too_large too_small|settles diverges|settled diverged|first last|before after|above below|nearer farther|with without
    never always|add subtract|against along|opposite same|fastest slowest|most least|inner outer|horizontal vertical|sum product
    reached missed|worse better|away_from towards""".replace("\n", "|").split("|")
]
TURNED = {
    **{one.replace("_", " "): other.replace("_", " ") for one, other in PAIRS},
    **{other.replace("_", " "): one.replace("_", " ") for one, other in PAIRS},
}
NUMERALS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
NOUNS = (
    r"(?:updates?|decimal|places|digits|units?|neurons?|inputs?|outputs?|layers?|weights?"
    r"|biases|times|steps?|columns?|rows?|points?|variables?|classes|hidden)"
)
LAWS = (
    "sigmoid",
    "ReLU",
    "softmax",
    "binary cross-entropy",
    "categorical cross-entropy",
    "half squared error",
    "squared error",
)

DIRECTION = re.compile(rf"\b({'|'.join(sorted(TURNED, key=len, reverse=True))})\b")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w]|\.\d)")
COUNT = re.compile(
    rf"\b(\d+|{'|'.join(NUMERALS)})(?= (?:\w+ )?{NOUNS}\b)|(?<=\b[Ee]poch )\d+|(?<=\b[Ll]ayer )\d+|(?<=\b[Uu]pdate )\d+|(?<=\bIteration )\d+|(?<=\bstep )\d+",
    re.I,
)
# numbers of a formula: no index, no layer, no column of an array, no distance of rows
TEX_NUMBER = re.compile(
    r"(?<![\w.\\{_^])(?<!\\\\\[)(?<!\^\{\()\d+(?:\.\d+)?(?![\w.]|em)|(?<=frac\{)\d+(?:\.\d+)?(?=\})|(?<=\}\{)\d+(?:\.\d+)?(?=\})|(?<=\^)\d"
)
TEX_SIGN = re.compile(
    r"(?<=[\w}) ])(?<!em\] )([+-])(?= ?[\w\\({])|(?<=[({=] )-(?=\d)|(?<=\()-(?=[\w\\])|(?<=\{)-(?=[\w\\])|(?<=\$)-(?=\d)"
)
TEX_RELATION = re.compile(r"(?<![<>!:])=|\\approx(?![a-z])")
LABEL_SIGN = re.compile(r"(?<=[= ])-?(?=\d)")

# words of direction that say no direction
IDIOMS = re.compile(
    r"right (?:angle|order|hand)|all right|one after (?:the other|another)|one before (?:the other|another)|first of all|no longer|as long as|so long as"
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A page with one thing changed. `start`: where, in the page as it was."""

    place: str
    kind: str
    text: str
    was: str
    now: str
    line: int
    start: int


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a page that is all of one place."""

    place: str
    start: int
    end: int
    is_tex: bool


def regions(page: str) -> Iterator[Region]:
    """The stretches of a page, from top to bottom; comments, fences of code and the paths of
    figures are none."""
    at, fence, is_display = 0, "", False
    for line in page.splitlines(keepends=True):
        start, at, text = at, at + len(line), line.rstrip("\n")
        if text.startswith("```"):
            fence = "" if fence else text[3:] or "code"
        elif fence:
            if fence == "mermaid":
                yield Region("mermaid", start, start + len(text), False)
        elif text.strip() == "$$":
            is_display = not is_display
        elif is_display:
            yield Region("display", start, start + len(text), True)
        elif text.startswith("<") or not text.strip("- "):
            continue
        elif image := re.match(r"!\[(.*)\]\(", text):
            yield Region("alt", start + 2, start + image.end(1), False)
        else:
            place = (
                "table"
                if text.startswith("|")
                else "heading"
                if text.startswith("#")
                else "caption"
                if re.fullmatch(r"\*[^*].*[^*]\*", text)
                else "prose"
            )
            begin = 0
            for formula in re.finditer(r"\$[^$]+\$", text):
                if place != "table" and formula.start() > begin:
                    yield Region(place, start + begin, start + formula.start(), False)
                yield Region(
                    "table" if place == "table" else "inline",
                    start + formula.start(),
                    start + formula.end(),
                    True,
                )
                begin = formula.end()
            if begin < len(text):
                yield Region(place, start + begin, start + len(text), False)


Change = tuple[str, int, int, str]  # kind, start, end, what is put there


def changes(
    page: str, region: Region, symbols: list[str], plain: list[str], draws: Random
) -> Iterator[Change]:
    """Everything that can be changed in a region, each change drawn once."""
    text = page[region.start : region.end]
    yield from (
        ("digit", *found.span(), _other_digit(found[0], draws))
        for found in (TEX_NUMBER if region.is_tex else NUMBER).finditer(text)
    )
    if region.is_tex:
        yield from (
            ("sign", *found.span(), {"+": "-", "-": "+"}[found[1]] if found[1] else "")
            for found in TEX_SIGN.finditer(text)
        )
        yield from (
            ("relation", *found.span(), r"\approx " if found[0] == "=" else "=")
            for found in TEX_RELATION.finditer(text)
        )
        yield from _symbols(text, symbols, draws, r"(?<![A-Za-z\\])", r"(?![A-Za-z_^'])")
        return
    if region.place in ("alt", "mermaid"):
        yield from (
            ("sign", found.start(), found.end(), "" if found[0] else "-")
            for found in LABEL_SIGN.finditer(text)
            if region.place == "mermaid" or found[0] or draws.random() < 0.3
        )
        yield from (
            ("relation", found.start(), found.end(), {"=": "≈", "≈": "="}[found[0]])
            for found in re.finditer("[=≈]", text)
        )
        yield from _symbols(text, plain, draws, r"(?<![\w∂/])", r"(?![\w∂/₀-ₜ⁰-⁹⁽])")
    if region.place != "mermaid":
        yield from (
            ("direction", *found.span(), TURNED[found[0]]) for found in DIRECTION.finditer(text)
        )
        yield from (
            ("count", *found.span(), _other_count(found[0], draws))
            for found in COUNT.finditer(text)
        )
        for law in LAWS:
            yield from (
                (
                    "symbol",
                    *found.span(),
                    draws.choice(
                        [other for other in LAWS if other not in law and law not in other]
                    ),
                )
                for found in re.finditer(rf"(?<![\w-] ){law}\b|\*\*{law}\*\*", text)
                if not found[0].startswith("*")
            )


def _other_digit(number: str, draws: Random) -> str:
    place = draws.choice([at for at, sign in enumerate(number) if sign != "."])
    return (
        number[:place]
        + draws.choice([digit for digit in "0123456789" if digit != number[place]])
        + number[place + 1 :]
    )


def _other_count(count: str, draws: Random) -> str:
    if count.isdigit():
        return str(int(count) + draws.choice([1, 1, 2] if int(count) < 2 else [-1, 1, 2]))
    other = draws.choice([word for word in NUMERALS[:5] if word != count.lower()])
    return other.capitalize() if count[0].isupper() else other


def _symbols(
    text: str, symbols: list[str], draws: Random, before: str, after: str
) -> Iterator[Change]:
    if len(symbols) < 2:
        return
    any_of = re.compile(
        before
        + "(?:"
        + "|".join(map(re.escape, sorted(symbols, key=len, reverse=True)))
        + ")"
        + after
    )
    for found in any_of.finditer(text):
        yield "symbol", *found.span(), draws.choice([each for each in symbols if each != found[0]])


def mutants(page: str, symbols: list[str], plain: list[str], draws: Random) -> list[Mutant]:
    """Every mutant of a page, in page order; `symbols` and `plain`: those of its problem, in TeX
    and as diagrams have them."""
    found = []
    for region in regions(page):
        for kind, start, end, now in changes(page, region, symbols, plain, draws):
            start, end = region.start + start, region.start + end
            text = page[:start] + now + page[end:]
            if text != page:
                found.append(
                    Mutant(
                        region.place,
                        kind,
                        text,
                        page[start:end],
                        now,
                        page.count("\n", 0, start) + 1,
                        start,
                    )
                )
    return found


# ---- what is harmless
# ------------------------------------------------------------------------------------------


def idiom(page: str, mutant: Mutant) -> bool:
    """A word of direction in an idiom that says none: at a right angle, one after the other."""
    around = page[max(0, mutant.start - 16) : mutant.start + 24]
    at = min(16, mutant.start)
    return mutant.kind == "direction" and any(
        found.start() <= at < found.end() for found in IDIOMS.finditer(around)
    )


def about(page: str, mutant: Mutant) -> bool:
    r"""`\approx` in the place of `=` before a number that was rounded where it was worked out: it
    is about that."""
    line = page[page.rfind("\n", 0, mutant.start) + 1 : page.find("\n", mutant.start)]
    number = re.match(r"\s*(-?\d+\.\d+)", page[mutant.start + len(mutant.was) :])
    return (
        mutant.kind == "relation"
        and mutant.was == "="
        and "&" not in line
        and number is not None
        and re.search(rf"(?:\\approx|≈) {re.escape(number[1])}(?![\d.])", page) is not None
    )


def of_nothing(page: str, mutant: Mutant) -> bool:
    """A plus or a minus before zero: what is added or subtracted is nothing, and what the page says
    is as true as before."""
    return (
        mutant.kind == "sign"
        and mutant.was in ("+", "-")
        and re.match(r" ?0(?![.\d])", page[mutant.start + 1 :]) is not None
    )


HARMLESS: dict[str, Callable[[str, Mutant], bool]] = {
    "an idiom": idiom,
    "about": about,
    "a sign before zero": of_nothing,
}


def why_harmless(page: str, mutant: Mutant) -> str:
    """The rule by which nothing false is said, empty where there is none."""
    return next((name for name, rule in HARMLESS.items() if rule(page, mutant)), "")
