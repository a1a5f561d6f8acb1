"""That a run on the generated tea chain returns the shares that the chain was made with.

Each share that is drawn may differ from its chance by four standard errors; those that a listed
chain reports are fitted, and as close as the tests of the generator hold.
"""

from math import sqrt

import pytest

from pipelines.generator import almanac, tea_house
from pipelines.runs import RunRequest
from tests.integration.building import Figure, Figures, ask_tables, read_figures

MEMBERS, ORDERS = 17_000, 60_000
ENDS_ON = almanac.ENDS_ON
LAST_YEAR = ("trailing_365d", "2025-07-01")
# The chances are written in 65,536ths.
WHOLE = 65_536
STANDARD_ERRORS = 4


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    folder = tmp_path_factory.mktemp("tea_house")
    tea_house.generate(folder / "data", MEMBERS, ORDERS, seed=11)
    question = "select * from marts.kpi where scope_type in ('all', 'channel')"
    answers = ask_tables(
        RunRequest(folder / "data", output=folder / "output"), {"marts.kpi": question}
    )
    return read_figures(answers["marts.kpi"])


def measure(figure: Figure) -> tuple[float, float]:
    """Return the value of a share and what it is a share of."""
    assert figure.value is not None and figure.denominator is not None
    return figure.value, float(figure.denominator)


def allow(chance: float, count: float) -> float:
    """Return how far the share of `count` independent draws may lie from its chance."""
    return STANDARD_ERRORS * sqrt(chance * (1 - chance) / count)


def test_the_last_business_date_is_the_end_of_the_data(chain: Figures) -> None:
    assert chain.count("orders", "day", ENDS_ON.isoformat()) > 0


def test_shares_of_the_listed_chain(chain: Figures) -> None:
    share, count = measure(chain.find("member_order_share", *LAST_YEAR))
    assert share == pytest.approx(
        tea_house.MEMBER_ORDER_SHARE, abs=allow(tea_house.MEMBER_ORDER_SHARE, count)
    )
    rate, _ = measure(chain.find("repurchase_rate", "quarter", "2026-04-01"))
    assert rate == pytest.approx(tea_house.REPURCHASE_RATE, abs=0.008)
    now = chain.count("registered_members", "month", "2026-06-01")
    a_year_ago = chain.count("registered_members", "month", "2025-06-01")
    assert now / a_year_ago == pytest.approx(tea_house.MEMBER_GROWTH, rel=0.02)


@pytest.mark.parametrize(
    ("buyers", "channel", "drawn"),
    [
        ("member", "小程序", 36_000),
        ("member", "门店", 17_000),
        ("member", "外卖", 12_536),
        ("guest", "小程序", 1_536),
        ("guest", "门店", 45_000),
        ("guest", "外卖", 19_000),
    ],
)
def test_channels_that_members_and_guests_use(
    chain: Figures, buyers: str, channel: str, drawn: int
) -> None:
    orders = chain.count(f"orders_{buyers}", *LAST_YEAR)
    through = chain.count(f"orders_{buyers}", *LAST_YEAR, scope=channel)
    chance = drawn / WHOLE
    assert through / orders == pytest.approx(chance, abs=allow(chance, orders))


def test_coupons_are_handed_out_by_day_and_to_members(chain: Figures) -> None:
    share, orders = measure(chain.find("coupon_order_share", *LAST_YEAR))
    drawn = 0
    for (metric, scope, window_type, date), figure in chain.by_key.items():
        if (scope, window_type) == ("all", "day") and date.isoformat() >= LAST_YEAR[1]:
            more = 9_000 * almanac.is_promotion(date)
            if metric == "orders_member":
                drawn += int(figure.numerator or 0) * (20_000 + more)
            elif metric == "orders_guest":
                drawn += int(figure.numerator or 0) * (6_000 + more)
    chance = drawn / WHOLE / orders
    assert share == pytest.approx(chance, abs=allow(chance, orders))


def test_orders_are_refunded(chain: Figures) -> None:
    share, orders = measure(chain.find("refund_order_rate", "year", "2025-01-01"))
    assert share == pytest.approx(0.026, abs=allow(0.026, orders))


def test_cups_of_an_order(chain: Figures) -> None:
    drawn: dict[int, float] = {1: 37_000, 2: 17_500, 3: 6_000, 4: 3_000}
    drawn |= dict.fromkeys((5, 6, 7, 8), 1900 / 4)
    drawn |= dict.fromkeys(range(12, 44), 136 / 32)
    mean = sum(cups * chance for cups, chance in drawn.items()) / WHOLE
    squares = sum(cups**2 * chance for cups, chance in drawn.items()) / WHOLE
    cups, orders = measure(chain.find("units_per_order", *LAST_YEAR))
    assert cups == pytest.approx(mean, abs=STANDARD_ERRORS * sqrt((squares - mean**2) / orders))


def test_guides_in_the_stores(chain: Figures) -> None:
    share, _ = measure(chain.find("guide_sales_share", *LAST_YEAR, scope="门店"))
    orders = chain.count("orders", *LAST_YEAR, scope="门店")
    # Large orders weigh more: amounts vary by their mean, so that half of the orders would do.
    chance = 40_000 / WHOLE
    assert share == pytest.approx(chance, abs=allow(chance, orders / 2.5))


def test_new_members_who_were_referred(chain: Figures) -> None:
    share, members = measure(chain.find("referral_share", "year", "2025-01-01"))
    chance = 8_000 / WHOLE
    assert share == pytest.approx(chance, abs=allow(chance, members))
