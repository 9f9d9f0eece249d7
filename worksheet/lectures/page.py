"""A lecture on the page: its sections in order, the parts of its problems by their own templates,
prose with values in it.

Formulas speak of one problem at a time, for two problems may use one name. A comment says of which:
what stands below `<!-- problem: net -->` is proved together, wherever on the page it stands; below
`<!-- prose -->` a text is proved by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from itertools import groupby
from pathlib import Path

from ..errors import SpecError, TemplateError, WorksheetError
from ..markdown.anchors import FENCE, HEADING, anchor, headings
from ..markdown.authored import lines_of
from ..markdown.reader import document, in_dollars, words_only
from ..pages import facts
from ..pages.claims import Claims
from ..pages.environment import blocks, fill, fill_text
from ..pages.glossary import glossary
from ..pages.page import Markdown, Page, display, tidy
from ..pages.voice import Voice
from ..proofs.quotes import quotes_of
from ..spec.faults import did_you_mean
from .authors import Written, of_text
from .load import ALL, HTML, Lecture, Prose, Section

TURN = re.compile(r"<!-- (?:problem: (?P<name>\w[\w .+-]*)|prose) -->")
OPEN = "close it in the same paragraph; between $$ stands no empty line, and no line that begins a list, a quote or a heading"


def compose(
    lecture: Lecture,
    pages: Mapping[str, Page],
    folder: Path | None = None,
    listed: Mapping[str, tuple] | None = None,
    *,
    is_draft: bool = False,
    written: list[Written] | None = None,
) -> Markdown:
    """The Markdown of a lecture. `pages` are those of its problems; `folder` holds templates that
    override ours; `listed` is what holds only with unrounded values, by problem. What the author
    wrote is told of the page: its lines, and what must be quoted. In a draft, where not all is
    solved to its end, a part may be empty. The formulas of the prose go into `written`.

    Raises SpecError for parts that there are not or that show nothing, all at once, and
    TemplateError for prose that asks for what is not there."""
    writer = Writer(lecture, pages, folder)
    writer.check_parts()
    for section in lecture.sections:
        writer.section(section)
    if answered := [
        (number, section) for number, section in enumerate(writer.asked, start=1) if section.answer
    ]:
        writer.add("", fill("parts/answers.md.j2", {}, folder).strip())
    for number, section in answered:
        writer.spoken(section, "answer", section.answer, number)
    if writer.empty and not is_draft:
        raise SpecError(writer.empty)
    notes = [
        {
            "turn": turn(name),
            "title": facts.words(pages[name].problem.title),
            "words": writer.differences(pages[name], lines),
        }
        for name, lines in (listed or {}).items()
        if lines
    ]
    context = {
        "lecture": {
            each: facts.words(getattr(lecture, each)) for each in ("title", "description", "course")
        },
        "p": {"rounding": facts.rounding_facts(lecture.rounding) if lecture.rounding else None},
        "says_rounding": True,
        "rounding_before": lambda now: None,
        "body": "\n\n".join(writer.written),
        "listed": notes,
    }
    if written is not None:
        written += writer.by_hand
    text = in_dollars(tidy(fill("layouts/lecture.md.j2", context, folder)))
    writer.check_links(text)
    symbols = Claims()  # of the list of symbols, which speaks of all problems
    if lecture.glossary:
        with symbols.heard():
            text += f"\n{turn('')}\n\n" + glossary(
                text, [(pages[name], own) for name, own in grounds(text) if name in pages], folder
            )
    made = Markdown(text)
    made.authored = frozenset().union(
        *map(lines_of, [lecture.title, lecture.description, *writer.authored])
    )
    made.quotes = quotes_of([facts.words(lecture.description), *writer.authored, *symbols.general])
    return made


def turn(name: str) -> str:
    """The comment above what speaks of a problem, or of none."""
    return f"<!-- problem: {name} -->" if name else "<!-- prose -->"


def grounds(markdown: str) -> Iterator[tuple[str, str]]:
    """What is to be proved together: the name of a problem, or none, and the page with every other
    line left empty."""
    found: dict[tuple[str, int], dict[int, str]] = {}
    name, prose = "", 0
    lines = markdown.splitlines()
    for number, line in enumerate(lines):
        if mark := TURN.fullmatch(line.strip()):
            name = mark["name"] or ""
            prose += not name
        found.setdefault((name, 0 if name else prose), {})[number] = line
    for (name, _), own in found.items():
        yield name, "\n".join(own.get(number, "") for number in range(len(lines)))


class Writer:
    """What has been written of a lecture so far, and what prose may ask for."""

    def __init__(self, lecture: Lecture, pages: Mapping[str, Page], folder: Path | None):
        self.lecture, self.pages, self.folder = lecture, pages, folder
        voice = Voice(lecture.voice.seed if lecture.voice else None, lecture.title)
        roundings = (
            [facts.rounding_facts(lecture.rounding)] if lecture.rounding else []
        )  # said for all of them
        for page in pages.values():
            page.roundings = roundings
            page.says_rounding = page.problem.rounding != lecture.rounding
            page.voice = voice  # one memory for all of them
        self.contexts = {name: page.context() for name, page in pages.items()}
        self.titles = [section.title for section in lecture.walk() if section.title]
        self.linked: dict[
            str, str
        ] = {}  # the titles that are linked to, by what the link is made of
        self.written: list[str] = []
        self.authored: list[str] = []  # what of it is an author's: prose, and titles
        self.by_hand: list[Written] = []
        self.asked: list[Section] = []  # those with a question, in the order of their numbers
        self.empty: list[WorksheetError] = []  # what of the parts has nothing to show
        self.ground: str | None = None

    # ---- sections -------------------------------------------------------------------------------

    def section(self, section: Section) -> None:
        """Write a section: title, prose, part, figure, question, the sections within, programs."""
        is_whole = section.parts == (ALL,)
        title = section.title or is_whole and facts.words(self.pages[section.problem].problem.title)
        if title:
            self.written.append(f"{'#' * section.level} {title}")
            self.authored.append(self.written[-1])
        if section.prose:
            self.add(
                section.problem,
                headed(self.prose(section.prose, section), section.level + bool(title)),
            )
            self.authored.append(self.own(self.written[-1], section))
        if section.parts:
            text = self.part(section)
            self.add(
                section.problem,
                headed(text, section.level + 1)
                if is_whole
                else headed(text, section.level, bool(title or section.prose)),
            )
        if section.figure:
            self.add(section.problem, self.figure(section))
        if section.question:
            self.asked.append(section)
            self.spoken(section, "question", section.question, len(self.asked))
        for inner in section.sections:
            self.section(inner)
        if section.code:
            self.add(
                section.problem,
                self.programs(
                    section,
                    is_alone=bool(title or section.prose)
                    and not (section.parts or section.figure or section.sections),
                ),
            )

    def spoken(self, section: Section, kind: str, prose: Prose, number: int) -> None:
        """A question to the reader, or its answer."""
        text = self.prose(prose, section).strip()
        page = self.pages.get(section.problem)
        with page.filling(self.folder) if page else nullcontext():
            self.add(
                section.problem,
                tidy(
                    fill(
                        f"parts/{kind}.md.j2",
                        {"number": number, "text": text, "is_answered": section.answer is not None},
                        self.folder,
                    )
                ).strip(),
            )
        self.authored.append(self.own(text, section))

    def add(self, name: str, text: str) -> None:
        """Write a text that speaks of a problem, or of none."""
        if name != self.ground or not name:
            self.written.append(turn(name))
            self.ground = name
        self.written.append(text)

    def part(self, section: Section) -> str:
        """The parts of a section; those that have nothing to show are remembered."""
        page = self.pages[section.problem]
        page.detail = section.detail
        known, found = self.blocks(section), []
        for is_block, names in groupby(section.parts, key=lambda name: name in known):
            for part in names if is_block else [""]:
                chosen = (
                    []
                    if is_block
                    else [page.quantity(name, section.phase, section.epoch) for name in names]
                )
                with page.filling(self.folder):
                    found.append(
                        fill(
                            "layouts/part.md.j2",
                            self.contexts[section.problem] | {"part": part, "chosen": chosen},
                            self.folder,
                        )
                    )
                if not found[-1].strip():
                    self.empty.append(
                        WorksheetError(
                            f"the part '{part}' of '{section.problem}' is empty",
                            section.where,
                            "leave it out, or let the problem's spec ask for it (circuit:, nudge:, until:, epochs:, at:)",
                        )
                    )
        return tidy("\n\n".join(found))

    def differences(self, page: Page, listed: tuple) -> str:
        """Where a calculator differs, said of the problem whose page it is."""
        with page.filling(self.folder):
            return fill(
                "parts/listed.md.j2", {"listed": page.differences(listed)}, self.folder
            ).strip()

    def figure(self, section: Section) -> str:
        """The figure of a section with its caption; empty where there is nothing to see."""
        drawn = self.pages[section.problem].figure(section.figure)
        return f"![{drawn['alt']}]({drawn['path']})\n\n*{drawn['caption']}*" if drawn else ""

    def programs(self, section: Section, is_alone: bool) -> str:
        """The programs that end a section; one that is all of it needs no heading of its own."""
        page = self.pages[section.problem]
        with page.filling(self.folder):
            text = fill(
                "parts/code.md.j2",
                self.contexts[section.problem] | {"programs": lambda: page.programs(section.code)},
                self.folder,
            )
        return (
            headed(tidy(text), section.level, True)
            if is_alone and len(section.code) == 1
            else headed(tidy(text), section.level + 1)
        )

    def blocks(self, section: Section) -> tuple[str, ...]:
        """The parts that are blocks of the template of the section's problem."""
        family = self.pages[section.problem].problem.family
        return ALL, *[
            each for each in blocks(f"families/{family}.md.j2", self.folder) if each != "page"
        ]

    def check_parts(self) -> None:
        """Every part is there. Raises SpecError with all that are not."""
        found = []
        for section in self.lecture.walk():
            page = self.pages.get(section.problem)
            known = self.blocks(section) if section.parts else ()
            for name in section.parts:
                if name not in known and page.view_of(name, section.phase, section.epoch) is None:
                    there = {
                        each.name
                        for each in page.trace.workings
                        if each.epoch == section.epoch and section.phase in (None, each.phase)
                    }
                    found.append(
                        WorksheetError(
                            f"'{section.problem}' has no part '{name}'"
                            + f" in its phase {section.phase}" * bool(section.phase),
                            section.where,
                            did_you_mean(name, {*known, *there}),
                        )
                    )
        if found:
            raise SpecError(found)

    # ---- prose ----------------------------------------------------------------------------------

    def prose(self, prose: Prose, section: Section) -> str:
        """The author's text, its template filled in. Raises TemplateError for HTML, and for a
        fence, a comment or a formula that is left open: it would hide what comes after it from the
        proofs."""
        context = self.contexts.get(section.problem, {"display": display}) | {
            "value": lambda name, epoch=None, phase=None: self.value(name, section, epoch, phase),
            "sym": lambda name: self.symbol(name, section),
            "link": self.link,
        }
        text = fill_text("\n" * prose.above + prose.text, prose.source, context, self.folder)
        for stray in document(text).strays:
            if not stray.is_inline:
                raise TemplateError(
                    f"'{stray.text}' is left open: {stray.why}",
                    f"{prose.source}:{stray.line}",
                    OPEN,
                )
        for number, line in enumerate(words_only(text).splitlines(), start=1):
            if match := HTML.search(line):
                raise TemplateError(
                    f"HTML in prose: {text.splitlines()[number - 1][match.start() :][:40]}",
                    f"{prose.source}:{number}",
                    "write Markdown; a '<' of words is '&lt;'",
                )
        text = in_dollars(text)
        self.by_hand += of_text(self.own(text, section), prose.source)
        if section.problem:
            self.pages[section.problem].claims.own.append(text)
        return tidy(text)

    def own(self, text: str, section: Section) -> str:
        """A text of the author's without the chains that it was handed, which are the problem's."""
        for chain in (
            {each for found in self.pages[section.problem].chained.values() for each in found}
            if section.problem
            else ()
        ):
            text = text.replace(chain, "\n" * chain.count("\n"))
        return text

    def value(self, call: str, section: Section, epoch: int | None, phase: str | None) -> str:
        """The printed text of a quantity that has been worked out on the page, the last time where
        there are several; or of a given."""
        page, name = self.named(call, section)
        trace = page.trace
        workings = [
            each
            for each in trace.workings
            if each.name == name and epoch in (None, each.epoch) and phase in (None, each.phase)
        ]
        text = "\n".join(self.written)
        seen = [
            each
            for each in workings
            if any(chain in text for chain in page.chained.get((name, each.epoch, each.phase), ()))
        ]
        if seen:
            return page.number(seen[-1].event)
        if name in trace.givens and phase is None:
            return page.before(name, epoch or 1)
        if workings:
            raise WorksheetError(
                f"'{call}' is not worked out on the page before this",
                hint=f"put the section that works it out "
                f"(its part {workings[0].phase}) above this one",
            )
        known = [*dict.fromkeys([*trace.givens, *[each.name for each in trace.workings]])]
        raise WorksheetError(f"there is no quantity '{call}'", hint=did_you_mean(name, known))

    def symbol(self, call: str, section: Section) -> str:
        """The TeX of the quantity that an author calls `net.h`, or `h` in a section of that
        problem."""
        page, name = self.named(call, section)
        return page.symbols(name)

    def named(self, call: str, section: Section) -> tuple[Page, str]:
        """The problem and the quantity that `net.h` means, or `h` in a section of that problem."""
        problem, _, name = str(call).rpartition(".")
        problem = problem or section.problem
        if not problem:
            raise WorksheetError(
                f"'{call}' of which problem?",
                hint=f"write for example '{next(iter(self.pages), 'net')}.{name}'",
            )
        if problem not in self.pages:
            raise WorksheetError(
                f"this lecture has no problem '{problem}'", hint=did_you_mean(problem, self.pages)
            )
        return self.pages[problem], name

    def link(self, title: str, words: str = "") -> str:
        """A link to the section with this title."""
        if title not in self.titles:
            raise WorksheetError(
                f"there is no section '{title}'", hint=did_you_mean(str(title), set(self.titles))
            )
        self.linked[anchor(title)] = title
        return f"[{words or title}](#{anchor(title)})"

    def check_links(self, text: str) -> None:
        """What is linked to stands on the page once."""
        anchors = [anchor(heading.text) for heading in headings(text)]
        for each, title in self.linked.items():
            if anchors.count(each) > 1:
                raise WorksheetError(
                    f"more than one heading is called '{title}'",
                    self.lecture.source,
                    "give the one that is linked to a title of its own",
                )


def headed(text: str, level: int, is_titled: bool = False) -> str:
    """A part with its headings where they belong: the first at `level`, or gone where the section
    has begun without it."""
    lines, is_code = text.splitlines(), False
    found: dict[int, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        is_code ^= bool(FENCE.match(line))
        if not is_code and (match := HEADING.fullmatch(line)):
            found[number] = len(match[1]), match[2]
    opening = next((number for number, line in enumerate(lines) if line and line != "---"), None)
    if is_titled and opening in found:
        del found[opening]
        lines[opening] = ""
    above: list[
        int
    ] = []  # the depths of the headings around this one; none is skipped where the first is gone
    for number, (depth, title) in found.items():
        above = [*[each for each in above if each < depth], depth]
        lines[number] = f"{'#' * min(6, len(above) - 1 + level + is_titled)} {title}"
    return "\n".join("" if line == "---" and not is_code else line for line in lines)
