"""The tables that a shop's files are read into: their columns, types and meanings.

The right-hand side of every column mapping. How a cell is read stands in `pipelines.ingest`.
"""

from dataclasses import dataclass
from enum import StrEnum


class LogicalType(StrEnum):
    """What a column holds, whatever the file calls its type."""

    ID = "id"
    TEXT = "text"
    MONEY = "money"
    TIME = "time"
    DATE = "date"
    MONTH = "month"
    INTEGER = "integer"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Column:
    """One column of a canonical table."""

    type: LogicalType
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class CanonicalTable:
    """A table that files fill; `dated` names times and the business date derived from the first.

    The business date is what the models read: zone and start of day are settled once, at reading.
    """

    description: str
    columns: dict[str, Column]
    dated: tuple[str, tuple[str, ...]] | None = None
    attributes_allowed: bool = False

    @property
    def needs_time(self) -> bool:
        """Whether a row without any of its times is of no use."""
        return self.dated is not None and self.dated[0] == "business_date"


ID, TEXT, MONEY = LogicalType.ID, LogicalType.TEXT, LogicalType.MONEY
TIME, DATE, MONTH, INTEGER, BOOLEAN = (
    LogicalType.TIME,
    LogicalType.DATE,
    LogicalType.MONTH,
    LogicalType.INTEGER,
    LogicalType.BOOLEAN,
)

CANONICAL_TABLES: dict[str, CanonicalTable] = {
    "orders": CanonicalTable(
        "One row per order of the exports, as read; repeated exports repeat it.",
        {
            "order_id": Column(ID, "The shop's order number.", required=True),
            "paid_at": Column(TIME, "Local time of payment."),
            "created_at": Column(TIME, "Local time of creation, used where payment has none."),
            "paid_amount": Column(
                MONEY, "Paid by the customer, in the data set's currency.", required=True
            ),
            "member_id": Column(ID, "The member as the till knew it; empty for a guest."),
            "status": Column(TEXT, "Status as exported; raw.order_statuses tells what it means."),
            "order_kind": Column(TEXT, "Kind as exported; raw.order_kinds tells what it means."),
            "coupon_amount": Column(MONEY, "Part of the price paid by coupons."),
            "refunded_amount": Column(MONEY, "Refunded so far, undated; a refunds file wins."),
            "store_id": Column(ID, "Store that sold it."),
            "channel": Column(TEXT, "Channel that sold it."),
            "brand": Column(TEXT, "Brand that sold it."),
            "city": Column(TEXT, "City of the store."),
            "delivery_city": Column(TEXT, "City it was delivered to."),
            "guide_id": Column(ID, "Shopping guide who is credited with it."),
            "parent_order_id": Column(ID, "Order that this parcel or payment is a part of."),
            "exchange_of": Column(ID, "Order that this one replaces; it is no new purchase."),
            "units": Column(INTEGER, "Pieces sold."),
            "is_test": Column(BOOLEAN, "A test order, never a purchase."),
            "currency": Column(TEXT, "Currency code; one per data set."),
            "scope_1": Column(TEXT, "First dimension of the data set's own, named in scopes."),
            "scope_2": Column(TEXT, "Second dimension of the data set's own, named in scopes."),
            "scope_3": Column(TEXT, "Third dimension of the data set's own, named in scopes."),
            "exported_at": Column(TIME, "When the system exported this version of the order."),
        },
        dated=("business_date", ("paid_at", "created_at")),
    ),
    "order_lines": CanonicalTable(
        "One row per line of an order.",
        {
            "order_id": Column(ID, "Order the line belongs to.", required=True),
            "line_id": Column(ID, "The shop's number of the line."),
            "sku": Column(ID, "Stock keeping unit."),
            "product": Column(TEXT, "Product name."),
            "category": Column(TEXT, "Product category."),
            "department": Column(TEXT, "Department that the category belongs to."),
            "brand": Column(TEXT, "Brand of the product."),
            "quantity": Column(INTEGER, "Pieces."),
            "amount": Column(MONEY, "Paid for the line."),
            "list_amount": Column(MONEY, "Price of the line before any discount."),
            "cost_amount": Column(MONEY, "Cost of the goods."),
            "discount_amount": Column(MONEY, "Discount given on the line."),
            "coupon_amount": Column(MONEY, "Part of the line paid by coupons."),
        },
    ),
    "refunds": CanonicalTable(
        "One row per refund, full or partial.",
        {
            "order_id": Column(ID, "Order that is refunded.", required=True),
            "refunded_at": Column(TIME, "Local time of the refund.", required=True),
            "amount": Column(MONEY, "Refunded, as a positive amount.", required=True),
            "refund_id": Column(ID, "The shop's number of the refund."),
        },
        dated=("refunded_on", ("refunded_at",)),
    ),
    "members": CanonicalTable(
        "One row per member of the member file.",
        {
            "member_id": Column(ID, "The shop's member number.", required=True),
            "registered_at": Column(TIME, "Local time of registration."),
            "deregistered_at": Column(TIME, "Local time of leaving."),
            "home_store_id": Column(ID, "Store that owns the member."),
            "guide_id": Column(ID, "Shopping guide who looks after the member."),
            "tier": Column(TEXT, "Tier as the shop states it."),
            "channel": Column(TEXT, "Channel of registration."),
            "city": Column(TEXT, "City of the member."),
            "referrer_id": Column(ID, "Member who brought this one."),
            "online_id": Column(ID, "Identity in the online shop."),
            "merged_into": Column(ID, "Member that this one was merged into."),
            "merged_at": Column(TIME, "Local time of the merge."),
            "consent": Column(TEXT, "Consent to be written to, as exported."),
        },
        dated=("registered_on", ("registered_at",)),
        attributes_allowed=True,
    ),
    "member_merges": CanonicalTable(
        "One row per merge of two member numbers.",
        {
            "member_id": Column(ID, "Number that was given up.", required=True),
            "merged_into": Column(ID, "Number that lives on.", required=True),
            "merged_at": Column(TIME, "Local time of the merge."),
        },
        dated=("merged_on", ("merged_at",)),
    ),
    "coupons": CanonicalTable(
        "One row per coupon and redemption.",
        {
            "coupon_id": Column(ID, "The shop's coupon number.", required=True),
            "member_id": Column(ID, "Member who holds it."),
            "issued_at": Column(TIME, "Local time of issue."),
            "redeemed_at": Column(TIME, "Local time of redemption."),
            "order_id": Column(ID, "Order it was redeemed in."),
        },
    ),
    "stores": CanonicalTable(
        "One row per store.",
        {
            "store_id": Column(ID, "The shop's store number.", required=True),
            "store": Column(TEXT, "Name of the store."),
            "city": Column(TEXT, "City."),
            "region": Column(TEXT, "Region."),
            "brand": Column(TEXT, "Brand."),
            "store_type": Column(TEXT, "Kind of store."),
            "opened_on": Column(DATE, "First day of business."),
            "closed_on": Column(DATE, "Last day of business."),
        },
    ),
    "guides": CanonicalTable(
        "One row per shopping guide.",
        {
            "guide_id": Column(ID, "The shop's number of the guide.", required=True),
            "store_id": Column(ID, "Store of the guide."),
        },
    ),
    "products": CanonicalTable(
        "One row per product.",
        {
            "sku": Column(ID, "Stock keeping unit.", required=True),
            "product": Column(TEXT, "Product name."),
            "category": Column(TEXT, "Product category."),
            "department": Column(TEXT, "Department that the category belongs to."),
            "brand": Column(TEXT, "Brand of the product."),
        },
    ),
    "points": CanonicalTable(
        "One row per movement of points.",
        {
            "member_id": Column(ID, "Member whose points move.", required=True),
            "at": Column(TIME, "Local time of the movement.", required=True),
            "kind": Column(TEXT, "earn, redeem, expire or adjust.", required=True),
            "points": Column(INTEGER, "Points, negative where they leave.", required=True),
            "order_id": Column(ID, "Order behind the movement."),
        },
        dated=("moved_on", ("at",)),
    ),
    "exclusions": CanonicalTable(
        "One row per member who is kept out of all figures, with the reason.",
        {
            "member_id": Column(ID, "Member to keep out.", required=True),
            "reason": Column(TEXT, "Why, for example staff or reseller."),
        },
    ),
    "visits": CanonicalTable(
        "One row per date and guide, channel or scene of the traffic file.",
        {
            "date": Column(DATE, "Date of the visits.", required=True),
            "guide_id": Column(ID, "Shopping guide whose link was followed."),
            "channel": Column(TEXT, "Channel of the visits."),
            "scene": Column(TEXT, "Scene of the visits, for example a live stream."),
            "viewers": Column(INTEGER, "People who viewed."),
            "cart_users": Column(INTEGER, "People who put something into the cart."),
            "order_users": Column(INTEGER, "People who ordered."),
            "paying_users": Column(INTEGER, "People who paid."),
            "shares": Column(INTEGER, "Times that something was shared."),
        },
    ),
    "control_totals": CanonicalTable(
        "One row per month of the source system's own totals, to reconcile with.",
        {
            "month": Column(MONTH, "First date of the month.", required=True),
            "orders": Column(INTEGER, "Orders that the source system reports."),
            "net_sales": Column(MONEY, "Net sales that the source system reports."),
        },
    ),
    "targets": CanonicalTable(
        "One row per target that the shop has set itself.",
        {
            "metric": Column(TEXT, "Metric, by its code in the table of metrics.", required=True),
            "scope_type": Column(
                TEXT, "Kind of scope; empty: all where scope is empty, else store."
            ),
            "scope": Column(TEXT, "Scope; empty for the whole data set."),
            "window_type": Column(TEXT, "Kind of window; empty: month."),
            "window_start": Column(DATE, "First date of the window.", required=True),
            "target": Column(MONEY, "The target.", required=True),
        },
    ),
    "events": CanonicalTable(
        "One row per event of the shop's calendar.",
        {
            "date": Column(DATE, "Date of the event.", required=True),
            "event": Column(TEXT, "Name of the event."),
        },
    ),
}
