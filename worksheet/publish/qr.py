"""The QR of the code at the foot of a page, for a phone or a scanner: on paper at the right of
every page's foot, elsewhere at the top.

It says the code and nothing else, in capital letters and digits, and survives the loss of a seventh
of it (level M).
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from ..codes import read_code
from ..errors import WorksheetError
from ..sealed_codes import grouped, is_of_exam, plain
from .pages import Drawing

MODULE = 0.5  # millimetres of a square; four of them around it stay white


@lru_cache(maxsize=64)
def stamp(foot: str) -> Drawing | None:
    """The QR of what stands at the foot of a page; None unless it is a code."""
    import segno

    try:
        code = grouped(plain(foot)) if is_of_exam(foot) else str(read_code(foot))
    except WorksheetError:
        return None
    svg = BytesIO()
    segno.make_qr(code, mode="alphanumeric", error="m", boost_error=False).save(
        svg,
        kind="svg",
        scale=MODULE,
        unit="mm",
        light="#fff",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return Drawing(svg.getvalue().decode().strip(), f"QR code: {code}")
