"""PDFs one after the other in one file, for the printer.

Pikepdf reads each of them and gives its objects, which are written under new numbers as they come: in memory are one PDF and a number for
each object of the others. (A library that joins keeps all of them: measured, half a megabyte for each copy of an exam.)
Pages stay as they are, but the result is not tagged for screen readers; the single files are.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
CATALOG, PAGES, OUTLINES, INFO = range(1, 5)      # the numbers of what is written last
OF_TAGS = {"/StructParents", "/Tabs"}             # what a page has for the tags of its file
# a reference to an object, or a string, in which nothing is one; qpdf escapes every bracket within it
REFERENCE = re.compile(rb"\((?:[^\\()]|\\.)*\)|\b(\d+) 0 R\b", re.DOTALL)


def joined(files: Sequence[Path], out: Path, *, is_duplex: bool = False) -> str:
    """Write the PDFs in order into the file `out`, with a bookmark for each and the title of the first; its SHA-256. Same input, same bytes.

    `is_duplex`: each begins on a front side; a blank page comes before it where it is needed."""
    import pikepdf
    with out.open("wb") as file:
        writer, title = _Writer(file), ""
        for each in files:
            with pikepdf.open(each) as given, pikepdf.new() as pages:
                for page in given.pages:
                    for key in OF_TAGS & page.keys():
                        del page[key]
                pages.pages.extend(given.pages)
                if is_duplex and len(pages.pages) % 2 and each != files[-1]:
                    pages.add_blank_page(page_size=[float(side) for side in pages.pages[-1].mediabox[2:]])
                writer.add(pages, each.stem)
                title = title or str(given.docinfo.get("/Title", ""))
        return writer.end(pikepdf.String(title).unparse(), b"/Duplex /DuplexFlipLongEdge" if is_duplex else b"")


class _Mark(NamedTuple):
    """The bookmark of a PDF: its object, where it leads, its words."""

    number: int
    page: int
    title: bytes


class _Writer:
    """A PDF that is written from its beginning to its end."""

    def __init__(self, file: BinaryIO):
        self.file, self.hash, self.size = file, sha256(), 0
        self.offsets = array("Q", [0] * (INFO + 1))      # of each object by its number
        self.nodes, self.count, self.marks = [], 0, []
        self.put(HEAD)

    def put(self, content: bytes) -> None:
        self.file.write(content)
        self.hash.update(content)
        self.size += len(content)

    def object(self, number: int, content: bytes) -> None:
        self.offsets[number] = self.size
        self.put(b"%d 0 obj\n%s\nendobj\n" % (number, content))

    def add(self, pdf: Pdf, title: str) -> None:
        """Write the pages of a PDF that has nothing else: its numbers follow the last one; that of its catalog is its bookmark's."""
        from pikepdf import String
        base = len(self.offsets) - 1
        self.offsets.extend([0] * len(pdf.objects))
        catalog, node = pdf.Root.objgen[0], pdf.Root.Pages.objgen[0]
        for number in range(1, len(pdf.objects) + 1):
            if number != catalog:
                above = b" /Parent %d 0 R" % PAGES if number == node else b""
                self.object(base + number, _written(pdf.get_object(number, 0), base, above))
        self.nodes.append(base + node)
        self.count += len(pdf.pages)
        self.marks.append(_Mark(base + catalog, base + pdf.pages[0].objgen[0], String(title).unparse()))

    def end(self, title: bytes, preferences: bytes) -> str:
        """Write what belongs to all; the SHA-256 of the file."""
        numbers = [mark.number for mark in self.marks]
        for mark, before, after in zip(self.marks, [0, *numbers], [*numbers[1:], 0]):
            near = b" /Prev %d 0 R" % before * bool(before) + b" /Next %d 0 R" % after * bool(after)
            self.object(mark.number, b"<< /Title %s /Parent %d 0 R /Dest [ %d 0 R /Fit ]%s >>" % (mark.title, OUTLINES, mark.page, near))
        self.object(CATALOG, b"<< /Type /Catalog /Lang (en) /Pages %d 0 R /Outlines %d 0 R /ViewerPreferences << /DisplayDocTitle true %s >> >>"
                    % (PAGES, OUTLINES, preferences))
        self.object(PAGES, b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (self.count, b" ".join(b"%d 0 R" % node for node in self.nodes)))
        self.object(OUTLINES, b"<< /Type /Outlines /Count %d /First %d 0 R /Last %d 0 R >>" % (len(numbers), numbers[0], numbers[-1]))
        self.object(INFO, b"<< /Title %s >>" % title)
        start, name = self.size, self.hash.hexdigest()[:32].encode()
        self.put(b"xref\n0 %d\n0000000000 65535 f \n" % len(self.offsets))
        for offset in self.offsets[1:]:
            self.put(b"%010d 00000 n \n" % offset)
        self.put(b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [ <%s> <%s> ] >>\nstartxref\n%d\n%%%%EOF\n"
                 % (len(self.offsets), CATALOG, INFO, name, name, start))
        return self.hash.hexdigest()


def _written(found: Object, base: int, more: bytes) -> bytes:
    """An object as it stands in the file: every reference `base` further, `more` in its dictionary."""
    from pikepdf import Stream
    if not isinstance(found, Stream):
        text = _moved(found.unparse(resolved=True), base)
        return text.removesuffix(b">>") + more + b" >>" if more else text
    data = found.read_raw_bytes()
    found.stream_dict.Length = len(data)
    return b"%s\nstream\n%s\nendstream" % (_moved(found.stream_dict.unparse(), base), data)


def _moved(text: bytes, base: int) -> bytes:
    return REFERENCE.sub(lambda match: b"%d 0 R" % (int(match[1]) + base) if match[1] else match[0], text)
