"""The collector of documents: it finds every case, tells a difference, and rewrites only what it
should."""

from __future__ import annotations

import documents
import pytest

DOCUMENT = """\
# Two cases

## the first

Some prose.

```yaml
a: 1
```

```text
one
```

## the second

````yaml
```
````

````text
two
````
"""


@pytest.fixture
def two_cases(tmp_path, monkeypatch):
    (tmp_path / "two.md").write_text(DOCUMENT)
    monkeypatch.setattr(documents, "CASES", tmp_path)
    return documents.cases("two.md")


def test_cases_come_in_order(two_cases):
    assert [(case.title, case.given, case.expected) for case in two_cases] == [
        ("the first", "a: 1\n", "one\n"),
        ("the second", "```\n", "two\n"),
    ]


def test_a_difference_fails_with_a_diff(two_cases):
    documents.check(two_cases[0], "one", update=False)
    with pytest.raises(AssertionError, match=r"(?s)two.md, the first:.*-one\n\+three"):
        documents.check(two_cases[0], "three", update=False)


def test_update_rewrites_the_one_case(two_cases):
    documents.check(two_cases[1], "three\n", update=True)
    assert two_cases[1].path.read_text() == DOCUMENT.replace("two\n````", "three\n````")


@pytest.mark.parametrize(
    "text",
    [
        "## alone\n",
        "## a\n```yaml\n1\n```\n## b\n```yaml\n1\n```\n\n```text\n1\n```\n",
        DOCUMENT.replace("the second", "the first"),
    ],
)
def test_a_document_out_of_order_is_refused(tmp_path, monkeypatch, text):
    (tmp_path / "x.md").write_text(text)
    monkeypatch.setattr(documents, "CASES", tmp_path)
    with pytest.raises(AssertionError):
        documents.cases("x.md")
