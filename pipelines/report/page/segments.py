"""Who the members are: segments, the RFM grid with its cut points, and behaviour clusters.

How members come and go over time stands in `cohorts`.
"""

import math
from collections.abc import Mapping
from typing import Any

from pipelines.report import content
from pipelines.report.page.layout import (
    Entry,
    Heading,
    Layout,
    Part,
    Table,
    choose_heat,
    enter_value,
)
from pipelines.report.words import to_number

COLUMN_LABELS = {"member_count": "members"}


SEGMENT_COLUMNS = (
    ("member_count", "count"),
    ("net_amount", "amount"),
    ("mean_net_amount", "amount"),
    ("mean_occasion_count", "mean"),
    ("mean_recency_days", "mean"),
)


CLUSTER_COLUMNS = (
    ("member_count", "count"),
    ("sales_share", "share"),
    ("mean_net_amount", "amount"),
    ("mean_occasion_count", "mean"),
    ("mean_recency_days", "mean"),
)


def lay_segments(layout: Layout) -> Part:
    """Segments by their shares of members and of sales."""
    words = layout.words
    rows = content.read_rows(layout.report, "segment_summary", "position")
    title, note = words.say("segments"), words.say("segments_note")
    if not rows:
        return Part("segments", title, empty=words.say("segments_empty"))
    shares = [
        to_number(row[column]) or 0.0 for row in rows for column in ("member_share", "sales_share")
    ]
    longest = max(shares) or 1.0
    lines = []
    for row in rows:
        bars = [
            (kind, share and share / longest * 100, enter_value(words, share, "share").text)
            for kind in ("member_share", "sales_share")
            for share in (to_number(row[kind]),)
        ]
        lines.append(
            {
                "name": layout.name_of(row, "segment"),
                "bars": bars,
                "entries": [
                    enter_value(words, to_number(row[column]), unit)
                    for column, unit in SEGMENT_COLUMNS
                ],
            }
        )
    largest = max(rows, key=lambda row: to_number(row["member_share"]) or 0.0)
    alt = words.say(
        "segments_alt",
        segment=layout.name_of(largest, "segment"),
        share=enter_value(words, to_number(largest["member_share"]), "share").text,
    )
    headings = [
        layout.head(label, "segment_summary", label)
        for label in (COLUMN_LABELS.get(column, column) for column, _ in SEGMENT_COLUMNS)
    ]
    return Part(
        "segments",
        title,
        note=note,
        content={"lines": lines, "headings": headings, "alt": alt},
    )


def lay_grid(layout: Layout) -> Part:
    """Members by recency and by frequency and money together, with the cut points."""
    words = layout.words
    rows = content.read_rows(layout.report, "rfm_grid", "r_score", "fm_score")
    if not rows:
        return Part("grid", words.say("grid"), empty=words.say("grid_empty"))
    most = max((to_number(row["member_count"]) or 0.0 for row in rows), default=0.0)
    by_score = {(int(row["r_score"]), int(row["fm_score"])): row for row in rows}
    across = sorted({fm for _, fm in by_score})
    down = sorted({r for r, _ in by_score}, reverse=True)
    grid = [
        (r, [lay_grid_cell(layout, by_score.get((r, fm)), most) for fm in across]) for r in down
    ]
    return Part(
        "grid",
        words.say("grid"),
        note=words.say("grid_note"),
        content={"across": across, "rows": grid},
        tables=lay_cuts(layout),
    )


def lay_grid_cell(
    layout: Layout, row: Mapping[str, Any] | None, most: float
) -> dict[str, Any] | None:
    """One cell of the grid; nothing where no member has that pair of scores."""
    if row is None:
        return None
    count = to_number(row["member_count"])
    return {
        "segment": layout.name_of(row, "segment"),
        "count": enter_value(layout.words, count, "count").text,
        "amount": enter_value(layout.words, to_number(row["net_amount"]), "amount").text,
        "heat": choose_heat(math.sqrt((count or 0.0) / most) if most else 0.0),
    }


def lay_cuts(layout: Layout) -> list[tuple[str, Table]]:
    """Where each score begins, one measure a row."""
    words = layout.words
    rows = content.read_rows(layout.report, "rfm_cuts")
    if not rows:
        return []
    cuts = {(row["measure"], int(row["score"])): row for row in rows}
    scores = sorted({score for _, score in cuts}, reverse=True)
    lines = []
    for measure in ("recency", "frequency", "monetary"):
        line = [Entry(words.say(measure))]
        for score in scores:
            row = cuts.get((measure, score))
            cut = to_number(row["cut"]) if row else None
            if row is None or cut is None:
                line.append(Entry(words.say("absent"), is_number=True, is_absent=True))
                continue
            unit = "amount" if measure == "monetary" else "count"
            text = words.say(row["direction"], cut=words.format_value(cut, unit))
            line.append(Entry(text, is_number=True))
        lines.append(line)
    headings = [
        layout.head("measure", is_number=False),
        *(Heading(f"{words.say('score')} {score}", True) for score in scores),
    ]
    return [(words.say("cuts"), Table(headings, lines))]


def lay_clusters(layout: Layout) -> Part:
    """Clusters as cards with what is typical of their members."""
    words = layout.words
    rows = content.read_rows(layout.report, "cluster_profiles", "cluster")
    if not rows:
        return Part("clusters", words.say("clusters"), empty=words.say("clusters_empty"))
    cards = [
        {
            "number": enter_value(words, to_number(row["cluster"]), "count").text,
            "name": layout.name_of(row, "cluster"),
            "share": enter_value(words, to_number(row["member_share"]), "share").text,
            "facts": [
                (
                    words.say(COLUMN_LABELS.get(column, column)),
                    enter_value(words, to_number(row[column]), unit).text,
                )
                for column, unit in CLUSTER_COLUMNS
            ],
        }
        for row in rows
    ]
    note = words.say("clusters_note")
    return Part("clusters", words.say("clusters"), note=note, content={"cards": cards})
