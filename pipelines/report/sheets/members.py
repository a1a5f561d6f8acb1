"""The sheets about members: segments, grid, clusters, cohorts and the flows of each month.

Members are counted here and never named.
"""

import datetime
from typing import Any

from pipelines.report import content
from pipelines.report.sheets.book import BLUE, FIRST_ROW, ORANGE, Book, Column, color_scale
from pipelines.report.words import to_number


def add_segments(book: Book) -> None:
    """Segments with their members and sales, and a chart of both shares."""
    say = book.words.say
    sheet = book.add_sheet("sheet_segments", say("segments"), say("segments_note"))
    source = content.read_rows(book.report, "segment_summary", "position")
    kinds = {
        "member_count": ("members", "count"),
        "member_share": ("member_share", "share"),
        "net_amount": ("net_amount", "amount"),
        "sales_share": ("sales_share", "share"),
        "mean_net_amount": ("mean_net_amount", "amount"),
        "mean_occasion_count": ("mean_occasion_count", "mean"),
        "mean_recency_days": ("mean_recency_days", "mean"),
    }
    rows = [
        [book.name_of(row, "segment"), *(to_number(row[column]) for column in kinds)]
        for row in source
    ]
    columns = [
        Column(say("segment"), width=22),
        *(Column(say(label), kind, 16) for label, kind in kinds.values()),
    ]
    below = book.write_table(sheet, "segments", columns, rows)
    if rows:
        name = say("sheet_segments")
        chart = book.workbook.add_chart({"type": "bar"})
        for column, color in ((2, BLUE), (4, ORANGE)):
            chart.add_series(
                {
                    "name": [name, FIRST_ROW, column],
                    "categories": [name, FIRST_ROW + 1, 0, FIRST_ROW + len(rows), 0],
                    "values": [name, FIRST_ROW + 1, column, FIRST_ROW + len(rows), column],
                    "fill": {"color": color},
                    "gap": 60,
                }
            )
        chart.set_title({"name": say("segments"), "name_font": {"size": 11}})
        chart.set_legend({"position": "bottom"})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"major_gridlines": {"visible": True, "line": {"color": "#E1E7EC"}}})
        chart.set_size({"width": 760, "height": 420})
        sheet.insert_chart(below, 0, chart, {"description": say("segments")})


def add_grid(book: Book) -> None:
    """Members by recency and by frequency and money together, one cell a row."""
    say = book.words.say
    sheet = book.add_sheet("sheet_grid", say("grid"), say("grid_note"))
    source = content.read_rows(book.report, "rfm_grid", "r_score", "fm_score")
    rows = [
        [
            to_number(row["r_score"]),
            to_number(row["fm_score"]),
            book.name_of(row, "segment"),
            to_number(row["member_count"]),
            to_number(row["net_amount"]),
        ]
        for row in reversed(source)
    ]
    columns = [
        Column(say("r_score"), "count", 12),
        Column(say("fm_score"), "count", 12),
        Column(say("segment"), width=22),
        Column(say("members"), "count", 14),
        Column(say("net_amount"), "amount", 18),
    ]
    book.write_table(sheet, "rfm_grid", columns, rows, frozen_columns=2)
    if rows:
        color_scale(sheet, FIRST_ROW + 1, 3, FIRST_ROW + len(rows), 3)


def add_clusters(book: Book) -> None:
    """Clusters with what is typical of their members."""
    say = book.words.say
    kinds = {
        "member_count": ("members", "count"),
        "member_share": ("member_share", "share"),
        "net_amount": ("net_amount", "amount"),
        "sales_share": ("sales_share", "share"),
        "mean_net_amount": ("mean_net_amount", "amount"),
        "mean_occasion_count": ("mean_occasion_count", "mean"),
        "mean_recency_days": ("mean_recency_days", "mean"),
    }
    source = content.read_rows(book.report, "cluster_profiles", "cluster")
    note = say("clusters_note" if source else "clusters_empty")
    sheet = book.add_sheet("sheet_clusters", say("clusters"), note)
    rows = [
        [
            to_number(row["cluster"]),
            book.name_of(row, "cluster"),
            *(to_number(row[column]) for column in kinds),
        ]
        for row in source
    ]
    columns = [
        Column(say("cluster_number"), "count", 10),
        Column(say("cluster"), width=26),
        *(Column(say(label), kind, 16) for label, kind in kinds.values()),
    ]
    book.write_table(sheet, "clusters", columns, rows, frozen_columns=2)


def add_cohorts(book: Book) -> None:
    """Retention by first purchase as a triangle, and in full with the money."""
    say = book.words.say
    every = content.read_rows(book.report, "cohorts", "cohort_type", "cohort_start", "age")
    source = content.read_cohorts(book.report)
    note = say("cohorts_note" if source else "cohorts_empty")
    sheet = book.add_sheet("sheet_cohorts", say("cohorts"), note)
    ages = sorted({int(row["age"]) for row in source})
    triangle: dict[datetime.date, list[Any]] = {}
    for row in source:
        line = triangle.setdefault(
            row["cohort_start"],
            [
                (row["cohort_start"], "month"),
                to_number(row["cohort_size"]),
                *[None] * len(ages),
                say("mark_censored") if content.read_flag(row["is_censored"]) else "",
            ],
        )
        line[2 + ages.index(int(row["age"]))] = to_number(row["retention_rate"])
    columns = [
        Column(say("cohort_month"), "month", 14),
        Column(say("cohort_size"), "count", 11),
        *(Column(str(age), "share", 8) for age in ages),
        Column(say("remark"), width=18),
    ]
    lines = list(triangle.values())
    book.write_table(sheet, "cohorts", columns, lines, frozen_columns=2)
    later = [2 + index for index, age in enumerate(ages) if age > 0]
    if lines and later:
        color_scale(sheet, FIRST_ROW + 1, later[0], FIRST_ROW + len(lines), later[-1])
    detail = book.add_sheet("sheet_cohort_detail", say("sheet_cohort_detail"))
    kinds = {
        "cohort_size": "count",
        "active_count": "count",
        "retention_rate": "share",
        "repurchased_count": "count",
        "cumulative_repurchase_rate": "share",
        "net_amount": "amount",
        "cumulative_net_amount_per_member": "amount",
    }
    rows = [
        [
            book.words.say_or(row["cohort_type"], row["cohort_type"]),
            row["cohort_start"],
            to_number(row["age"]),
            *(
                (say("null_immature"), "absent") if number is None else number
                for number in (to_number(row[column]) for column in kinds)
            ),
            say("yes" if content.read_flag(row["is_censored"]) else "no"),
        ]
        for row in every
    ]
    columns = [
        Column(say("cohort_type"), width=12),
        Column(say("cohort_start"), "date", 14),
        Column(say("age"), "count", 14),
        *(Column(say(column), kind, 16) for column, kind in kinds.items()),
        Column(say("is_censored"), width=16),
    ]
    book.write_table(detail, "cohort_detail", columns, rows, frozen_columns=3)


def add_lifecycle(book: Book) -> None:
    """Buyers of each window by where they came from, and those who did not return."""
    say = book.words.say
    kinds = ("buyer_count", "new_count", "retained_count", "reactivated_count", "lapsed_count")
    source = [
        row
        for row in content.read_rows(book.report, "lifecycle", "window_type", "window_start")
        if row["scope_type"] == "all"
    ]
    note = say("lifecycle_periods" if source else "lifecycle_empty")
    sheet = book.add_sheet("sheet_lifecycle", say("lifecycle"), note)
    rows = [
        [
            book.words.say_or(row["window_type"], row["window_type"]),
            row["window_start"],
            row["window_end"],
            *(to_number(row[column]) for column in kinds),
            *(
                say("yes" if content.read_flag(row[flag]) else "no")
                for flag in ("is_shown", "is_complete", "is_censored")
            ),
        ]
        for row in source
    ]
    columns = [
        Column(say("window_type"), width=14),
        Column(say("window_start"), "date", 13),
        Column(say("window_end"), "date", 13),
        *(Column(say(column), "count", 14) for column in kinds),
        Column(say("is_shown"), width=14),
        Column(say("is_complete"), width=11),
        Column(say("is_censored"), width=16),
    ]
    book.write_table(sheet, "lifecycle", columns, rows, frozen_columns=3)
