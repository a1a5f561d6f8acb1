"""The parts of an XLSX workbook as rows of text cells, read as a stream and never as a grid.

Which sheets and which header are meant is settled in `pipelines.ingest.workbook_child`, the only
process that runs this code: a workbook is hostile until it has been read.
"""

import datetime
import functools
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Protocol
from xml.parsers import expat

from pipelines.errors import InputError

CHUNK_BYTES = 1 << 18
MAX_PARTS = 10_000
MAX_SHEETS = 1_000
MAX_TOTAL_BYTES = 4 << 30
MAX_SMALL_PART_BYTES = 16 << 20
MAX_ROW_BYTES = 16 << 20
MAX_NAMED_TEXTS = 2_000_000
# Sheets of orders are packed 7 to 30 times; bombs a thousand times.
LARGE_PART_BYTES, MAX_RATIO = 32 << 20, 200
# One cell as programs write it: column, style and type as they stand, value or inline text.
CELL = re.compile(
    r'<c r="([A-Z]{1,3}+)[0-9]{1,7}+"((?: s="[0-9]{1,5}+")?+(?: t="[a-zA-Z]{1,9}+")?+)'
    r"(?:/>|>(?:<(?:v|is><t(?: xml:space=\"preserve\")?+)>([^<]*+)</(?:v|t></is)>)?+</c>)"
)
SHAPE = re.compile(r'(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?')
TEXT = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
ENTITY = re.compile(r"&([^;&]{0,12});?")
ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Quoted and escaped literals, brackets (colours, locales) and fillers are no date letters.
LITERALS = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')
ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
BUILT_IN = (
    dict.fromkeys([*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58], "date")
    | dict.fromkeys([*range(18, 22), *range(32, 36), 45, 47, 55, 56], "time")
    | {22: "moment", 46: "elapsed"}
)
# Types whose cells hold digits alone, never an entity.
PLAIN_KINDS = {"", "n", "s", "b"}
DAY_MILLISECONDS = 86_400_000
LAST_SERIAL = 2_958_465

Cells = dict[str, str]
Render = Callable[[str], str]
Row = tuple[int, Cells]


class Texts(Protocol):
    """The shared texts of a workbook by position."""

    def __getitem__(self, position: int, /) -> str: ...


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name, the part of the archive that holds it, whether it is hidden."""

    name: str
    part: str
    is_hidden: bool


@dataclass
class Book:
    """An open workbook; `styles` holds what each cell style shows: a number, date, time or both."""

    archive: zipfile.ZipFile
    parts: dict[str, zipfile.ZipInfo]
    sheets: list[Sheet]
    styles: list[str]
    is_1904: bool
    texts: Texts

    @property
    def total_bytes(self) -> int:
        """Return how large all parts are unpacked."""
        return sum(part.file_size for part in self.parts.values())


def open_book(path: Path) -> Book:
    """Return a workbook with its sheets and styles read, its texts still unread.

    Raises InputError where it is a bomb, encrypted, or no workbook.
    """
    archive = zipfile.ZipFile(path)
    entries = archive.infolist()
    if len(entries) > MAX_PARTS:
        raise InputError(f"it holds {len(entries):,} parts, more than any export; save it as CSV.")
    total = sum(entry.file_size for entry in entries)
    for entry in entries:
        if entry.flag_bits & 1:
            raise InputError("it is protected by a password; save it without one, or as CSV.")
        packed = max(entry.compress_size, 1)
        is_bomb = entry.file_size > LARGE_PART_BYTES and entry.file_size > MAX_RATIO * packed
        if is_bomb or total > MAX_TOTAL_BYTES:
            raise InputError(
                f"it would unpack to {total / 2**20:,.0f} MB, as files made to do harm do; save it "
                "as CSV."
            )
    parts = {entry.filename.lstrip("/").lower(): entry for entry in entries}
    roots = read_links(archive, parts, "_rels/.rels", "")
    root = next((part for kind, part in roots.values() if kind == "officeDocument"), "")
    root = root if root.lower() in parts else "xl/workbook.xml"
    folder, file = posixpath.split(root)
    links = read_links(archive, parts, f"{folder}/_rels/{file}.rels", folder)
    sheets, is_1904 = [], False
    for _, name, attributes in read_elements(archive, parts, root):
        if name == "workbookPr":
            is_1904 = attributes.get("date1904", "0") in ("1", "true")
        if name == "sheet":
            link = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            kind, part = links.get(link, ("", ""))
            if kind == "worksheet":
                is_hidden = attributes.get("state", "visible") != "visible"
                sheets.append(Sheet(attributes.get("name", ""), part, is_hidden))
    if len(sheets) > MAX_SHEETS:
        raise InputError(f"it has {len(sheets):,} sheets, more than any export; save it as CSV.")
    linked = dict(links.values())
    styles = read_styles(archive, parts, linked.get("styles", ""))
    texts = LazyTexts(archive, parts.get(linked.get("sharedStrings", "").lower()))
    return Book(archive, parts, sheets, styles, is_1904, texts)


def make_parser(encoding: str | None = None) -> expat.XMLParserType:
    """Return an XML parser that refuses documents with types, where entities could explode."""

    def refuse(*_: object) -> None:
        raise InputError("it declares a document type, as no export does; save it as CSV.")

    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser


def read_elements(
    archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], part: str
) -> list[tuple[str, str, dict[str, str]]]:
    """Return parent, name and attributes of all elements of a small part; none where it lacks.

    Raises InputError where the part is not small.
    """
    entry = parts.get(part.lower())
    if entry is None:
        return []
    if entry.file_size > MAX_SMALL_PART_BYTES:
        raise InputError(f"its part {part} is too large for an export; save it as CSV.")
    elements: list[tuple[str, str, dict[str, str]]] = []
    path = [""]

    def start(name: str, attributes: dict[str, str]) -> None:
        elements.append((path[-1], cut_prefix(name), attributes))
        path.append(cut_prefix(name))

    parser = make_parser()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.Parse(archive.read(entry), True)
    return elements


def cut_prefix(name: str) -> str:
    """Return a name of XML without its namespace's prefix."""
    return name[name.rfind(":") + 1 :]


def read_links(
    archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], part: str, folder: str
) -> dict[str, tuple[str, str]]:
    """Return what the relations of a part lead to: id → (kind, part)."""
    links = {}
    for _, name, attributes in read_elements(archive, parts, part):
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            links[attributes.get("Id", "")] = (kind, target.lstrip("/"))
    return links


def read_styles(
    archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], part: str
) -> list[str]:
    """Return what each cell style shows: number, date, time, moment or elapsed."""
    formats: dict[int, str] = dict(BUILT_IN)
    styles = []
    for parent, name, attributes in read_elements(archive, parts, part):
        if name == "numFmt" and parent == "numFmts":
            formats[int(attributes.get("numFmtId", "0"))] = classify_format(
                attributes.get("formatCode", "")
            )
        elif name == "xf" and parent == "cellXfs":
            styles.append(formats.get(int(attributes.get("numFmtId", "0")), "number"))
    return styles


def classify_format(code: str) -> str:
    """Return what a number format shows: number, date, time, moment or elapsed."""
    code = code.partition(";")[0]
    if ELAPSED.search(LITERALS.sub(keep_brackets, code)):
        return "elapsed"
    letters = set(LITERALS.sub("", code).lower())
    if letters & {"0", "#", "?"} and not letters & {"y", "d", "h"}:
        return "time" if "s" in letters else "number"
    has_time = bool(letters & {"h", "s"})
    has_date = bool(letters & {"y", "d"}) or ("m" in letters and not has_time)
    if has_date:
        return "moment" if has_time else "date"
    return "time" if has_time else "number"


def keep_brackets(literal: re.Match[str]) -> str:
    """Return a literal of a number format if it is in brackets, nothing otherwise."""
    return literal[0] if literal[0].startswith("[") else ""


class LazyTexts:
    """The shared texts, read no further than to the last one that was asked for."""

    def __init__(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo | None) -> None:
        self.texts: list[str] = []
        self.batches = iter(()) if part is None else iterate_texts(archive, part)

    def __getitem__(self, position: int) -> str:
        """Return the text at a position; raises IndexError where there is none."""
        while len(self.texts) <= position:
            batch = next(self.batches, None)
            if batch is None:
                break
            self.texts += batch
        return self.texts[position]

    def read_all(self) -> list[str]:
        """Return all texts."""
        for batch in self.batches:
            self.texts += batch
        return self.texts


def iterate_texts(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[list[str]]:
    """Yield the shared texts in batches.

    Texts without runs of their own are matched; from the first piece with others a parser reads on.
    """
    parser: TextParser | None = None
    rest = b""
    with archive.open(part) as stream:
        chunk = stream.read(CHUNK_BYTES)
        prolog, opening, texts = chunk.partition(b"<si>")
        if opening and is_plain(prolog):
            chunk = opening + texts
        else:
            parser = TextParser()
        while True:
            if parser is None:
                rest += chunk
                end = rest.rfind(b"</si>") + len(b"</si>")
                end = end if end >= len(b"</si>") else 0
                matched = match_texts(rest[:end])
                if matched is not None and len(rest) - end <= MAX_ROW_BYTES:
                    rest = rest[end:]
                    yield matched
                else:
                    parser = TextParser("utf-8")
                    parser.feed(b"<sst>")
                    yield parser.feed(rest)
            else:
                yield parser.feed(chunk)
            if not chunk:
                break
            chunk = stream.read(CHUNK_BYTES)
    if parser is not None:
        parser.feed(b"", is_last=True)
    elif b"</sst>" not in rest:
        raise InputError("its texts break off; export the file again.")


def match_texts(chunk: bytes) -> list[str] | None:
    """Return the texts of a piece of whole ones; None where a `<` in it belongs to none."""
    text = normalise_ends(chunk.decode("utf-8"))
    texts = TEXT.findall(text)
    if 4 * len(texts) != text.count("<"):
        return None
    if "&" in text or "_x" in text:
        return [decode_escapes(decode_entities(one)) for one in texts]
    return texts


def normalise_ends(text: str) -> str:
    """Return text with the line ends that a parser of XML gives."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class TextParser:
    """Any shared texts' XML as texts, piece by piece."""

    def __init__(self, encoding: str | None = None) -> None:
        self.parser = make_parser(encoding)
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.collect
        self.texts: list[str] = []
        self.pieces: list[str] = []
        self.is_text = self.is_phonetic = False

    def feed(self, chunk: bytes, *, is_last: bool = False) -> list[str]:
        """Read one more piece and return the texts that it completes."""
        self.parser.Parse(chunk, is_last)
        texts, self.texts = self.texts, []
        return texts

    def start(self, name: str, _: dict[str, str]) -> None:
        """Begin an element: a run of text, or its pronunciation, which is no part of it."""
        name = cut_prefix(name)
        if name == "t":
            self.is_text = not self.is_phonetic
        elif name == "rPh":
            self.is_phonetic = True

    def collect(self, data: str) -> None:
        """Take the characters of a run."""
        if self.is_text:
            self.pieces.append(data)

    def end(self, name: str) -> None:
        """End an element; after `si` a text is complete."""
        name = cut_prefix(name)
        if name == "t":
            self.is_text = False
        elif name == "rPh":
            self.is_phonetic = False
        elif name == "si":
            self.texts.append(decode_escapes("".join(self.pieces)))
            self.pieces.clear()


class SheetRows:
    """The filled rows of one sheet in batches: row number and text by column letters.

    Sheets as programs write them are matched cell by cell; from the first piece that holds anything
    else (formulas, comments, prefixes) an XML parser reads on, to the same rows, at half the speed.
    """

    def __init__(self, book: Book, sheet: Sheet) -> None:
        self.book, self.sheet = book, sheet
        self.texts, self.styles = book.texts, book.styles
        self.renders = Renders(self)
        self.has_inline = False
        self.last_row = 0

    def __iter__(self) -> Iterator[list[Row]]:
        """Yield lists of rows.

        Raises InputError with sheet and row where rows or cells are not in order or a text lacks.
        """
        part = self.book.parts.get(self.sheet.part.lower())
        if part is None:
            raise InputError(f"its sheet {self.sheet.name!r} is missing; save it again, or as CSV.")
        with self.book.archive.open(part) as stream:
            head = b""
            while b"<sheetData>" not in head and len(head) < MAX_SMALL_PART_BYTES:
                chunk = stream.read(CHUNK_BYTES)
                if not chunk:
                    break
                head += chunk
            prolog, opening, rest = head.partition(b"<sheetData>")
            if opening and is_plain(prolog):
                yield from self.match_rows(rest, stream)
            else:
                parser = RowParser(self)
                yield parser.feed(head)
                while chunk := stream.read(CHUNK_BYTES):
                    yield parser.feed(chunk)
                yield parser.feed(b"", is_last=True)

    def match_rows(self, rest: bytes, stream: IO[bytes]) -> Iterator[list[Row]]:
        """Yield the rows behind the opening of the sheet's data."""
        parser = None
        for chunk in self.split_rows(rest, stream):
            rows = None if parser else self.match_cells(chunk)
            if rows is not None:
                yield rows
                continue
            if parser is None:
                parser = RowParser(self, "utf-8")
                parser.feed(b"<worksheet><sheetData>")
            yield parser.feed(chunk)
        if parser is not None:
            yield parser.feed(b"</sheetData></worksheet>", is_last=True)

    def split_rows(self, rest: bytes, stream: IO[bytes]) -> Iterator[bytes]:
        """Yield pieces of whole rows up to the end of the sheet's data, and read to the end.

        Only at its end the archive tells whether the part is what was packed.
        """
        closing, row_end = b"</sheetData>", b"</row>"
        seen = 0
        while closing not in rest[seen:]:
            end = rest.rfind(row_end, seen) + len(row_end)
            if end >= len(row_end):
                yield rest[:end]
                rest = rest[end:]
            elif len(rest) > MAX_ROW_BYTES:
                raise InputError(
                    f"sheet {self.sheet.name!r}: a row is too large for an export; save it as CSV."
                )
            # A tag may begin at the end of what was looked through.
            seen = max(0, len(rest) - len(closing))
            chunk = stream.read(CHUNK_BYTES)
            if not chunk:
                raise InputError(
                    f"sheet {self.sheet.name!r} breaks off after row {self.last_row}; export the "
                    "file again."
                )
            rest += chunk
        yield rest[: rest.index(closing)]
        while stream.read(CHUNK_BYTES):
            pass

    def match_cells(self, chunk: bytes) -> list[Row] | None:
        """Return the filled rows of a piece of whole rows.

        None where anything in it is not accounted for: every `<` must belong to a row or to a cell
        that was matched.
        """
        text = normalise_ends(chunk.decode("utf-8"))
        find, renders, last_row = CELL.findall, self.renders, self.last_row
        rows: list[Row] = []
        count = 0
        pieces = text.split("</row>")[:-1]
        for piece in pieces:
            start = piece.rfind('<row r="') + 8
            number = piece[start : piece.find('"', start)]
            if not number.isdecimal() or len(number) > 7:
                self.last_row = last_row
                return None
            self.advance(int(number))
            matches = find(piece)
            count += len(matches)
            cells = {column: renders[shape](value) for column, shape, value in matches}
            if len(cells) < len(matches):
                columns = [column for column, _, _ in matches]
                raise self.refuse_twins(next(one for one in columns if columns.count(one) > 1))
            if any(cells.values()):
                rows.append((self.last_row, cells))
        tags = text.count("<row") + len(pieces) + count + text.count("</c>")
        tags += 2 * text.count("</v>")
        if self.has_inline:
            tags += 4 * text.count("</t></is>")
        if tags != text.count("<"):
            self.last_row = last_row
            return None
        return rows

    def advance(self, row: int) -> int:
        """Return a row's number, having seen that it comes after the row before."""
        if row <= self.last_row:
            raise InputError(
                f"sheet {self.sheet.name!r}: row {row} comes after row {self.last_row}; save the "
                "workbook again, or as CSV."
            )
        self.last_row = row
        return row

    def refuse_twins(self, letters: str) -> InputError:
        """Return the error of a cell that stands twice."""
        return InputError(
            f"sheet {self.sheet.name!r}: cell {letters}{self.last_row} stands twice; save the "
            "workbook again, or as CSV."
        )

    def choose_render(self, style: str, kind: str) -> Render:
        """Return what makes text of cells of a type, by what their style shows."""
        match kind:
            case "" | "n":
                shown = "number"
                if style.isdecimal() and int(style) < len(self.styles):
                    shown = self.styles[int(style)]
                if shown == "number":
                    return render_number
                return functools.partial(render_serial, shown, self.book.is_1904)
            case "s":
                return self.find_text
            case "str" | "inlineStr":
                return decode_escapes
            case "b":
                return render_boolean
            case "d":
                return render_moment
        return str

    def find_text(self, position: str) -> str:
        """Return a shared text."""
        try:
            return self.texts[int(position)] if position else ""
        except (IndexError, ValueError):
            raise InputError(
                f"sheet {self.sheet.name!r}, row {self.last_row}: the text of a cell is missing; "
                "save the workbook again, or as CSV."
            ) from None


class NamedTexts(dict[str, str]):
    """The shared texts by their positions as written, which is faster than to read a number."""

    def __init__(self, texts: list[str], find: Render) -> None:
        super().__init__(zip(map(str, range(len(texts))), texts, strict=True))
        self.find = find

    def __missing__(self, position: str) -> str:
        """Return the text of a position that is written in another way, or refuse it."""
        return self.find(position)


class Renders(dict[str, Render]):
    """What makes text of a cell, by its style and type as they stand in plain XML."""

    def __init__(self, rows: SheetRows) -> None:
        super().__init__()
        self.rows = rows
        self.named: NamedTexts | None = None

    def __missing__(self, shape: str) -> Render:
        """Choose what is right for a shape that is seen for the first time."""
        parts = SHAPE.fullmatch(shape)
        style, kind = (parts[1] or "", parts[2] or "") if parts else ("", "")
        render = self.rows.choose_render(style, kind)
        self.rows.has_inline |= kind == "inlineStr"
        texts = self.rows.texts
        if kind == "s" and isinstance(texts, list) and len(texts) <= MAX_NAMED_TEXTS:
            self.named = self.named or NamedTexts(texts, render)
            self[shape] = self.named.__getitem__
        elif kind in PLAIN_KINDS:
            self[shape] = render
        else:
            self[shape] = lambda value: render(decode_entities(value))
        return self[shape]


def is_plain(prolog: bytes) -> bool:
    """Whether what stands before a sheet's data promises UTF-8 without comments or types."""
    declared = re.search(rb"""encoding=["']([^"']*)""", prolog[:200])
    is_utf8 = declared is None or declared[1].lower() == b"utf-8"
    return is_utf8 and b"<!" not in prolog and b"\0" not in prolog


class RowParser:
    """Any sheet's XML as rows, piece by piece."""

    def __init__(self, rows: SheetRows, encoding: str | None = None) -> None:
        self.rows = rows
        self.parser = make_parser(encoding)
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.collect
        self.complete: list[Row] = []
        self.cells: Cells = {}
        self.column = 0
        self.letters = self.style = self.kind = self.sink = ""
        self.pieces: dict[str, list[str]] = {}
        self.is_data = self.is_phonetic = False

    def feed(self, chunk: bytes, *, is_last: bool = False) -> list[Row]:
        """Read one more piece and return the filled rows that it completes."""
        self.parser.Parse(chunk, is_last)
        complete, self.complete = self.complete, []
        return complete

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        name = cut_prefix(name)
        if name == "sheetData":
            self.is_data = True
        elif not self.is_data:
            return
        elif name == "row":
            row = attributes.get("r", "")
            number = int(row) if row.isdecimal() and len(row) < 8 else self.rows.last_row + 1
            self.rows.advance(number)
            self.cells, self.column = {}, 0
        elif name == "c":
            reference = REFERENCE.fullmatch(attributes.get("r", ""))
            self.column = number_column(reference[1]) if reference else self.column + 1
            self.letters = name_column(self.column)
            self.style = attributes.get("s", "")
            self.kind = attributes.get("t", "")
            self.pieces = {}
        elif name == "rPh":
            self.is_phonetic = True
        elif name in ("v", "f") or (name == "t" and not self.is_phonetic):
            self.sink = name
            self.pieces.setdefault(name, [])

    def collect(self, data: str) -> None:
        """Take the characters of a value, a formula or a text."""
        if self.sink:
            self.pieces[self.sink].append(data)

    def end(self, name: str) -> None:
        """End an element; a cell and a row are then complete."""
        name = cut_prefix(name)
        if name == self.sink:
            self.sink = ""
        elif name == "rPh":
            self.is_phonetic = False
        elif name == "sheetData":
            self.is_data = False
        elif name == "row" and self.is_data and any(self.cells.values()):
            self.complete.append((self.rows.last_row, self.cells))
        elif name == "c" and self.is_data:
            if self.letters in self.cells:
                raise self.rows.refuse_twins(self.letters)
            self.cells[self.letters] = self.read_cell()

    def read_cell(self) -> str:
        """Return the cell that ends here; a formula that was never computed stands for itself."""
        value = "".join(self.pieces.get("t" if self.kind == "inlineStr" else "v", ()))
        if not value and self.kind != "str" and "f" in self.pieces:
            return "=" + "".join(self.pieces["f"])
        return self.rows.choose_render(self.style, self.kind)(value)


def number_column(letters: str) -> int:
    """Return a column's number from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@functools.lru_cache(maxsize=20_000)
def name_column(number: int) -> str:
    """Return the letters of a column's number from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def decode_entities(text: str) -> str:
    """Return text of XML with its entities decoded; raises InputError for an unknown one."""
    return ENTITY.sub(decode_entity, text) if "&" in text else text


def decode_entity(entity: re.Match[str]) -> str:
    """Return the character of one entity."""
    name = entity[1]
    if name in ENTITIES and entity[0].endswith(";"):
        return ENTITIES[name]
    digits = re.fullmatch(r"#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))", name)
    code = (int(digits[1], 16) if digits[1] else int(digits[2])) if digits else 0
    if not entity[0].endswith(";") or not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        raise InputError("it holds text that is no XML; save it again, or as CSV.")
    return chr(code)


def decode_escapes(text: str) -> str:
    """Return text with the characters decoded that XML cannot hold, such as `_x000D_`."""
    return ESCAPE.sub(decode_escape, text) if "_x" in text else text


def decode_escape(escape: re.Match[str]) -> str:
    """Return the character of one escape; what is no character stays as it is written."""
    code = int(escape[1], 16)
    return escape[0] if code == 0 or 0xD800 <= code < 0xE000 else chr(code)


def render_boolean(value: str) -> str:
    """Return a truth value as spreadsheets show it."""
    return {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}.get(value, value)


def render_moment(value: str) -> str:
    """Return a date that stands as text in ISO 8601."""
    return value.replace("T", " ")


@functools.lru_cache(maxsize=1 << 16)
def render_number(value: str) -> str:
    """Return a number's shortest decimal text of at most 15 significant digits.

    Spreadsheets keep no more; from 1e15 on it is in scientific notation, so that an id whose
    digits are lost is seen to be damaged. What is no number stays as it is.
    """
    value = value.strip()
    if not NUMBER.fullmatch(value):
        return value
    text = f"{float(value):.15g}"
    if "e-" in text:
        return format(Decimal(text), "f")
    if "inf" in text:
        return value
    return "0" if text == "-0" else text.upper()


def render_serial(shown: str, is_1904: bool, value: str) -> str:
    """Return a serial number as the date, time or both that its style shows.

    A date that has a time has it in the text too, with milliseconds where there are any; a serial
    that is no date stays a number.
    """
    value = value.strip()
    last = LAST_SERIAL - 1_462 if is_1904 else LAST_SERIAL
    if not NUMBER.fullmatch(value) or not 0 <= float(value) < last + 1:
        return render_number(value)
    # The last millisecond of the last day must not round into a year of five digits.
    total = min(round(float(value) * DAY_MILLISECONDS), (last + 1) * DAY_MILLISECONDS - 1)
    days, rest = divmod(total, DAY_MILLISECONDS)
    if shown == "elapsed":
        return render_clock(total)
    if days == 0 and shown == "time":
        return render_clock(rest)
    if days == 0 and not is_1904:
        return render_number(value)
    day = render_day(days, is_1904)
    return day if shown == "date" and rest == 0 else f"{day} {render_clock(rest)}"


def render_clock(milliseconds: int) -> str:
    """Return hours, minutes and seconds, with milliseconds where there are any."""
    seconds, fraction = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    clock = f"{hour:02d}:{minute:02d}:{second:02d}"
    return f"{clock}.{fraction:03d}" if fraction else clock


@functools.lru_cache(maxsize=1 << 14)
def render_day(days: int, is_1904: bool) -> str:
    """Return the date of a serial number, the 29 February 1900 of spreadsheets included."""
    if is_1904:
        return str(datetime.date(1904, 1, 1) + datetime.timedelta(days))
    if days == 60:
        return "1900-02-29"
    return str(datetime.date(1899, 12, 31 if days < 60 else 30) + datetime.timedelta(days))
