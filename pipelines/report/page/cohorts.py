"""How members come and go: retention by first purchase, and the flows of each month.

What kinds of members there are stands in `segments`.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from pipelines.report import charts, content, plain
from pipelines.report.page.layout import (
    MARKS,
    MONTHS_SHOWN,
    Entry,
    Figure,
    Layout,
    Part,
    Table,
    choose_axis_unit,
    choose_heat,
    enter_value,
    explain_marks,
)
from pipelines.report.words import to_number

COHORTS_SHOWN = 18


COHORT_AGES_SHOWN = 12


FLOWS = {
    "retained_count": (charts.BLUE, 1),
    "reactivated_count": (charts.GREEN, 1),
    "new_count": (charts.SKY, 1),
    "lapsed_count": (charts.ORANGE, -1),
}


def lay_cohorts(layout: Layout) -> Part:
    """Retention by month of first purchase, one cohort a row."""
    words = layout.words
    rows = content.read_cohorts(layout.report)
    if not rows:
        return Part("cohorts", words.say("cohorts"), empty=words.say("cohorts_empty"))
    all_months = sorted({row["cohort_start"] for row in rows if row["cohort_start"]})
    oldest = max(int(row["age"]) for row in rows)
    ages = list(range(1, min(COHORT_AGES_SHOWN, oldest) + 1))
    shown = all_months[-COHORTS_SHOWN:]
    cells: dict[datetime.date, dict[int, Mapping[str, Any]]] = {}
    for row in rows:
        cells.setdefault(row["cohort_start"], {})[int(row["age"])] = row
    rates = [
        rate
        for month in shown
        for age, row in cells[month].items()
        if age in ages and (rate := to_number(row["retention_rate"])) is not None
    ]
    highest = max(rates, default=0.0) or 1.0
    used: list[str] = []
    lines = []
    for month in shown:
        by_age = cells[month]
        first = next(iter(by_age.values()))
        is_censored = any(content.read_flag(row["is_censored"]) for row in by_age.values())
        if is_censored:
            used.append("mark_censored")
        line = [
            Entry(f"{month:%Y-%m}", marks=MARKS["mark_censored"] if is_censored else ""),
            enter_value(words, to_number(first["cohort_size"]), "count"),
        ]
        for age in ages:
            rate = to_number(by_age[age]["retention_rate"]) if age in by_age else None
            line.append(
                Entry(words.say("immature_cell"), is_absent=True)
                if rate is None
                else Entry(words.format_share(rate), heat=choose_heat(rate / highest))
            )
        lines.append(line)
    remarks = []
    if len(all_months) > COHORTS_SHOWN or oldest > COHORT_AGES_SHOWN:
        remarks.append(words.say("cohorts_shown", cohorts=len(shown), ages=len(ages)))
    return Part(
        "cohorts",
        words.say("cohorts"),
        note=words.say("cohorts_note"),
        remarks=remarks,
        content={"ages": ages, "rows": lines, "footnotes": explain_marks(words, used)},
    )


def lay_lifecycle(layout: Layout) -> Part:
    """Buyers of each period by where they came from, and those who did not return.

    The period is the shortest that is at least a purchase cycle long.
    """
    words = layout.words
    rows = content.read_rows(layout.report, "lifecycle", "window_start")
    dated = [
        (row["window_start"], row)
        for row in rows
        if row["scope_type"] == "all" and content.read_flag(row["is_shown"])
    ][-MONTHS_SHOWN:]
    if not dated:
        return Part("lifecycle", words.say("lifecycle"), empty=words.say("lifecycle_empty"))
    buyers = [to_number(row["buyer_count"]) for _, row in dated]
    divisor, scale = choose_axis_unit(words, buyers)
    flows = []
    for column, (color, sign) in FLOWS.items():
        points = []
        for start, row in dated:
            count = to_number(row[column])
            value = None if count is None else sign * count / divisor
            points.append(charts.Point(f"{start:%Y-%m}", value))
        flows.append((color, points))
    first, last = (words.format_month(start) for start in (dated[0][0], dated[-1][0]))
    svg = charts.draw_flows(flows, words.say("lifecycle_alt", first=first, last=last))
    used: list[str] = []
    lines = []
    columns = ("buyer_count", *FLOWS)
    for _, row in reversed(dated):
        marks = [
            mark
            for mark, is_set in (
                ("mark_incomplete", not content.read_flag(row["is_complete"])),
                ("mark_censored", content.read_flag(row["is_censored"])),
            )
            if is_set
        ]
        used.extend(marks)
        label = Entry(plain.name_window(words, row), marks="".join(MARKS[mark] for mark in marks))
        lines.append(
            [label, *(enter_value(words, to_number(row[name]), "count") for name in columns)]
        )
    headings = [
        layout.head("window", is_number=False),
        *(layout.head(column, "lifecycle") for column in columns),
    ]
    people = words.say("unit_people")
    figure = Figure(
        words.say("buyer_count"),
        words.say(scale, unit=people) if scale else people,
        Markup(svg),
        Table(headings, lines, explain_marks(words, used)),
        [(color, words.say(column)) for column, (color, _) in FLOWS.items()],
    )
    return Part(
        "lifecycle",
        words.say("lifecycle"),
        note=words.say("lifecycle_note"),
        figures=[figure],
        remarks=[words.say("lifecycle_period")],
    )
