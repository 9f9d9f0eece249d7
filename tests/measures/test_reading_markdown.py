"""Documents of Markdown drawn from seeds: the formulas that our reader finds are those that pandoc
sets."""

from __future__ import annotations

from markdown_documents import differences, documents, set_by_pandoc
from measured import size, written

TOGETHER = 1000


def test_pandoc_sets_what_we_read():
    count, wrong, shown = size(600, 40_000), [], 0
    for seed in range(-(-count // TOGETHER)):
        drawn = documents(min(count, TOGETHER), seed)
        wrong += differences(drawn)
        shown += sum(map(len, set_by_pandoc(drawn[:100])))
    assert shown, "a corpus without formulas shows nothing"
    assert wrong == []
    written(
        "markdown",
        f"# The reader of Markdown\n\nOf {count} small documents drawn from seeds (`tests/markdown_documents.py`), half of signs thrown together and half of "
        f"lines of every kind of block, the formulas that our reader finds are those that pandoc sets in {count - len(wrong)}.\n",
    )
