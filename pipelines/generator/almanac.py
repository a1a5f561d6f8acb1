"""How the invented tea chain lives from day to day: trade, enrolments, stores and hours.

Everything here is a small table computed with whole numbers; no order is made here.
"""

import datetime
from dataclasses import dataclass
from itertools import accumulate, pairwise

STARTS_ON = datetime.date(2024, 7, 1)
ENDS_ON = datetime.date(2026, 6, 30)
EPOCH = datetime.date(1970, 1, 1)
STARTS_AT_S = (STARTS_ON - EPOCH).days * 86400
ENDS_AT_S = ((ENDS_ON - EPOCH).days + 1) * 86400
LAST_QUARTER_DAY = (datetime.date(2026, 4, 1) - STARTS_ON).days
# Days before the first order in which the first members registered.
EARLY_DAYS = 1200
UNITS_WANTED = 1_000_000

# Of 100: Monday to Sunday, and January to December.
WEEKDAY_TRADE = (90, 88, 92, 95, 112, 128, 120)
MONTH_TRADE = (90, 86, 96, 100, 108, 112, 118, 122, 108, 104, 94, 92)
SPRING_FESTIVALS = (datetime.date(2025, 1, 29), datetime.date(2026, 2, 17))
# Of 100, from three days before the first day of the year to the sixth after: shops are shut.
SPRING_FESTIVAL_TRADE = (80, 65, 40, 35, 55, 75, 90, 105, 110, 110)
# The first milk tea of autumn, on the solar term 立秋, is the trade's largest day.
AUTUMN_DAYS = (datetime.date(2024, 8, 7), datetime.date(2025, 8, 7))
PROMOTION_TRADE = {
    (5, 20): 145,
    (6, 18): 125,
    (11, 11): 125,
    (12, 24): 130,
    (1, 1): 130,
}
MEMBER_DAY, MEMBER_DAY_TRADE = 8, 130

# Orders of each hour from 9 to 22, on working days and on weekends.
HOURS = (
    (20, 38, 55, 80, 90, 95, 88, 82, 70, 68, 72, 64, 40),
    (12, 26, 48, 72, 92, 108, 110, 100, 84, 76, 78, 70, 46),
)

CITIES = (
    ("杭州", "华东"),
    ("上海", "华东"),
    ("成都", "西南"),
    ("广州", "华南"),
    ("武汉", "华中"),
    ("南京", "华东"),
    ("深圳", "华南"),
    ("重庆", "西南"),
    ("长沙", "华中"),
    ("苏州", "华东"),
    ("西安", "西北"),
    ("北京", "华北"),
    ("厦门", "华东"),
    ("青岛", "华东"),
    ("郑州", "华中"),
    ("昆明", "西南"),
)
STORE_TYPES = ("商场", "街边", "校园", "街边", "景区")


@dataclass(frozen=True)
class Day:
    """One day of trade; shares are of 65,536, counts are at the opening of the day."""

    day_number: int
    date_number: int
    month: str
    midnight_s: int
    first_unit: int
    unit_count: int
    members_before: int
    new_members: int
    store_count: int
    id_share: int
    profile: int
    is_promotion: int
    is_cashier_day: bool


def count_orders_per_unit(orders: int) -> int:
    """Return the orders of one unit: one in small data sets, about a hundred in large ones."""
    return max(1, orders // UNITS_WANTED)


def is_promotion(date: datetime.date) -> bool:
    """Say whether coupons are handed out on a date."""
    return (
        date in AUTUMN_DAYS or (date.month, date.day) in PROMOTION_TRADE or date.day == MEMBER_DAY
    )


def weigh_trade(date: datetime.date) -> int:
    """Return the orders of a date, in an arbitrary unit."""
    age = (date - STARTS_ON).days
    weight = (1000 + 1300 * age // 729) * WEEKDAY_TRADE[date.weekday()]
    weight *= MONTH_TRADE[date.month - 1]
    percent = 100
    if date in AUTUMN_DAYS:
        percent = 260
    elif (date.month, date.day) in PROMOTION_TRADE:
        percent = PROMOTION_TRADE[date.month, date.day]
    elif date.month == 10 and date.day <= 7:
        percent = 128
    elif date.month == 5 and date.day <= 5:
        percent = 122
    elif date.day == MEMBER_DAY:
        percent = MEMBER_DAY_TRADE
    for festival in SPRING_FESTIVALS:
        position = (date - festival).days + 3
        if 0 <= position < len(SPRING_FESTIVAL_TRADE):
            percent = SPRING_FESTIVAL_TRADE[position]
    return weight * percent


def spread(total: int, weights: list[int]) -> list[int]:
    """Return whole numbers that add up to the total, in proportion to the weights."""
    whole = sum(weights)
    reached = [0] + [total * part // whole for part in accumulate(weights)]
    return [after - before for before, after in pairwise(reached)]


def plan_days(
    *,
    orders: int,
    stores: int,
    early_members: int,
    members_a_year_ago: int,
    members: int,
    id_share: float,
) -> tuple[Day, ...]:
    """Return the 730 days in order.

    `id_share` is the share of orders with a member id over the last 365 days; it rises by the day.
    """
    dates = [STARTS_ON + datetime.timedelta(days=day) for day in range(730)]
    trade = [weigh_trade(date) for date in dates]
    units = spread(-(-orders // count_orders_per_unit(orders)), trade)
    joined = spread(members_a_year_ago - early_members, trade[:365])
    joined += spread(members - members_a_year_ago, trade[365:])
    rise = [700 + 600 * day // 729 for day in range(730)]
    mean_rise = sum(u * r for u, r in zip(units[365:], rise[365:], strict=True)) / sum(units[365:])
    opened = list(accumulate(units, initial=0))
    enrolled = list(accumulate(joined, initial=early_members))
    return tuple(
        Day(
            day_number=day,
            date_number=int(f"{date:%Y%m%d}"),
            month=f"{date:%Y-%m}",
            midnight_s=STARTS_AT_S + day * 86400,
            first_unit=opened[day],
            unit_count=units[day],
            members_before=enrolled[day],
            new_members=joined[day],
            store_count=count_stores(stores, day),
            id_share=round(65536 * id_share * rise[day] / mean_rise),
            profile=int(date.weekday() >= 5),
            is_promotion=int(is_promotion(date)),
            is_cashier_day=date.day == 25,
        )
        for day, date in enumerate(dates)
    )


def count_stores(stores: int, day: int) -> int:
    """Return the stores open on a day: half at the start, all two months before the end."""
    return min(stores, stores // 2 + (stores - stores // 2) * day // 670)


def profile_hours() -> list[dict[str, int]]:
    """Return for 1,024th parts of a day's orders when they are reached, for both kinds of day."""
    rows = []
    for profile, hours in enumerate(HOURS):
        reached, total, hour = 0, sum(hours), 0
        times = []
        for position in range(1025):
            while hour < len(hours) - 1 and (reached + hours[hour]) * 1024 <= position * total:
                reached += hours[hour]
                hour += 1
            into = (position * total - reached * 1024) * 3_600_000 // (1024 * hours[hour])
            times.append((9 + hour) * 3_600_000 + into)
        for position, at_ms in enumerate(times):
            after = times[min(position + 1, 1024)]
            rows.append(
                {
                    "profile": profile,
                    "position": position,
                    "at_ms": at_ms,
                    "width_ms": after - at_ms,
                }
            )
    return rows


def plan_stores(stores: int) -> list[dict[str, object]]:
    """Return the stores in order of opening."""
    rows: list[dict[str, object]] = []
    day = 0
    for store in range(stores):
        while count_stores(stores, day) <= store:
            day += 1
        early = datetime.timedelta(days=(stores - store) * 1800 // stores)
        opened_on = STARTS_ON + datetime.timedelta(days=day) if day else STARTS_ON - early
        city, region = CITIES[(store * 7) % len(CITIES)]
        rows.append(
            {
                "store": store,
                "store_id": f"S{store + 1:03d}",
                "city": city,
                "region": region,
                "brand": "清茗果茶" if store % 5 == 4 else "山间茶事",
                "is_second_brand": int(store % 5 == 4),
                "store_type": STORE_TYPES[store % len(STORE_TYPES)],
                "opened_on": opened_on,
            }
        )
    return rows
