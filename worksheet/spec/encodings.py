"""In which encoding a text file was saved: what it says itself, or else a guess, with the words
that hang on it.

    text, guess = decoded(data)          # guess.encoding, guess.touched: every cell with a letter that another encoding reads otherwise

A guess is the first encoding in which every such word looks like a word: letters of one alphabet,
in the order of capitals that names have. That `Ćwik` in one encoding is `Æwik` in another, and both
could be names, no program can know: whoever guesses says so.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GUESSES = {
    "cp1252": "Windows-1252, Western European",
    "cp1250": "Windows-1250, Central European",
    "mac_roman": "Mac Roman",
    "cp1251": "Windows-1251, Cyrillic",
    "cp1253": "Windows-1253, Greek",
    "gb18030": "GB 18030, Chinese",
    "big5": "Big5, Chinese",
    "cp932": "Shift JIS, Japanese",
    "cp949": "Windows-949, Korean",
    "cp1255": "Windows-1255, Hebrew",
    "cp1256": "Windows-1256, Arabic",
    "cp874": "Windows-874, Thai",
}
# the codes of the signs that names are written with, of encodings in which nearly every code is a
# sign
COMMON = {
    "gb18030": ("gb2312", b"\xb0\xa1", b"\xf7\xfe"),
    "big5": ("big5", b"\xa4\x40", b"\xc6\x7e"),
    "cp932": ("shift_jis", b"\x82\x9f", b"\x98\x72"),
    "cp949": ("euc_kr", b"\xb0\xa1", b"\xfd\xfe"),
}
# the accents that go together in one language
LANGUAGES = {
    "cp1252": "àâæçéèêëîïôœùûüÿ äöüß áéíóúñü ãõáéíóúâêôàçü àèéìíòóùú æøåéèòôóäö åäöéü áéíóúýþæöð éëïóöüèê àèéíïòóúüç õäöüšž",
    "cp1250": "ąćęłńóśźż áčďéěíňóřšťúůýžöü áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţșț čćđšž äöüß çë",
}
LANGUAGES["mac_roman"] = LANGUAGES["cp1252"]
# with which most family names begin, where nearly any two codes are two signs
FAMILIES = {
    "gb18030": (
        "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜"
        "范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
    ),
    "big5": (
        "王李張劉陳楊黃趙周吳徐孫朱馬胡郭林何高梁鄭羅宋謝唐韓曹許鄧蕭馮曾程蔡彭潘袁于董余蘇葉呂魏蔣田杜丁沈姜"
        "范江傅鍾鐘盧汪戴崔任陸廖姚方金邱夏譚韋賈鄒石熊孟秦閻薛侯雷白龍段郝孔邵史毛常萬顧賴武康賀嚴尹錢施牛洪"
        "龔簡游詹莊歐溫柯連阮"
    ),
    "cp949": (
        "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함"
        "변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국"
    ),
}
ACCENTED = "άέήίόύώΐΰ"  # one of them stands in nearly every Greek word that is not in capitals
VOWELS, FEWEST_VOWELS = "аеёиоуыэюяіїє", 0.2  # of the letters of a Cyrillic word
WITHIN = "'’.-–()"  # what may stand within a word
MOST_ACCENTS = 0.6  # of the letters of a word, in alphabets that have unaccented ones


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding that was guessed: what Python calls it, what people do, and the cells that
    another one reads otherwise, with their lines."""

    encoding: str
    called: str
    touched: tuple[tuple[int, str], ...]


def decoded(data: bytes, encoding: str | None = None) -> tuple[str, Guess | None]:
    """The text of a file, and the guess that it took, if it took one. `encoding`: what somebody
    says who knows. Raises UnicodeError for a file that is not in this encoding, or in none that is
    known, and LookupError for an encoding that there is not."""
    if encoding:
        return data.decode(encoding).removeprefix("\ufeff"), None
    if named := next((name for mark, name in MARKS if data.startswith(mark)), None):
        return data.decode(named), None
    if wide := _wide(data):
        text = data.decode(wide)
        return text, Guess(wide, "UTF-16 without its mark", tuple(_touched(text)))
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        found = best(data)
        text = data.decode(found)
        return text, Guess(found, GUESSES[found], tuple(_touched(text)))


def best(data: bytes) -> str:
    """The encoding in which the fewest words look wrong; of those alike the first."""
    wrong = {}
    for name in GUESSES:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        wrong[name] = sum(not looks_right(word, name) for word in set(_words(text)))
        if not wrong[name]:
            return name
    if not wrong:
        raise UnicodeError("no encoding")
    return min(wrong, key=wrong.get)


def looks_right(word: str, encoding: str) -> bool:
    """Whether a word with letters beyond ASCII may be one, read in this encoding."""
    letters = [sign for sign in word if unicodedata.category(sign)[0] in "LM"]
    if (
        len(letters) < sum(sign not in WITHIN and not sign.isdigit() for sign in word)
        or not letters
    ):
        return False  # a sign of money, a fraction, a quotation mark
    alphabets = {_alphabet(sign) for sign in letters}
    if encoding in COMMON:
        signs = [sign for sign in letters if ord(sign) > 127]
        return (
            alphabets <= {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "LATIN"}
            and all(_is_common(sign, encoding) for sign in signs)
            and signs[0] in FAMILIES.get(encoding, signs[0])
        )
    if len(alphabets) > 1 or not _has_usual_capitals(word):
        return False
    if alphabets == {"CYRILLIC"}:
        return len(letters) < 3 or sum(
            sign in VOWELS for sign in word.lower()
        ) >= FEWEST_VOWELS * len(letters)
    if alphabets == {"GREEK"}:
        return len(letters) < 3 or word.isupper() or any(sign in ACCENTED for sign in word.lower())
    accents = {sign for sign in word.lower() if ord(sign) > 127 and sign not in WITHIN}
    return (
        encoding not in LANGUAGES
        or any(accents <= set(language) for language in LANGUAGES[encoding].split())
        and (
            len(letters) < 3
            or sum(sign in accents for sign in word.lower()) <= MOST_ACCENTS * len(letters)
        )
    )


def _alphabet(sign: str) -> str:
    return unicodedata.name(sign, "?").split()[0].removesuffix("-UNIFIED")


def _is_common(sign: str, encoding: str) -> bool:
    name, low, high = COMMON[encoding]
    try:
        return low <= sign.encode(name) <= high
    except UnicodeEncodeError:
        return False


def _has_usual_capitals(word: str) -> bool:
    """`Zoë`, `ZOË`, `zoë`, `O'Neill`, `McDonald`: no capital beyond ASCII behind a small letter."""
    parts = re.split(r"[^\w]", word)
    return all(
        not (small.islower() and large.isupper() and (ord(large) > 127 or ord(small) > 127))
        for part in parts
        for small, large in zip(part, part[1:])
    )


def _wide(data: bytes) -> str | None:
    """UTF-16 of letters has a zero in every second byte."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    few, many = sorted((even, odd))
    if not many or len(data) % 2 or many * 10 < len(data) * 3 or few * 10 > many:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _words(text: str) -> Iterator[str]:
    """The words with a sign beyond ASCII."""
    return (word for word in re.split(r"[\s,;\"]+", text) if not word.isascii())


def _touched(text: str) -> Iterator[tuple[int, str]]:
    """The cells with a sign beyond ASCII, each with its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.isascii():
            quoted = re.findall(r'"((?:[^"]|"")*)"|([^,;\t"]+)', line)
            yield from (
                (number, cell)
                for cell in (" ".join((one or other).split()) for one, other in quoted)
                if not cell.isascii()
            )
