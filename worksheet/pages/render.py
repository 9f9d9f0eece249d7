"""Problem and trace to Markdown: what a page hands to its templates. All prose lives in templates/."""

from __future__ import annotations

from pathlib import Path

from ..family import family_of
from ..trace.trace import Trace
from .apart import apart
from .glossary import glossary
from .page import Markdown, Page


def render(
    trace: Trace,
    figures: tuple = (),
    layout: str = "notes",
    folder: Path | None = None,
    listed: tuple = (),
    symbols: bool | None = None,
) -> Markdown:
    """The Markdown of a solved problem.

    figures: what plots.draw returned, shown from the folder `figures` beside the page. folder:
    templates that override ours, file by file. listed: what `repunch` found true only of unrounded
    values; the page says so. symbols: whether the glossary stands at the end, whatever the spec
    says. Raises TemplateError with the template's file and line."""

    def rendered() -> Markdown:
        page = page_of(trace, figures, listed)
        text = page.render(layout, folder)
        if not (trace.problem.glossary if symbols is None else symbols):
            return text
        with page.filling(folder) as claims:
            return Markdown(text + "\n" + glossary(text, [(page, text)], folder), claims)

    return apart(rendered, folder is not None)


def page_of(trace: Trace, figures: tuple = (), listed: tuple = ()) -> Page:
    """The page of a solved problem, by its family."""
    return family_of(trace.problem).page()(trace, figures, listed)
