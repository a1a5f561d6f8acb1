"""Which rows of the published tables a report reads, so that it stays small however many stores.

What is shown of them is chosen in `content`, `ledger` and `plain`.
"""

from collections.abc import Callable

import pandas

# Of a kind of scope with more than this, a report knows those with the most sales.
SCOPES_READ = 500

LATEST_MONTH = (
    "(select coalesce(max(case when is_complete then window_start end), max(window_start))"
    " from raw.windows where window_type = 'month')"
)
LARGEST_SCOPES = (
    "(select scope_type, scope from (select scope_type, scope, row_number() over ("
    "partition by scope_type order by numerator desc nulls last, scope) as place"
    " from marts.kpi where metric = 'net_sales' and window_type = 'month'"
    f" and window_start = {LATEST_MONTH}) where place <= {SCOPES_READ})"
)
# Days and weeks are many and drawn nowhere; what days of events brought is a table of its own.
WHOLE_SHOP = "scope_type = 'all' and window_type <> 'day' and window_type <> 'week'"
CONDITIONS = {
    "kpi": (
        f"({WHOLE_SHOP}) or (window_type = 'month' and window_start = {LATEST_MONTH}"
        f" and (scope_type, scope) in {LARGEST_SCOPES})"
    ),
    "kpi_change": (
        f"({WHOLE_SHOP}) or (metric = 'net_sales' and window_type = 'month'"
        f" and window_start = {LATEST_MONTH})"
    ),
    "kpi_restatements": WHOLE_SHOP,
    "guide_tiers": "month = (select max(month) from marts.guide_tiers where is_complete)",
    "lifecycle": WHOLE_SHOP,
    "traffic": "window_type = 'month'",
}
# The tables that a report shows; none of them has a row for a member.
TABLES = (
    *CONDITIONS,
    *("cluster_profiles", "cohorts", "control_reconciliation", "event_effects", "exclusions"),
    "gates",
    *("input_files", "metrics", "order_kinds", "order_statuses", "population_waterfall"),
    *("purchase_cycles", "quarantine_summary", "rfm_cuts", "rfm_grid", "sales_drivers"),
    *("segment_rules", "segment_summary", "target_attainment", "tier_flows"),
)


def read_tables(
    published: set[str], read: Callable[[str], pandas.DataFrame]
) -> dict[str, pandas.DataFrame]:
    """Return what a report shows of the published tables, by name; `read` runs a query."""
    return {
        name: read(f"select * from marts.{name} where {CONDITIONS.get(name, 'true')}")
        for name in TABLES
        if name in published
    }
