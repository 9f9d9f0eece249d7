"""Every claim of a page, decided by values that are not the trace's; and the words of the page,
held against its claims.

A claim holds if it is true of the true numbers (`proofs/bench.py`) and does not contradict the
printed ones. A word of the lexicon (`pages/lexicon.py`) stands on the page only within a claim that
allows it, or within what is true of every problem.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import AnyStr

from ..errors import WorksheetError
from ..judge.duals import judging
from ..markdown.lines import PROSE, Line, headings_of, on_one_line, page_lines, prose_of, read_lines
from ..pages.claims import Claim, Claims
from ..pages.lexicon import ANY, LEXICON, allowed
from ..trace.trace import Trace
from .bench import Bench
from .deciding import JUDGES
from .judge import Found
from .reading_claims import READERS

LETTERS = bytes(
    [code if chr(code).isalpha() else 32 for code in range(128)] + [32] * 128
)  # whatever is no letter as a space
LISTED = {word.encode(): word for word in LEXICON}
INLINE = re.compile(r"\$[^$]*\$|`[^`]*`|\]\([^)]*\)")
SENTENCE = re.compile(r"(?<=[.:?!])\s+")

Finding = tuple[
    int, str, str
]  # a line of the page (0: none), what stands there, and what is wrong with it


def claim_findings(
    trace: Trace,
    markdown: str,
    claims: Claims,
    judged: Found | None = None,
    authored: Collection[str] = frozenset(),
) -> list[Finding]:
    """What is wrong with the words of a page: claims that do not hold, and words that no claim
    bears out. `authored`: the lines of an author."""
    return [
        *false_claims(trace, claims, judged),
        *(unclaimed(markdown, claims, authored) if claims.is_ours else ()),
    ]


def false_claims(trace: Trace, claims: Claims, judged: Found | None = None) -> list[Finding]:
    """The claims that do not hold; each is decided once."""
    seen, found = {}, []
    with judging():
        bench = Bench(trace, judged)
        for claim in (*claims.said, *claims.drawn):
            case = claim.kind, claim.about, claim.text if claim.kind in READERS else ""
            if case not in seen:
                seen[case] = decide(bench, claim)
            if seen[case]:
                found.append((0, " ".join(claim.text.split()), seen[case]))
    return found


def decide(bench: Bench, claim: Claim) -> str:
    """What is wrong with a claim; nothing where it holds."""
    if claim.kind not in JUDGES and claim.kind not in READERS:
        return f"nobody can decide this: there is no claim of the kind '{claim.kind}'"
    try:
        is_so = (
            READERS[claim.kind](bench, claim.text, *claim.about)
            if claim.kind in READERS
            else JUDGES[claim.kind](bench, *claim.about)
        )
        return "" if is_so else f"this is not so ({claim.kind})"
    except (
        KeyError,
        IndexError,
        ArithmeticError,
        TypeError,
        ValueError,
        AttributeError,
        StopIteration,
        WorksheetError,
    ) as fault:
        return f"this cannot be decided ({claim.kind}: {fault})"


# ---- the words of the page ----------------------------------------------------------------------


def unclaimed(
    markdown: str, claims: Claims, authored: Collection[str] = frozenset()
) -> list[Finding]:
    """The words of the lexicon that no claim bears out, the claims that do not stand on the page,
    and pictures with other words."""
    lines = page_lines(markdown)
    prose = prose_of(lines)
    spoken, found = asserting(prose), list[Finding]()
    starts, borne = [start for start, _, _ in spoken], set[int]()
    for (sentence, words), times in _spoken(claims).items():
        places = list(_places(prose, sentence))
        for at in places if words else ():
            borne |= {
                place
                for place in range(bisect_left(starts, at), bisect_left(starts, at + len(sentence)))
                if spoken[place][1] <= at + len(sentence) and spoken[place][2] in words
            }
        if len(places) < times:
            found.append(
                (
                    0,
                    sentence,
                    f"this was claimed{' ' + str(times) + ' times' if times > 1 else ''}, and does not stand on the page as it was claimed",
                )
            )
    found += [
        (
            _line_of(lines, prose, start),
            _around(prose, start),
            f"no claim of this page bears out '{prose[start:end]}'",
        )
        for place, (start, end, _) in enumerate(spoken)
        if place not in borne
    ]
    titles = {" ".join(text.split()) for text in claims.titles}
    found += [
        (number, title, f"no claim of this page bears out '{title[start:end]}'")
        for number, title in headings_of(lines, authored)
        if title not in titles and not any(title in text for text in claims.own)
        for start, end, _ in asserting(title)
    ]
    said = {" ".join(text.split()) for text in claims.pictures}
    return found + [
        (line.number, text[:160], "these are not the words of the figure")
        for line in lines
        if said and (text := line.of_picture) and text not in said
    ]


def asserting(prose: str) -> list[tuple[int, int, str]]:
    """Where a word of the lexicon stands in prose, outside of formulas: start, end and word, from
    the left to the right."""
    bare = INLINE.sub(lambda match: " " * len(match[0]), prose)
    words = bare.encode("ascii", "replace").lower().translate(LETTERS)
    return sorted(
        (at, at + len(word), LISTED[word])
        for word in LISTED.keys() & words.split()
        for at in _places(b" %b " % words, b" %b " % word)
    )


def _spoken(claims: Claims) -> Counter[tuple[str, frozenset[str]]]:
    """Every sentence that bears words out, and which words; how often it stands on the page at
    least."""
    found: Counter[tuple[str, frozenset[str]]] = Counter()
    texts = [(claim.text, allowed(claim.kind, claim.about)) for claim in claims.said] + [
        (text, ANY) for text in claims.general
    ]
    for text, words in texts:
        for sentence in sentences(text):
            found[sentence, words] += 1
    for text in claims.own:
        for sentence in sentences(text):
            found[sentence, ANY] += 0
    return found


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text of templates, each on one line."""
    prose = prose_of(read_lines(text)) if "\n" in text.strip() else on_one_line(text)
    return filter(None, SENTENCE.split(prose))


def _places(prose: AnyStr, sentence: AnyStr) -> Iterator[int]:
    at = prose.find(sentence)
    while at >= 0:
        yield at
        at = prose.find(sentence, at + 1)


def _around(prose: str, at: int) -> str:
    """The sentence in which a word stands."""
    start = max((match.end() for match in SENTENCE.finditer(prose, 0, at)), default=0)
    end = SENTENCE.search(prose, at)
    return prose[start : end.start() if end else len(prose)][:240]


def _line_of(lines: Iterable[Line], prose: str, at: int) -> int:
    """The line of the page on which a word of the prose stands."""
    words = len(prose[:at].split())
    for line in [each for each in lines if each.kind in PROSE]:
        words -= len(line.text.split())
        if words < 0:
            return line.number
    return 0
