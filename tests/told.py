"""All that a published page says to anybody: its text and its alternative texts, in any format."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from zipfile import ZipFile


def words_of(page: bytes, to: str) -> str:
    """The words of a page; of a PDF with the texts that stand for its pictures."""
    if to == "docx":
        return ZipFile(BytesIO(page)).read("word/document.xml").decode()
    if to != "pdf":
        return page.decode()
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=page, capture_output=True, check=True
    ).stdout.decode()
    marked = subprocess.run(
        ["pdfinfo", "-struct-text", "-"], input=page, capture_output=True, check=True
    ).stdout.decode()
    return re.sub("−", "-", text + marked)
