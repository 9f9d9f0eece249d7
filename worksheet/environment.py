"""The Jinja environment: strict, sandboxed, bounded, and exact about where a template is wrong.

A folder `templates/` where the program is started overrides ours file by file. Delimiters are `<< >>`,
`<% %>` and `<# #>`, because the usual ones collide with TeX. Templates may come from strangers.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .errors import TemplateError, WorksheetError
from .places import templates_folder

MAX_PAGE, MAX_SECONDS = 8_000_000, 60
# what a template can bring about by itself; anything else is a bug of ours, and shows as one
FAULTS = (UndefinedError, TemplateSyntaxError, TemplateNotFound, SecurityError, TypeError, ValueError, ZeroDivisionError,
          RecursionError, OverflowError, KeyError, IndexError, WorksheetError)


def fill(template: str, context: dict[str, Any], folder: Path | None = None) -> str:
    """The text of a template; `folder` overrides ours. Raises TemplateError with the template's place."""
    try:
        return _bounded(environment(str(folder) if folder else "").get_template(template).generate(context))
    except TemplateError:
        raise
    except FAULTS as fault:
        raise _placed(fault) from fault


def _bounded(pieces: Iterator[str]) -> str:
    """The page, as long as it is one: a template may not end."""
    text, size, end = [], 0, monotonic() + MAX_SECONDS
    for piece in pieces:
        text.append(piece)
        size += len(piece)
        if size > MAX_PAGE or monotonic() > end:
            raise TemplateError(f"the page passes {MAX_PAGE:,} characters or {MAX_SECONDS} seconds", hint="is there a loop without end?")
    return "".join(text)


class Strict(StrictUndefined):
    """An unknown name says which names there are that look like it."""

    @property
    def _undefined_message(self) -> str:
        known = list(self._undefined_obj) if isinstance(self._undefined_obj, dict) else []
        close = get_close_matches(str(self._undefined_name), known, 1)
        return f"the template asks for '{self._undefined_name}', which is not there" + (f"|did you mean '{close[0]}'?" if close else "")


@lru_cache(maxsize=8)
def environment(folder: str) -> ImmutableSandboxedEnvironment:
    """The environment that looks in `folder` first, then in our own templates."""
    loaders = [FileSystemLoader(path) for path in (folder, str(templates_folder())) if path]
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders), undefined=Strict, autoescape=False, trim_blocks=True, lstrip_blocks=True,
        block_start_string="<%", block_end_string="%>", variable_start_string="<<", variable_end_string=">>",
        comment_start_string="<#", comment_end_string="#>", keep_trailing_newline=True)


def _placed(fault: Exception) -> TemplateError:
    """The fault with the template's own file and line."""
    message, _, hint = str(fault).partition("|")
    if isinstance(fault, TemplateSyntaxError):
        return TemplateError(fault.message, f"{fault.filename or fault.name}:{fault.lineno}",
                             "blocks are <% %>, values << >>, comments <# #>")
    if isinstance(fault, TemplateNotFound):
        return TemplateError(f"there is no template '{fault.name}'", str(templates_folder()))
    where, trace, innermost = "", fault.__traceback__, ""
    while trace:
        innermost = trace.tb_frame.f_code.co_filename
        if innermost.endswith(".j2"):
            where = f"{innermost}:{trace.tb_lineno}"
        trace = trace.tb_next
    if isinstance(fault, WorksheetError):      # such as: the trace has no quantity 'zh'
        return TemplateError(fault.message, where, fault.hint)
    if not where or Path(innermost).parent == Path(__file__).parent:
        raise fault
    return TemplateError(message, where, hint)
