"""What the values of a few columns add to a proposal: statuses, currency, order of day and month.

Counts and words of statuses and currencies leave this module, and no other value.
"""

import re
from dataclasses import replace

import duckdb
import pyarrow as pa

from pipelines.canonical import CANONICAL_TABLES, LogicalType
from pipelines.engines.duckdb import quote_name
from pipelines.exports import DateOrder, StatusClass, load_profiles
from pipelines.ingest.discovery.files import FoundFile, sample_columns
from pipelines.ingest.discovery.names import list_quoted, quote
from pipelines.ingest.discovery.proposals import Proposal, find_columns
from pipelines.ingest.words import Note
from pipelines.settings import PAID_CLASSES, STATUS_WORDS

WORD_COLUMNS = ("status", "currency")  # whose words may be told
MAX_WORDS = 20  # a column with more different values is no status
MAX_WORD_LENGTH = 40
DAY_AND_MONTH = r"^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}\b"
SERIAL = r"[2-6][0-9]{4}(\.[0-9]+)?"

# Words of a status column by what they speak of; the first that matches decides.
STATUS_PATTERNS: tuple[tuple[StatusClass, re.Pattern[str]], ...] = (
    ("paid", re.compile("部分退款|partial")),
    ("refunded", re.compile("退款|refunded|chargeback")),
    ("created", re.compile("待付款|未付款|未支付|等待买家付款|unpaid|pending|created")),
    ("created", re.compile("authori[sz]ed|on.?hold|draft")),
    ("cancelled", re.compile("关闭|取消|作废|失败|cancel|fail|void|expired|trash")),
    ("done", re.compile("已完成|交易成功|已成交|已签收|已收货|complete|done|finished|delivered")),
    ("paid", re.compile("待发货|等待卖家发货|unfulfilled|processing|unshipped")),
    ("shipped", re.compile("已发货|待收货|shipped|fulfilled")),
    ("paid", re.compile("已付款|已支付|支付成功|已下单|paid|success")),
)


def look_into(proposal: Proposal) -> tuple[Proposal, list[Note]]:
    """Return a proposal with what a sample of its values adds, and what is to be said about it.

    Raises InputError where a file cannot be read as rows.
    """
    samples = [sample_columns(file, choose_columns(proposal, file)) for file in proposal.files]
    proposal, notes = settle_date_order(proposal, samples)
    if proposal.table == "orders":
        proposal, more = settle_statuses(proposal, samples)
        currencies = list_words(samples, "currency")
        proposal = replace(proposal, currencies=tuple(currencies or ()))
        notes += more
    may_be_full = look_full(proposal.files, [find_first(sample) for sample in samples])
    return replace(proposal, may_be_full=may_be_full), notes


def choose_columns(proposal: Proposal, file: FoundFile) -> dict[str, str]:
    """Return what to sample, canonical column: column of the file; never a personal one."""
    header = list(file.columns)
    chosen: dict[str, str] = {}
    for table in proposal.tables:
        for column, wanted in CANONICAL_TABLES[table].columns.items():
            is_wanted = column in WORD_COLUMNS and table == "orders"
            if is_wanted or wanted.type in (LogicalType.TIME, LogicalType.DATE):
                found = find_columns(proposal.guess, header, table, column)
                if found and found[0] not in proposal.personal:
                    chosen.setdefault(column, found[0])
    return chosen


def count_texts(samples: list[pa.Table], conditions: dict[str, str]) -> dict[str, dict[str, int]]:
    """Return, for each column of the samples, how many cells meet each condition on `cell`."""
    counts: dict[str, dict[str, int]] = {}
    asked = ", ".join(f"count(*) filter ({condition})" for condition in conditions.values())
    with duckdb.connect() as connection:
        for sample in filter(lambda sample: sample.num_columns, samples):
            connection.register("sample", sample)
            for column in sample.column_names:
                cells = f"select {quote_name(column)} as cell from sample"
                rows = connection.execute(f"select {asked} from ({cells})").fetchall()
                found = counts.setdefault(column, dict.fromkeys(conditions, 0))
                for name, count in zip(conditions, rows[0], strict=True):
                    found[name] += count
            connection.unregister("sample")
    return counts


def settle_date_order(proposal: Proposal, samples: list[pa.Table]) -> tuple[Proposal, list[Note]]:
    """Return a proposal with the order of day and month, where the values leave but one."""
    profile = load_profiles().get(proposal.guess.profile or "")
    if profile is not None and profile.cells.date_order != "ymd":
        return proposal, []
    first, second = (
        f"try_cast(regexp_extract(cell, '{DAY_AND_MONTH}', {group}) as int)" for group in (1, 2)
    )
    conditions = {
        "filled": "cell <> ''",
        "all": f"regexp_matches(cell, '{DAY_AND_MONTH}')",
        "dmy": f"{first} > 12",
        "mdy": f"{second} > 12",
        "serial": f"regexp_full_match(cell, '{SERIAL}')",
    }
    dates = [
        sample.select([name for name in sample.column_names if name not in WORD_COLUMNS])
        for sample in samples
    ]
    notes: list[Note] = []
    orders: set[DateOrder] = set()
    for column, counts in sorted(count_texts(dates, conditions).items()):
        named = (choose_columns(proposal, file) for file in proposal.files)
        name = quote(next(columns[column] for columns in named if column in columns))
        values = {"column": name, "count": counts["all"], **counts}
        if counts["serial"]:
            notes.append(Note("excel_serials", values))
        if not counts["all"]:
            continue
        if counts["dmy"] and counts["mdy"]:
            notes.append(Note("date_order_mixed", values))
        elif 2 * counts["all"] < counts["filled"]:
            notes.append(Note("date_order_few", values))
        elif counts["dmy"] or counts["mdy"]:
            order: DateOrder = "dmy" if counts["dmy"] else "mdy"
            orders.add(order)
            values["evidence"] = counts[order]
            notes.append(Note(f"date_order_{order}", values))
        else:
            notes.append(Note("date_order_unknown", values))
    if len(orders) != 1:
        return proposal, notes
    return replace(proposal, date_order=orders.pop()), notes


def settle_statuses(proposal: Proposal, samples: list[pa.Table]) -> tuple[Proposal, list[Note]]:
    """Return a proposal of orders with what its status words seem to mean."""
    columns = proposal.find_columns("orders", "status")
    if not columns:
        return proposal, []
    name = quote(columns[0])
    words = list_words(samples, "status")
    profile = load_profiles().get(proposal.guess.profile or "")
    if profile is not None and not words:
        return proposal, []
    if words is None or not words:
        note = Note("status_too_many" if words is None else "status_empty", {"column": name})
        left = {key: value for key, value in proposal.guess.columns.items() if key != "status"}
        return replace(proposal, guess=replace(proposal.guess, columns=left)), [note]
    if profile is not None:
        known = {text for texts in profile.statuses.values() for text in texts}
        known |= {text for texts in STATUS_WORDS.values() for text in texts}
        unknown = tuple(word for word in words if word not in known)
        note = Note("status_unexplained", {"column": name, "words": list_quoted(unknown)})
        return replace(proposal, unexplained=unknown), [note] if unknown else []
    classes, unknown = classify_statuses(words)
    paid = [word for of in classes if of in PAID_CLASSES for word in classes[of]]
    unpaid = [word for word in words if word not in paid]
    notes = [
        Note(
            "status_paid" if paid else "status_none_paid",
            {
                "paid": list_quoted(sorted(paid)),
                "unpaid": list_quoted(unpaid) if unpaid else Note("nothing"),
            },
        )
    ]
    new = {
        of: [word for word in texts if word not in STATUS_WORDS.get(of, ())]
        for of, texts in classes.items()
    }
    written = {of: texts for of, texts in new.items() if texts}
    return replace(proposal, statuses=written, unexplained=unknown), notes


def list_words(samples: list[pa.Table], column: str) -> list[str] | None:
    """Return the different texts of a column, sorted, or None where they are no few short words."""
    found: set[str] = set()
    for sample in samples:
        if column in sample.column_names:
            found |= set(sample.column(column).unique().to_pylist())
    words = sorted(word for word in found if word)
    if len(words) > MAX_WORDS or any(len(word) > MAX_WORD_LENGTH for word in words):
        return None
    return words


def classify_statuses(words: list[str]) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """Return the words by class, and those that nothing is known of.

    Where no word speaks of a payment, the unknown ones are taken to be the paid ones.
    """
    classes: dict[str, list[str]] = {}
    unknown = []
    for word in words:
        plain = word.casefold()
        meaning = next((of for of, pattern in STATUS_PATTERNS if pattern.search(plain)), None)
        if meaning is None:
            unknown.append(word)
        else:
            classes.setdefault(meaning, []).append(word)
    if unknown and not set(PAID_CLASSES) & set(classes):
        classes["paid"], unknown = unknown, []
    return classes, tuple(unknown)


def find_first(sample: pa.Table) -> str | None:
    """Return the first date of a sample as its text begins, or None where it holds none."""
    names = [name for name in sample.column_names if name not in WORD_COLUMNS]
    texts = [text for name in names[:1] for text in sample.column(name).to_pylist() if text]
    return min((text[:10] for text in texts), default=None)


def look_full(files: tuple[FoundFile, ...], firsts: list[str | None]) -> bool:
    """Whether several files begin on one date and grow, as full exports do night by night."""
    if len(files) < 2 or len(set(firsts)) != 1 or firsts[0] is None:
        return False
    sizes = [file.path.stat().st_size for file in files]
    return sizes == sorted(sizes) and sizes[0] < sizes[-1]
