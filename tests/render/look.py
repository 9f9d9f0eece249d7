"""Look at a note as a lecturer sees it: `python tests/render/look.py build/x/notes.md out.png`.

A tall page becomes several pictures (`out-1.png`, `out-2.png`, ...); their names are printed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from rendering import screenshot  # noqa: E402  found beside this folder, not in an installed package


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("note", type=Path, help="a Markdown file")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    parser.add_argument(
        "--width", type=int, default=900, help="of the window, in pixels (default 900)"
    )
    parser.add_argument(
        "--slice",
        type=int,
        default=2000,
        help="most pixels of height in one picture; 0 for one tall one",
    )
    asked = parser.parse_args()
    for file in screenshot(asked.note, asked.picture, asked.width, asked.slice):
        print(file)


if __name__ == "__main__":
    main()
