"""How one cell is read: for each logical type a value, and the reason where there is none.

Expressions of DuckDB SQL, so that millions of cells cost little; a value is never repaired, and a
cell that would not come back as the text it was is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa

from pipelines.canonical import Column, LogicalType
from pipelines.engines.duckdb import quote_name, quote_text

WHITE_SPACE = " \t\r\n\u00a0\u3000"
SPACES = r"[ \t\r\n\x{a0}\x{3000}]*"
TOTAL_WORDS = "合 *计|总 *计|小 *计|汇 *总|(?i:grand total|sub-?total|totals?)"
MONEY_TEXT = r"[¥￥$]?[-+]?([0-9]{1,16}|[0-9]{1,3}(,[0-9]{3}){1,5})(\.[0-9]+)?"
DEFAULT_EMPTY = ("NULL", "null", "#N/A", "\\N")
TWO_DECIMALS = r"[^.]*(\.[0-9]{1,2}0*)?"
SCIENTIFIC = r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,3}"
DATE_TEXT = r"[0-9]{4}([-/])[0-9]{1,2}[-/][0-9]{1,2}"
TIME_TEXT = DATE_TEXT + r"([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?"
OFFSET_TEXT = r" ?(Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])"
# Outside of these a cell is an empty value of some system, or a slip; shops are older than orders.
FIRST_YEARS = {LogicalType.TIME: 1970, LogicalType.DATE: 1900}
LAST_YEAR = 2200
TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
)
SQL_TYPES = {
    LogicalType.ID: "varchar",
    LogicalType.TEXT: "varchar",
    LogicalType.MONEY: "decimal(18, 2)",
    LogicalType.TIME: "timestamp",
    LogicalType.DATE: "date",
    LogicalType.MONTH: "date",
    LogicalType.INTEGER: "bigint",
    LogicalType.BOOLEAN: "boolean",
}


@dataclass(frozen=True)
class CellRules:
    """How the cells of one column are written, beyond what holds for every export.

    A money cell that `rounds_money` is rounded half away from zero; of one with `before_bracket`
    only what stands before the first bracket counts; one that `is_personal` becomes a token.
    """

    timezone: str
    empty: tuple[str, ...] = DEFAULT_EMPTY
    has_apostrophes: bool = False
    date_order: Literal["ymd", "dmy", "mdy"] = "ymd"
    excel_serials: bool = False
    rounds_money: bool = False
    before_bracket: bool = False
    is_personal: bool = False


@dataclass(frozen=True)
class Reading:
    """SQL for a cell's value, and (condition, reason) pairs for what makes it unreadable.

    `steps`, (name, expression) pairs, are computed once per row by the inner selects that `prepare`
    writes; a step may use the steps before it, value and faults may use them all. A trusted column,
    whose type leaves nothing to go wrong, has no faults. Where no row of a file meets `doubt`, a
    cheap condition on the file's own columns, the simpler `plain` value is the same and has no
    faults and no steps.
    """

    value: str
    faults: tuple[tuple[str, str], ...] = ()
    doubt: str | None = None
    plain: str | None = None
    steps: tuple[tuple[str, str], ...] = ()


def prepare(source: str, readings: Iterable[Reading]) -> str:
    """Return a source that has the columns of `source` and the steps of the readings.

    What is returned stands behind `from`, as `source` itself could.
    """
    readings = list(readings)
    depth = max((len(reading.steps) for reading in readings), default=0)
    for level in range(depth):
        steps = dict(reading.steps[level] for reading in readings if level < len(reading.steps))
        selected = "".join(f", {step} as {quote_name(name)}" for name, step in steps.items())
        source = f"(select *{selected} from {source})"
    return source


def read_absent(column: Column) -> Reading:
    """Return the reading of a column that the file does not have."""
    return Reading(f"cast(null as {SQL_TYPES[column.type]})")


def require(reading: Reading) -> Reading:
    """Return the reading with emptiness as a fault."""
    missing = (f"({reading.value}) is null", "missing")
    return replace(reading, faults=(*reading.faults, missing), doubt=None, plain=None)


def forbid_negative(reading: Reading) -> Reading:
    """Return the reading of money with an amount below zero as a fault."""
    negative = (f"({reading.value}) < 0", "negative_amount")
    return replace(reading, faults=(*reading.faults, negative), doubt=None, plain=None)


def read_typed(name: str, kind: pa.DataType, column: Column, rules: CellRules) -> Reading | None:
    """Return the reading of a Parquet column, or None where its type cannot hold such values."""
    cell, wanted = quote_name(name), column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        if wanted in (LogicalType.ID, LogicalType.TEXT):
            careful = read_text(name, column, rules)
            doubt = doubt_text(cell, wanted)
            return Reading(careful.value, careful.faults, doubt, cell)
        return read_text(name, column, rules)
    if wanted in (LogicalType.ID, LogicalType.TEXT) and pa.types.is_integer(kind):
        return Reading(f"cast({cell} as varchar)")
    if wanted is LogicalType.MONEY:
        return read_typed_money(cell, kind)
    if wanted is LogicalType.TIME and pa.types.is_timestamp(kind):
        local = f"({cell} at time zone {quote_text(rules.timezone)})" if kind.tz else cell
        return limit_years(cell, local, "timestamptz" if kind.tz else "timestamp", wanted)
    if wanted in (LogicalType.TIME, LogicalType.DATE) and pa.types.is_date(kind):
        return limit_years(cell, cell, "date", wanted)
    if wanted is LogicalType.INTEGER and pa.types.is_integer(kind):
        return Reading(f"cast({cell} as bigint)")
    if wanted is LogicalType.BOOLEAN and pa.types.is_boolean(kind):
        return Reading(cell)
    return None


def doubt_text(cell: str, wanted: LogicalType) -> str:
    """Return SQL for whether a cell may be empty, have white space at its ends or be damaged.

    The whole of a big column is asked, so it is made of what costs next to nothing.
    """
    doubt = f"{cell} < '!' or " + " or ".join(
        f"contains({cell}, {quote_text(space)})" for space in WHITE_SPACE
    )
    if wanted is LogicalType.ID:
        # A number in scientific notation has one digit before the point or the exponent.
        may_be_damaged = f"({cell}[2] = '.' or {cell}[2] = 'E' or {cell}[2] = 'e')"
        doubt += f" or ({may_be_damaged} and {matches(cell, SCIENTIFIC)})"
    return doubt


def limit_years(cell: str, local: str, sql_type: str, wanted: LogicalType) -> Reading:
    """Return the reading of a typed time or date, whose year the statistics may prove possible."""
    zero = " 00:00:00+00" if sql_type == "timestamptz" else ""
    low = f"{sql_type} '{FIRST_YEARS[wanted]}-01-02{zero}'"
    high = f"{sql_type} '{LAST_YEAR}-12-30{zero}'"
    value = f"try_cast({local} as {SQL_TYPES[wanted]})"
    fault = f"{cell} is not null and {is_impossible(value, wanted)}"
    return Reading(
        value,
        ((fault, f"not_a_{wanted.value}"),),
        f"{cell} < {low} or {cell} > {high}",
        f"cast({local} as {SQL_TYPES[wanted]})",
    )


def is_impossible(value: str, wanted: LogicalType) -> str:
    """Return SQL for whether a time or date is none, or of a year in which no shop sold."""
    possible = f"year({value}) between {FIRST_YEARS[wanted]} and {LAST_YEAR}"
    return f"not coalesce({possible}, false)"


def read_typed_money(cell: str, kind: pa.DataType) -> Reading | None:
    """Return the reading of a numeric Parquet column as money."""
    if pa.types.is_decimal(kind) and kind.scale <= 2 and kind.precision - kind.scale <= 16:
        return Reading(f"cast({cell} as decimal(18, 2))")
    if pa.types.is_integer(kind) and kind.bit_width <= 32:
        return Reading(f"cast({cell} as decimal(18, 2))")
    if pa.types.is_decimal(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        rounded = f"try_cast({cell} as decimal(18, 2))"
        exact = (
            f"decimal({kind.precision}, {kind.scale})" if pa.types.is_decimal(kind) else "double"
        )
        is_same = f"try_cast({rounded} as {exact}) = cast({cell} as {exact})"
        return Reading(
            f"case when {is_same} then {rounded} end",
            (
                (f"{cell} is not null and {rounded} is null", "not_money"),
                (f"{cell} is not null and not ({is_same})", "too_many_decimals"),
            ),
        )
    return None


def read_text(name: str, column: Column, rules: CellRules) -> Reading:
    """Return the reading of a text column."""
    cell = f"nullif(trim({quote_name(name)}, {quote_text(WHITE_SPACE)}), '')"
    match column.type:
        case LogicalType.ID:
            return Reading(cell, ((matches(cell, SCIENTIFIC), "damaged_id"),))
        case LogicalType.TEXT:
            return Reading(cell)
        case LogicalType.MONEY:
            return read_text_money(cell)
        case LogicalType.TIME:
            return read_text_time(cell, rules.timezone)
        case LogicalType.DATE | LogicalType.MONTH:
            value = f"try_strptime(replace({cell}, '/', '-'), '%Y-%m-%d')"
            is_none = f"not {matches(cell, DATE_TEXT)} or {is_impossible(value, LogicalType.DATE)}"
            fault = f"{cell} is not null and ({is_none})"
            return Reading(f"cast({value} as date)", ((fault, f"not_a_{column.type}"),))
        case LogicalType.INTEGER:
            fault = f"not {matches(cell, '[-+]?[0-9]{1,18}')}"
            return Reading(f"try_cast({cell} as bigint)", ((fault, "not_an_integer"),))
        case LogicalType.BOOLEAN:
            return read_text_boolean(cell)


def read_text_money(cell: str) -> Reading:
    """Return the reading of money: an optional ¥ or $, thousands commas, at most two decimals."""
    bare = f"replace(ltrim({cell}, '¥￥$'), ',', '')"
    is_money = matches(cell, MONEY_TEXT)
    fits = matches(cell, TWO_DECIMALS)
    value = f"case when {is_money} and {fits} then try_cast({bare} as decimal(18, 2)) end"
    return Reading(
        value,
        (
            (f"{is_money} and not {fits}", "too_many_decimals"),
            (f"{cell} is not null and ({value}) is null", "not_money"),
        ),
    )


def read_text_time(cell: str, timezone: str) -> Reading:
    """Return the reading of a time: local where it is naive, converted where it has an offset."""
    offset = f"regexp_extract({cell}, {quote_text(OFFSET_TEXT + '$')}, 1)"
    bare = f"regexp_replace({cell}, {quote_text(OFFSET_TEXT + '$')}, '')"
    has_offset = f"contains({cell}, ':') and {offset} <> ''"
    plain = (
        f"replace(replace(case when {has_offset} then {bare} else {cell} end, 'T', ' '), '/', '-')"
    )
    formats = "[" + ", ".join(quote_text(text) for text in TIME_FORMATS) + "]"
    naive = f"try_strptime({plain}, {formats})"
    sign = f"case when starts_with({offset}, '-') then -1 else 1 end"
    digits = f"replace(substr({offset}, 2), ':', '')"
    minutes = (
        f"case when {offset} = 'Z' then 0 else {sign} *"
        f" (60 * try_cast(substr({digits}, 1, 2) as int)"
        f" + try_cast(substr({digits}, 3, 2) as int)) end"
    )
    instant = f"(({naive}) - to_minutes({minutes})) at time zone 'UTC'"
    local = f"({instant}) at time zone {quote_text(timezone)}"
    value = f"case when {has_offset} then {local} else {naive} end"
    whole = matches(cell, f"{TIME_TEXT}({OFFSET_TEXT})?")
    fault = f"{cell} is not null and (not {whole} or {is_impossible(value, LogicalType.TIME)})"
    return Reading(f"cast({value} as timestamp)", ((fault, "not_a_time"),))


def read_text_boolean(cell: str) -> Reading:
    """Return the reading of a yes or no, in English, Chinese or digits."""
    lowered = f"lower({cell})"
    value = (
        f"case when {lowered} in ('true', 'yes', 'y', '1', '是') then true"
        f" when {lowered} in ('false', 'no', 'n', '0', '否') then false end"
    )
    return Reading(value, ((f"{cell} is not null and ({value}) is null", "not_a_boolean"),))


def matches(cell: str, pattern: str) -> str:
    """Return SQL that tells whether the whole cell has the pattern."""
    return f"regexp_full_match({cell}, {quote_text(pattern)})"


def is_total_row(cells: list[str], key: str | None = None) -> str:
    """Return SQL for whether a row of text columns is a total, never a record.

    `cells` are the file's columns in order and `key` the one whose cells identify its rows, the
    first by default. A row is a total where one of the first two cells, or the key, is a word such
    as 合计 and the key holds nothing else: an id beside a product called 合计 is a record.
    """
    key = cells[0] if key is None else key
    total, blank = f"{SPACES}({TOTAL_WORDS})({SPACES}[:：].*)?{SPACES}", SPACES
    words = [matches(quote_name(name), total) for name in dict.fromkeys([*cells[:2], key])]
    is_keyless = matches(f"coalesce({quote_name(key)}, '')", f"{total}|{blank}")
    return f"case when {is_keyless} then coalesce({' or '.join(words)}, false) else false end"
