"""Which columns of a class list hold names and IDs: as Canvas, Moodle, Gradescope, Autolab and Zoom
export them, and as people call them.

    Student,ID,SIS User ID,SIS Login ID,Section        a whole name, and the number that the university gave
    Vorname;Nachname;ID-Nummer;E-Mail-Adresse          a name in two columns, in the language of the site

The words of all these tables are in `NAMES`; a heading is the same word however it is written:
capitals, spaces, hyphens, underscores.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FULL, FIRST, LAST, ID = "name", "first", "last", "id"
ROLES = (FULL, FIRST, LAST, ID)

# what each is called, the surest first: of several IDs the one that the university gave, then a
# log-in, then an address
NAMES: dict[str, tuple[str, ...]] = {
    FULL: (
        "name",
        "full name",
        "fullname",
        "user full name",
        "student full name",
        "student",
        "student name",
        "name original name",
        "user name original name",
        "participant",
        "display name",
        "vollständiger name",
        "name vorname",
        "nom complet",
        "nombre completo",
        "nome completo",
        "volledige naam",
        "naam",
        "imię i nazwisko",
        "полное имя",
        "фио",
        "姓名",
        "氏名",
        "이름",
        "成员",
        "ονοματεπώνυμο",
    ),
    FIRST: (
        "first name",
        "firstname",
        "first",
        "given name",
        "given names",
        "forename",
        "preferred first name",
        "vorname",
        "vorname n",
        "vornamen",
        "prénom",
        "prenom",
        "nombre",
        "nombre s",
        "nome",
        "voornaam",
        "imię",
        "imie",
        "förnamn",
        "fornavn",
        "etunimi",
        "jméno",
        "křestní jméno",
        "meno",
        "keresztnév",
        "utónév",
        "adı",
        "ad",
        "имя",
        "ім'я",
        "όνομα",
        "名",
        "名前",
    ),
    LAST: (
        "last name",
        "lastname",
        "last",
        "surname",
        "family name",
        "nachname",
        "familienname",
        "zuname",
        "nom",
        "nom de famille",
        "apellido s",
        "apellidos",
        "apellido",
        "cognome",
        "sobrenome",
        "apelido",
        "achternaam",
        "nazwisko",
        "efternamn",
        "etternavn",
        "efternavn",
        "sukunimi",
        "příjmení",
        "priezvisko",
        "vezetéknév",
        "soyadı",
        "soyad",
        "фамилия",
        "прізвище",
        "επώνυμο",
        "姓",
        "姓氏",
    ),
    ID: (
        "sis user id",
        "orgdefinedid",
        "student id",
        "student number",
        "student no",
        "studentid",
        "sid",
        "uin",
        "university id",
        "matriculation number",
        "matrikelnummer",
        "matrikel nr",
        "matrikelnr",
        "matr nr",
        "matrnr",
        "matrikel",
        "id number",
        "id nummer",
        "numéro d'identification",
        "numéro étudiant",
        "número de id",
        "número de identificación",
        "número de identificação",
        "numero id",
        "numero di matricola",
        "matricola",
        "codice identificativo",
        "numer id",
        "numer albumu",
        "studentnummer",
        "opiskelijanumero",
        "id numarası",
        "идентификационный номер",
        "学号",
        "学籍番号",
        "학번",
        "sis login id",
        "id",
        "login id",
        "netid",
        "username",
        "user name",
        "benutzername",
        "anmeldename",
        "nutzername",
        "nom d'utilisateur",
        "nombre de usuario",
        "identifier",
        "email",
        "e mail",
        "email address",
        "e mail address",
        "e mail adresse",
        "emailadresse",
        "user email",
        "mail",
        "adresse de courriel",
        "adresse e mail",
        "dirección de correo",
        "correo electrónico",
        "indirizzo email",
        "endereço de email",
        "e mailadres",
        "adres e mail",
        "e postadress",
        "メールアドレス",
        "邮箱",
        "电子邮件地址",
    ),
}
ALONE = (
    "nombre",
    "nome",
    "名前",
)  # a first name in one table, a whole one in another that has no last name
SHOWN = (
    "name original name",
    "user name original name",
    "display name",
)  # as somebody calls himself: after a first and a last name
IN_OTHERS = ("name",)  # a whole name, but beside a first name the last one


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table has them: numbers of columns. Either `full`, or `first` and `last`."""

    full: int | None = None
    first: int | None = None
    last: int | None = None
    id: int | None = None

    def name_of(self, row: Sequence[str]) -> str:
        """The name of a student: as one reads it, the first name first where it is written so."""
        if self.full is not None:
            return cell(row, self.full)
        first, last = cell(row, self.first), cell(row, self.last)
        if first and last and is_east_asian(first) and is_east_asian(last):
            return last + first
        return f"{first} {last}".strip()

    @property
    def used(self) -> tuple[int, ...]:
        """The numbers of the columns that a table has: full or first and last name, then the ID."""
        return tuple(
            place for place in (self.full, self.first, self.last, self.id) if place is not None
        )


def columns_in(row: Sequence[str], below: Sequence[Sequence[str]] = ()) -> Columns | None:
    """The columns that a row of headings names; None where it names nobody. Of several with IDs it
    is the first in which one stands `below`."""
    words = [word_of(heading) for heading in row]
    full, first, last = (_first_of(role, words) for role in (FULL, FIRST, LAST))
    if (
        full is not None and first is not None and last is None and words[full] in IN_OTHERS
    ):  # Name;Vorname
        full, last = None, full
    if full is not None and None not in (first, last) and words[full] in SHOWN:
        full = None
    if full is None and last is None and first is not None and words[first] in ALONE:
        full = first
    if full is None and (first is None or last is None):
        return None
    ids = ("id", *NAMES[ID]) if full is not None and words[full] in IN_OTHERS else NAMES[ID]
    places = [words.index(word) for word in dict.fromkeys(ids) if word in words]
    found = next(
        (place for place in places if any(cell(each, place) for each in below)),
        places[0] if places else None,
    )
    return (
        Columns(full=full, id=found)
        if full is not None
        else Columns(first=first, last=last, id=found)
    )


def columns_without(rows: Sequence[Sequence[str]]) -> Columns | None:
    """The columns of a list of Autolab's, which has no line of headings: semester, address, last
    name, first name, school, and so on to the lecture and the section; None of another list."""
    if rows and all(
        len(row) in (10, 11) and "@" in row[1] and cell(row, 2) + cell(row, 3) for row in rows
    ):
        return Columns(first=3, last=2, id=1)
    return None


def columns_called(row: Sequence[str], called: Mapping[str, str]) -> Columns | None:
    """The columns that somebody has named, `{"name": "Teilnehmer", "id": "Nr."}`; None where one of
    them is not here."""
    words = [word_of(heading) for heading in row]
    places = {
        role: words.index(word_of(heading))
        for role, heading in called.items()
        if word_of(heading) in words
    }
    if places.keys() != called.keys():
        return None
    return Columns(places.get(FULL), places.get(FIRST), places.get(LAST), places.get(ID))


def _first_of(role: str, words: Sequence[str]) -> int | None:
    return next((words.index(word) for word in NAMES[role] if word in words), None)


def word_of(heading: str) -> str:
    """A heading as one of our words: `E-Mail_Address` is `e mail address`."""
    plain = (
        unicodedata.normalize("NFKC", heading).casefold().replace("’", "'").replace("\ufeff", "")
    )
    return re.sub(r"[\s_\-./()#:*]+", " ", plain).strip()


def cell(row: Sequence[str], column: int | None) -> str:
    """What a row has in a column, without blanks around it; empty where it has no such column."""
    return "" if column is None or column >= len(row) else row[column].strip()


def is_east_asian(text: str) -> bool:
    """Whether a name is written without a space between its parts."""
    return all(
        unicodedata.name(sign, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))
        for sign in text
    )
