"""What an examination finds: counts, dates, words of two columns, ids of members.

How it is found stands in `pipelines.ingest.doctor.examination`, how it is said in `rendering`.
"""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from pipelines.ingest.enabling import Need
from pipelines.ingest.outcomes import RowCounts
from pipelines.ingest.words import Language


@dataclass(frozen=True)
class Rejects:
    """Rows rejected for one reason at one column: how many, and the first lines."""

    column: str
    reason: str
    count: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Overlap:
    """Keys that stand in another file of the table, too; `differing` of them with other content."""

    other: str
    count: int
    differing: int


@dataclass(frozen=True)
class WordCount:
    """A word of the status or kind column: its rows, and what they count as, None if unknown."""

    word: str
    count: int
    meaning: str | None
    is_paid: bool = False


@dataclass(frozen=True)
class TableReport:
    """The rows of one file as rows of one table.

    `columns` and `tokens` name the columns of the file by canonical column. `duplicates` are
    identical rows beyond the first, `versions` keys with several contents in this file alone;
    `far` counts rows whose date lies years from the rest.
    """

    table: str
    counts: RowCounts
    columns: dict[str, tuple[str, ...]]
    tokens: tuple[str, ...] = ()
    rejects: tuple[Rejects, ...] = ()
    duplicates: int = 0
    versions: int = 0
    overlaps: tuple[Overlap, ...] = ()
    statuses: tuple[WordCount, ...] = ()
    kinds: tuple[WordCount, ...] = ()
    word_overflow: int = 0
    orders_without_member: int = 0
    currencies: tuple[tuple[str, int], ...] = ()
    far: int = 0
    far_from: tuple[datetime.date, datetime.date] | None = None


@dataclass(frozen=True)
class FileReport:
    """One file: what it is, what of it is read, and why it is refused where it is."""

    name: str
    key_table: str
    sheet: str | None = None
    size_bytes: int = 0
    kind: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    profile: str | None = None
    tables: tuple[TableReport, ...] = ()
    ignored: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    masked: int = 0
    same_as: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Proposed:
    """A member who buys like a cashier's own card or a reseller: on how many dates, how often."""

    member_id: str
    date_count: int
    ticket_count: int


@dataclass(frozen=True)
class Across:
    """What shows only when all files are read together."""

    orders: int = 0
    net_amount: Decimal | None = None
    first_on: datetime.date | None = None
    last_on: datetime.date | None = None
    identified: int = 0
    unregistered: int = 0
    asks_unregistered: bool = False
    orphans: int = 0
    refunds: int = 0
    proposed: tuple[Proposed, ...] = ()
    proposed_count: int = 0
    has_tokens: bool = False


@dataclass(frozen=True)
class Examination:
    """A whole data set: its files, what they are together, what is missing, what stops a run."""

    name: str
    languages: tuple[Language, ...]
    currency: str
    files: tuple[FileReport, ...] = ()
    unused: tuple[str, ...] = ()
    across: Across = Across()
    unmet: tuple[Need, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    key_id: str | None = None
    is_throw_away: bool = False

    @property
    def is_ready(self) -> bool:
        """Whether a run would publish."""
        return not self.problems
