"""What a page of any family hands to its templates: chains of lines, single values, tables,
figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from jinja2.utils import Namespace

from ..algebra.expression import Literal, leaves
from ..descent.effects import Effects, sign
from ..family import family_of
from ..markdown.reader import in_dollars
from ..numbers.number import CONTEXT, FREE, LONG, bound_text, is_last_digit, quantize
from ..numbers.numerals import numeral, texts
from ..problem import NUDGE, PHASES
from ..resources import templates_folder
from ..tex.notation import ASSIGN, GRADIENT, MULTIPLY, Symbols
from ..tex.writer import LINE, Style, tex, width
from ..trace.backward import partial_name
from ..trace.evaluation import uses
from ..trace.perturbation import nudge_symbols
from ..trace.recorder import INDICATORS
from ..trace.tape import alike
from ..trace.taught import has_turned, shift_of
from ..trace.trace import Trace, Working, ended
from ..views.phases import chains_of, is_aside
from ..views.views import (
    MOVE_RANK,
    RANK,
    Form,
    View,
    barest,
    detail_of,
    scalar_views,
    shortened,
    without_formula,
)
from . import facts
from .blanks import Holes
from .circuit import circuit_facts
from .claims import Claim, Claims
from .environment import fill
from .markup import Markdown, aligned, display, equation, table, tidy
from .voice import Voice

STATEMENTS = 6  # short equations side by side
NEARLY = 4  # what is nearly right is off by no more than this part of it
MAX_COLUMNS = 4  # updates side by side in the table of parameters


class Page:
    """One document: its symbols, its chains, its sentences' facts. A family's page adds what it
    alone has."""

    is_beside = False  # factors stand side by side: 3x^2

    def __init__(self, trace: Trace, figures: tuple = (), listed: tuple = ()):
        self.trace, self.problem = trace, trace.problem
        self.listed = self.differences(listed)
        self.figures = figures
        self.asked: set[str] = (
            set()
        )  # what templates have asked for: figures, and where gradient descent ends
        self.says_rounding, self.detail, self.is_worked = (
            True,
            "",
            False,
        )  # is_worked: every chain is worked, whatever the detail
        self.roundings: list[facts.Facts] | None = (
            None  # what has been said of rounding, where a page has several problems
        )
        self.voice = Voice(
            self.problem.voice.seed if self.problem.voice else None, self.problem.title
        )
        self.symbols = Symbols.of(self.problem, self.aliases())
        if self.problem.nudge:
            primes = nudge_symbols(trace.workings, self.problem.loss_name, self.symbols)
            self.symbols = replace(self.symbols, aliases=self.symbols.aliases | primes)
        self.leave_blank(Holes(trace))
        self.explained: set[str] = set()
        self.said: set[str] = set()  # numbers of the page that no event has
        self.claims, self.effects = self.claims_of_nothing(), Effects(trace)
        self.chains = chains_of(trace)
        self.chained: dict[
            tuple[str, int, str], list[str]
        ] = {}  # the chains that templates were given of each working

    def claims_of_nothing(self) -> Claims:
        """What a page claims before anything is said: nothing; and the words of the problem's
        author."""
        claims, problem = Claims(), self.problem
        claims.own += [
            facts.words(text)
            for text in (
                problem.title,
                problem.description,
                problem.instructions,
                *(task.text for task in problem.ask),
                *family_of(problem).authored(problem).values(),
            )
        ]
        return claims

    def aliases(self) -> dict[str, str]:
        """Names whose TeX is another than their spelling says."""
        return {}

    def leave_blank(self, holes: Holes) -> None:
        """Print the numbers of `holes` as blanks, in every chain and every sentence."""
        self.holes = holes
        self.style = Style(self.symbols, self.problem.rounding.negatives, holes, self.is_beside)

    def render(
        self, layout: str, folder: Path | None = None, more: facts.Facts | None = None
    ) -> Markdown:
        """The page in one of the layouts; `folder` holds templates that override ours, `more` is
        what else they know. What an earlier rendering claimed is its own."""
        self.claims = self.claims_of_nothing()
        with self.filling(folder) as claims:
            return Markdown(
                in_dollars(
                    tidy(fill(f"layouts/{layout}.md.j2", self.context() | (more or {}), folder))
                ),
                claims,
            )

    @contextmanager
    def filling(self, folder: Path | None) -> Iterator[Claims]:
        """Where what templates say becomes what this page claims; templates of somebody else's may
        say more than they claim."""
        self.claims.is_ours &= folder is None or folder.resolve() == templates_folder()
        with self.claims.heard() as claims:
            yield claims

    def context(self) -> facts.Facts:
        """What templates know by name."""
        return {
            "p": facts.frame_facts(self.problem) | {"givens": self.givens()},
            "views": self.views,
            "quantity": self.quantity,
            "value": self.value,
            "before": self.before,
            "sym": self.symbols,
            "display": display,
            "equation": equation,
            "figure": self.figure,
            "states": self.states,
            "loss_change": self.loss_change,
            "listed": self.listed,
            "nudges": self.nudges,
            "circuit": lambda: circuit_facts(self.trace, self.symbols, self.holes),
            "parameter_table": self.parameter_table,
            "epoch_table": self.epoch_table,
            "is_full": lambda phase, epoch=1: self.detail_of(phase, epoch) == "full",
            "is_brief": lambda phase, epoch=1: self.detail_of(phase, epoch) == "brief",
            "programs": self.programs,
            "one_of": self.voice.one_of,
            "knows": self.voice.knows,
            "says_rounding": self.says_rounding,
            "rounding_before": self.rounding_before,
            "seen": Namespace(
                names=[], weights=[], rest=[], group="", is_new=False
            ),  # what has been explained, for templates to keep
        }

    def givens(self) -> list[facts.Facts]:
        """What is given, with the numbers as they stand before anything is worked out."""
        return [
            {"name": name, "symbol": self.symbols(name), "shown": self.before(name)}
            for name in self.trace.givens
        ]

    # ---- chains ---------------------------------------------------------------------------------

    def views(
        self, phase: str, epoch: int = 1, detail: str = "", formula: str = "each"
    ) -> list[facts.Facts]:
        """The chains of a phase, each with its `chain` (a display) and what there is to say about
        it. formula="once": of updates, which all have the same, only the first shows it."""
        detail = detail or self.detail_of(phase, epoch)
        first, *others = self.chosen(phase, epoch) or (None,)
        others = (
            [without_formula(view) for view in others]
            if formula == "once" and phase == "update"
            else others
        )
        return [self.view_facts(view, detail) for view in (first, *others) if view]

    def detail_of(self, phase: str, epoch: int) -> str:
        """How much working of a phase this page shows."""
        return self.detail or detail_of(self.problem, phase, epoch)

    def chosen(self, phase: str, epoch: int) -> Sequence[View]:
        """The chains of a phase in the order and the length in which the page shows them."""
        return self.chains(phase, epoch)

    def quantity(self, name: str, phase: str | None = None, epoch: int = 1) -> facts.Facts | None:
        """The chain of one quantity, that of its layer where the page shows matrices; None where
        there is none."""
        found = self.view_of(name, phase, epoch)
        return (
            self.view_facts(
                found, self.detail or detail_of(self.problem, found.working.phase, epoch)
            )
            if found
            else None
        )

    def view_of(self, name: str, phase: str | None = None, epoch: int = 1) -> View | None:
        """The view that shows a quantity, in the first phase that has it."""
        for each in (phase,) if phase else PHASES:
            for view in self.chains(each, epoch):
                if name == view.name or any(name == member.name for member in view.members):
                    return view
        return None

    def view_facts(self, view: View, detail: str) -> facts.Facts:
        """A chain and what there is to say about it."""
        is_open = any(self.holes.is_open(member.event) for member in view.members)
        chain = self.chain(view, detail)
        for member in view.members:
            self.chained.setdefault(member.key, []).append(chain.strip())
        return facts.working_facts(view.working, self.trace, self.style) | {
            "symbol": self.symbols(view.name),
            "is_open": is_open,
            "chain": chain,
            "keys": [member.key for member in view.members],
            "effect": "" if is_open else self.effects.of(view.working),
            "hidden": [
                facts.working_facts(member, self.trace, self.style)
                for member in view.members
                if not Decimal(member.shown) and member.exact and not is_open
            ],
            "shift": self.first_shift(view),
            "is_turned": self.has_first_turned(view, detail),
            "has_smaller": self.has_first_smaller(view),
            "leaves_out": self.is_first(
                "left out", any(member.leaves_out for member in view.members)
            ),
            "has_hidden_steps": self.has_first_hidden_zero(view),
            "has_indicator": self.has_first_indicator(view),
            "is_zero": not is_open and all(not Decimal(member.shown) for member in view.members),
            "is_beneath": any(facts.is_beneath(member, self.trace) for member in view.members),
        }

    def first_shift(self, view: View) -> str:
        """The symbol of the score from which a softmax is taken here, for the first time on the
        page; else empty."""
        shifts = [
            line.expr for member in view.members for line in member.lines if line.move == "SHIFT"
        ]
        return (
            self.symbols(shift_of(shifts[0]).name) if self.is_first("shift", bool(shifts)) else ""
        )

    def has_first_turned(self, view: View, detail: str) -> bool:
        """A function is written here with another power of e than it is taught with, for the first
        time on the page."""
        return self.is_first(
            "turned",
            self.has_far
            and RANK[detail] >= MOVE_RANK["EXPAND"]
            and any(
                has_turned(line.expr)
                for member in view.members
                for line in member.lines
                if line.move in ("SUBSTITUTE", "SIGN", "EVALUATE")
            ),
        )

    @cached_property
    def has_far(self) -> bool:
        """Whether there is a number whose power of e a calculator may lack."""
        return any([event.value.adjusted() > 0 for event in self.trace.events])

    def has_first_smaller(self, view: View) -> bool:
        """A form is written once more with smaller powers of e, for the first time on the page."""
        return self.is_first(
            "smaller powers",
            self.has_far
            and any(line.move == "TURN" for member in view.members for line in member.lines),
        )

    def is_first(self, what: str, is_here: bool) -> bool:
        """Whether something that is explained once is here, for the first time on the page."""
        is_new = is_here and what not in self.explained
        self.explained |= {what} if is_new else set()
        return is_new

    def has_first_hidden_zero(self, view: View) -> bool:
        """A number in the working is shown as zero and is not, for the first time on the page."""
        return self.is_first(
            "hidden zero",
            bool(self.hidden_zeros)
            and any(
                isinstance(leaf, Literal)
                and leaf.event in self.hidden_zeros
                and not leaf.value
                and not self.holes.is_open(leaf.event)
                for line in view.lines
                for leaf in leaves(line.expr)
            ),
        )

    @cached_property
    def hidden_zeros(self) -> frozenset[int]:
        """The events that are shown as zero and are not."""
        return frozenset(
            index
            for index, event in enumerate(self.trace.events)
            if event.shown is not None and event.exact and not Decimal(event.shown)
        )

    def has_first_indicator(self, view: View) -> bool:
        """A condition that stands for 1 or 0 is in the working, for the first time on the page."""
        return "indicator" not in self.explained and self.is_first(
            "indicator", any(uses(line.expr, INDICATORS) for line in view.lines)
        )

    def chain(self, view: View, detail: str) -> str:
        """`z_h &= w_h \\cdot x \\\\ &= 0.5 \\cdot 1.0 \\\\ &= 0.5` as a display of its own."""
        lines = shortened(view.lines, detail, self.problem, view.working.kind)
        if (
            not self.holes.events and len(view.members) < 2
        ):  # a blank would tell which zeros are left out
            lines = barest(lines, self.problem, view.working.kind)
        hidden = [
            form for form in self.chains("derivation", 1) if form.name in self.holes.forms
        ]  # what is blank above is not given away here
        blanks = [
            next((form for form in hidden if alike(form.result, line.expr)), None) for line in lines
        ]
        if blanks[0] and len(lines) > 1:
            lines, blanks = lines[1:], blanks[1:]
        parts = [
            self.form(blank) if blank else tex(line.expr, self.style)
            for line, blank in zip(lines, blanks, strict=True)
        ]
        relations = [facts.relation(line.is_exact, self.problem) for line in lines]
        if view.working.phase == "update" and not is_aside(
            view.name
        ):  # what is called new has its value for the first time
            relations[0] = ASSIGN[self.problem.notation.assign]
        left = self.symbols(view.name)
        line = "".join(parts)
        if (
            len(parts) == 1
            or detail == "brief"
            and width(left + line) < LINE - 4 * len(parts)
            and r"\begin" not in line
        ):
            return display(
                " ".join(
                    [left, *[f"{relation} {part}" for relation, part in zip(relations, parts)]]
                )
            )
        return aligned(left, list(zip(relations, parts)))

    def nudges(self) -> list[facts.Facts]:
        """What is tried out: the gradient, the change, and the chains of the passes; none on a page
        with blanks, where what is worked out again would give them away."""
        if self.holes.events:
            return []
        found, loss = [], self.problem.loss_name
        for name, change in self.problem.nudge.items():
            slope = self.trace.find(partial_name(loss, name))
            gradient = facts.working_facts(slope, self.trace, self.style) | {
                "effect": self.effects.of(slope)
            }
            *views, last = scalar_views(self.trace, NUDGE + name, 1)
            last = replace(last, lines=last.lines[1:])  # its left side is its formula
            predicted, *moved, actual, gap = [
                self.view_facts(view, detail_of(self.problem, "check", 1))
                for view in (*views, last)
            ]
            found.append(
                {
                    "name": name,
                    "symbol": self.symbols(name),
                    "change": facts.numeral_of(change, self.style),
                    "gradient": gradient,
                    "predicted": predicted,
                    "size": facts.numeral_of(change, self.style).lstrip("-"),
                    "is_up": change.value > 0,
                    "moved": moved,
                    "actual": actual,
                    "gap": gap,
                    "is_near": NEARLY * gap["real_size"] <= predicted["real_size"],
                }
            )
        return found

    def form(self, form: Form) -> str:
        """The TeX of a step of a derivation, or its blank."""
        return self.holes.form(form.name, self.form_tex(form))

    def form_tex(self, form: Form) -> str:
        """The TeX of a step of a derivation."""
        return tex(form.result, self.style)

    def symbol(self, view: View) -> str:
        """The left side of a view, or of a form's derivation."""
        return self.symbols(view.derivation if isinstance(view, Form) else view.name)

    # ---- single facts ---------------------------------------------------------------------------

    def value(self, name: str, epoch: int = 1, phase: str | None = None) -> str:
        """The printed text of a quantity."""
        return self.number(self.trace.find(name, epoch, phase).event)

    def before(self, name: str, epoch: int = 1) -> str:
        """The printed text of a given or a parameter when an epoch begins."""
        return self.number(self.trace.holder(name, epoch))

    def number(self, event: int) -> str:
        """The text of an event as it is printed, or its blank."""
        shown = self.trace.events[event].shown
        return tex(Literal(Decimal(shown), shown, event), self.style)

    def numeral(self, text: str) -> str:
        """The TeX of a number's text."""
        return numeral(text, MULTIPLY[self.problem.notation.multiply])

    def in_words(self, text: str) -> str:
        """A number within a sentence."""
        return f"${self.numeral(text)}$" if "e" in text else text

    def differences(self, listed: tuple) -> list[facts.Facts]:
        """The printed results that a calculator does not find, each once: of which quantity, what
        is printed, what it finds. A line in which no number can be named stands for its quantity,
        where nothing else does."""
        found = dict.fromkeys(
            (each.of, each.printed, each.expected) for each in listed if each.expected
        )
        bare = dict.fromkeys(
            each.of for each in listed if each.of not in {of for of, _, _ in found}
        )
        return [
            {
                "symbol": of,
                "printed": self.numeral(texts(printed)),
                "expected": self.numeral(texts(expected)),
                "is_last": is_last_digit(Decimal(texts(printed)), Decimal(texts(expected))),
            }
            for of, printed, expected in found
        ] + [{"symbol": of, "printed": "", "expected": "", "is_last": True} for of in bare]

    def loss_change(self, epoch: int) -> facts.Facts:
        """The loss of `epoch` against the loss after its update, from the printed digits."""
        name = self.problem.loss_name
        old = self.trace.find(name, epoch, "loss")
        is_last = epoch == self.problem.epochs
        new = self.trace.find(name, epoch if is_last else epoch + 1, "check" if is_last else "loss")
        change, real = (
            FREE.subtract(Decimal(old.shown), Decimal(new.shown)),
            CONTEXT.subtract(old.exact, new.exact),
        )
        size, is_exact = self.size_of(change, (old.shown, new.shown))
        is_open = any(self.holes.is_open(each.event) for each in (old, new))
        self.said |= set() if is_open else {size}
        lower, higher = [
            Literal(Decimal(each.shown), each.shown)
            for each in ((new, old) if change > 0 else (old, new))
        ]
        return {
            "old": self.in_words(old.shown),
            "new": self.in_words(new.shown),
            "difference": f"{tex(higher - lower, self.style)} {facts.relation(is_exact, self.problem)} {self.numeral(size)}",
            "sign": sign(change),
            "real": sign(real),
            "keys": [old.key, new.key],
            "has_corner": self.effects.has_corner(epoch),
            "is_open": is_open,
        }

    def size_of(self, change: Decimal, shown: tuple[str, ...]) -> tuple[str, bool]:
        """The text of the size of a difference of shown numbers, and whether it is exact: of two
        that lie far apart, as many digits as the longer has."""
        size = change.copy_abs()
        longest = max(len(Decimal(text).as_tuple().digits) for text in shown)
        if len(size.normalize(FREE).as_tuple().digits) > max(LONG, longest):
            size = quantize(size, size.adjusted() - longest + 1, self.problem.rounding.mode)
        return bound_text(size), size == change.copy_abs()

    def figure(self, name: str) -> facts.Facts | None:
        """A drawn figure by its name; None if it was not drawn."""
        self.asked.add(name)
        found = next((each for each in self.figures if each.name == name), None)
        if found is None:
            return None
        self.claims.pictures += [found.alt, found.caption]
        self.claims.drawn += [
            Claim(kind, about, f"{found.alt} / {found.caption}") for kind, about in found.said
        ]
        return {
            "path": f"figures/{found.files[0].name}",
            "alt": found.alt,
            "caption": found.caption,
        }

    def rounding_before(self, now: facts.Facts) -> facts.Facts | None:
        """What was said of rounding last, if anything; from here on it is `now`."""
        if self.roundings is None:
            return None
        before = self.roundings[-1] if self.roundings else None
        self.roundings.append(now)
        return before

    # ---- tables
    # -----------------------------------------------------------------------------------

    def parameter_table(self) -> str:
        """Every parameter before and after each update (the first and the last where there are
        many)."""
        epochs = list(range(1, self.problem.epochs + 1))
        shown = epochs if len(epochs) <= MAX_COLUMNS else [*epochs[:2], *epochs[-2:]]
        header = [
            "Parameter",
            "before",
            *[
                f"after update {epoch}" if len(epochs) > 1 else "after the update"
                for epoch in shown
            ],
        ]
        rows = [
            [
                f"${self.symbols(name)}$",
                *[f"${self.before(name, epoch)}$" for epoch in (1, *[each + 1 for each in shown])],
            ]
            for name in self.problem.parameters
        ]
        return table(header, rows)

    def epoch_table(self) -> str:
        """What is predicted and the loss, epoch by epoch, and after the last update."""
        last, names = self.problem.epochs, [*self.predictions(), self.problem.loss_name]
        rows = [
            [str(epoch), *[f"${self.value(name, epoch)}$" for name in names]]
            for epoch in range(1, last + 1)
        ]
        rows.append(
            [
                f"after update {last}" if last > 1 else "after the update",
                *[f"${self.value(name, last, 'check')}$" for name in names],
            ]
        )
        return table(["Epoch", *[f"${self.symbols(name)}$" for name in names]], rows)

    def meanings(self) -> dict[str, facts.Facts]:
        """What the names of the page stand for, each with its `role`; the words are the glossary's."""
        found: dict[str, facts.Facts] = {
            name: {"role": "ended", "of": "ended"}
            if name.endswith(ended(""))
            else {"role": "given"}
            for name in self.trace.givens
            if not (name.endswith("_delta") and self.problem.nudge)
        }
        for working in self.trace.workings:
            if (
                working.phase not in PHASES
            ):  # something is tried out: what has moved has one row for all
                if working.name.endswith("_prime"):
                    found[working.name] = {"role": "moved", "of": "moved"}
                continue
            gradient = GRADIENT.fullmatch(working.name)
            if gradient and working.phase == "backward":
                of, by = gradient.groups()
                found[working.name] = {
                    "role": "gradient",
                    "of": of,
                    "of_symbol": self.symbols(of),
                    "by_symbol": self.symbols(by),
                }
            elif working.phase != "update":
                found.setdefault(
                    working.name, {"role": "result", "formula": tex(working.formula, self.style)}
                )
        return found

    def derivatives(self) -> dict[str, facts.Facts]:
        """What the derivatives mean that are derived on the page, wherever they are taken."""
        plain = Symbols.of(self.problem)
        pairs = {
            derivation.name: match.groups()
            for derivation in self.trace.derivations
            if (match := GRADIENT.fullmatch(derivation.name))
        }
        return {
            name: {
                "role": "gradient",
                "of": of,
                "of_symbol": plain(of),
                "by_symbol": plain(by),
                "symbol": plain(name),
            }
            for name, (of, by) in pairs.items()
        }

    def label(self, working: Working) -> tuple[str, bool]:
        """What a diagram shows of a result: its text, and whether it is exact."""
        return working.shown, facts.relation(
            all(line.is_exact for line in working.lines), self.problem
        ) == "="

    def programs(self, dialects: Sequence[str] | None = None) -> list[facts.Facts]:
        """The programs in these dialects, or in those that the problem asks for, and what each
        prints, as far as it can be run here."""
        dialects = self.problem.code if dialects is None else dialects
        if not dialects:
            return []
        from ..programs.running import can_run, printed
        from ..programs.writer import DIALECTS, program_of

        made = [program_of(self.trace, dialect) for dialect in dialects]
        return [
            {
                "called": DIALECTS[each.dialect],
                "text": each.text,
                "printed": printed(each.text) if can_run(each.dialect) else "",
            }
            for each in made
        ]

    def handed_out(self) -> facts.Facts:
        """What templates know otherwise on a sheet and its key: a drawing with all that is given."""
        return {}

    def states(self, epoch: int = 1, phase: str = "forward") -> list[facts.Facts]:
        """The units that deserve a sentence."""
        return []

    def predictions(self) -> tuple[str, ...]:
        """The quantities beside the loss in the table of epochs."""
        return ()
