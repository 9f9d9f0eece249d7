"""Reading YAML 1.2 with positions: text -> a tree of nodes that know their line and their path.

The tree is built from the parser's events, so no value is constructed before it has been looked at:
a number keeps its text and never passes through a binary float, and what a spec has no use for
(anchors, aliases, tags, directives, a second document) is refused where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from ..errors import DECIMAL_COMMA
from ..numbers.number import Number
from .faults import Faults

BYTES = 256 * 1024  # a spec is a page or two
DEPTH = 20  # levels of nesting; a spec needs seven
DIGITS = 30  # of a number, written without exponent
LARGEST = 10**9

# the plain scalars of the YAML 1.2 core schema; hexadecimal and octal stay text, a lecture note has
# no use for them
_NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?", re.ASCII)
_NO_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)  # controls, halves of pairs: in quotes YAML lets them pass
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}

# what the parser says -> the sentence, the hint, and whether the fault lies where the parser began
# to read the thing
_SYNTAX = (
    ("'\\t'", "a tab", "indent with spaces; YAML allows no tabs there", False),
    (
        "quoted scalar",
        "a quotation mark is not closed",
        "close it, or double it where it stands for itself: 'it''s'",
        True,
    ),
    (
        "mapping values are not allowed",
        "a colon where none can stand",
        "quote a text that holds ': ', or check the indentation of this line and the one above",
        False,
    ),
    (
        "flow sequence",
        "a list is not closed",
        "what opens with [ closes with ], its entries separated by commas",
        True,
    ),
    (
        "flow mapping",
        "a mapping is not closed",
        "what opens with { closes with }, its entries separated by commas",
        True,
    ),
    (
        "could not find expected ':'",
        "a key without its colon",
        "write 'key: value', with a space after the colon",
        True,
    ),
    (
        "expected the node content",
        "a value or a closing bracket is missing",
        "check the brackets and commas of this line",
        False,
    ),
    (
        "block",
        "the indentation does not fit the lines above",
        "entries of one mapping or list start in the same column",
        False,
    ),
    (
        "cannot start any token",
        "a text cannot start with this character",
        "put the text in quotes",
        False,
    ),
    (
        "undefined alias",
        "anchors and aliases are not read",
        "write the value out where it is used",
        False,
    ),
)
_SYNTAX_HINT = "compare with a spec in problems/, or start from `worksheet new NAME`"


@dataclass(slots=True)
class Node:
    """One value of the file. `value` is a dict or list of Nodes, a Number, a str, a bool or None.

    `line` is the line of a scalar, or of the key that a mapping or list belongs to. `keys` holds
    the lines of a mapping's keys.
    """

    value: dict[str, Node] | list[Node] | Number | str | bool | None
    line: int
    path: str
    keys: dict[str, int] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """The value of a key; None when there is none, or this is no mapping."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def entries(self) -> list[Node]:
        """The values of a list or a mapping in order; none for a scalar."""
        if isinstance(self.value, dict):
            return list(self.value.values())
        return self.value if isinstance(self.value, list) else []

    def plain(self):
        """The value as dicts, lists and scalars, positions left behind."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def put(self, way: tuple[str | int, ...], value) -> Node:
        """The same tree with `value` (dicts, lists and scalars) at the end of a way of keys and
        indices; its places stay."""
        if not way:
            if isinstance(value, dict):
                value = {
                    key: Node(None, self.line, self.path).put((), entry)
                    for key, entry in value.items()
                }
            elif isinstance(value, list):
                value = [Node(None, self.line, self.path).put((), entry) for entry in value]
            return Node(
                value,
                self.line,
                self.path,
                dict.fromkeys(value, self.line) if isinstance(value, dict) else {},
            )
        inner = self.value.copy()
        inner[way[0]] = inner[way[0]].put(way[1:], value)
        return Node(inner, self.line, self.path, self.keys)

    def without(self, *names: str) -> Node:
        """The same mapping without these keys."""
        return Node(
            {key: node for key, node in self.value.items() if key not in names},
            self.line,
            self.path,
            self.keys,
        )

    def found(self) -> str:
        """What stands here, in words: `the text 'abc'`, `a list`, `nothing`."""
        match self.value:
            case None:
                return "nothing"
            case bool():
                return str(self.value).lower()
            case Number():
                return f"the number {self.value.text}"
            case str():
                return f"the text '{clipped(self.value)}'"
            case dict():
                return "a mapping"
        return "a list"


def is_word(text: str) -> bool:
    """Whether an unquoted text is read as itself, not as a number, true, false or nothing."""
    return text not in _WORDS and not _NUMBER.fullmatch(text)


def clipped(text: str, length: int = 40) -> str:
    """A text for a sentence: one line, not too long, nothing unprintable."""
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= length else text[: length - 3] + "..."


def read_file(path: str | Path, faults: Faults) -> str:
    """The text of a spec; SpecError for a file that is missing, unreadable, too large or not UTF-8."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(BYTES + 1)
    except FileNotFoundError:
        faults.fail(
            0,
            "",
            "there is no such file",
            "check the name; `worksheet list` shows the specs at hand",
        )
    except IsADirectoryError:
        faults.fail(0, "", "this is a folder, not a spec", "name a .yaml file in it")
    except OSError as error:
        faults.fail(
            0,
            "",
            f"the file cannot be read: {(error.strerror or str(error)).lower()}",
            "check its permissions",
        )
    if len(data) > BYTES:
        _too_large(faults)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.fail(
            line,
            "",
            f"the file is not UTF-8: byte 0x{data[error.start]:02x}",
            "save it as UTF-8 in your editor",
        )


def read(text: str, faults: Faults) -> Node:
    """The tree of a text that holds one YAML document.

    Faults that leave a readable tree (a duplicate key, a number out of bounds) are added to
    `faults`; others raise SpecError together with those.
    """
    if len(text) > BYTES:
        _too_large(faults)
    if directive := re.search(r"^%", text, re.MULTILINE):
        faults.fail(
            text.count("\n", 0, directive.start()) + 1,
            "",
            "directives (%YAML, %TAG) are not read",
            "leave this line out",
        )
    try:
        root = _document(YAML(typ="safe", pure=True).parse(text), faults)
    except MarkedYAMLError as error:
        said = f"{error.context} {error.problem}"
        unknown = (
            clipped(error.problem or error.context or "it does not parse", 100),
            _SYNTAX_HINT,
            False,
        )
        sentence, hint, is_earlier = next(
            (rest for needle, *rest in _SYNTAX if needle in said), unknown
        )
        mark = (is_earlier and error.context_mark) or error.problem_mark or error.context_mark
        faults.fail(mark.line + 1 if mark else 0, "", f"not valid YAML: {sentence}", hint)
    except ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        faults.fail(
            text.count("\n", 0, position) + 1,
            "",
            "not valid YAML: a control character",
            "delete it; the file may be binary, or pasted from a PDF",
        )
    except (
        YAMLError,
        ValueError,
        OverflowError,
    ) as error:  # the parser's less tidy ways to refuse a text
        faults.fail(0, "", f"not valid YAML: {clipped(str(error), 100)}", _SYNTAX_HINT)
    return root


def _too_large(faults: Faults) -> None:
    faults.fail(
        0,
        "",
        f"the file is larger than {BYTES // 1024} KB",
        "a spec is a page or two; is this the right file?",
    )


def _document(events: Iterator, faults: Faults) -> Node:
    root = None
    for event in events:
        if isinstance(event, DocumentStartEvent):
            line = event.start_mark.line + 1
            if root is not None:
                faults.fail(
                    line,
                    "",
                    "a second document starts here",
                    "one problem a file: delete the '---' or split the file",
                )
            root = _node(next(events), events, faults, "", 0, line)
    if root is None or root.value is None:
        faults.fail(0, "", "the file is empty", "start from `worksheet new NAME`")
    return root


def _node(event, events: Iterator, faults: Faults, path: str, depth: int, key_line: int) -> Node:
    line = event.start_mark.line + 1
    if isinstance(event, AliasEvent) or event.anchor is not None:
        sign = "*" if isinstance(event, AliasEvent) else "&"
        faults.fail(
            line,
            path,
            f"anchors and aliases are not read: {sign}{clipped(str(event.anchor))}",
            "write the value out where it is used",
        )
    if event.tag is not None:
        faults.add(
            line,
            path,
            f"tags are not read: {clipped(str(event.tag).replace('tag:yaml.org,2002:', '!!'))}",
            "leave it out; quote a value to make it a text",
        )
    if isinstance(event, ScalarEvent):
        return _scalar(event, faults, path, line)
    if depth == DEPTH:
        faults.fail(
            line,
            path.partition("[")[0],
            f"nested more than {DEPTH} levels deep",
            "a spec needs seven; is a bracket doubled?",
        )
    if isinstance(event, SequenceStartEvent):
        entries = []
        while not isinstance(event := next(events), SequenceEndEvent):
            entries.append(
                _node(
                    event,
                    events,
                    faults,
                    f"{path}[{len(entries)}]",
                    depth + 1,
                    event.start_mark.line + 1,
                )
            )
        return Node(entries, key_line, path)
    assert isinstance(event, MappingStartEvent)
    return _mapping(events, faults, path, depth, key_line)


def _mapping(events: Iterator, faults: Faults, path: str, depth: int, key_line: int) -> Node:
    mapping = Node({}, key_line, path)
    while not isinstance(event := next(events), MappingEndEvent):
        line = event.start_mark.line + 1
        key_node = _node(event, events, faults, path, depth + 1, line)
        key = event.value if isinstance(event, ScalarEvent) else ""
        # `network.` goes without saying: layers[0].activation
        value = _node(
            next(events),
            events,
            faults,
            key if path in ("", "network") else f"{path}.{key}",
            depth + 1,
            line,
        )
        if comma := _decimal_comma(
            mapping, key_node, value
        ):  # x: 1,5 in braces: a key x, and a key 5 of nothing
            last, text = comma
            faults.add(
                line, mapping.value[last].path, f"{DECIMAL_COMMA}{text}", text.replace(",", ".")
            )
            mapping.value[last] = Node(
                Number.written(text.replace(",", ".")),
                mapping.value[last].line,
                mapping.value[last].path,
            )
        elif not key or isinstance(key_node.value, (dict, list)):
            faults.add(line, path, "a key must be a word", "write 'key: value'")
        elif key in mapping.value:
            faults.add(
                line,
                path,
                f"the key '{clipped(key)}' appears twice",
                f"it stands first on line {mapping.keys[key]}; keep one of the two",
            )
        else:
            mapping.value[key], mapping.keys[key] = value, line
    return mapping


def _decimal_comma(mapping: Node, key: Node, value: Node) -> tuple[str, str] | None:
    """The key before this one and its number, if this one is the rest of that number."""
    last = next(reversed(mapping.value), "")
    before = mapping.value[last].value if last else None
    if (
        value.value is None
        and isinstance(before, Number)
        and isinstance(key.value, Number)
        and before.text.lstrip("-").isdigit()
        and key.value.text.isdigit()
    ):
        return last, f"{before.text},{key.value.text}"
    return None


def _scalar(event: ScalarEvent, faults: Faults, path: str, line: int) -> Node:
    text = event.value
    if bad := _NO_TEXT.search(text):
        faults.add(
            line,
            path,
            f"a character that is no text: {bad[0]!a}",
            "delete it, or write the character that is meant",
        )
        return Node(_NO_TEXT.sub("?", text), line, path)
    if event.style in ("'", '"', "|", ">"):  # quoted, so a text whatever it looks like
        return Node(text, line, path)
    if text in _WORDS:
        return Node(_WORDS[text], line, path)
    if _NUMBER.fullmatch(text):
        return Node(_number(text, faults, path, line), line, path)
    if _NOT_FINITE.fullmatch(text):
        faults.add(
            line, path, f"{text} is not a finite number", "give a decimal number, such as 0.5"
        )
        return Node(Number.written(1), line, path)
    return Node(text, line, path)


def _number(text: str, faults: Faults, path: str, line: int) -> Number:
    """The number a text means, within bounds; a fault and 1 otherwise, so that reading goes on."""
    mantissa, _, power = text.lower().partition("e")
    digits = sum(character.isdigit() for character in mantissa)
    if len(power) > 5 or digits + abs(int(power or 0)) > DIGITS:
        faults.add(
            line,
            path,
            f"a number of more than {DIGITS} digits: {clipped(text)}",
            "round it; a page shows far fewer",
        )
        return Number.written(1)
    if abs(Decimal(text)) > LARGEST:
        faults.add(
            line, path, f"{text} is too large", "numbers go up to 1e9 in size; choose another unit"
        )
        return Number.written(1)
    sign, mantissa = mantissa[:1].strip("+0123456789."), mantissa.lstrip("+-")
    whole, point, decimals = mantissa.partition(".")
    mantissa = (whole.lstrip("0") or "0") + (
        point + decimals if decimals else ""
    )  # 007 is 7, 1. is 1
    if not mantissa.strip("0."):
        sign = ""  # -0 is 0
    return Number.written(f"{sign}{mantissa}e{power}" if power else sign + mantissa)
