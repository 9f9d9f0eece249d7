"""The Jinja environment: strict, sandboxed, bounded, and exact about where a template is wrong.

A folder `templates/` where the program is started overrides ours file by file. Delimiters are `<<
>>`, `<% %>` and `<# #>`, because the usual ones collide with TeX. Templates may come from
strangers.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from ..errors import TemplateError, WorksheetError
from ..family import plugged_in
from ..resources import PACKAGE, templates_folder
from ..spec.yaml_reader import clipped
from .apart import SECONDS, TOO_MUCH, bounded
from .claims import WORDS

SIGNS = "blocks are <% %>, values << >>, comments <# #>"
SURROGATE = re.compile("[\ud800-\udfff]")
MAX_PAGE, MAX_POWER = 8_000_000, 64
JINJAS = frozenset([LoopContext, Namespace, TemplateModule])
# string methods and filters that make a text of any length from a short one
WIDENING = frozenset(["ljust", "rjust", "center", "zfill", "expandtabs", "format", "format_map"])
# what a template can bring about by itself; anything else is a bug of ours, and shows as one
FAULTS = (
    UndefinedError,
    TemplateSyntaxError,
    TemplateNotFound,
    SecurityError,
    TypeError,
    ValueError,
    ZeroDivisionError,
    RecursionError,
    OverflowError,
    KeyError,
    IndexError,
    MemoryError,
    WorksheetError,
)


def fill(template: str, context: dict[str, Any], folder: Path | None = None) -> str:
    """The text of a template; `folder` overrides ours. Raises TemplateError with the template's
    place."""
    return _filled(
        lambda: environment(str(folder) if folder else "").get_template(template),
        context,
        template if folder else "",
    )


def fill_text(text: str, source: str, context: dict[str, Any], folder: Path | None = None) -> str:
    """The same for a template that is no file of its own; `source` is what messages call it."""

    def made() -> Template:
        where = environment(str(folder) if folder else "")
        return Template.from_code(
            where, where.compile(text, source, source), where.make_globals(None)
        )

    return _filled(made, context, source)


def blocks(template: str, folder: Path | None = None) -> tuple[str, ...]:
    """The names of the blocks of a template."""
    return tuple(environment(str(folder) if folder else "").get_template(template).blocks)


def _filled(made: Callable[[], Template], context: dict[str, Any], stranger: str) -> str:
    """The text. `stranger`: what messages call a template that may come from anybody; whatever it
    brings about is its own fault, even where it is a function of ours that stumbles."""
    try:
        with deadline(SECONDS), bounded(stranger) if stranger else nullcontext():
            return _page(made().generate(context))
    except TemplateError as fault:
        raise fault if fault.where else _placed(fault, stranger) from None
    except FAULTS as fault:
        raise _placed(fault, stranger) from fault
    except Exception as fault:
        if not stranger:
            raise
        raise _placed(fault, stranger) from fault


def _page(pieces: Iterator[str]) -> str:
    """The page, as long as it is one: a template may not end."""
    text, size = [], 0
    for piece in pieces:
        text.append(piece)
        size += len(piece)
        if size > MAX_PAGE:
            raise TemplateError(
                f"the page passes {MAX_PAGE:,} characters", hint="is there a loop without end?"
            )
    made = "".join(text)
    if lone := SURROGATE.search(made):
        raise TemplateError(
            f"a character that is no text: {lone[0]!a}",
            hint="half of a pair; write the character itself",
        )
    return made


@contextmanager
def deadline(seconds: int) -> Iterator[None]:
    """Stop a template that takes longer, even one that writes nothing. Only the main thread of a
    POSIX system has such an alarm; elsewhere the sandbox's bounds on sizes remain."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def ring(*_) -> None:
        raise TemplateError(
            f"the template takes longer than {seconds} seconds", hint="is there a loop without end?"
        )

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with bounds on what a short expression can blow up to."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def make_globals(self, d: Mapping[str, Any] | None) -> dict[str, Any]:
        """What a template knows beside its context: a plain dictionary, for each import asks what
        is in it and what is not."""
        return self.globals | (d or {})

    def call_binop(self, context, operator: str, left: Any, right: Any) -> Any:
        """`left operator right`. Raises SecurityError for a repetition longer than a page, for a
        large power, and for `%` on a text, which can widen it."""
        sizes = [len(value) for value in (left, right) if hasattr(value, "__len__")]
        counts = [abs(value) for value in (left, right) if isinstance(value, (int, float))]
        is_huge = operator == "*" and sizes and counts and sizes[0] * counts[0] > MAX_PAGE
        if (
            is_huge
            or operator == "%"
            and isinstance(left, str)
            or operator == "**"
            and max(counts, default=0) > MAX_POWER
        ):
            raise SecurityError(f"the operation {operator} grows too large in a template")
        return super().call_binop(context, operator, left, right)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A fact of that name, before a method of dictionaries. What Jinja itself hands to
        templates has nothing public that could do harm."""
        kind = type(obj)
        if kind is dict and attribute in obj:
            return obj[attribute]
        if kind in JINJAS and not attribute.startswith("_"):
            try:
                return getattr(obj, attribute)
            except AttributeError:  # said as of everything else
                pass
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether Jinja calls it safe and it is no method that widens a text."""
        return not (isinstance(obj, str) and attr in WIDENING) and super().is_safe_attribute(
            obj, attr, value
        )


class Files(FileSystemLoader):
    """The templates of a folder, one that is no text named by its own place."""

    def get_source(self, environment, template: str):
        """The source of a template, as Jinja wants it. Raises TemplateError for a file that is not
        UTF-8."""
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as fault:
            raise TemplateError(
                f"the file is not UTF-8: byte 0x{fault.object[fault.start]:02x}",
                str(Path(self.searchpath[0], template)),
                "save it as UTF-8 in your editor",
            ) from None


class Strict(StrictUndefined):
    """An unknown name says which names there are that look like it."""

    @property
    def _undefined_message(self) -> str:
        known = list(self._undefined_obj) if isinstance(self._undefined_obj, dict) else []
        close = get_close_matches(str(self._undefined_name), known, 1)
        return f"the template asks for '{self._undefined_name}', which is not there" + (
            f"|did you mean '{close[0]}'?" if close else ""
        )


@lru_cache(maxsize=8)
def environment(folder: str) -> Sandbox:
    """The environment that looks in `folder` first, then in our own templates and in those of
    families of others."""
    loaders = [
        Files(path)
        for path in (
            folder,
            str(templates_folder()),
            *[str(each / "templates") for each in plugged_in()],
        )
        if path
    ]
    made = Sandbox(
        loader=ChoiceLoader(loaders),
        cache_size=-1,
        undefined=Strict,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=bool(
            folder
        ),  # a notebook may be open beside templates of yours; ours do not change
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        keep_trailing_newline=True,
    )
    made.globals |= WORDS
    for name in WIDENING & made.filters.keys():
        del made.filters[name]
    return made


def _placed(fault: Exception, stranger: str = "") -> TemplateError:
    """The fault with the template's own file and line; a bug of ours in a template of ours as it
    is."""
    message, _, hint = str(fault).partition("|")
    if isinstance(fault, TemplateSyntaxError):
        return TemplateError(
            sentence(fault.message or ""), f"{fault.filename or fault.name}:{fault.lineno}", SIGNS
        )
    if isinstance(fault, TemplateNotFound):
        return TemplateError(f"there is no template '{fault.name}'", str(templates_folder()))
    where, trace, innermost = "", fault.__traceback__, ""
    while trace:
        innermost = trace.tb_frame.f_code.co_filename
        if not innermost.endswith(".py") and not innermost.startswith(
            "<"
        ):  # Jinja gives a template's own lines
            where = f"{innermost}:{trace.tb_lineno}"
        trace = trace.tb_next
    if (
        isinstance(fault, AttributeError | TypeError) and innermost.endswith(".py") and stranger
    ):  # Jinja, or a function of ours, got what it cannot use
        message = f"the template asks for what cannot be done: {message}"
    if isinstance(fault, WorksheetError):  # such as: the trace has no quantity 'zh'
        return TemplateError(fault.message, fault.where or where or stranger, fault.hint)
    if isinstance(fault, MemoryError):
        return TemplateError(TOO_MUCH[0], where or stranger, TOO_MUCH[1])
    if isinstance(fault, RecursionError):
        return TemplateError(
            "the template calls itself again and again",
            where or stranger,
            "a macro, an include or a bracket within itself?",
        )
    if not stranger and (
        not where or PACKAGE in Path(innermost).parents and not isinstance(fault, SecurityError)
    ):
        raise fault
    return TemplateError(
        sentence(message or type(fault).__name__),
        where or stranger,
        hint or (SIGNS if stranger else ""),
    )


def sentence(text: str) -> str:
    """What Jinja or Python says, as we say it: on one line, without a capital and a full stop."""
    text = clipped(text, 200).rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
