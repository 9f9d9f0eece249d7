"""The pictures of the gallery that can be made again: grids and circuits, filled and blank, beside
their mock-ups.

    make gallery      # docs/gallery/grid-*.png and circuit-*.png

Each is made of the PDF as it is: the page that holds the drawing, without its white margins, in
sixteen greys.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from worksheet.family import problem_file
from worksheet.publish import Page, publish
from worksheet.solution import by_hand
from worksheet.spec.load import load
from worksheet.worksheets import gridded, make_worksheet

HERE = Path(__file__).parent
DOTS, GAP, GREYS = 72, 14, 16  # an inch; pixels between pages; of a picture
MARGIN = 6
# the picture -> its spec, and its mock-ups, filled and blank, where there are some
GRIDS = {
    "grid-2-2-2": (problem_file("two-by-two"), "4-grid-2-2-2"),
    "grid-3-4-2": (HERE / "specs/grid-3-4-2.yaml", "4-grid-3-4-2"),
    "grid-3-4-3": (HERE / "specs/grid-3-4-3.yaml", ""),
}
CIRCUITS = {
    "circuit-one-hidden-neuron": "5-circuit",
    "circuit-sum": "5-circuit",
    "circuit-two-uses": "",
}
HALF = {
    "circuit-one-hidden-neuron": (0.0, 0.49),
    "circuit-sum": (0.49, 1.0),
}  # the part of a mock-up, from above


def shot(pdf: bytes, told: str) -> Image.Image:
    """The first page of a PDF that says something, without its margins."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "page.pdf")
        file.write_bytes(pdf)
        pages = subprocess.run(
            ["pdftotext", file, "-"], capture_output=True, text=True, check=True
        ).stdout.split("\f")
        number = next(number for number, page in enumerate(pages, start=1) if told in page)
        subprocess.run(
            [
                "pdftoppm",
                "-r",
                str(DOTS),
                "-gray",
                "-png",
                "-f",
                str(number),
                "-l",
                str(number),
                "-singlefile",
                file,
                Path(place, "page"),
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        return trimmed(Image.open(Path(place, "page.png")).convert("L"))


def trimmed(page: Image.Image) -> Image.Image:
    box = ImageChops.invert(page).getbbox()
    return page.crop(
        (
            max(0, box[0] - MARGIN),
            max(0, box[1] - MARGIN),
            min(page.width, box[2] + MARGIN),
            min(page.height, box[3] + MARGIN),
        )
    )


def mock_up(name: str, kind: str, part: tuple[float, float] = (0.0, 1.0)) -> list[Image.Image]:
    """A mock-up (110 dots an inch) at the size of the pages beside it."""
    if not name:
        return []
    page = Image.open(HERE / "mock-ups" / f"{name}-{kind}.png").convert("L")
    page = page.crop((0, round(part[0] * page.height), page.width, round(part[1] * page.height)))
    return [
        trimmed(
            page.resize(
                (round(page.width * DOTS / 110), round(page.height * DOTS / 110)),
                Image.Resampling.LANCZOS,
            )
        )
    ]


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """Pages in rows, those of a column below each other, on grey."""
    columns = max(map(len, rows))
    wide = [
        max(row[column].width for row in rows if column < len(row)) for column in range(columns)
    ]
    high = [max(page.height for page in row) for row in rows]
    whole = Image.new(
        "L", (sum(wide) + GAP * (columns + 1), sum(high) + GAP * (len(rows) + 1)), 200
    )
    y = GAP
    for row, height in zip(rows, high, strict=True):
        x = GAP
        for page, width in zip(row, wide):
            whole.paste(255, (x, y, x + width, y + height))
            whole.paste(page, (x, y))
            x += width + GAP
        y += height + GAP
    return whole


def saved(name: str, rows: list[list[Image.Image]]) -> None:
    file = HERE / f"{name}.png"
    sheet(rows).quantize(GREYS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.relative_to(HERE.parents[1])}  ({file.stat().st_size // 1024} kB)")


def main() -> None:
    for name, (spec, drawn) in GRIDS.items():
        made = gridded(by_hand(load(spec)))
        pages = {
            stem: publish([Page(stem, text, HERE, stem, layout=made.layout)], "pdf")[0]
            for stem, text in made.pages.items()
        }
        saved(
            name,
            [
                [shot(pages[stem], "Backward"), *mock_up(drawn, kind)]
                for stem, kind in (("key", "filled"), ("sheet", "blank"))
            ],
        )
    for name, drawn in CIRCUITS.items():
        made = make_worksheet(load(HERE / f"specs/{name}.yaml"))
        pages = {
            stem: publish([Page(stem, text, HERE, stem)], "pdf")[0]
            for stem, text in (("key", made.key), ("sheet", made.sheet))
        }
        saved(
            name,
            [
                [
                    shot(pages[stem], "Read it twice"),
                    *mock_up(drawn, kind, HALF.get(name, (0.0, 1.0))),
                ]
                for stem, kind in (("key", "filled"), ("sheet", "blank"))
            ],
        )


if __name__ == "__main__":
    main()
