"""Write the data sets of the export profiles: invented rows in each system's layout and encoding.

`python tests/data/profiles/make.py [FOLDER]` writes every export file; what must come of them
stands beside them in expected.yaml, which no script writes. Nobody in these rows exists.
"""

import csv
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
HEADERS = HERE / "headers"
Row = dict[str, str]


def read_header(name: str) -> list[str]:
    """Return the columns of a system's export, with the blanks that its names end in."""
    return HEADERS.joinpath(f"{name}.csv").read_text(encoding="utf-8").rstrip("\n").split(",")


def write_export(
    path: Path,
    header: Sequence[str],
    rows: Sequence[Row],
    encoding: str = "utf-8",
    line_end: str = "\n",
    quotes_all: bool = False,
    last_line_ends: bool = True,
) -> None:
    """Write rows under a header; a name that stands twice is filled once, the first of the two."""
    plain = [name.strip() for name in header]
    stream = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL
    writer = csv.writer(stream, lineterminator=line_end, quoting=quoting)
    writer.writerow(header)
    for row in rows:
        unknown = set(row) - set(plain)
        if unknown:
            raise ValueError(f"{path.name} has no columns {unknown}")
        cells = [""] * len(plain)
        for name, text in row.items():
            cells[plain.index(name)] = text
        writer.writerow(cells)
    text = stream.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((text if last_line_ends else text.removesuffix(line_end)).encode(encoding))


# Taobao: GBK, every cell in quotes, ids as ="…", phones behind an apostrophe.


def write_taobao(path: Path, header: Sequence[str], rows: Sequence[Row]) -> None:
    """Write one of Taobao's exports; a rare character takes four bytes of GB18030."""
    write_export(path, header, rows, "gb18030", "\r\n", quotes_all=True)


def number_taobao(short: int) -> str:
    """Return an order number of eighteen digits, wrapped as Taobao does."""
    return f'="35000000000000{short:04}"'


def write_taobao_order(
    short: int,
    nick: str,
    paid: str,
    status: str,
    created: str,
    paid_at: str = "",
    postage: str = "0.00",
    **more: str,
) -> Row:
    """Return an order's row; the receiver is as invented as the rest."""
    return {
        "订单编号": number_taobao(short),
        "买家会员名": nick,
        "买家支付宝账号": "nobody@example.com",
        "买家应付货款": paid,
        "买家应付邮费": postage,
        "买家支付积分": "0",
        "总金额": paid,
        "返点积分": "0",
        "买家实际支付金额": paid,
        "买家实际支付积分": "0",
        "订单状态": status,
        "买家留言": "请放门口, 谢谢",
        "收货人姓名": "无名氏",
        "收货地址": "某省 某市 某区 不存在路 0 号(000000)",
        "运送方式": "快递",
        "联系手机": "'13800000000",
        "订单创建时间": created,
        "订单付款时间": paid_at,
        "宝贝标题": "高山绿茶, 250克",
        "宝贝种类": "1",
        "宝贝总数量": "1",
        "店铺Id": "0",
        "店铺名称": "小山茶铺",
        "订单关闭原因": "订单未关闭",
        "卖家服务费": "0",
        "买家服务费": "0元",
        **more,
    }


def make_taobao(folder: Path) -> None:
    """Write four layouts of orders, two exports of the last, the lines, refunds and members."""
    order = write_taobao_order
    done, shipped = "交易成功", "卖家已发货，等待买家确认"
    paid, closed, unpaid = "买家已付款，等待卖家发货", "交易关闭", "等待买家付款"
    layouts = {
        "v2013": [
            order(1101, "山间客", "128.00", done, "2026-01-05 09:58:11", "2026-01-05 10:00:02"),
            order(
                1102, "云上茶", "66.00", done, "2026-01-07 20:01:00", "2026-01-07 20:03:40", "6.00"
            ),
            order(1103, "山间客", "0.00", closed, "2026-01-08 11:20:00", "", "10.00"),
            order(1104, "旧城南", "1,234.50元", done, "2026-01-12 08:00:00", "2026-01-12 08:00:30"),
            order(1105, "云上茶", "45.50", shipped, "2026-01-20 23:59:00", "2026-01-20 23:59:59"),
        ],
        "v2016": [
            order(1201, "𠮷田茶友", "88.00元", done, "2026/2/2 9:01", "2026/2/2 9:05"),
            order(1202, "山间客", "99", done, "2026/2/3 21:38", "2026/2/3 21:40"),
            order(1203, "旧城南", "0", unpaid, "2026/2/5 7:07"),
        ],
        "v2017": [
            order(
                1301,
                "云上茶",
                "150.00",
                done,
                "2026-02-14 13:00:00",
                "2026-02-14 13:00:10",
                退款金额="50.00",
            ),
            order(
                1302,
                "半日闲",
                "72.00",
                "付款以后用户退款成功，交易自动关闭",
                "2026-02-15 13:00:00",
                "2026-02-15 13:05:00",
                退款金额="72.00",
            ),
            order(
                1303,
                "旧城南",
                "30.00",
                done,
                "2026-02-18 09:00:00",
                "2026-02-18 09:01:00",
                "8.00",
                退款金额="0.00",
            ),
            # Saved again by a spreadsheet: the number is gone.
            {
                **order(1304, "半日闲", "18.00", done, "2026-02-19 09:00", "2026-02-19 09:01"),
                "订单编号": "3.5E+17",
            },
        ],
    }
    for layout, rows in layouts.items():
        header = read_header(f"taobao_ExportOrderList_{layout}")
        write_taobao(folder / f"ExportOrderList_{layout}.csv", header, rows)

    def split(short: int, amount: str) -> Row:
        return order(
            short,
            "云上茶",
            amount,
            done,
            "2026-03-04 10:00:00",
            "2026-03-04 10:02:00",
            退款金额="0.00",
            主订单编号=number_taobao(1400),
        )

    guest = order(
        1407, "", "19.90", done, "2026-03-06 16:00:00", "2026-03-06 16:00:09", 退款金额="无"
    )
    first = [
        order(1401, "山间客", "210.00", paid, "2026-03-02 10:00:00", "2026-03-02 10:00:20"),
        order(1402, "半日闲", "36.00", shipped, "2026-03-03 10:00:00", "2026-03-03 10:00:20"),
        order(1403, "新客甲", "58.00", unpaid, "2026-03-09 22:00:00"),
        split(1404, "40.00"),
        split(1405, "25.00"),
        order(1406, "旧城南", "0.00", done, "2026-03-05 10:00:00", "2026-03-05 10:00:01"),
        guest,
    ]
    second = [
        order(1401, "山间客", "210.00", done, "2026-03-02 10:00:00", "2026-03-02 10:00:20"),
        order(
            1402,
            "半日闲",
            "36.00",
            done,
            "2026-03-03 10:00:00",
            "2026-03-03 10:00:20",
            退款金额="10.00",
        ),
        order(1403, "新客甲", "58.00", paid, "2026-03-09 22:00:00", "2026-03-10 08:00:00"),
        guest,
        order(1408, "新客甲", "80.00", done, "2026-03-15 12:00:00", "2026-03-15 12:00:05"),
        order(1409, "𠮷田茶友", "47.50", done, "2026-03-18 18:00:00", "2026-03-18 18:00:05"),
    ]
    header = read_header("taobao_ExportOrderList_v2018_2020")
    write_taobao(folder / "ExportOrderList20260310.csv", header, first)
    write_taobao(folder / "ExportOrderList20260320.csv", header, second)

    def line(
        short: int, parent: int, title: str, price: str, count: str, paid: str, code: str
    ) -> Row:
        return {
            "子订单编号": number_taobao(short),
            "主订单编号": number_taobao(parent),
            "标题": title,
            "价格": price,
            "购买数量": count,
            "外部系统编号": code,
            "商品属性": "净含量：250克",
            "订单状态": done,
            "支付单号": "2026000000000000",
            "买家应付货款": paid,
            "买家实际支付金额": paid,
            "退款状态": "没有申请退款",
            "退款金额": "无退款申请",
        }

    lines = [
        line(1401, 1401, "高山绿茶", "120.00", "2", "180.00", "GT-250"),
        line(14012, 1401, "茶杯, 白瓷", "30.00", "1", "30.00", "CUP-W"),
        line(1402, 1402, "茉莉花茶", "18.00", "2", "36.00", "JM-100"),
        line(1403, 1403, "红茶", "58.00", "1", "58.00", "-"),
        line(1404, 1404, "普洱", "40.00", "1", "40.00", "PU-357"),
        line(1405, 1405, "茶针", "25.00", "1", "25.00", "PIN-1"),
        line(1406, 1406, "试饮装", "9.90", "1", "0.00", "TRY-1"),
        line(1407, 1407, "茶包", "19.90", "1", "19.90", "BAG-20"),
        line(1408, 1408, "白茶", "40.00", "2", "80.00", "WT-100"),
        line(1409, 1409, "乌龙", "47.50", "1", "47.50", "OL-100"),
    ]
    items = read_header("taobao_ExportItemList")
    write_taobao(folder / "ExportItemList20260320.csv", items, lines)
    refunds = [
        {
            "退款编号": "R-1",
            "订单编号": number_taobao(1301),
            "退款完结时间": "2026-02-20 15:00:00",
            "退款金额": "50.00",
        },
        {
            "退款编号": "R-2",
            "订单编号": number_taobao(1302),
            "退款完结时间": "2026-02-16 09:30:00",
            "退款金额": "72.00",
        },
    ]
    write_export(folder / "退款.csv", list(refunds[0]), refunds, "gbk", "\r\n")
    members = [
        {"会员名": nick, "手机": "'13800000000", "入会时间": joined, "等级": tier}
        for nick, joined, tier in (
            ("山间客", "2025-06-01 10:00:00", "金"),
            ("云上茶", "2026-01-07 20:05:00", "银"),
            ("旧城南", "2025-11-11 00:00:00", "银"),
            ("半日闲", "2026-02-15 13:06:00", "银"),
            ("𠮷田茶友", "2026-02-02 09:06:00", "银"),
            ("未购者", "2026-03-01 12:00:00", "银"),
        )
    ]
    write_export(folder / "会员.csv", list(members[0]), members, "gb18030", "\r\n")


# Shopify: UTF-8, what belongs to the order on its first line only.


def write_shopify_order(
    name: str, email: str, lines: Sequence[tuple[str, str, str, str, str]], **fields: str
) -> list[Row]:
    """Return an order's rows; a line is (quantity, name, price, sku, discount)."""
    more = {column.replace("_", " "): text for column, text in fields.items()}
    rows: list[Row] = []
    for quantity, product, price, sku, discount in lines:
        rows.append(
            {
                "Name": name,
                "Email": email,
                "Lineitem quantity": quantity,
                "Lineitem name": product,
                "Lineitem price": price,
                "Lineitem sku": sku,
                "Lineitem requires shipping": "true",
                "Lineitem taxable": "true",
                "Lineitem fulfillment status": "fulfilled",
                **({"Lineitem discount": discount} if discount else {}),
            }
        )
    rows[0] |= {
        "Fulfillment Status": "fulfilled",
        "Accepts Marketing": "no",
        "Currency": "USD",
        "Shipping": "0.00",
        "Taxes": "0.00",
        "Discount Amount": "0.00",
        "Billing Name": "Nobody Atall",
        "Billing Address1": "0 Nowhere Street",
        "Billing Zip": "'00000",
        "Shipping Name": "Nobody Atall",
        "Shipping City": "Nowhere",
        "Shipping Phone": "'+10005550000",
        "Notes": "Leave at the door,\nplease",
        **more,
    }
    return rows


def make_shopify(folder: Path) -> None:
    """Write two overlapping exports of orders, one in the old layout, and both of customers."""
    order = write_shopify_order
    full = read_header("shopify_orders_export")
    old = full[: full.index("Cancelled at") + 1]
    tea = ("1", "Green tea", "40.00", "GT-1", "0.00")
    cup = ("2", "Cup, white", "15.00", "CUP", "0.00")

    def five() -> list[Row]:
        return order(
            "#1005",
            "cid@example.com",
            [
                ("2", "Green tea", "40.00", "GT-1", "10.00"),
                ("1", "Cup, white", "15.00", "CUP", "0.00"),
                ("1", "Spoon", "5.00", "", "0.00"),
            ],
            Financial_Status="partially_refunded",
            Paid_at="2026-02-03 12:00:00 -0500",
            Created_at="2026-02-03 11:59:00 -0500",
            Total="100.00",
            Shipping="10.00",
            Refunded_Amount="25.00",
            Source="web",
        )

    def two(status: str, refunded: str) -> list[Row]:
        # Paid on 1 February in UTC, on 31 January in New York.
        return order(
            "#1002",
            "bob@example.com",
            [cup],
            Financial_Status=status,
            Paid_at="2026-02-01 03:30:00 +0000",
            Created_at="2026-02-01 03:29:00 +0000",
            Total="30.00",
            Refunded_Amount=refunded,
            Source="web",
        )

    def seven(status: str, paid_at: str) -> list[Row]:
        return order(
            "#1007",
            "dee@example.com",
            [("2", "Cup, white", "15.00", "CUP", "0.00")],
            Financial_Status=status,
            Paid_at=paid_at,
            Created_at="2026-02-10 08:00:00 -0500",
            Total="33.00",
            Shipping="3.00",
            Refunded_Amount="0.00",
            Source="web",
        )

    def plain(
        name: str, email: str, status: str, paid_at: str, total: str, **fields: str
    ) -> list[Row]:
        return order(
            name,
            email,
            [("1", "Green tea", total, "GT-1", "")],
            Financial_Status=status,
            Paid_at=paid_at,
            Total=total,
            **{"Created_at": paid_at, **fields},
        )

    first = [
        *order(
            "#1001",
            "ann@example.com",
            [tea, ("1", "Gift box", "0.00", "BOX", "0.00")],
            Financial_Status="paid",
            Paid_at="2026-01-05 10:00:00 -0500",
            Created_at="2026-01-05 09:59:00 -0500",
            Total="45.00",
            Shipping="5.00",
            Refunded_Amount="0.00",
            Source="web",
            Employee="Some Clerk",
        ),
        *two("paid", "0.00"),
        *plain(
            "#1003",
            "",
            "paid",
            "2026-01-10 15:00:00 -0500",
            "12.50",
            Location="Main Street",
            Source="pos",
        ),
        *plain(
            "#1004",
            "ann@example.com",
            "refunded",
            "2026-01-15 15:00:00 -0500",
            "60.00",
            Refunded_Amount="60.00",
            Source="web",
        ),
        *five(),
        *plain(
            "#1006",
            "bob@example.com",
            "voided",
            "",
            "20.00",
            Created_at="2026-02-04 09:00:00 -0500",
            Cancelled_at="2026-02-04 10:00:00 -0500",
        ),
        *seven("pending", ""),
        *plain(
            "#1008",
            "test@example.com",
            "paid",
            "2026-02-11 09:00:00 -0500",
            "9.99",
            Payment_Method="bogus",
        ),
        *plain(
            "#1009",
            "ann@example.com",
            "paid",
            "2026-02-12 09:00:00 -0500",
            "0.00",
            Discount_Code="FREE",
            Discount_Amount="25.00",
        ),
        *plain(
            "#1010",
            "eve@example.com",
            "authorized",
            "",
            "70.00",
            Created_at="2026-02-13 09:00:00 -0500",
        ),
    ]
    second = [
        *two("partially_refunded", "10.00"),
        *five(),
        *seven("paid", "2026-02-20 08:00:00 -0500"),
        *plain("#1011", "Bob@Example.com", "paid", "2026-02-22 20:00:00 -0500", "55.00"),
        *plain("#1012", "cid@example.com", "paid", "2026-03-01 12:00:00 -0500", "18.00"),
    ]
    earlier = [
        *plain(
            "#0991",
            "ann@example.com",
            "paid",
            "2025-12-20 10:00:00 -0500",
            "25.00",
            Shipping="5.00",
        ),
        *order(
            "#0992",
            "dee@example.com",
            [("1", "Green tea", "30.00", "GT-1", ""), ("2", "Spoon", "5.00", "", "")],
            Financial_Status="paid",
            Paid_at="2025-12-22 10:00:00 -0500",
            Created_at="2025-12-22 10:00:00 -0500",
            Total="40.00",
        ),
    ]
    write_export(folder / "orders_export_old.csv", old, earlier)
    write_export(folder / "orders_export_1.csv", full, first)
    write_export(folder / "orders_export_2.csv", full, second, "utf-8-sig")
    people = [
        ("'7000000000001", "ann@example.com", "Nowhere", "yes"),
        ("'7000000000002", "bob@example.com", "Elsewhere", "no"),
        ("'7000000000003", "", "Nowhere", "no"),
        ("'7000000000004", "cid@example.com", "", "yes"),
        ("'7000000000005", "dee@example.com", "Nowhere", "no"),
    ]
    current = [
        {
            "Customer ID": number,
            "First Name": "Nobody",
            "Email": email,
            "Accepts Email Marketing": consent,
            "Default Address City": city,
            "Default Address Zip": "'00000",
            "Phone": "'+10005550000",
            "Total Spent": "0.00",
            "Total Orders": "0",
            "Note": "A note, with a comma",
        }
        for number, email, city, consent in people
    ]
    header = [*read_header("shopify_customers_export_current"), "Birthday (customer.metafields)"]
    write_export(folder / "customers_export.csv", header, current)
    legacy = [
        {
            "First Name": "Nobody",
            "Email": email,
            "Accepts Email Marketing": "no",
            "City": "Nowhere",
            "Zip": "'00000",
            "Total Spent": "0.00",
            "Total Orders": "0",
        }
        for email in ("eve@example.com", "fay@example.com", "")
    ]
    write_export(
        folder / "customers_export_legacy.csv",
        read_header("shopify_customers_export_legacy"),
        legacy,
    )


# WooCommerce: UTF-8; a refund is a row below zero with its order's number.


def make_woocommerce(folder: Path) -> None:
    """Write two overlapping reports of orders and one of customers."""

    def order(number: str, date: str, net: str, status: str, items: str = "1") -> Row:
        shown = f"${float(net.strip('-')):,.2f}"
        return {
            "Date": date,
            "Order #": number,
            "N. Revenue (formatted)": shown,
            "Status": status,
            "Customer": "Nobody Atall",
            "Customer type": "returning",
            "Product(s)": "2× Green tea, 1× Cup",
            "Items sold": items,
            "Net Sales": net,
            "Attribution": "Direct",
        }

    header = read_header("woocommerce_analytics_orders")
    first = [
        order("1001", "2026-01-05 10:00:00", "40", "completed", "3"),
        order("1002", "2026-01-06 11:30:00", "25.5", "processing"),
        order("1001", "2026-01-20 09:00:00", "-15", "completed", "-1"),
        order("1003", "2026-01-08 18:00:00", "60", "refunded", "2"),
        order("1003", "2026-01-09 18:00:00", "-60", "completed", "-2"),
        order("1004", "2026-01-10 18:00:00", "10", "cancelled"),
        order("1005", "2026-01-11 18:00:00", "12", "on-hold"),
        order("1006", "2026-01-12 18:00:00", "9", "failed"),
        order("1007", "2026-01-13 18:00:00", "7", "pending"),
        order("1008", "2026-01-14 18:00:00", "1200.00", "completed"),
        order("1009", "2026-01-15 18:00:00", "30.10", "completed", "2"),
        order("1010", "2026-01-16 18:00:00", "0", "completed"),
        order("1012", "2026-01-17 18:00:00", "12.345", "completed"),
    ]
    second = [
        order("1002", "2026-01-06 11:30:00", "25.5", "completed"),
        order("1011", "2026-02-01 00:10:00", "18", "completed"),
        order("1009", "2026-02-02 12:00:00", "-5", "completed", "0"),
        order("1008", "2026-01-14 18:00:00", "1200.00", "completed"),
    ]
    write_export(folder / "wc-orders-1.csv", header, first)
    write_export(folder / "wc-orders-2.csv", header, second)
    customers = [
        {
            "Name": "Nobody Atall",
            "Username": name,
            "Last Active": "2026-02-01 00:10:00",
            "Sign Up": joined,
            "Email": f"{name or 'guest'}@example.com",
            "Orders": "1",
            "Total Spend": "40.00",
            "AOV": "40.00",
            "Country / Region": "US",
            "City": "Nowhere",
            "Postal Code": "00000",
            "Role": "customer" if name else "",
        }
        for name, joined in (
            ("ann", "2025-05-01 12:00:00"),
            ("bob", "2025-12-31 23:59:59"),
            ("", ""),
            ("cid", "2026-01-05 09:00:00"),
            ("", ""),
            ("dee", ""),
        )
    ]
    write_export(
        folder / "wc-customers.csv", read_header("woocommerce_analytics_customers"), customers
    )


# Youzan: UTF-8 with a mark; a blank or —— is empty, two columns are called 分销员.


def make_youzan(folder: Path) -> None:
    """Write orders of both layouts, the later twice, and the lines and customers."""

    def order(
        number: str, paid: str, status: str, created: str, paid_at: str, phone: str, **more: str
    ) -> Row:
        fields = {
            "订单号": number,
            "归属店铺": "湖边分店",
            "订单类型": "普通订单",
            "订单状态": status,
            "订单创建时间": created,
            "买家付款时间": paid_at,
            "付款方式": "微信支付",
            "商品金额合计": paid,
            "运费": "0.00",
            "店铺优惠合计": "0.00",
            "应收订单金额": paid,
            "订单实付金额": paid,
            "全部商品名称": "草莓蛋糕",
            "商品种类数": "1",
            "收货人/提货人": "无名氏",
            "收货人手机号/提货人手机号": phone,
            "收货人城市": "某市",
            "详细收货地址/提货地址": "不存在路 0 号",
        }
        return fields | more

    def newer(
        number: str, paid: str, status: str, created: str, paid_at: str, phone: str, **more: str
    ) -> Row:
        fields = order(number, paid, status, created, paid_at, "13800000099")
        return (
            fields
            | {
                "销售渠道": "网店",
                "订单已退款金额": "0.00",
                "买家手机号": phone,
                "买家昵称": "无名",
                "买家备注": " ",
                "收银员": "某收银",
                "销售导购": "——",
                "分销员": "某分销",
                "订单风险标签": "——",
            }
            | more
        )

    old = [
        order(
            "E20200101000001",
            "50.00",
            "交易完成",
            "2026-01-03 10:00:00",
            "2026-01-03 10:01:00",
            "\t13800000001",
        ),
        order(
            "E20200101000002",
            "38.00",
            "交易完成",
            "2026-01-04 10:00:00",
            "2026-01-04 10:01:00",
            "+8613800000002",
            运费="8.00",
        ),
        order("E20200101000003", "20.00", "交易关闭", "2026-01-05 10:00:00", "", "13800000001"),
        order(
            "E20200101000004",
            "15.00",
            "交易完成",
            "2026-01-06 10:00:00",
            "2026-01-06 10:01:00",
            "138******03",
        ),
    ]
    topped_up = newer(
        "E20260101000004",
        "500.00",
        "交易完成",
        "2026-02-04 10:00:00",
        "2026-02-04 10:01:00",
        "13800000002",
        订单类型="储值订单",
    )
    first = [
        newer(
            "E20260101000001",
            "100.00",
            "交易完成",
            "2026-02-01 10:00:00",
            "2026-02-01 10:01:00",
            "13800000001",
            销售导购="某导购",
        ),
        newer(
            "E20260101000002",
            "69.20",
            "待发货",
            "2026-02-02 10:00:00",
            "2026-02-02 10:01:00",
            "13800000002",
        ),
        newer("E20260101000003", "30.00", "待付款", "2026-02-03 10:00:00", "", "13800000003"),
        topped_up,
        newer(
            "E20260101000005",
            "200.00",
            "交易完成",
            "2026-02-05 10:00:00",
            "2026-02-05 10:01:00",
            "13800000003",
            订单类型="礼品卡订单",
        ),
        newer(
            "E20260101000006",
            "80.00",
            "交易完成",
            "2026-02-06 10:00:00",
            "2026-02-06 10:01:00",
            " ",
            订单退款状态="部分退款",
            订单已退款金额="30.00",
        ),
        newer(
            "E20260101000007",
            "45.00",
            "交易关闭",
            "2026-02-07 10:00:00",
            "2026-02-07 10:01:00",
            "13800000001",
            订单退款状态="全额退款",
            订单已退款金额="45.00",
        ),
        newer(
            "E20260101000008",
            "58.00",
            "已发货",
            "2026-02-08 23:59:00",
            "2026-02-09 00:00:30",
            "138******03",
            运费="6.00",
            销售渠道="门店",
        ),
    ]
    second = [
        newer(
            "E20260101000002",
            "69.20",
            "交易完成",
            "2026-02-02 10:00:00",
            "2026-02-02 10:01:00",
            "13800000002",
        ),
        topped_up,
        newer(
            "E20260101000009",
            "25.00",
            "交易完成",
            "2026-02-12 10:00:00",
            "2026-02-12 10:01:00",
            "13800000003",
        ),
    ]
    write_export(
        folder / "订单_2020.csv", read_header("youzan_orders_2020"), old, "utf-8-sig", "\r\n"
    )
    header = read_header("youzan_orders_2026")
    write_export(folder / "订单_20260210.csv", header, first, "utf-8-sig", "\r\n")
    write_export(folder / "订单_20260213.csv", header, second, "utf-8-sig", "\r\n")

    def line(number: str, name: str, price: str, count: str, paid: str, **more: str) -> Row:
        fields = {
            "订单号": number,
            "订单商品状态": "交易完成",
            "商品名称": name,
            "商品类目": "蛋糕",
            "规格编码": "——",
            "商品编码": f"C-{name}",
            "商品单价": price,
            "商品成本价": "10.00",
            "商品数量": count,
            "商品金额小计": paid,
            "店铺优惠（分摊）": "0.00",
            "商品实际成交金额": paid,
            "收货人/提货人": "无名氏",
            "收货人手机号/提货人手机号": "\t13800000099",
            "买家备注": " ",
        }
        return fields | more

    lines = [
        line("E20260101000001", "草莓蛋糕", "60.00", "1", "60.00", 规格编码="S-6"),
        line("E20260101000001", "蓝莓蛋糕", "40.00", "1", "40.00"),
        line(
            "E20260101000002",
            "抹茶卷",
            "36.60",
            "2",
            "69.20(含储值余额：47.80)",
            **{"店铺优惠（分摊）": "4.00"},
        ),
        line("E20260101000006", "泡芙", "40.00", "2", "80.00"),
        line("E20260101000008", "蛋挞", "26.00", "2", "52.00（含运费优惠：0.00）"),
        line("E20260101000009", "曲奇", "25.00", "1", "25.00"),
    ]
    write_export(
        folder / "订单商品.csv", read_header("youzan_order_items"), lines, "utf-8-sig", "\r\n"
    )
    customers = [
        {
            "客户姓名": "无名氏",
            "客户昵称": "无名",
            "客户手机号": phone,
            "是否会员": "是" if joined else "否",
            "免费等级": tier,
            "权益卡": " ",
            "客户积分": "0",
            "导购员": " ",
            "来源渠道": "微信小程序",
            "成为客户时间": met,
            "成为会员时间": joined,
            "成为会员店铺": "湖边分店" if joined else "",
        }
        for phone, met, joined, tier in (
            ("13800000001", "2025-01-01 10:00:00", "2025-02-01 10:00:00", "金卡"),
            ("13800000002", "2026-01-04 10:00:00", "", ""),
            ("13800000003", "2025-05-05 10:00:00", "2025-05-05 10:00:00", "银卡"),
            (" ", "2025-06-01 10:00:00", "", ""),
            ("13800000004", "2026-02-01 10:00:00", "2026-02-01 10:00:01", "——"),
        )
    ]
    write_export(
        folder / "客户.csv", read_header("youzan_customers_2026"), customers, "utf-8-sig", "\r\n"
    )


# JD: GBK, one row a line, the order's money on every one of them.


def make_jd(folder: Path) -> None:
    """Write two overlapping exports."""

    def order(
        number: str,
        account: str,
        settled: str,
        status: str,
        ordered: str,
        confirmed: str,
        lines: Sequence[tuple[str, str, str, str]],
        freight: str = "0.00",
    ) -> list[Row]:
        return [
            {
                "订单号": number,
                "商品ID": sku,
                "商品名称": name,
                "订购数量": count,
                "支付方式": "在线支付",
                "下单时间": ordered,
                "京东价": price,
                "订单金额": settled,
                "结算金额": settled,
                "余额支付": "0.00",
                "应付金额": settled,
                "订单状态": status,
                "订单类型": "销售订单",
                "下单帐号": account,
                "客户姓名": "无**",
                "客户地址": "某省某市某区不存在路 0 号",
                "联系电话": "138****0000",
                "运费金额": freight,
                "付款确认时间": confirmed,
            }
            for sku, name, price, count in lines
        ]

    ring, chain = ("10001", "珍珠戒指", "758.00", "1"), ("10002", "银链, 细", "169.50", "2")
    box, card = ("10003", "首饰盒", "39.00", "1"), ("10004", "擦银布", "9.90", "3")
    first = [
        *order("90000000001", "jd_a", "1097.00", "完成", "2026-01-02 10:00:00",
               "2026-01-02 10:00:30", [ring, chain]),
        *order("90000000002", "jd_b", "39.00", "等待确认收货", "2026-01-03 10:00:00",
               "2026-01-03 10:00:30", [box], "6.00"),
        *order("90000000003", "jd_a", "758.00", "(删除)等待出库", "2026-01-04 10:00:00",
               "2026-01-04 10:00:30", [ring]),
        *order("90000000004", "jd_c", "29.70", "(删除)等待付款", "2026-01-05 10:00:00", "",
               [card]),
        *order("90000000005", "jd_c", "78.60", "(锁定)等待出库", "2026-01-06 10:00:00",
               "2026-01-06 10:00:30", [box, card, ("10005", "贺卡", "9.90", "1")]),
        *order("90000000006", "jd_b", "169.50", "等待付款", "2026-01-07 10:00:00", "",
               [("10002", "银链, 细", "169.50", "1")]),
    ]  # fmt: skip
    second = [
        *order("90000000002", "jd_b", "39.00", "完成", "2026-01-03 10:00:00",
               "2026-01-03 10:00:30", [box], "6.00"),
        *order("90000000005", "jd_c", "78.60", "完成", "2026-01-06 10:00:00",
               "2026-01-06 10:00:30", [box, card, ("10005", "贺卡", "9.90", "1")]),
        *order("90000000007", "jd_a", "39.00", "完成", "2026-02-01 00:00:05",
               "2026-02-01 00:00:30", [box]),
    ]  # fmt: skip
    header = read_header("jd_orders")
    write_export(folder / "jd_20260110.csv", header, first, "gbk", "\r\n")
    write_export(folder / "jd_20260210.csv", header, second, "gbk", "\r\n")


# Pinduoduo: UTF-8 with a mark, a TAB behind numbers.


def make_pinduoduo(folder: Path) -> None:
    """Write two overlapping exports."""

    def order(
        number: str, concluded: str, paid: str, status: str, postage: str = "0.00", count: str = "1"
    ) -> Row:
        return {
            "订单成交时间": concluded,
            "商品": "挂耳咖啡, 10包",
            "订单号": f"{number}\t",
            "订单状态": status,
            "商品总价(元)": f"{paid}\t",
            "邮费(元)": f"{postage}\t",
            "店铺优惠折扣(元)": "0.00\t",
            "用户实付金额(元)": f"{paid}\t",
            "商家实收金额(元)": f"{paid}\t",
            "商品数量(件)": f"{count}\t",
            "商品id": "500000000001\t",
            "样式ID": "600000000001\t",
            "商家备注": "改地址 无名氏 13800000000",
            "售后状态": "无售后或售后取消",
        }

    first = [
        order("260301-000000000001", "2026-03-01 10:00:00", "39.90", "已收货"),
        order("260301-000000000002", "2026-03-01 11:00:00", "45.90", "已发货，待收货", "6.00"),
        order("260301-000000000003", "2026-03-01 12:00:00", "39.90", "未发货，退款成功"),
        order("260301-000000000004", "2026-03-02 10:00:00", "79.80", "已收货", count="2"),
        order("260301-000000000005", "", "39.90", "待支付"),
        order("260301-000000000006", "", "39.90", "已取消"),
        order("260301-000000000007", "2026-03-03 10:00:00", "39.90", "待发货"),
        order("260301-000000000008", "2026-03-03 23:59:59", "39.90", "已发货，退款成功"),
        order("260301-000000000009", "2026/3/4 0:00", "19.90", "已收货"),
        order("260301-000000000010", "2026-03-04 10:00:00", "-", "已收货"),
    ]
    second = [
        order("260301-000000000002", "2026-03-01 11:00:00", "45.90", "已收货", "6.00"),
        order("260301-000000000004", "2026-03-02 10:00:00", "79.80", "已收货", count="2"),
        order("260301-000000000005", "2026-03-05 09:00:00", "39.90", "已收货"),
        order("260301-000000000007", "2026-03-03 10:00:00", "39.90", "未发货，退款成功"),
    ]
    header = read_header("pdd_orders")
    write_export(folder / "orders_export20260304.csv", header, first, "utf-8-sig", "\r\n")
    write_export(folder / "orders_export20260306.csv", header, second, "utf-8-sig", "\r\n")


# Douyin: UTF-8 with a mark, a TAB before ids and texts, - for nothing.


def make_douyin(folder: Path) -> None:
    """Write two overlapping exports."""

    def line(
        parent: str,
        child: str,
        due: str,
        status: str,
        ordered: str,
        after: str = "-",
        freight: str = "0.00",
        sku: str = "30040",
    ) -> Row:
        return {
            "主订单编号": f"\t{parent}",
            "子订单编号": f"\t{child}",
            "选购商品": "\t豆腐干, 辣",
            "商品规格": "\t1袋",
            "商品数量": "1",
            "商家编码": f"\t{sku}",
            "订单应付金额": due,
            "运费": freight,
            "收件人": "##ENCRYPTED",
            "收件人手机号": "$$ENCRYPTED",
            "详细地址": "##ENCRYPTED",
            "订单提交时间": ordered,
            "商家备注": "-",
            "订单完成时间": "-",
            "订单状态": status,
            "售后状态": after,
            "发货时间": "-",
            "平台实际承担优惠金额": "5.00",
            "商家实际承担优惠金额": "0.00",
            "达人实际承担优惠金额": "0.00",
        }

    def number(short: int) -> str:
        return f"69000000000000{short:05}"

    one = number(10)
    first = [
        line(one, one, "28.90", "已完成", "2026-03-01 00:54:10"),
        line(one, number(11), "15.90", "已完成", "2026-03-01 00:54:10", "退款成功", sku="30041"),
        line(number(20), number(20), "20.00", "已发货", "2026-03-02 10:00:00"),
        line(number(30), number(30), "15.90", "待支付", "2026-03-03 10:00:00"),
        line(number(40), number(40), "33.90", "已完成", "2026-03-04 10:00:00", "售后关闭", "4.00"),
        line(number(50), number(50), "12.00", "已关闭", "2026-03-05 10:00:00", "退款成功"),
        line(number(60), number(60), "12.00", "已关闭", "2026-03-05 11:00:00"),
        line(number(70), number(70), "50.00", "待发货", "2026-03-06 10:00:00", "待商家处理"),
        line(number(70), number(71), "50.00", "待发货", "2026-03-06 10:00:00", sku="30042"),
    ]
    second = [
        line(number(20), number(20), "20.00", "已完成", "2026-03-02 10:00:00"),
        line(number(70), number(70), "50.00", "已关闭", "2026-03-06 10:00:00", "退款成功"),
        line(number(70), number(71), "50.00", "已发货", "2026-03-06 10:00:00", sku="30042"),
        line(one, one, "28.90", "已完成", "2026-03-01 00:54:10"),
        line(number(80), number(80), "66.00", "已完成", "2026-03-08 23:59:59"),
    ]
    header = read_header("douyin_doudian_orders")
    write_export(folder / "doudian_1.csv", header, first, "utf-8-sig")
    write_export(folder / "doudian_2.csv", header, second, "utf-8-sig")


# No system's: a till's own columns, mapped in dataset.yaml.


def make_generic(folder: Path) -> None:
    """Write one file with a line of totals."""

    def sale(number: str, at: str, paid: str, card: str, state: str) -> Row:
        return {"小票号": number, "销售时间": at, "实收": paid, "会员卡": card, "状态": state}

    rows = [
        sale("0001", "2026/3/1 9:05", "￥1,234.50", "000123", "已付款"),
        sale("0002", "2026-03-01 10:00:00", "１２.５０", "000124", "已付款"),
        sale("0003", "2026-03-01 24:00:00", "20元", "NULL", "已付款"),
        sale("0004", "2026-03-02 09:00", "(12.00)", "000123", "已付款"),
        sale("0005", "2026-03-02 09:30", "8.00", "000125", "作废"),
        sale("0006", "2026-03-02 10:30", "8.005", "000125", "已付款"),
        sale("0007", "2026-03-02 11:30", "30.00", "000125", "已付款"),
        sale("0008", "2026-03-03 08:00:00", "¥15", "０００１２６", "已付款"),
        sale("0009", "2026.3.3 8:05", " 6.50 ", " 000123", "已付款"),
        sale("0010", "2026-03-03T08:10:00+08:00", "7.00", "", "已付款"),
        sale("0010", "2026-03-03T08:10:00+08:00", "7.00", "", "已付款"),
        sale("0011", "31/12/2026", "9.00", "000124", "已付款"),
        sale("", "2026-03-03 09:00:00", "9.00", "000124", "已付款"),
        sale("合计", "", "1,348.01", "", ""),
    ]
    write_export(folder / "小票.csv", list(rows[0]), rows, "utf-16", "\r\n", last_line_ends=False)


MAKERS: dict[str, Callable[[Path], None]] = {
    "taobao": make_taobao,
    "shopify": make_shopify,
    "woocommerce": make_woocommerce,
    "youzan": make_youzan,
    "jd": make_jd,
    "pinduoduo": make_pinduoduo,
    "douyin": make_douyin,
    "generic": make_generic,
}


def make_all(folder: Path) -> None:
    """Write every data set's files into folders of `folder`."""
    for name, make in MAKERS.items():
        make(folder / name)


if __name__ == "__main__":
    make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
