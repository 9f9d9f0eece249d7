"""The thread of a page in its HTML: a number that stands in several places bears the number of its
quantity, and one small script leads along it.

    <mn data-o="7" data-n="aₕ = 0.62246">0.62246</mn>      worked out here;  data-g  given,  data-u  put in,  data-s  said again

A number is marked if the MathML of its formula holds the numbers that its TeX holds, in their
order; the marks say nothing that does not stand there. `templates/html/follow.html` has the words,
`follow.css` the look, `follow.js` the script, which may run by its hash.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from html import escape, unescape
from itertools import count
from pathlib import Path

from ..errors import WorksheetError
from ..markdown.reader import formulas
from ..threads.find import SAID, STATED, USED, WORKED, Thread, numbers_of
from .pages import Page

ATTRIBUTES = {WORKED: "data-o", STATED: "data-g", USED: "data-u", SAID: "data-s"}

_MATH = re.compile(r"<math [^>]*>.*?</math>", re.DOTALL)
_TEX = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s+)// .*$", re.MULTILINE)
_STRING_OR_SIGN = re.compile(r"""("[^"\n]*"|`[^`]*`)| ?([=!<>&|?:,;{}()+-]+) ?""")
_NUMBER = re.compile(r"<mn([^>]*)>([^<]*)</mn>")
_MARKED = re.compile(r'<mn(?P<marks>(?: data-[ogusn]="[^"]*")+)[^>]*>(?P<text>[^<]*)</mn>')


def parts(files: Sequence[Path]) -> Callable[[Page, str], dict[str, str]]:
    """What a frame shows of a page and its body: the body with its marks, and the words, the look
    and the script (`files`) where there are any."""
    words, look, script = [file.read_text(encoding="utf-8") for file in files]
    script = condensed(script)
    allowed = "script-src 'sha256-" + b64encode(sha256(script.encode()).digest()).decode() + "'; "

    def of(page: Page, body: str) -> dict[str, str]:
        made = marked(body, page.markdown, page.thread)
        if made == body:
            return {"body": body, "follow": "", "follow_style": "", "scripts": ""}
        return {
            "body": made,
            "follow": f"{words}<script>{script}</script>\n",
            "follow_style": look,
            "scripts": allowed,
        }

    return of


def condensed(script: str) -> str:
    """A script without what its readers need, and a page does not: comments, indentation, and
    spaces beside signs outside of its strings."""
    lines = [line.strip() for line in _COMMENT.sub("", script).splitlines() if line.strip()]
    return _STRING_OR_SIGN.sub(lambda found: found[1] or found[2], "\n".join(lines))


def marked(body: str, markdown: str, thread: Thread) -> str:
    """The HTML of a page with the marks of its thread. Raises WorksheetError where one of them is
    not at its number."""
    if not thread.marks:
        return body
    shown, written = list(_MATH.finditer(body)), formulas(markdown)
    where = places(markdown, [unescape(_TEX.search(each[0])[1]).strip() for each in shown])
    alike = {
        number
        for element, number in zip(shown, where, strict=True)
        if number is not None and _is_alike(element[0], written[number].tex)
    }
    marks = attributes(thread.without(set(range(len(written))) - alike))
    pieces, end = [], 0
    for element, number in zip(shown, where):
        if number in marks:
            pieces += [body[end : element.start()], _with_marks(element[0], marks[number])]
            end = element.end()
    made = "".join([*pieces, body[end:]])
    if found := next(unfaithful(made), ""):
        raise WorksheetError(f"a number leads astray: {found}")
    return made


def attributes(thread: Thread) -> dict[int, dict[int, list[str]]]:
    """The marks of each formula, by the places of their numbers. The first of a quantity says what
    it is called."""
    found: dict[int, dict[int, list[str]]] = {}
    for number, (owner, marks) in enumerate(thread.followed(), start=1):
        for mark in marks:
            here = found.setdefault(mark.formula, {}).setdefault(mark.place, [])
            here.append(f'{ATTRIBUTES[mark.role]}="{number}"')
        named = next(
            (
                each
                for each in marks
                if not any("data-n" in text for text in found[each.formula][each.place])
            ),
            marks[0],
        )
        found[named.formula][named.place].append(f'data-n="{escape(thread.called[owner])}"')
    return found


def places(markdown: str, shown: list[str]) -> list[int | None]:
    """Which formula of a page each of its HTML shows, by its TeX: the first of those alike is the
    first; None where there are more of them (in the contents), or fewer, or where notes at the end
    change their order."""
    written: dict[str, list[int]] = {}
    for number, formula in enumerate(formulas(markdown)):
        written.setdefault(formula.tex.strip(), []).append(number)
    if "[^" in markdown:
        written = {tex: numbers for tex, numbers in written.items() if len(numbers) == 1}
    counts = {tex: shown.count(tex) for tex in written}
    left = {tex: iter(numbers) for tex, numbers in written.items() if counts[tex] == len(numbers)}
    return [next(left[tex]) if tex in left else None for tex in shown]


def _is_alike(element: str, tex: str) -> bool:
    """Whether a formula's MathML holds the numbers that its TeX holds, in their order."""
    found = [
        unicodedata.normalize("NFKC", each[2])
        for each in _NUMBER.finditer(element.partition("<annotation")[0])
    ]
    return found == [text for _, text in numbers_of(tex)]


def _with_marks(element: str, marks: dict[int, list[str]]) -> str:
    presentation, *annotation = element.partition("<annotation")
    place = count()
    return "".join(
        [
            _NUMBER.sub(
                lambda number: (
                    f"<mn{''.join(f' {each}' for each in marks.get(next(place), ()))}{number[1]}>{number[2]}</mn>"
                ),
                presentation,
            ),
            *annotation,
        ]
    )


def unfaithful(html: str) -> Iterator[str]:
    """The numbers of a finished page that bear the mark of a quantity and are not its number; read
    from the page alone."""
    values: dict[str, str] = {}
    for number in _MARKED.finditer(html):
        marks = dict(re.findall(r'(data-[ogusn])="([^"]*)"', number["marks"]))
        name = unescape(marks.pop("data-n", ""))
        if name and not name.rpartition(" = ")[2].lstrip("−").startswith(number["text"]):
            yield f"{name} at {number['text']}"
        for quantity in marks.values():
            if values.setdefault(quantity, number["text"]) != number["text"]:
                yield f"{number['text']} for {values[quantity]}"
