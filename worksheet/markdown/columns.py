"""A line of Markdown, read column by column: a tab goes to the next fourth column, and may be used
up in part."""

from __future__ import annotations

Row = tuple[
    int, int, str
]  # a line of a leaf: the line of the document, where its text begins there, the text


class Line:
    """A line, and how far it has been read; a tab goes to the next fourth column."""

    __slots__ = ("text", "number", "offset", "at", "column", "spare")

    def __init__(self, text: str, number: int, offset: int):
        self.text, self.number, self.offset, self.at, self.column, self.spare = (
            text,
            number,
            offset,
            0,
            0,
            0,
        )

    def indent(self) -> int:
        """Columns of empty space ahead."""
        column = self.column + self.spare
        for letter in self.text[self.at :]:
            if letter == " ":
                column += 1
            elif letter == "\t":
                column += 4 - column % 4
            else:
                break
        return column - self.column

    def take(self, columns: int) -> None:
        """Go past so many columns of empty space, or past what there is."""
        while columns > 0:
            if not self.spare:
                if self.text[self.at : self.at + 1] not in (" ", "\t"):
                    return
                self.spare = 4 - self.column % 4 if self.text[self.at] == "\t" else 1
                self.at += 1
            used = min(columns, self.spare)
            self.spare, self.column, columns = self.spare - used, self.column + used, columns - used

    def mark(self, length: int) -> None:
        """Go past signs."""
        self.at, self.column = self.at + length, self.column + length

    @property
    def rest(self) -> str:
        """What has not been read yet."""
        return self.text[self.at :]

    @property
    def is_blank(self) -> bool:
        """Whether only blanks and tabs are left."""
        return not self.text[self.at :].strip(" \t")

    def row(self) -> Row:
        """What is left, without the space before it."""
        text = self.rest.lstrip(" \t")
        return self.number, self.offset + len(self.text) - len(text), text
