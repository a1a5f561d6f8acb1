"""How one cell is read: for each logical type a value, and the reason where there is none.

Expressions of DuckDB SQL, so that millions of cells cost little; a value is never repaired, and a
cell that would not come back as the text it was is refused.

Most cells are written as their value is: what DuckDB makes of such a cell, written back, is the
cell again, which is proof and costs little. Only the others, the *rest*, go the careful way: white
space, apostrophe and wrapper off, then patterns of what exports are known to do, and nothing else.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import pyarrow as pa

from pipelines.canonical import Column, LogicalType
from pipelines.engines.duckdb import quote_name, quote_text
from pipelines.errors import InputError
from pipelines.ingest.identities import token_sql
from pipelines.ingest.patterns import SPACE, SPACES, matches
from pipelines.ingest.patterns import WHITE_SPACE as WHITE_SPACE

WHITE = quote_text(WHITE_SPACE)
DEFAULT_EMPTY = ("NULL", "null", "#N/A", "\\N")

# A spreadsheet shows hashes where a column is too narrow, and saves what it shows.
ERROR_TEXT = (
    r"#(?:REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|N/A|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!"
    r"|UNKNOWN!|GETTING_DATA)|#{3,}"
)
FORMULA_TEXT = r'(?s)=".*|=[A-Za-z.]+\(.*\)'
DAMAGED_ID = (
    r"[-+]?[0-9]\.[0-9]+[eE][-+]?[0-9]{1,3}|[-+]?[0-9][eE]\+?[0-9]{1,3}|[-+]?[0-9]{15,}\.0+"
)
# Numbers of a spreadsheet have fifteen digits; the sixteenth is no longer the one that was typed.
EXACT_ID = 10**15

FULL_WIDTH, HALF_WIDTH = "０１２３４５６７８９，．－−＋（）", "0123456789,.--+()"
NUMBER = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)"
AMOUNT = rf"{NUMBER}(?:\.[0-9]+)?"
MARK = "[¥￥$＄]"
MONEY_TEXT = "|".join(
    pattern.replace("N", AMOUNT).replace("M", MARK).replace("_", f"{SPACE}?")
    for pattern in (
        "[-+]?(?:M_)?N",
        "M_[-+]?N",
        "[-+]?N_元",
        r"(?:M_)?\(N\)",
        r"\(M_N\)",
        r"\(N_元\)",
        r"\(N\)_元",
    )
)
DRESSED_TEXT = f"[¥￥]?-?{AMOUNT}|-?{AMOUNT}元"
TWO_DECIMALS = r"[0-9]+(?:\.[0-9]{1,2}0*)?"
INTEGER_TEXT = rf"[-+]?{NUMBER}(?:\.0+)?"

SIXTY = "[0-5][0-9]"
CLOCK_TAIL = rf"{SIXTY}(?::{SIXTY}(?:\.[0-9]{{1,6}}0*)?)?"
MIDNIGHT = r"00(?::00(?:\.0+)?)?"
CLOCK = rf"(?:(?:[01]?[0-9]|2[0-3]):{CLOCK_TAIL}|24:{MIDNIGHT})"
OFFSET = "(?:Z|UTC|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])"
YEAR_FIRST = "(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2})"
NAIVE_TIME = f"{YEAR_FIRST}(?:[ T]{CLOCK})?"
OFFSET_TIME = f"{YEAR_FIRST}[ T]{CLOCK} ?{OFFSET}"
DATE_TEXT = rf"{YEAR_FIRST}(?:[ T]0?0:{MIDNIGHT})?"
# Other ways to write a date, and what makes each of them one that is year first.
POINTED = (r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})(?:([ T].*))?", r"\1-\2-\3\4")
CHINESE = ("([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日(?: ?([0-9].*))?", r"\1-\2-\3 \4")
COMPACT_DATE = ("([0-9]{4})([0-9]{2})([0-9]{2})", r"\1-\2-\3")
COMPACT_TIME = (
    "([0-9]{4})([0-9]{2})([0-9]{2})[ T]?([0-9]{2})([0-9]{2})([0-9]{2})( ?[-+ZU].*)?",
    r"\1-\2-\3 \4:\5:\6\7",
)
MONTHS = (
    ("([0-9]{4})-([0-9]{1,2})", r"\1-\2-1"),
    ("([0-9]{4})/([0-9]{1,2})", r"\1-\2-1"),
    ("([0-9]{4})年([0-9]{1,2})月", r"\1-\2-1"),
    ("([0-9]{4})([0-9]{2})", r"\1-\2-1"),
)
DAY_OR_MONTH = "[0-9]{1,2}"
YEAR_LAST = "(?:D-D-|D/D/|D[.]D[.])".replace("D", DAY_OR_MONTH)
HALF_DAY_CLOCK = f"(?:0?[1-9]|1[0-2]):{CLOCK_TAIL}{SPACE}?[AaPp][Mm]"
SERIAL = r"[0-9]{1,6}(?:\.[0-9]{1,15})?"
FIRST_SERIAL = 61  # The 1900 system has a 29 February 1900, serial 60: below, days are off by one.

# Outside of these a cell is an empty value of some system, or a slip; shops are older than orders.
FIRST_YEARS = {LogicalType.TIME: 1970, LogicalType.DATE: 1900, LogicalType.MONTH: 1900}
LAST_YEAR = 2200
YES = ("true", "t", "yes", "y", "1", "是", "√", "✓", "✔")
NO = ("false", "f", "no", "n", "0", "否", "×", "✗", "✘")
# Letters may be spaced for looks; after a colon anything may follow.
TOTAL_WORDS = (
    *("合计", "总计", "小计", "共计", "累计", "汇总", "合计金额", "总合计", "本页合计", "本页小计"),
    *("grandtotal", "subtotal", "sub-total", "total", "totals", "sum"),
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

    A money cell that `rounds_money` is rounded half away from zero; of a money or integer cell with
    `before_bracket` only what stands before the first bracket counts; an id or text that
    `is_personal` becomes a token.
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


@dataclass
class Steps:
    """The steps of one reading, while it is written; equal steps of two readings are one."""

    column: str
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, meaning: str, expression: str) -> str:
        """Add an expression and return SQL for its value."""
        digest = hashlib.sha256(expression.encode()).hexdigest()[:12]
        self.rows.append((f"{meaning} of {self.column} {digest}", expression))
        return quote_name(self.rows[-1][0])

    def read(self, value: str, faults: Iterable[tuple[str, str]]) -> Reading:
        """Return the reading with these steps."""
        return Reading(value, tuple(faults), steps=tuple(self.rows))


def prepare(source: str, readings: Iterable[Reading]) -> str:
    """Return a source that has the columns of `source` and the steps of the readings.

    What is returned stands behind `from`, as `source` itself could.
    """
    readings = list(readings)
    known: set[str] = set()
    for level in range(max((len(reading.steps) for reading in readings), default=0)):
        steps = dict(reading.steps[level] for reading in readings if level < len(reading.steps))
        added = {name: step for name, step in steps.items() if name not in known}
        known |= added.keys()
        selected = "".join(f", {step} as {quote_name(name)}" for name, step in added.items())
        source = f"(select *{selected} from {source})" if added else source
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


# Columns of text


def read_text(name: str, column: Column, rules: CellRules) -> Reading:
    """Return the reading of a text column.

    Raises InputError where a personal column is neither an id nor a text.
    """
    raw, steps = quote_name(name), Steps(name)
    if rules.is_personal and column.type not in (LogicalType.ID, LogicalType.TEXT):
        raise InputError(
            f"column {name!r} is personal and cannot be read as {column.type.value}; "
            "only ids and texts become tokens."
        )
    match column.type:
        case LogicalType.ID | LogicalType.TEXT:
            return read_text_word(raw, column.type, rules, steps)
        case LogicalType.MONEY:
            return read_text_money(raw, rules, steps)
        case LogicalType.TIME:
            return read_text_time(raw, rules, steps)
        case LogicalType.DATE | LogicalType.MONTH:
            return read_text_date(raw, column.type, rules, steps)
        case LogicalType.INTEGER:
            return read_text_integer(raw, rules, steps)
        case LogicalType.BOOLEAN:
            return read_text_boolean(raw, rules, steps)


def add_rest(raw: str, common: str, rules: CellRules, steps: Steps, is_number: bool = False) -> str:
    """Add the cleaned cell, which is null where there is none, or the cell is a common one."""
    cleaned = clean(raw, rules, is_number)
    return steps.add("rest", f"case when {raw} is null or ({common}) then null else {cleaned} end")


def clean(raw: str, rules: CellRules, is_number: bool = False) -> str:
    """Return SQL for what a cell says without white space, apostrophe, wrapper and bracket.

    Emptiness is not settled here: see `is_filled`.
    """
    # One TAB or space in front is what some systems put before each id.
    tail = f"{raw}[2:]"
    has_one = (
        f"({raw} >= '\t' and {raw} < '\n' or {raw} >= ' ' and {raw} < '!')"
        f" and {tail} >= '!' and {tail} < '\x7f' and {has_clean_end(raw)}"
    )
    cell = (
        f"case when {has_clean_ends(raw)} then {raw}"
        f" when {has_one} then {tail} else trim({raw}, {WHITE}) end"
    )
    if rules.has_apostrophes:
        bare = f"ltrim(regexp_replace({cell}, '^''', ''), {WHITE})"
        cell = f"case when contains({raw}, '''') then {bare} else {cell} end"
    wrapped = rf"""^="{SPACE}*([^"]*?){SPACE}*"$"""
    unwrapped = rf"regexp_replace({cell}, {quote_text(wrapped)}, '\1')"
    inner = f"{raw}[3:-2]"
    is_wrapper = (
        f"starts_with({raw}, '=\"') and ends_with({raw}, '\"') and strlen({raw}) > 3"
        f" and not contains({inner}, '\"') and {has_clean_ends(inner)}"
    )
    cell = (
        f"case when not contains({raw}, '=\"') then {cell}"
        f" when {is_wrapper} then {inner} else {unwrapped} end"
    )
    if rules.before_bracket and is_number:
        bracket = rf"(?s)^([^(（]*[^(（{SPACES}]){SPACE}*[(（].*$"
        cut = rf"regexp_replace({cell}, {quote_text(bracket)}, '\1')"
        has_bracket = f"contains({raw}, '(') or contains({raw}, '（')"
        cell = f"case when {has_bracket} then {cut} else {cell} end"
    return f"case when {raw} = '' then '' else {cell} end"


def has_clean_ends(raw: str) -> str:
    """Return SQL for whether a cell certainly has no white space at either end."""
    first = f"({raw} >= '!' and {raw} < '\x7f') or ({raw} >= '\u3001' and {raw} < '\ufe00')"
    return f"({first}) and {has_clean_end(raw)}"


def has_clean_end(raw: str) -> str:
    """Return SQL for whether a cell certainly has no white space at its end."""
    return f"({raw}[-1] between '!' and '~' or {raw}[-1] between '\u3001' and '\ufdff')"


def is_filled(rest: str, rules: CellRules) -> str:
    """Return SQL for whether a cleaned cell says something; null where there is none."""
    return f"not {is_one_of(rest, dict.fromkeys(('', *rules.empty)))}"


def is_one_of(cell: str, texts: Iterable[str]) -> str:
    """Return SQL for whether a cell is one of some texts.

    DuckDB joins all rows with the texts of an IN list, be there five of them and few rows asked.
    """
    return "(" + (" or ".join(f"{cell} = {quote_text(text)}" for text in texts) or "false") + ")"


def is_no_empty_number(raw: str, rules: CellRules) -> str:
    """Return SQL, to stand behind a condition, that excludes numbers and times that mean empty."""
    empty = [text for text in rules.empty if text[:1] in set("-.0123456789")]
    return f" and not {is_one_of(raw, empty)}" if empty else ""


def find_faults(
    value: str, rest: str, rules: CellRules, faults: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the faults of a cell that says something and yet has no value."""
    broken = f"{value} is null and {is_filled(rest, rules)}"
    formula = f"{broken} and ({matches(rest, ERROR_TEXT)} or starts_with({rest}, '='))"
    return [
        (formula, "formula_cell"),
        *((f"{broken} and {condition}", reason) for condition, reason in faults),
    ]


def read_text_word(raw: str, wanted: LogicalType, rules: CellRules, steps: Steps) -> Reading:
    """Return the reading of an id or a text: byte for byte what the cleaned cell says.

    Control characters inside are kept: without them two ids could become one.
    """
    plain = is_plain_word(raw, wanted, rules)
    rest = add_rest(raw, plain, rules, steps)
    filled = is_filled(rest, rules)
    value = steps.add("value", f"case when {rest} is null then {raw} when {filled} then {rest} end")
    said = f"{rest} is not null and {filled}"
    may_be_formula = f"(starts_with({rest}, '#') or starts_with({rest}, '='))"
    is_formula = f"{may_be_formula} and {matches(rest, f'{ERROR_TEXT}|{FORMULA_TEXT}')}"
    faults = [(f"{said} and {is_formula}", "formula_cell")]
    if wanted is LogicalType.ID:
        may_be_damaged = f"(contains({rest}, '.') or strlen({rest}) < 8)"
        is_damaged = f"{may_be_damaged} and {matches(rest, DAMAGED_ID)}"
        faults.append((f"{said} and {is_damaged}", "damaged_id"))
    if rules.is_personal:
        value = steps.add("token", f"case when {value} is not null then {token_sql(value)} end")
    return steps.read(value, faults)


def is_plain_word(raw: str, wanted: LogicalType, rules: CellRules) -> str:
    """Return SQL for whether an id or a text certainly is what its cell says, as it stands."""
    plain = (
        f"(({raw} >= '0' and {raw} < ':') or ({raw} >= 'A' and {raw} < '{{')"
        f" or ({raw} >= '\u3001' and {raw} < '\ufe00')) and {has_clean_end(raw)}"
    )
    if wanted is LogicalType.ID:
        # Scientific notation without a point has seven characters at most: -1E+100.
        is_no_power = f"(strlen({raw}) > 7 or not ({raw}[2] = 'E' or {raw}[2] = 'e'))"
        plain += f" and not contains({raw}, '.') and {is_no_power}"
    # Most ids begin with a digit, and next to no word for emptiness does.
    numbers = [text for text in rules.empty if text[:1].isdecimal()]
    words = [text for text in rules.empty if text and not text[0].isdecimal()]
    plain += f" and not {is_one_of(raw, numbers)}" if numbers else ""
    return f"{plain} and ({raw} < ':' or not {is_one_of(raw, words)})"


def read_text_money(raw: str, rules: CellRules, steps: Steps) -> Reading:
    """Return the reading of money: one sign of currency at most, at most two decimals."""
    # Most amounts are bare; one mark and thousands commas are common too.
    is_bare = f"strlen({raw}) = length({raw}) and not contains({raw}, ',')"
    stripped = raw
    for mark in ("￥", "¥", "元", ","):
        stripped = f"replace({stripped}, '{mark}', '')"
    is_dressed = f"{matches(raw, DRESSED_TEXT)} and {is_filled(raw, rules)}"
    bare = steps.add(
        "bare", f"case when {is_bare} then {raw} when {is_dressed} then {stripped} end"
    )
    guess = steps.add("guess", guess_number(bare, "decimal(18, 2)"))
    # 12 and 12.5 begin 12.00 and 12.50; nothing else that is no other number does, but 12. does.
    common = (
        f"starts_with(cast({guess} as varchar), {bare}) and not ends_with({bare}, '.')"
        + is_no_empty_number(raw, rules)
    )
    rest = add_rest(raw, common, rules, steps, is_number=True)
    number = steps.add("number", f"case when {is_filled(rest, rules)} then {narrow(rest)} end")
    digits = steps.add(
        "digits",
        f"case when {matches(number, MONEY_TEXT)}"
        f" then replace(regexp_extract({number}, '[0-9][0-9,.]*'), ',', '') end",
    )
    fits = "true" if rules.rounds_money else matches(digits, TWO_DECIMALS)
    amount = f"try_cast({digits} as decimal(18, 2))"
    is_negative = f"regexp_matches({number}, '^[^0-9]*[-(]')"
    value = steps.add(
        "value",
        f"case when {rest} is null then {guess} when {digits} is not null and {fits}"
        f" then case when {is_negative} then -{amount} else {amount} end end",
    )
    faults = [
        (f"{digits} is null", "not_money"),
        (f"not {fits}", "too_many_decimals"),
        ("true", "damaged_number"),
    ]
    return steps.read(value, find_faults(value, rest, rules, faults))


def read_text_integer(raw: str, rules: CellRules, steps: Steps) -> Reading:
    """Return the reading of a whole number, which may have thousands commas and zero decimals."""
    guess = steps.add("guess", guess_number(raw, "bigint"))
    common = f"cast({guess} as varchar) = {raw}{is_no_empty_number(raw, rules)}"
    rest = add_rest(raw, common, rules, steps, is_number=True)
    number = steps.add("number", f"case when {is_filled(rest, rules)} then {narrow(rest)} end")
    is_whole = matches(number, INTEGER_TEXT)
    value = steps.add(
        "value",
        f"case when {rest} is null then {guess} when {is_whole}"
        f" then try_cast(replace(split_part({number}, '.', 1), ',', '') as bigint) end",
    )
    faults = [(f"not {is_whole}", "not_an_integer"), ("true", "damaged_number")]
    return steps.read(value, find_faults(value, rest, rules, faults))


def guess_number(raw: str, sql_type: str) -> str:
    """Return SQL for what DuckDB makes of a cell that begins like a number; it may be wrong."""
    # A cast that fails costs ten that do not, so that what cannot be a number is not tried.
    return f"case when {raw} > '-' and {raw} < ':' then try_cast({raw} as {sql_type}) end"


def narrow(cell: str) -> str:
    """Return SQL for a cell with the digits and signs of Chinese typing as those of ASCII."""
    wide = quote_text(f"[{FULL_WIDTH}]")
    narrowed = f"translate({cell}, {quote_text(FULL_WIDTH)}, {quote_text(HALF_WIDTH)})"
    return f"case when regexp_matches({cell}, {wide}) then {narrowed} else {cell} end"


def read_text_time(raw: str, rules: CellRules, steps: Steps) -> Reading:
    """Return the reading of a time: local where it is naive, converted where it has an offset."""
    first, end = f"'{FIRST_YEARS[LogicalType.TIME]}'", f"'{LAST_YEAR + 1}'"
    guess = steps.add(
        "guess",
        f"case when {raw} >= {first} and {raw} < {end} then try_cast({raw} as timestamp) end",
    )
    # Of what is no proof at once, slashes and T are the most common.
    text = f"cast({guess} as varchar)"
    common = (
        f"({text} = {raw} or (contains({raw}, '/') and {text} = replace({raw}, '/', '-'))"
        f" or (contains({raw}, 'T') and {text} = replace({raw}, 'T', ' ')))"
        + is_no_empty_number(raw, rules)
    )
    rest = add_rest(raw, common, rules, steps)
    turned = turn_year_first(rest, rules)
    iso = steps.add("iso", f"case when {is_filled(rest, rules)} then {turned} end")
    signs = {" UTC": "Z", "UTC": "Z", " Z": "Z", " +": "+", " -": "-"}
    branches = " ".join(
        f"when contains({iso}, '{loose}') then replace({iso}, '{loose}', '{sign}')"
        for loose, sign in signs.items()
    )
    close = f"case {branches} else {iso} end"
    converted = f"try_cast({close} as timestamptz) at time zone {quote_text(rules.timezone)}"
    local = steps.add(
        "local",
        f"case when {rest} is null then {guess}"
        f" when {matches(iso, NAIVE_TIME)} then try_cast({iso} as timestamp)"
        f" when {matches(iso, OFFSET_TIME)} then {converted} end",
    )
    value = steps.add("value", f"case when {is_possible(local, LogicalType.TIME)} then {local} end")
    faults = [(is_ambiguous(rest, rules), "ambiguous_date"), ("true", "not_a_time")]
    return steps.read(value, find_faults(value, rest, rules, faults))


def read_text_date(raw: str, wanted: LogicalType, rules: CellRules, steps: Steps) -> Reading:
    """Return the reading of a date, which may have a clock at midnight, or of its month."""
    first, end = f"'{FIRST_YEARS[wanted]}'", f"'{LAST_YEAR + 1}'"
    guess = steps.add(
        "guess",
        f"case when strlen({raw}) = 10 and {raw} >= {first} and {raw} < {end}"
        f" then try_cast({raw} as date) end",
    )
    text = f"cast({guess} as varchar)"
    common = (
        f"({text} = {raw} or (contains({raw}, '/') and {text} = replace({raw}, '/', '-')))"
        + is_no_empty_number(raw, rules)
    )
    rest = add_rest(raw, common, rules, steps)
    turned = turn_year_first(rest, rules)
    if wanted is LogicalType.MONTH:
        turned = f"case {write_branches(rest, MONTHS)} else {turned} end"
    iso = steps.add("iso", f"case when {is_filled(rest, rules)} then {turned} end")
    date = steps.add(
        "date",
        f"case when {rest} is null then {guess}"
        f" when {matches(iso, DATE_TEXT)} then cast(try_cast({iso} as timestamp) as date) end",
    )
    found = f"date_trunc('month', {date})" if wanted is LogicalType.MONTH else date
    value = steps.add(
        "value", f"case when {is_possible(date, wanted)} then cast({found} as date) end"
    )
    faults = [(is_ambiguous(rest, rules), "ambiguous_date"), ("true", f"not_a_{wanted.value}")]
    return steps.read(value, find_faults(value, rest, rules, faults))


def turn_year_first(rest: str, rules: CellRules) -> str:
    """Return SQL for a date or time with the year first, or for the cell as it is.

    Digits and separators only change places here; whether they are a time is for others to say.
    """
    branches = [] if rules.date_order == "ymd" else [turn_year_last(rest, rules.date_order)]
    branches += [
        f"when {rest}[5] = '-' or {rest}[5] = '/' then {rest}",
        f"when {rest}[5] = '.' then {turn(rest, POINTED)}",
        f"when {rest}[5] = '年' then rtrim({turn(rest, CHINESE)})",
        write_branches(rest, (COMPACT_DATE, COMPACT_TIME)),
    ]
    if rules.excel_serials:
        serial = f"try_cast({rest} as decimal(21, 15))"
        microseconds = f"cast(round({serial} * 86400000) as bigint) * 1000"
        moment = f"timestamp '1899-12-30' + to_microseconds({microseconds})"
        is_serial = f"{matches(rest, SERIAL)} and {serial} >= {FIRST_SERIAL}"
        branches.append(f"when {is_serial} then cast({moment} as varchar)")
    return f"case {' '.join(branches)} else {rest} end"


def turn_year_last(rest: str, date_order: str) -> str:
    """Return SQL branches for dates with the year last, with a clock of 24 or of 12 hours."""
    part, mark = f"({DAY_OR_MONTH})", "[-/.]"
    turned = r"\3-\2-\1" if date_order == "dmy" else r"\3-\1-\2"
    date = f"{part}{mark}{part}{mark}([0-9]{{4}})"
    clock = f"regexp_extract({rest}, ' ([0-9]+):', 1)"
    is_after_noon = f"regexp_matches({rest}, '[Pp][Mm]$')"
    hour = f"(try_cast({clock} as int) % 12 + case when {is_after_noon} then 12 else 0 end)"
    tail = f"regexp_extract({rest}, ':[0-9:.]+')"
    return (
        f"when {matches(rest, f'{YEAR_LAST}[0-9]{{4}} {HALF_DAY_CLOCK}')}"
        f" then {turn(rest, (f'{date} .*', turned))} || ' ' || {hour} || {tail}"
        f" when {matches(rest, f'{YEAR_LAST}[0-9]{{4}}(?: .*)?')}"
        f" then {turn(rest, (f'{date}(.*)', turned + chr(92) + '4'))}"
    )


def turn(cell: str, form: tuple[str, str]) -> str:
    """Return SQL for a cell in another form; a cell that is not of the form stays as it is."""
    pattern, replacement = form
    return f"regexp_replace({cell}, {quote_text(f'^{pattern}$')}, {quote_text(replacement)})"


def write_branches(cell: str, forms: Iterable[tuple[str, str]]) -> str:
    """Return SQL branches that turn each form."""
    return " ".join(f"when {matches(cell, form[0])} then {turn(cell, form)}" for form in forms)


def is_ambiguous(rest: str, rules: CellRules) -> str:
    """Return SQL for whether day, month and year of a cell could be told apart by a guess only."""
    years = "(?:[0-9]{4}|[0-9]{1,2})" if rules.date_order == "ymd" else "[0-9]{1,2}"
    return matches(rest, f"{YEAR_LAST}{years}(?:[ T].*)?")


def is_possible(value: str, wanted: LogicalType) -> str:
    """Return SQL for whether a time or date is of a year in which a shop can have sold."""
    kind = "timestamp" if wanted is LogicalType.TIME else "date"
    first, end = f"{kind} '{FIRST_YEARS[wanted]}-01-01'", f"{kind} '{LAST_YEAR + 1}-01-01'"
    return f"{value} >= {first} and {value} < {end}"


def read_text_boolean(raw: str, rules: CellRules, steps: Steps) -> Reading:
    """Return the reading of a yes or no, in English, Chinese, digits or marks."""
    common = is_one_of(raw, [text for text in (*YES, *NO) if text not in rules.empty])
    rest = add_rest(raw, common, rules, steps)
    word = steps.add(
        "word",
        f"case when {rest} is null then {raw} when {is_filled(rest, rules)} then lower({rest}) end",
    )
    value = f"case when {is_one_of(word, YES)} then true when {is_one_of(word, NO)} then false end"
    value = steps.add("value", value)
    return steps.read(value, find_faults(value, rest, rules, [("true", "not_a_boolean")]))


# Rows of totals


def is_total_row(cells: list[str], key: str | None = None) -> str:
    """Return SQL for whether a row of text columns is a total, never a record.

    `cells` are the file's columns in order and `key` the one whose cells identify its rows, the
    first by default. A row is a total where one of the first two cells, or the key, is a word such
    as 合计 and the key holds nothing else: an id beside a product called 合计 is a record.
    """
    key = cells[0] if key is None else key
    words = f"^(?:{'|'.join(TOTAL_WORDS)})$"
    found = [
        f"regexp_matches({squeeze(name)}, {quote_text(words)})"
        for name in dict.fromkeys([*cells[:2], key])
    ]
    holds_no_id = matches(f"coalesce({squeeze(key)}, '')", f"|{'|'.join(TOTAL_WORDS)}")
    # Most keys begin with a digit, or otherwise than such a word does.
    name = quote_name(key)
    begins = is_one_of(f"lower({name}[:3])", ("gra", "sub", "sum", "tot"))
    odd = " or ".join(f"starts_with({name}, '{letter}')" for letter in "合总小共累汇本")
    return (
        f"case when {name} >= '0' and {name} < ':' then false"
        f" when {name} >= 'A' and {name} < '{{' and not {begins} then false"
        f" when {name} >= '\u3001' and not ({odd}) then false"
        f" when {holds_no_id} then coalesce({' or '.join(found)}, false) else false end"
    )


def squeeze(name: str) -> str:
    """Return SQL for a cell without white space, in small letters, up to its first colon."""
    letters = f"translate({quote_name(name)}, {quote_text('：' + WHITE_SPACE)}, ':')"
    return f"lower(split_part({letters}, ':', 1))"


# Columns of Parquet


def read_typed(name: str, kind: pa.DataType, column: Column, rules: CellRules) -> Reading | None:
    """Return the reading of a Parquet column, or None where its type cannot hold such values.

    Raises InputError where a personal column is neither an id nor a text.
    """
    cell, wanted = quote_name(name), column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_null(kind):
        return read_absent(column)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        reading = read_text(name, column, rules)
        if wanted not in (LogicalType.ID, LogicalType.TEXT) or rules.is_personal:
            return reading
        return replace(reading, doubt=f"not ({is_plain_word(cell, wanted, rules)})", plain=cell)
    if wanted in (LogicalType.ID, LogicalType.TEXT):
        return read_typed_word(name, kind, rules)
    if rules.is_personal:
        return None
    if wanted is LogicalType.MONEY:
        return read_typed_money(cell, kind, rules)
    if wanted is LogicalType.INTEGER:
        return read_typed_integer(cell, kind)
    if wanted is LogicalType.BOOLEAN:
        return read_typed_boolean(cell, kind)
    return read_typed_time(name, kind, wanted, rules)


def read_typed_word(name: str, kind: pa.DataType, rules: CellRules) -> Reading | None:
    """Return the reading of a numeric Parquet column as an id, where its numbers are exact."""
    cell, steps = quote_name(name), Steps(name)
    faults: tuple[tuple[str, str], ...] = ()
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        value = f"cast({cell} as varchar)"
    elif pa.types.is_floating(kind):
        # Ids with gaps become floating numbers in some programs, which are exact while short.
        is_exact = f"abs({cell}) < {EXACT_ID} and {cell} = trunc({cell})"
        value = f"case when {is_exact} then cast(cast({cell} as bigint) as varchar) end"
        faults = ((f"{cell} is not null and not ({is_exact})", "damaged_id"),)
    else:
        return None
    if not rules.is_personal:
        return Reading(value, faults)
    text = steps.add("value", value)
    token = steps.add("token", f"case when {text} is not null then {token_sql(text)} end")
    return steps.read(token, faults)


def read_typed_time(
    name: str, kind: pa.DataType, wanted: LogicalType, rules: CellRules
) -> Reading | None:
    """Return the reading of a Parquet column as a time, a date or a month."""
    cell = quote_name(name)
    if wanted is LogicalType.TIME and pa.types.is_timestamp(kind):
        local = f"({cell} at time zone {quote_text(rules.timezone)})" if kind.tz else cell
        return limit_years(cell, local, "timestamptz" if kind.tz else "timestamp", wanted)
    if pa.types.is_date(kind):
        if wanted is LogicalType.MONTH:
            return read_typed_month(cell, f"try_cast({cell} as date)")
        return limit_years(cell, cell, "date", wanted)
    if wanted is LogicalType.TIME:
        return None
    if pa.types.is_timestamp(kind) and kind.tz is None:
        date = f"try_cast({cell} as date)"
        is_midnight = f"{date} = try_cast({cell} as timestamp)"
        if wanted is LogicalType.MONTH:
            return read_typed_month(cell, f"case when {is_midnight} then {date} end")
        value = f"case when {is_midnight} and {is_possible(date, wanted)} then {date} end"
        return Reading(value, ((f"{cell} is not null and ({value}) is null", "not_a_date"),))
    if wanted is LogicalType.MONTH and pa.types.is_integer(kind):
        text = f"cast({cell} as varchar)"
        date = f"try_cast(case when strlen({text}) = 6 then {text} || '01' end as varchar)"
        return read_typed_month(cell, f"cast(try_strptime({date}, '%Y%m%d') as date)")
    return None


def read_typed_month(cell: str, date: str) -> Reading:
    """Return the reading of a typed month from SQL for any date of it."""
    possible = is_possible(f"({date})", LogicalType.MONTH)
    value = f"case when {possible} then cast(date_trunc('month', {date}) as date) end"
    return Reading(value, ((f"{cell} is not null and ({value}) is null", "not_a_month"),))


def limit_years(cell: str, local: str, sql_type: str, wanted: LogicalType) -> Reading:
    """Return the reading of a typed time or date, whose year the statistics may prove possible."""
    zero = " 00:00:00+00" if sql_type == "timestamptz" else ""
    low = f"{sql_type} '{FIRST_YEARS[wanted]}-01-02{zero}'"
    high = f"{sql_type} '{LAST_YEAR}-12-30{zero}'"
    value = f"try_cast({local} as {SQL_TYPES[wanted]})"
    fault = f"{cell} is not null and not coalesce({is_possible(value, wanted)}, false)"
    return Reading(
        value,
        ((fault, f"not_a_{wanted.value}"),),
        f"{cell} < {low} or {cell} > {high}",
        f"cast({local} as {SQL_TYPES[wanted]})",
    )


def read_typed_money(cell: str, kind: pa.DataType, rules: CellRules) -> Reading | None:
    """Return the reading of a numeric Parquet column as money."""
    if pa.types.is_decimal(kind) and kind.scale <= 2 and kind.precision - kind.scale <= 16:
        return Reading(f"cast({cell} as decimal(18, 2))")
    if pa.types.is_integer(kind) and kind.bit_width <= 32:
        return Reading(f"cast({cell} as decimal(18, 2))")
    if pa.types.is_decimal(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        rounded = f"try_cast({cell} as decimal(18, 2))"
        not_money = (f"{cell} is not null and {rounded} is null", "not_money")
        if rules.rounds_money:
            return Reading(rounded, (not_money,))
        exact = (
            f"decimal({kind.precision}, {kind.scale})" if pa.types.is_decimal(kind) else "double"
        )
        is_same = f"try_cast({rounded} as {exact}) = cast({cell} as {exact})"
        return Reading(
            f"case when {is_same} then {rounded} end",
            (not_money, (f"{cell} is not null and not ({is_same})", "too_many_decimals")),
        )
    return None


def read_typed_integer(cell: str, kind: pa.DataType) -> Reading | None:
    """Return the reading of a numeric Parquet column as whole numbers."""
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return Reading(f"cast({cell} as bigint)")
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None
    whole = f"try_cast({cell} as bigint)"
    # Beyond 2 to the power of 53 a floating number stands for several whole ones.
    limit = f" and abs({cell}) <= {2**53}" if pa.types.is_floating(kind) else ""
    is_whole = f"coalesce({cell} = trunc({cell}), false)"
    faults = (
        (f"{cell} is not null and not {is_whole}", "not_an_integer"),
        (
            f"{cell} is not null and not ({whole} is not null{limit})",
            "damaged_number",
        ),
    )
    return Reading(f"case when {is_whole} then {whole} end", faults)


def read_typed_boolean(cell: str, kind: pa.DataType) -> Reading | None:
    """Return the reading of a Parquet column of booleans, or of the integers 0 and 1."""
    if pa.types.is_boolean(kind):
        return Reading(cell)
    if pa.types.is_integer(kind):
        fault = (f"{cell} < 0 or {cell} > 1", "not_a_boolean")
        return Reading(f"case {cell} when 1 then true when 0 then false end", (fault,))
    return None
