"""PDFs one after the other in one file, for the printer.

Pikepdf reads each of them and gives its objects, which are written under new numbers as they come:
in memory are one PDF and a number for each object of the others. (A library that joins keeps all of
them: measured, half a megabyte for each copy of an exam.) Pages stay as they are, and so do their
tags for screen readers (PDF/UA-1): those of a file are a part of the whole. What is known in a file
by a number or a name, its pages and the headings of its tables, is told apart from that of the
others.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
CATALOG, PAGES, OUTLINES, INFO, TAGS, WHOLE, METADATA = range(
    1, 8
)  # the numbers of what is written last
ABOUT = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><dc:title><rdf:Alt>\
<rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title><dc:format>application/pdf</dc:format><pdfuaid:part>1</pdfuaid:part></rdf:Description>\
</rdf:RDF></x:xmpmeta><?xpacket end="r"?>"""
# a reference to an object, or a string, in which nothing is one; qpdf escapes every bracket within
# it
REFERENCE = re.compile(rb"\((?:[^\\()]|\\.)*\)|\b(\d+) 0 R\b", re.DOTALL)


def joined(files: Sequence[Path], out: Path, *, is_duplex: bool = False) -> str:
    """Write the PDFs in order, each of them tagged, into the file `out`, with a bookmark for each
    and the title of the first; its SHA-256. Same input, same bytes.

    `is_duplex`: each begins on a front side; a blank page comes before it where it is needed."""
    import pikepdf

    with out.open("wb") as file:
        writer, title = _Writer(file), ""
        for number, each in enumerate(files, start=1):
            with pikepdf.open(each) as given:
                title = title or str(given.docinfo.get("/Title", ""))
                if is_duplex and len(given.pages) % 2 and number < len(files):
                    given.add_blank_page(
                        page_size=[float(side) for side in given.pages[-1].mediabox[2:]]
                    )
                writer.add(given, each.stem)
        return writer.end(title, b"/Duplex /DuplexFlipLongEdge" if is_duplex else b"")


class _Mark(NamedTuple):
    """The bookmark of a PDF: its object, where it leads, its words, and what leads to the bookmarks
    below it."""

    number: int
    page: int
    title: bytes
    below: bytes


class _Tags(NamedTuple):
    """The tags of a PDF: the number of its document, and of the nodes that know them by page and by
    name (0 where none has one)."""

    document: int
    pages: int
    names: int


class _Writer:
    """A PDF that is written from its beginning to its end."""

    def __init__(self, file: BinaryIO):
        self.file, self.hash, self.size = file, sha256(), 0
        self.offsets = array(
            "Q", [0] * (METADATA + 1)
        )  # of each object by its number; 0 where there is none
        self.nodes, self.count, self.marks = [], 0, []
        self.tags, self.roles, self.keys = [], {}, 0
        self.put(HEAD)

    def put(self, content: bytes) -> None:
        self.file.write(content)
        self.hash.update(content)
        self.size += len(content)

    def object(self, number: int, content: bytes) -> None:
        self.offsets[number] = self.size
        self.put(b"%d 0 obj\n%s\nendobj\n" % (number, content))

    def add(self, pdf: Pdf, title: str) -> None:
        """Write the pages of a PDF with their tags and bookmarks: its numbers follow the last one.
        What belongs to a file as a whole stays out."""
        from pikepdf import Stream, String

        base, root = len(self.offsets) - 1, pdf.Root
        tags = self._tagged(pdf, root.StructTreeRoot)
        mark = root.get("/Outlines", root)
        below = (
            _moved(
                b" /First %d 0 R /Last %d 0 R /Count -%d"
                % (mark.First.objgen[0], mark.Last.objgen[0], mark.Count),
                base,
            )
            if "/First" in mark
            else b""
        )
        whole = {each.objgen[0] for each in (root, mark, root.Metadata, pdf.trailer.Info)} | (
            {root.StructTreeRoot.objgen[0]} if not tags.names else set()
        )
        above = {
            root.Pages.objgen[0]: b" /Parent %d 0 R" % PAGES,
            tags.document: b" /P %d 0 R" % WHOLE,
        }
        self.offsets.extend([0] * max(each.objgen[0] for each in pdf.objects))
        for each in pdf.objects:
            number = each.objgen[0]
            if number not in whole:
                self.object(
                    base + number,
                    (_stream if isinstance(each, Stream) else _plain)(
                        each, base, above.get(number, b"")
                    ),
                )
        self.tags.append(_Tags(*(base + number if number else 0 for number in tags)))
        self.nodes.append(base + root.Pages.objgen[0])
        self.count += len(pdf.pages)
        self.marks.append(
            _Mark(
                base + mark.objgen[0], base + pdf.pages[0].objgen[0], String(title).unparse(), below
            )
        )

    def _tagged(self, pdf: Pdf, tree: Object) -> _Tags:
        """Give the tags of a PDF keys and names that no other has; its document becomes a part of
        the whole."""
        from pikepdf import Array, Dictionary, Name, NumberTree

        first = self.keys
        self.roles |= {str(name): str(role) for name, role in tree.get("/RoleMap", {}).items()}
        for page in pdf.pages:
            for each, key in (
                (page.obj, "/StructParents"),
                *[(note, "/StructParent") for note in page.obj.get("/Annots", ())],
            ):
                if key in each:
                    each[key] += first
        names = []
        for each in pdf.objects:
            if isinstance(each, Dictionary) and each.get("/Type") == "/StructElem":
                for owner, key in (
                    (each, "/ID"),
                    *[
                        (about, "/Headers")
                        for about in each.get("/A", ())
                        if isinstance(about, Dictionary)
                    ],
                ):
                    if key in owner:
                        owner[key] = self._own(owner[key])
                names += [each] * ("/ID" in each)
        document = tree.K[0] if isinstance(tree.K, Array) else tree.K
        document.S = Name.Part
        del document["/P"]
        parents = sorted(NumberTree(tree.ParentTree).items())
        self.keys += int(tree.ParentTreeNextKey)
        pages = pdf.make_indirect(
            Dictionary(
                Nums=Array([item for key, value in parents for item in (first + key, value)]),
                Limits=[first + parents[0][0], first + parents[-1][0]],
            )
        )
        for key in list(tree.keys()):
            del tree[key]
        names.sort(key=lambda each: bytes(each.ID))
        if names:
            tree.Names = Array([item for each in names for item in (each.ID, each)])
            tree.Limits = Array([names[0].ID, names[-1].ID])
        return _Tags(document.objgen[0], pages.objgen[0], tree.objgen[0] if names else 0)

    def _own(self, name: Object) -> Object:
        """The name of a tag, or several, as no other file has it."""
        from pikepdf import Array, String

        return (
            Array(map(self._own, name))
            if isinstance(name, Array)
            else String(b"%08d-%s" % (len(self.marks), bytes(name)))
        )

    def end(self, title: str, preferences: bytes) -> str:
        """Write what belongs to all; the SHA-256 of the file."""
        from pikepdf import String

        numbers = [mark.number for mark in self.marks]
        for mark, before, after in zip(self.marks, [0, *numbers], [*numbers[1:], 0]):
            near = b" /Prev %d 0 R" % before * bool(before) + b" /Next %d 0 R" % after * bool(after)
            self.object(
                mark.number,
                b"<< /Title %s /Parent %d 0 R /Dest [ %d 0 R /Fit ]%s%s >>"
                % (mark.title, OUTLINES, mark.page, near, mark.below),
            )
        self.whole(title)
        self.object(
            CATALOG,
            b"<< /Type /Catalog /Lang (en) /Pages %d 0 R /Outlines %d 0 R /ViewerPreferences << /DisplayDocTitle true %s >>"
            b" /MarkInfo << /Marked true >> /StructTreeRoot %d 0 R /Metadata %d 0 R >>"
            % (PAGES, OUTLINES, preferences, TAGS, METADATA),
        )
        self.object(
            PAGES,
            b"<< /Type /Pages /Count %d /Kids [ %s ] >>"
            % (self.count, b" ".join(b"%d 0 R" % node for node in self.nodes)),
        )
        self.object(
            OUTLINES,
            b"<< /Type /Outlines /Count %d /First %d 0 R /Last %d 0 R >>"
            % (len(numbers), numbers[0], numbers[-1]),
        )
        self.object(INFO, b"<< /Title %s >>" % String(title).unparse())
        start, name = self.size, self.hash.hexdigest()[:32].encode()
        self.put(b"xref\n0 %d\n0000000000 65535 f \n" % len(self.offsets))
        for offset in self.offsets[1:]:
            self.put(b"%010d 00000 n \n" % offset if offset else b"0000000000 65535 f \n")
        self.put(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [ <%s> <%s> ] >>\nstartxref\n%d\n%%%%EOF\n"
            % (len(self.offsets), CATALOG, INFO, name, name, start)
        )
        return self.hash.hexdigest()

    def whole(self, title: str) -> None:
        """Write the root of all tags, with the document whose parts the files are, and what says
        that it is PDF/UA."""

        def node(kids: list[int]) -> bytes:
            return b"<< /Kids [ %s ] >>" % b" ".join(b"%d 0 R" % kid for kid in kids)

        names = (
            b" /IDTree " + node([each.names for each in self.tags if each.names])
            if any(each.names for each in self.tags)
            else b""
        )
        roles = b" ".join(f"{name} {role}".encode() for name, role in sorted(self.roles.items()))
        self.object(
            TAGS,
            b"<< /Type /StructTreeRoot /K [ %d 0 R ] /ParentTree %s /ParentTreeNextKey %d /RoleMap << %s >>%s >>"
            % (WHOLE, node([each.pages for each in self.tags]), self.keys, roles, names),
        )
        self.object(
            WHOLE,
            b"<< /Type /StructElem /S /Document /P %d 0 R /K [ %s ] >>"
            % (TAGS, b" ".join(b"%d 0 R" % each.document for each in self.tags)),
        )
        about = (ABOUT % escape(title)).encode()
        self.object(
            METADATA,
            b"<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream"
            % (len(about), about),
        )


def _plain(found: Object, base: int, more: bytes) -> bytes:
    """An object as it stands in the file: every reference `base` further, `more` in its dictionary."""
    text = _moved(found.unparse(resolved=True), base)
    return text.removesuffix(b">>") + more + b" >>" if more else text


def _stream(found: Object, base: int, more: bytes) -> bytes:
    data = found.read_raw_bytes()
    found.stream_dict.Length = len(data)
    return b"%s\nstream\n%s\nendstream" % (_plain(found.stream_dict, base, more), data)


def _moved(text: bytes, base: int) -> bytes:
    return REFERENCE.sub(
        lambda match: b"%d 0 R" % (int(match[1]) + base) if match[1] else match[0], text
    )
