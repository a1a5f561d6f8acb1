"""Names of columns compared: spelled alike, known as synonyms, or speaking of a person.

The names themselves stand in `pipelines.ingest.discovery.synonyms`; no value is looked at here.
"""

import re
import unicodedata
from collections.abc import Iterable

from pipelines.ingest.discovery.synonyms import IDENTITIES, SYNONYMS

PERSONAL_NAMES = re.compile(
    "手机|电话|姓名|昵称|地址|邮箱|邮编|身份证|证件|生日|出生|支付宝账[号户]|微信号|发票抬头"
    "|(收货人|收件人|提货人)(?!省|市|城市|区|地区)"
    "|phone|mobile|e ?mail|address|passport|birth|wechat"
    r"|\b(tel|street|zip|postal code|postcode|dob|ssn|surname|id card|id number)\b"
    r"|\b(first|last|full|given|family|middle|customer|member|buyer|billing|shipping|nick) ?name\b"
)
# Columns that hold a person only in some tables.
PERSONAL_IN: dict[str, tuple[str, ...]] = {
    "members": ("name",),
    "guides": ("name", "guide"),
    "orders": ("customer",),
}


def simplify_name(name: str) -> str:
    """Return a name without case, units in brackets, spaces and separators."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"\([^)]*\)|[\s_\-./#:'\"*]+", "", plain)


def spell_words(name: str) -> str:
    """Return a name as lower-case words, whichever way they were joined."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    return " ".join(re.split(r"[\s_\-./#]+", plain.casefold())).strip()


def is_personal(name: str, table: str) -> bool:
    """Whether a column's name says that it holds what identifies a person."""
    words = spell_words(name)
    is_named = bool(PERSONAL_NAMES.search(words)) or words in PERSONAL_IN.get(table, ())
    return is_named or find_identity(name) is not None


def list_synonyms(table: str, column: str) -> list[str]:
    """Return the simplified names of a canonical column, best first."""
    names = (column, *SYNONYMS.get(f"{table}.{column}", SYNONYMS.get(column, ())))
    return list(dict.fromkeys(simplify_name(name) for name in names))


def find_identity(name: str) -> str | None:
    """Return which kind of identity a column holds by its name, if it is one."""
    simple = simplify_name(name)
    return next(
        (kind for kind, names in IDENTITIES.items() if simple in map(simplify_name, names)), None
    )


def choose_identity(names: Iterable[str], kind: str | None = None) -> str | None:
    """Return the column that is best as a member key that is a token, of one kind or of any."""
    for of, wanted in IDENTITIES.items():
        if kind in (None, of):
            places = [simplify_name(name) for name in wanted]
            found = [name for name in names if simplify_name(name) in places]
            if found:
                return min(found, key=lambda name: places.index(simplify_name(name)))
    return None


def is_chinese(text: str) -> bool:
    """Whether a text has Chinese characters in it."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def quote(text: str) -> str:
    """Return text in double quotes that both YAML and a terminal take as it is."""
    letters = []
    for letter in text:
        if letter in '"\\':
            letters.append("\\" + letter)
        elif letter.isprintable():
            letters.append(letter)
        else:
            letters.append(f"\\U{ord(letter):08X}")
    return f'"{"".join(letters)}"'


def list_quoted(texts: list[str] | tuple[str, ...]) -> str:
    """Return quoted texts in one line, as YAML lists them."""
    return ", ".join(quote(text) for text in texts)
