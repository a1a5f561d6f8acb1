"""The `raw` tables: what the models may read that no model makes, with types and meanings.

Files fill the canonical ones; settings, calendars and fitted values fill the others, as data.
"""

from dataclasses import dataclass, field

import pyarrow as pa

from pipelines.canonical import CANONICAL_TABLES, LogicalType

MONEY = pa.decimal128(18, 2)

ARROW_TYPES: dict[LogicalType, pa.DataType] = {
    LogicalType.ID: pa.string(),
    LogicalType.TEXT: pa.string(),
    LogicalType.MONEY: MONEY,
    LogicalType.TIME: pa.timestamp("us"),
    LogicalType.DATE: pa.date32(),
    LogicalType.MONTH: pa.date32(),
    LogicalType.INTEGER: pa.int64(),
    LogicalType.BOOLEAN: pa.bool_(),
}


@dataclass(frozen=True)
class RawTable:
    """A table given to the models; `depends_on` names the models that a fitted one is made from."""

    description: str
    schema: pa.Schema
    meanings: dict[str, str]
    depends_on: frozenset[str] = field(default_factory=frozenset)


def describe_table(
    description: str,
    columns: dict[str, tuple[pa.DataType, str]],
    depends_on: frozenset[str] = frozenset(),
) -> RawTable:
    """Return a raw table from its columns' types and meanings."""
    return RawTable(
        description,
        pa.schema([(name, kind) for name, (kind, _) in columns.items()]),
        {name: meaning for name, (_, meaning) in columns.items()},
        depends_on,
    )


def describe_canonical_table(name: str) -> RawTable:
    """Return the raw table that the files of a canonical table fill."""
    table = CANONICAL_TABLES[name]
    columns = {
        column: (ARROW_TYPES[meaning.type], meaning.meaning)
        for column, meaning in table.columns.items()
    }
    if table.dated is not None:
        date_column, times = table.dated
        columns[date_column] = (pa.date32(), f"Business date of {' or else '.join(times)}.")
    columns["file_number"] = (pa.int64(), "Number of the file, from the hash of its bytes.")
    return describe_table(table.description, columns)


def describe_raw_tables() -> dict[str, RawTable]:
    """Return every raw table by its full name."""
    text, whole, flag, date = pa.string(), pa.int32(), pa.bool_(), pa.date32()
    tables = {f"raw.{name}": describe_canonical_table(name) for name in CANONICAL_TABLES}
    tables["raw.rejects"] = describe_table(
        "One row per row of a file that could not be read; no value of the row is in it.",
        {
            "source_table": (text, "Table that the file fills."),
            "file_name": (text, "Name of the file."),
            "line": (pa.int64(), "Line of the file, or row of a Parquet file, counted from 1."),
            "column_name": (text, "First column that could not be read."),
            "reason": (text, "Code of the reason."),
            "amount": (MONEY, "Amount paid, where the row is an order and it could be read."),
        },
    )
    tables["raw.reasons"] = describe_table(
        "The reasons for which a row is kept out.",
        {
            "reason": (text, "Code."),
            "reason_zh": (text, "The reason, in Chinese."),
            "reason_en": (text, "The reason, in English."),
        },
    )
    tables["raw.parameters"] = describe_table(
        "One row: the settings of the run that a model may depend on.",
        {
            "as_of_date": (date, "Last complete business date."),
            "knowledge_date": (date, "Refunds that happened until this date are known."),
            "history_known_from": (
                date,
                "First date whose past is long enough to call a buyer new.",
            ),
            "applies_merges": (flag, "Merged members are one."),
            "nets_refunds": (flag, "Refunds are taken off."),
            "keeps_zero_amounts": (flag, "Orders paid with nothing are purchases."),
            "unregistered_ids": (text, "identified, member or guest."),
            "has_member_file": (flag, "The data set has a member file."),
            "has_registration_dates": (flag, "The member file tells when members registered."),
            "counts_orders": (flag, "Two orders on one date are two purchases."),
            "small_number": (whole, "Denominators below it are flagged."),
            "return_window_days": (whole, "Days after which few goods come back."),
            "rfm_window_start": (date, "First date that frequency and spend cover."),
            "rfm_frequency": (text, "occasions or orders."),
            "rfm_monetary": (text, "sum or mean."),
            "lifecycle_window": (
                text,
                "Shortest kind of calendar window that is at least a purchase cycle long.",
            ),
            "lost_after_cycles": (whole, "Purchase cycles after which a member is lost."),
            "least_repeaters": (whole, "Members with two occasions that a proposed cycle needs."),
            "many_scopes": (
                whole,
                "A kind with more scopes has intervals in fewer trailing windows.",
            ),
            "proposal_tickets": (whole, "Tickets on one date that no customer buys."),
            "proposal_dates": (whole, "Dates with so many after which a member is proposed."),
        },
    )
    tables["raw.purchase_cycles"] = describe_table(
        "The purchase cycles in use: what a person promoted, and always one for the whole.",
        {
            "scope_type": (text, "all, brand or category."),
            "scope": (text, "Which one of them; brands without a cycle use that of the whole."),
            "cycle_days": (pa.decimal128(9, 2), "Days from one occasion of a member to the next."),
            "source": (text, "promoted, or preset: that of the kind of trade."),
            "version": (whole, "Version of the promoted cycles; empty for a preset."),
        },
    )
    tables["raw.calendar"] = describe_table(
        "One row per date from the first loaded order to the as-of date.",
        {"date": (date, "The date.")},
    )
    tables["raw.windows"] = describe_table(
        "One row per window that metrics are published for.",
        {
            "window_type": (text, "day, week, month, quarter, half, year or trailing_<days>d."),
            "window_start": (date, "First business date."),
            "window_end": (date, "Last business date."),
            "window_days": (whole, "Days of a trailing window; empty for calendar windows."),
            "position": (whole, "Place among the windows of its type, from 1."),
            "anchor_month": (
                whole,
                "Trailing windows: 12 times the year plus the month in which it ends.",
            ),
            "previous_start": (date, "First date of the window that it is compared with."),
            "previous_end": (date, "Last date of that window."),
            "last_year_start": (date, "First date of the window a year earlier."),
            "next_end": (date, "Last date of the window after, in which buyers may come back."),
            "is_for_scopes": (flag, "Every scope has it; days and weeks are for scope all only."),
            "is_complete": (flag, "The window has ended by the as-of date."),
            "is_censored": (flag, "The window begins before the loaded history does."),
        },
    )
    tables["raw.holidays"] = describe_table(
        "The public holidays from the year before the first order on; empty where none count.",
        {
            "date": (date, "The date."),
            "holiday": (text, "Name, in the country's own language."),
            "is_spring_festival": (flag, "The first day of the lunar year, 春节."),
        },
    )
    tables["raw.point_kinds"] = describe_table(
        "What each known word of the points file's kind means.",
        {
            "word": (text, "Kind as exported, in small letters."),
            "point_kind": (text, "earn, redeem, expire or adjust."),
        },
    )
    tables["raw.tiers"] = describe_table(
        "The tiers that members earn by points, the lowest first.",
        {
            "tier": (whole, "Number; 1 is the lowest."),
            "from_points": (pa.int64(), "Points earned in the window from which it is reached."),
            "tier_zh": (text, "Its Chinese name."),
            "tier_en": (text, "Its English name."),
        },
    )
    tables["raw.tier_words"] = describe_table(
        "How the member file may call each tier.",
        {
            "word": (text, "Word, in small letters."),
            "tier": (whole, "Number of the tier."),
        },
    )
    tables["raw.tier_cycles"] = describe_table(
        "The six months in which points count at the as-of date, and those before.",
        {
            "cycle": (text, "current or previous."),
            "cycle_start": (date, "First date."),
            "cycle_end": (date, "Last date."),
            "is_ended": (flag, "It has ended by the as-of date, so that tiers go down too."),
        },
    )
    tables["raw.scope_types"] = describe_table(
        "The kinds of scope that the data set asks for, beside all.",
        {
            "scope_type": (text, "store, channel, brand, city, region, store_type or an own one."),
            "slot": (text, "What of a place it is: the same, or scope_1 to scope_3."),
        },
    )
    tables["raw.channels"] = describe_table(
        "The channels that the data set names as offline or as those of guides.",
        {
            "channel": (text, "Channel, as the orders have it."),
            "is_offline": (flag, "Sells in stores; where no channel does, all count as offline."),
            "is_guided": (flag, "Guides sell there; where no channel is named, all count."),
        },
    )
    tables["raw.order_statuses"] = describe_table(
        "What each known status means, and how far it is on an order's way.",
        {
            "status": (text, "Status as exported."),
            "status_class": (
                text,
                "created, paid, shipped, done, refunded, cancelled or test.",
            ),
            "stage": (whole, "1 created, 2 paid or test, 3 shipped, 4 done, 5 an end."),
            "is_paid": (flag, "The order counts as paid."),
        },
    )
    tables["raw.order_kinds"] = describe_table(
        "What each known kind of order means; a kind that nobody knows is a sale.",
        {
            "word": (text, "Kind as exported."),
            "order_kind": (
                text,
                "sale, deposit, balance, gift_card, stored_value, voucher, trade_in, exchange or "
                "return.",
            ),
        },
    )
    tables["raw.files"] = describe_table(
        "One row per landed file and table that it fills.",
        {
            "source_table": (text, "Table that the file fills."),
            "file_number": (pa.int64(), "Number of the file, from the hash of its bytes."),
            "file_name": (text, "Name of the file."),
            "pattern": (text, "Pattern of its source in dataset.yaml; #sheet where one is named."),
            "byte_count": (pa.int64(), "Bytes of the file; 0 where not even a header is there."),
            "row_count": (pa.int64(), "Rows of the file, however they were judged."),
            "accepted_count": (pa.int64(), "Rows that could be read."),
            "quarantined_count": (pa.int64(), "Rows that could not be read."),
            "continuation_count": (
                pa.int64(),
                "Rows that repeat or continue the order of another row.",
            ),
            "accepted_amount": (MONEY, "Amount of the rows that could be read."),
            "quarantined_amount": (MONEY, "Amount of the others, where it could be read."),
            "first_on": (date, "Earliest business date of the rows that could be read."),
            "last_on": (date, "Latest business date of the rows that could be read."),
            "is_refused": (flag, "The file cannot be used at all and is left out."),
            "is_used": (flag, "Some figure rests on the table; gates look at no other."),
        },
    )
    tables["raw.rule_sets"] = describe_table(
        "The sets of rules by which another system may count orders, the likeliest first.",
        {
            "position": (whole, "Place among the sets; the fewer rules, the earlier."),
            "rule_set": (text, "Codes of the rules, joined by +; none, or unexplained."),
            "rule_set_zh": (text, "The rules, in Chinese."),
            "rule_set_en": (text, "The rules, in English."),
            "keeps_zero_amounts": (flag, "Orders paid with nothing are counted."),
            "ignores_refunds": (flag, "Refunds and returns are not taken off."),
            "leaves_guests_out": (flag, "Orders without a member are not counted."),
            "counts_utc_dates": (flag, "Dates are those of UTC instead of the business zone."),
            "counts_duplicates": (flag, "Each row of an order is counted."),
            "counts_unpaid": (flag, "Orders that were not paid, or cancelled, are counted."),
            "counts_tests": (flag, "Test orders are counted."),
        },
    )
    tables["raw.utc_months"] = describe_table(
        "One row per month with control totals or beside one: where UTC's month lies locally.",
        {
            "month": (date, "First date of the month."),
            "starts_at": (pa.timestamp("us"), "Local time at which the month starts in UTC."),
            "ends_at": (pa.timestamp("us"), "Local time at which the next one starts in UTC."),
        },
    )
    tables["raw.gates"] = describe_table(
        "The gates before publishing.",
        {
            "position": (whole, "Place in lists."),
            "gate": (text, "Code."),
            "gate_zh": (text, "Its Chinese name."),
            "gate_en": (text, "Its English name."),
            "verdict": (text, "What a closed gate does; stop, warn or ignore."),
            "limit_value": (pa.float64(), "Share or ratio from which it closes, where it has one."),
            "free_rows": (whole, "Rows of a file that may be rejected whatever their share."),
        },
    )
    tables["raw.prior_days"] = describe_table(
        "Sales by date as the snapshot before published them; empty where settings changed.",
        {
            "business_date": (date, "Business date, up to the day before that snapshot's last."),
            "order_count": (pa.int64(), "Valid orders, guests included."),
            "net_amount": (pa.float64(), "Net sales, in the data set's currency."),
        },
    )
    tables["raw.prior_files"] = describe_table(
        "Rows of each file as the snapshot before found them.",
        {
            "source_table": (text, "Table that the file fills."),
            "file_name": (text, "Name of the file."),
            "row_count": (pa.int64(), "Rows of the file."),
        },
    )
    number = pa.float64()
    tables["raw.prior_snapshot"] = describe_table(
        "One row about the snapshot before; no row where there is none.",
        {
            "prior_as_of": (date, "Its last business date."),
            "has_changed_settings": (flag, "Settings on which numbers rest are others now."),
            "has_erased": (flag, "People were erased since."),
        },
    )
    tables["raw.prior_kpi"] = describe_table(
        "The metrics as the snapshot before published them.",
        {
            "metric": (text, "Code of the metric."),
            "scope_type": (text, "What the number is about."),
            "scope": (text, "Which one of them."),
            "window_type": (text, "Kind of window."),
            "window_start": (date, "First business date of the window."),
            "window_end": (date, "Last business date of the window."),
            "numerator": (number, "What was counted or summed."),
            "denominator": (number, "What it was divided by."),
            "value": (number, "The number."),
            "null_reason": (text, "Why it was empty."),
            "is_complete": (flag, "The window had ended."),
            "definition_version": (whole, "Version of the metric's definition."),
        },
    )
    tables["raw.prior_basis"] = describe_table(
        "The orders of each date and scope as the snapshot before found them in the files.",
        {
            "scope_type": (text, "Kind of scope."),
            "scope": (text, "Which one of them."),
            "business_date": (date, "Date of the orders."),
            "order_count": (pa.int64(), "Orders, duplicates removed."),
            "paid_amount": (number, "Paid for them."),
            "refunded_order_count": (pa.int64(), "Orders that were refunded as a whole."),
            "refunded_amount": (number, "Refunds taken off."),
            "excluded_order_count": (pa.int64(), "Orders of members on the exclusion list."),
            "uncounted_order_count": (pa.int64(), "Orders that did not count otherwise."),
            "guest_order_count": (pa.int64(), "Orders without a member."),
        },
    )
    tables["raw.prior_members"] = describe_table(
        "The members that the snapshot before knew, merged numbers once.",
        {"member_id": (text, "The shop's number of the canonical member.")},
    )
    tables["raw.restatement_causes"] = describe_table(
        "Why a published number may change: each set of causes with its codes and names.",
        {
            "bits": (whole, "The set, a power of two for each cause of it; 0 for other."),
            "cause": (text, "Codes of the causes, joined by +."),
            "cause_zh": (text, "Their Chinese names."),
            "cause_en": (text, "Their English names."),
        },
    )
    tables["raw.waterfall_steps"] = describe_table(
        "The boxes of the population waterfall.",
        {
            "position": (whole, "Place in the waterfall."),
            "step": (text, "Code."),
            "step_zh": (text, "Its Chinese name."),
            "step_en": (text, "Its English name."),
        },
    )
    tables["raw.rfm_cuts"] = describe_table(
        "The cut points of the scores.",
        {
            "measure": (text, "recency, frequency or monetary."),
            "score": (whole, "Score that reaching the cut gives."),
            "direction": (text, "at_most or at_least."),
            "cut": (MONEY, "The cut point."),
        },
    )
    tables["raw.segments"] = describe_table(
        "The segments of the rule set, best first, with the one outside all scores.",
        {
            "position": (whole, "Place in lists."),
            "segment": (text, "Code."),
            "segment_zh": (text, "Its Chinese name."),
            "segment_en": (text, "Its English name."),
        },
    )
    tables["raw.segment_cells"] = describe_table(
        "The rule set, spelled out: the segment of every cell of scores.",
        {
            "r_score": (whole, "Recency score."),
            "f_score": (whole, "Frequency score."),
            "m_score": (whole, "Spend score."),
            "fm_score": (whole, "Half the sum of frequency and spend score plus one, floored."),
            "rule_position": (whole, "Position of the rule that claims the cell."),
            "segment": (text, "Code of the segment."),
        },
    )
    tables["raw.metrics"] = describe_table(
        "The definitions of the KPI models, from their headers.",
        {
            "metric": (text, "Code."),
            "name_en": (text, "English name."),
            "name_zh": (text, "Chinese name."),
            "definition_en": (text, "English definition."),
            "definition_zh": (text, "Chinese definition."),
            "note_en": (text, "English note."),
            "note_zh": (text, "Chinese note."),
            "numerator_en": (text, "What is counted or summed, in English."),
            "numerator_zh": (text, "What is counted or summed, in Chinese."),
            "denominator_en": (text, "What it is divided by, in English."),
            "denominator_zh": (text, "What it is divided by, in Chinese."),
            "family": (text, "Topic that the metric belongs to."),
            "source": (text, "Where the definition comes from."),
            "unit": (text, "share, count, amount or ratio."),
            "better": (text, "higher, lower or neither."),
            "version": (whole, "Version of the definition."),
            "position": (whole, "Place in lists."),
            "looks_back": (flag, "Needs a past: flagged while that is not in the data."),
            "moves_on": (flag, "Grows with the as-of date, so that a change restates nothing."),
            "windows": (text, "Kinds of window that it is for; empty where for all."),
            "scopes": (text, "Kinds of scope that it is for; empty where for all."),
            "needs": (text, "Inputs that it needs; a | b where one of them is enough."),
            "missing": (text, "Inputs that it needs and the data set does not have."),
        },
    )
    tables["raw.canonical_ids"] = describe_table(
        "One row per member number that was merged away, with the number that lives on.",
        {
            "member_id": (text, "Number that was given up."),
            "canonical_id": (text, "Number at the end of its chain of merges."),
        },
        depends_on=frozenset({"staging.merge_pairs"}),
    )
    tables["raw.circular_ids"] = describe_table(
        "One row per member number whose merges run in a circle; it stays as it is.",
        {"member_id": (text, "The number.")},
        depends_on=frozenset({"staging.merge_pairs"}),
    )
    tables["raw.cluster_centres"] = describe_table(
        "One row per cluster: its centre in the scaled space, the scaling, and its names.",
        {
            "cluster": (whole, "Number of the cluster; 1 spends most."),
            "cluster_zh": (text, "Its Chinese name, from its profile."),
            "cluster_en": (text, "Its English name, from its profile."),
            "recency": (pa.float64(), "Centre, scaled log recency."),
            "occasions": (pa.float64(), "Centre, scaled log occasions."),
            "amount": (pa.float64(), "Centre, scaled log net amount."),
            "recency_mean": (pa.float64(), "Mean of log recency on the sample."),
            "recency_scale": (pa.float64(), "Standard deviation of log recency on the sample."),
            "occasions_mean": (pa.float64(), "Mean of log occasions on the sample."),
            "occasions_scale": (pa.float64(), "Standard deviation of log occasions on the sample."),
            "amount_mean": (pa.float64(), "Mean of log net amount on the sample."),
            "amount_scale": (pa.float64(), "Standard deviation of log net amount on the sample."),
        },
        depends_on=frozenset({"intermediate.cluster_sample"}),
    )
    return tables


RAW_TABLES = describe_raw_tables()
