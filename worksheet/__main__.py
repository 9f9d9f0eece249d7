"""`python -m worksheet` is the program `worksheet`."""

from .cli import main

raise SystemExit(main())
