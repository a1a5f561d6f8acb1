"""A first `dataset.yaml` from looking at a folder: which file holds what, guessed by its headers.

A guess for a person to correct; how files are read once it is settled stands in
`pipelines.ingest.tables`.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.canonical import CANONICAL_TABLES
from pipelines.engines.duckdb import quote_text
from pipelines.errors import InputError
from pipelines.ingest.cells import CellRules, read_text, read_typed
from pipelines.ingest.tables import PARQUET_MAGIC
from pipelines.ingest.text import open_text

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
STATUS_ROWS = 200_000  # rows of a file in which statuses are looked for
MAX_STATUSES = 20  # a column with more different values is no status
MAX_STATUS_LENGTH = 40
MAX_LISTED = 12

# Names that shops' systems give to a canonical column, best first. `table.column` stands before
# `column`; the canonical name itself stands before both. Compared after `simplify_name`.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "order_id": (
        *("订单编号", "订单号", "订单ID", "交易编号", "小票号", "销售单号"),
        *("order number", "order no", "order #", "order", "basket id", "transaction id"),
    ),
    "order_lines.order_id": (
        *("主订单编号", "主订单号", "订单编号", "订单号"),
        *("order number", "order no", "order #", "order", "basket id", "transaction id"),
    ),
    "paid_at": (
        *("订单付款时间", "买家付款时间", "付款时间", "支付时间", "付款确认时间", "支付完成时间"),
        *("订单成交时间", "支付日期", "paid on", "payment time", "payment date"),
        *("transaction time", "transaction date", "transaction timestamp"),
    ),
    "created_at": (
        *("订单创建时间", "下单时间", "订单提交时间", "创建时间"),
        *("下单日期", "订单日期", "订单时间"),
        *("order time", "order date", "ordered at", "created", "created on", "date"),
    ),
    "paid_amount": (
        *("买家实际支付金额", "订单实付金额", "用户实付金额", "实付金额", "实际支付金额", "实付款"),
        *("支付金额", "付款金额", "应付金额", "订单应付金额", "结算金额", "订单金额", "总金额"),
        *("total paid", "amount paid", "paid", "order total", "total amount", "order amount"),
        *("total", "net sales", "sales value", "amount"),
    ),
    "member_id": (
        *("会员号", "会员编号", "会员ID", "会员卡号", "买家会员名", "下单帐号", "下单账号"),
        *("客户编号", "客户ID", "顾客编号", "用户ID", "用户编号", "买家ID"),
        *("member number", "member no", "member", "customer id", "customer number", "customer no"),
        *("household id", "user id", "client id", "loyalty id", "buyer id", "username"),
    ),
    "status": (
        *("订单状态", "交易状态", "支付状态", "状态"),
        *("order status", "financial status", "payment status", "state"),
    ),
    "coupon_amount": ("优惠券金额", "优惠券抵扣", "券抵扣金额", "coupon discount", "coupon value"),
    "refunded_amount": ("退款金额", "已退款金额", "refund amount", "amount refunded"),
    "store_id": (
        *("店铺Id", "门店编号", "门店ID", "店铺编号", "门店号", "门店编码", "归属店铺"),
        *("store number", "store no", "shop id", "branch id", "location id"),
    ),
    "orders.store_id": (
        *("门店编号", "门店ID", "店铺Id", "店铺编号", "门店号", "门店编码"),
        *("归属店铺", "门店", "店铺"),
        *("store number", "store no", "shop id", "branch id", "location id", "store", "shop"),
    ),
    "home_store_id": ("所属门店编号", "所属门店", "归属门店", "开卡门店", "home store"),
    "channel": (
        *("渠道", "销售渠道", "订单渠道", "来源渠道", "注册渠道"),
        *("sales channel", "order channel", "source name"),
    ),
    "brand": ("品牌", "brand name"),
    "city": ("城市", "所在城市", "门店城市"),
    "delivery_city": ("收货人城市", "收货城市", "配送城市", "shipping city"),
    "guide_id": ("导购编号", "导购ID", "导购工号", "导购员", "导购", "sales associate id"),
    "exchange_of": ("换货原单号", "原订单号", "original order id"),
    "units": ("宝贝总数量", "商品总数量", "商品数量", "件数", "items sold", "item count", "pieces"),
    "is_test": ("是否测试", "测试订单", "test order", "test"),
    "currency": ("币种", "currency code"),
    "exported_at": ("导出时间", "export time"),
    "sku": ("商品编码", "商品ID", "商家编码", "货号", "SKU编码", "product id", "item id", "upc"),
    "product": ("商品名称", "商品", "选购商品", "标题", "product name", "item name", "item"),
    "category": ("类目", "商品类目", "品类", "商品分类", "product category"),
    "department": ("部门", "大类"),
    "quantity": ("数量", "购买数量", "商品数量", "订购数量", "qty", "pieces"),
    "order_lines.amount": (
        *("商品实际成交金额", "买家实际支付金额", "实付金额", "商品金额小计", "金额", "小计"),
        *("订单应付金额", "line total", "line amount", "sales value"),
    ),
    "list_amount": ("原价金额", "吊牌金额", "list price", "retail value"),
    "cost_amount": ("成本", "成本金额", "商品成本价", "cost"),
    "discount_amount": ("优惠金额", "折扣金额", "discount"),
    "refunded_at": (
        *("退款时间", "退款完成时间", "退款日期"),
        *("refund time", "refund date", "refunded on"),
    ),
    "refunds.amount": ("退款金额", "实退金额", "金额", "refund amount", "refunded amount"),
    "refund_id": ("退款编号", "退款单号", "refund number", "refund no"),
    "registered_at": (
        *("注册时间", "入会时间", "成为会员时间", "开卡时间", "注册日期", "入会日期"),
        *("registered on", "registration date", "sign up", "signup date", "joined at", "joined on"),
        *("join date", "member since", "created at"),
    ),
    "deregistered_at": ("注销时间", "退会时间", "deregistered on", "left at"),
    "tier": ("等级", "会员等级", "会员级别", "member tier", "member level", "level"),
    "referrer_id": ("推荐人", "推荐人编号", "推荐人会员号", "referred by"),
    "online_id": ("线上ID", "unionid", "online account id"),
    "member_merges.member_id": ("旧会员", "旧会员号", "原会员号", "old member id", "old member"),
    "merged_into": ("新会员", "新会员号", "合并到", "合并至会员号", "new member id", "new member"),
    "merged_at": ("合并时间", "merged on", "merge date"),
    "member_merges.merged_at": ("合并时间", "时间", "merged on", "merge date"),
    "coupon_id": ("优惠券编号", "券号", "券编号", "coupon", "coupon code", "coupon number"),
    "issued_at": ("发放时间", "领取时间", "issued on", "issue date"),
    "redeemed_at": ("核销时间", "使用时间", "redeemed on", "redemption date"),
    "store": ("门店名称", "店铺名称", "门店", "店铺", "store name", "shop name"),
    "region": ("区域", "大区", "地区"),
    "store_type": ("门店类型", "店铺类型", "type of store"),
    "opened_on": ("开业日期", "开店日期", "opening date", "opened at"),
    "closed_on": ("闭店日期", "关店日期", "closing date", "closed at"),
    "at": ("变动时间", "发生时间", "时间", "time", "timestamp", "changed at"),
    "kind": ("变动类型", "积分类型", "类型", "type"),
    "points": ("积分", "变动积分", "积分变动", "points change"),
    "reason": ("原因", "排除原因", "备注原因"),
    "date": ("日期", "活动日期", "开始日期", "start date", "event date"),
    "event": ("活动", "活动名称", "事件", "campaign", "event name", "campaign name"),
}

# Words in a file's name that speak for a table; compared after `simplify_name`.
NAME_HINTS: dict[str, tuple[str, ...]] = {
    "orders": ("orders", "orderlist", "sales", "transactions", "baskets", "订单", "销售"),
    "order_lines": ("lines", "items", "itemlist", "明细", "商品清单"),
    "refunds": ("refund", "退款", "售后"),
    "members": ("member", "customer", "会员", "客户", "顾客"),
    "member_merges": ("merge", "合并"),
    "coupons": ("coupon", "优惠券", "核销"),
    "stores": ("stores", "shops", "门店", "店铺"),
    "guides": ("guides", "导购"),
    "products": ("product", "商品档案", "商品资料"),
    "points": ("points", "积分"),
    "exclusions": ("exclusion", "exclude", "blacklist", "排除", "黑名单"),
    "events": ("event", "campaign", "活动", "日历"),
}
HINT_WEIGHT = 3

# Beyond its required columns a table needs one of these, so that a lone key proves nothing.
EVIDENCE: dict[str, tuple[str, ...]] = {
    "order_lines": ("sku", "product", "category", "quantity"),
    "stores": ("store", "city", "region", "store_type", "opened_on"),
    "guides": ("store_id",),
    "products": ("product", "category", "department"),
    "exclusions": ("reason",),
}
# Keys that a table never has: with them the rows are about something else.
FOREIGN_KEYS: dict[str, tuple[str, ...]] = {
    "members": ("order_id", "coupon_id"),
    "stores": ("order_id", "member_id", "guide_id"),
    "guides": ("order_id", "member_id"),
    "products": ("order_id", "member_id"),
    "events": ("order_id", "member_id"),
}

PERSONAL_NAMES = re.compile(
    "手机|电话|姓名|昵称|地址|邮箱|邮编|身份证|证件|生日|出生|支付宝账[号户]|微信号|发票抬头"
    "|(收货人|收件人|提货人)(?!省|市|城市|区|地区)"
    "|phone|mobile|e ?mail|address|passport|birth|wechat"
    r"|\b(tel|street|zip|postal code|postcode|dob|ssn|surname|id card|id number)\b"
    r"|\b(first|last|full|given|family|middle|customer|member|buyer|billing|shipping|nick) ?name\b"
)
# Columns that hold a person only in some tables.
PERSONAL_IN: dict[str, tuple[str, ...]] = {
    "members": ("name",),
    "guides": ("name", "guide"),
    "orders": ("customer",),
}

UNPAID_WORDS = re.compile(
    "关闭|取消|待付款|未付款|未支付|等待买家付款|退款|作废|失败"
    "|unpaid|pending|cancel|refunded|fail|void|expired|draft|trash|on.?hold|created|authori[sz]ed"
)
PAID_WORDS = re.compile(
    "已付款|已支付|支付成功|待发货|已发货|已签收|已收货|已完成|交易成功|已成交|待收货"
    "|paid|processing|shipped|fulfilled|delivered|complete|done|finished|success|partially.refunded"
)
STILL_PAID = re.compile("partial|部分退款")


@dataclass(frozen=True)
class FoundFile:
    """A file that can be read, with its column names and, for Parquet, their types."""

    path: Path
    columns: tuple[str, ...]
    schema: pa.Schema | None = None


@dataclass(frozen=True)
class Guess:
    """The table that a file seems to fill: canonical column to column of the file, and how well."""

    table: str
    columns: dict[str, str]
    score: int


@dataclass(frozen=True)
class Proposal:
    """Files of one shape under one pattern, and the table that they seem to fill."""

    pattern: str
    files: tuple[FoundFile, ...]
    guess: Guess
    personal: tuple[str, ...]
    ignored: tuple[str, ...]


def write_first_dataset(folder: Path, force: bool) -> list[str]:
    """Write FOLDER/dataset.yaml and return lines that explain each guess.

    A dataset.yaml that is there is replaced only with `force`. Of the data itself only the values
    of the status column are written or returned. Raises InputError where the folder or its orders
    are missing, or the file cannot be written.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; name the folder that holds the exports.")
    target = folder / "dataset.yaml"
    if target.exists() and not force:
        raise InputError(f"{target} exists; correct it by hand, or replace it with --force.")
    files, lines = find_files(folder)
    chosen, others = choose_proposals(folder, files)
    for path, why in others:
        lines.append(f"{quote(path.name)}: not used, {why}.")
    if "orders" not in chosen:
        raise InputError(f"{folder}: {explain_missing_orders(files)}")
    statuses, status_note = read_statuses(chosen["orders"])
    if statuses is None:
        chosen["orders"].guess.columns.pop("status", None)
    name = name_dataset(folder)
    headers = [column for proposal in chosen.values() for column in proposal.files[0].columns]
    is_chinese = any("\u4e00" <= letter <= "\u9fff" for header in headers for letter in header)
    text = write_yaml(name, is_chinese, chosen, statuses or [])
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}.") from error
    place = "Asia/Shanghai, CNY" if is_chinese else "UTC, USD"
    return [
        *(line for proposal in chosen.values() for line in explain_proposal(proposal)),
        *lines,
        *([status_note] if status_note else []),
        *explain_gaps(chosen),
        f"Time zone and currency: {place}, guessed from the language of the headers; correct them"
        " in dataset.yaml if the shop is elsewhere.",
        f"Wrote {target}. Read it, correct it, then: regulars run {folder}",
    ]


def find_files(folder: Path) -> tuple[list[FoundFile], list[str]]:
    """Return the readable files of a folder by name, and one line for each other file."""
    found, lines = [], []
    for path in sorted(folder.iterdir()):
        if path.name == "dataset.yaml" or not path.is_file():
            continue
        try:
            path.name.encode()
            file = read_header(path) if path.resolve().is_relative_to(folder.resolve()) else None
        except UnicodeEncodeError:
            lines.append(f"{quote(path.name)}: ignored, its name is no text; rename it.")
            continue
        except InputError as error:
            lines.append(f"Ignored: {error}")
            continue
        except OSError as error:
            lines.append(f"{quote(path.name)}: ignored, it cannot be read: {error.strerror}.")
            continue
        if file is None:
            lines.append(f"{quote(path.name)}: ignored, it is neither CSV text nor Parquet here.")
        else:
            found.append(file)
    return found, lines


def read_header(path: Path) -> FoundFile | None:
    """Return a file with its columns, or None where it is of another kind.

    Raises InputError where it looks like text or Parquet and cannot be read.
    """
    with path.open("rb") as stream:
        is_parquet = stream.read(4) == PARQUET_MAGIC
    if is_parquet:
        try:
            schema = pq.read_schema(path)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{quote(path.name)} is not a readable Parquet file.") from error
        return FoundFile(path, tuple(schema.names), schema)
    if path.suffix.lower() not in TEXT_SUFFIXES:
        return None
    try:
        return FoundFile(path, tuple(open_text(path, quote(path.name), "auto").header))
    except csv.Error as error:
        raise InputError(f"{quote(path.name)}, line 1: the header cannot be read.") from error


def simplify_name(name: str) -> str:
    """Return a name without case, units in brackets, spaces and separators."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"\([^)]*\)|[\s_\-./#:'\"*]+", "", plain)


def spell_words(name: str) -> str:
    """Return a name as lower-case words, whichever way they were joined."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    return " ".join(re.split(r"[\s_\-./#]+", plain.casefold())).strip()


def is_personal(name: str, table: str) -> bool:
    """Whether a column's name says that it holds what identifies a person."""
    words = spell_words(name)
    return bool(PERSONAL_NAMES.search(words)) or words in PERSONAL_IN.get(table, ())


def list_names(table: str, column: str) -> list[str]:
    """Return the simplified names of a canonical column, best first."""
    names = (column, *SYNONYMS.get(f"{table}.{column}", SYNONYMS.get(column, ())))
    return list(dict.fromkeys(simplify_name(name) for name in names))


def match_columns(file: FoundFile, table: str) -> dict[str, str]:
    """Return canonical column: column of the file, for each that the names let one guess.

    Left out are personal columns, columns that stand twice and types that cannot hold the values.
    """
    usable: dict[str, str] = {}
    for name in file.columns:
        if name.strip() and file.columns.count(name) == 1 and not is_personal(name, table):
            usable.setdefault(simplify_name(name), name)
    matched: dict[str, str] = {}
    for column, wanted in CANONICAL_TABLES[table].columns.items():
        for simple in list_names(table, column):
            source = usable.get(simple)
            if source is None or source in matched.values():
                continue
            if file.schema is not None:
                kind = file.schema.field(source).type
                if read_typed(source, kind, wanted, CellRules("UTC")) is None:
                    continue
            matched[column] = source
            break
    return matched


def guess_table(file: FoundFile) -> Guess | None:
    """Return the table that a file most likely fills, or None where it fills none."""
    best: Guess | None = None
    stem = simplify_name(file.path.stem)
    for table, canonical in CANONICAL_TABLES.items():
        matched = match_columns(file, table)
        if find_missing(table, matched):
            continue
        if table in EVIDENCE and not any(column in matched for column in EVIDENCE[table]):
            continue
        if any(match_key(file, key) for key in FOREIGN_KEYS.get(table, ())):
            continue
        hinted = any(simplify_name(hint) in stem for hint in NAME_HINTS[table])
        known = [column for column in matched if column in canonical.columns]
        guess = Guess(table, matched, len(known) + (HINT_WEIGHT if hinted else 0))
        if best is None or guess.score > best.score:
            best = guess
    return best


def match_key(file: FoundFile, key: str) -> bool:
    """Whether a file has a column that is called like a key."""
    names = set(list_names("", key))
    return any(simplify_name(column) in names for column in file.columns)


def find_missing(table: str, matched: dict[str, str]) -> list[str]:
    """Return the columns that a table needs and the file seems not to have."""
    canonical = CANONICAL_TABLES[table]
    missing = [
        column
        for column, wanted in canonical.columns.items()
        if wanted.required and column not in matched
    ]
    if canonical.needs_time and canonical.dated is not None:
        times = canonical.dated[1]
        if not any(time in matched for time in times):
            missing.append(" or ".join(times))
    return missing


def choose_proposals(
    folder: Path, files: list[FoundFile]
) -> tuple[dict[str, Proposal], list[tuple[Path, str]]]:
    """Return the best proposal for each table, and the other files with the reason."""
    shapes: dict[tuple[str, tuple[str, ...], bool], list[FoundFile]] = {}
    guesses: dict[Path, Guess] = {}
    others: list[tuple[Path, str]] = []
    for file in files:
        guess = guess_table(file)
        if guess is None:
            others.append((file.path, "its columns fit no table"))
            continue
        guesses[file.path] = guess
        key = (guess.table, tuple(sorted(file.columns)), file.schema is not None)
        shapes.setdefault(key, []).append(file)
    candidates: dict[str, list[Proposal]] = {}
    for (table, _, _), alike in shapes.items():
        for pattern, group in group_files(folder, alike):
            proposal = describe_group(pattern, group, guesses[group[0].path])
            candidates.setdefault(table, []).append(proposal)
    chosen: dict[str, Proposal] = {}
    for table in CANONICAL_TABLES:
        ranked = sorted(
            candidates.get(table, []),
            key=lambda proposal: (-proposal.guess.score, -len(proposal.files), proposal.pattern),
        )
        for position, proposal in enumerate(ranked):
            if position == 0:
                chosen[table] = proposal
                continue
            best = quote(ranked[0].pattern)
            why = f"it could be {table} too, but {best} fits at least as well; choose in files"
            others += [(file.path, why) for file in proposal.files]
    return chosen, sorted(others)


def group_files(folder: Path, files: list[FoundFile]) -> Iterator[tuple[str, list[FoundFile]]]:
    """Yield patterns, each with the files of one shape that it and nothing else matches."""
    pattern = find_pattern(folder, files)
    if pattern is not None:
        yield pattern, files
        return
    alike: dict[str, list[FoundFile]] = {}
    for file in files:
        alike.setdefault(re.sub(r"\d+", "0", file.path.name), []).append(file)
    for group in alike.values():
        shared = find_pattern(folder, group)
        if shared is not None:
            yield shared, group
        else:
            for file in group:
                yield escape(file.path.name), [file]


def find_pattern(folder: Path, files: list[FoundFile]) -> str | None:
    """Return a pattern for exactly these files whose names begin alike, or None."""
    names = [file.path.name for file in files]
    if len(names) == 1:
        return escape(names[0])
    start = find_common_start(names)
    end = find_common_start([name[len(start) :][::-1] for name in names])[::-1]
    trimmed = re.sub(r"\d[\d.\-]*$", "", start), re.sub(r"^[\d\-_]+", "", end)
    for first, last in (trimmed, (start, end)):
        if not re.search(r"[^\W\d_]", first):
            continue
        pattern = f"{escape(first)}*{escape(last)}"
        if sorted(path.name for path in folder.glob(pattern)) == sorted(names):
            return pattern
    return None


def find_common_start(names: list[str]) -> str:
    """Return the letters with which all names begin."""
    first, last = min(names), max(names)
    different = (i for i, letter in enumerate(first) if not last.startswith(letter, i))
    return first[: next(different, len(first))]


def describe_group(pattern: str, files: list[FoundFile], guess: Guess) -> Proposal:
    """Return a proposal with the personal and the unused columns of its files."""
    columns = dict.fromkeys(name for name in files[0].columns if name.strip())
    personal = tuple(name for name in columns if is_personal(name, guess.table))
    used = {*guess.columns.values(), *personal}
    ignored = tuple(name for name in columns if name not in used)
    return Proposal(pattern, tuple(files), guess, personal, ignored)


def explain_missing_orders(files: list[FoundFile]) -> str:
    """Return what orders need, and how far the closest file is from it."""
    needs = (
        "no file holds orders; they need a CSV or Parquet file with columns for order_id "
        "(订单编号), paid_at or created_at (付款时间) and paid_amount (实付金额)"
    )
    gaps = []
    for file in files:
        matched = match_columns(file, "orders")
        if matched:
            gaps.append((-len(matched), file.path.name, find_missing("orders", matched)))
    closest = min(gaps, default=None)
    if closest is None or not closest[2]:
        return f"{needs}."
    return f"{needs}. Closest is {quote(closest[1])}, without {', '.join(closest[2])}."


def read_statuses(orders: Proposal) -> tuple[list[str] | None, str]:
    """Return the different statuses of the orders, or None where there is no such column, and why.

    Looks at the first rows of each file only.
    """
    column = orders.guess.columns.get("status")
    if column is None:
        return None, ""
    found: set[str] = set()
    wanted = CANONICAL_TABLES["orders"].columns["status"]
    for file in orders.files:
        with duckdb.connect() as connection:
            if file.schema is None:
                text = open_text(file.path, file.path.name, "auto")
                connection.register("batches", text.read_batches())
                reading = read_text(str(text.header.index(column)), wanted, CellRules("UTC"))
                rows = "batches"
            else:
                typed = read_typed(column, file.schema.field(column).type, wanted, CellRules("UTC"))
                if typed is None:
                    continue
                reading, rows = typed, f"read_parquet({quote_text(escape(str(file.path)))})"
            query = (
                f"select distinct {reading.value} as status from (select * from {rows}"
                f" limit {STATUS_ROWS}) limit {MAX_STATUSES + 2}"
            )
            try:
                values = [row[0] for row in connection.execute(query).fetchall()]
            except (duckdb.Error, pa.ArrowException):
                return None, f"Status: {quote(file.path.name)} cannot be read as rows; left out."
            found.update(value for value in values if value is not None)
        if len(found) > MAX_STATUSES or any(len(value) > MAX_STATUS_LENGTH for value in found):
            return None, (
                f"Status: {quote(column)} has too many or too long values for a status, so every"
                " order counts as paid; map another column if there is one."
            )
    if not found:
        return None, f"Status: {quote(column)} is empty, so every order counts as paid."
    statuses = sorted(found)
    paid = choose_paid(statuses)
    unpaid = [status for status in statuses if status not in paid]
    return statuses, (
        f"Status: counted as paid are {join(paid) or 'none of them'}; not {join(unpaid) or 'any'}."
        " Correct conventions.paid_statuses."
    )


def choose_paid(statuses: list[str]) -> list[str]:
    """Return the statuses that speak of a payment that was kept; failing that, all not unpaid."""
    kept = [
        status
        for status in statuses
        if STILL_PAID.search(status.casefold()) or not UNPAID_WORDS.search(status.casefold())
    ]
    paid = [status for status in kept if PAID_WORDS.search(status.casefold())]
    return paid or kept


def name_dataset(folder: Path) -> str:
    """Return a name for a data set, made from the folder's."""
    plain = re.sub(r"[^a-z0-9_-]+", "_", folder.resolve().name.casefold()).strip("_-")
    return plain[:63] or "shop"


def write_yaml(
    name: str, is_chinese: bool, chosen: dict[str, Proposal], statuses: list[str]
) -> str:
    """Return the text of a dataset.yaml with a comment at each choice that a person should see."""
    zone, currency, languages = (
        ("Asia/Shanghai", "CNY", "[zh, en]") if is_chinese else ("UTC", "USD", "[en]")
    )
    lines = [
        "# A first guess from the names of files and columns. Correct what is wrong; a key that",
        "# the grammar does not know is an error. `regulars schema` prints the grammar.",
        f"name: {quote(name)}",
        f"timezone: {zone}    # guessed: times without an offset are local times of this zone",
        f"currency: {currency}    # guessed",
        f"languages: {languages}    # one report for each: zh, en",
        "trade: frequent    # how often people buy: frequent (weeks), fashion, durable (years)",
        "",
        "# Canonical column: column of the file. Files without columns use the canonical names.",
        "files:",
    ]
    for table, proposal in chosen.items():
        lines += write_source(table, proposal)
    orders = chosen["orders"].guess.columns
    if "status" in orders:
        paid = choose_paid(statuses)
        lines += ["", "conventions:"]
        if paid:
            lines.append("  # Statuses of orders that are paid, as they stand in the files.")
            lines.append(f"  paid_statuses: [{join(paid)}]")
        else:
            lines.append("  # No status that speaks of a payment was found: write yours here.")
            lines.append("  paid_statuses: [paid]")
        left = [status for status in statuses if status not in paid]
        if left:
            lines.append(f"  # Not counted: {join(left)}")
    scopes = [
        scope
        for scope, column in (("store", "store_id"), ("channel", "channel"))
        if column in orders
    ]
    lines += [
        "",
        "# KPIs are made for the whole shop and for each of these; store, channel, brand, city.",
        f"scopes: [{', '.join(scopes)}]",
        "",
    ]
    return "\n".join(lines)


def write_source(table: str, proposal: Proposal) -> list[str]:
    """Return the lines of one table under files."""
    lines = [f"  {table}:", f"    path: {quote(proposal.pattern)}"]
    if len(proposal.files) > 1:
        lines.append("    mode: append    # replace: only the file that sorts last is read")
    names = proposal.files[0].columns
    canonical = {
        column: column
        for column in CANONICAL_TABLES[table].columns
        if column in names and column not in proposal.personal
    }
    if proposal.guess.columns != canonical:
        lines.append("    columns:")
        mapped = proposal.guess.columns.items()
        lines += [f"      {column}: {quote(name)}" for column, name in mapped]
    if proposal.personal:
        lines.append("    # Never read, because the names speak of persons.")
        lines.append(f"    personal: [{join(proposal.personal)}]")
    return lines


def explain_proposal(proposal: Proposal) -> Iterator[str]:
    """Yield why files fill a table and what becomes of their columns."""
    table, count = proposal.guess.table, len(proposal.files)
    used = ", ".join(
        column if column == name else f"{column} = {quote(name)}"
        for column, name in proposal.guess.columns.items()
    )
    many = f" ({count} files of one shape)" if count > 1 else ""
    yield f"{quote(proposal.pattern)}{many} → {table}, because of its columns: {used}."
    if proposal.ignored:
        yield f"  Not used: {join(proposal.ignored, MAX_LISTED)}."
    if proposal.personal:
        yield f"  Personal, never read: {join(proposal.personal, MAX_LISTED)}."
    if count > 1:
        yield "  All files are read; write mode: replace if each is a full export of its own."
    if table == "orders" and any(
        match_key(proposal.files[0], column) for column in ("sku", "quantity", "product")
    ):
        yield (
            "  It has product columns too: if a row is a line of an order rather than an order,"
            " only repeated rows with equal amounts are told apart; export orders by themselves."
        )


def explain_gaps(chosen: dict[str, Proposal]) -> Iterator[str]:
    """Yield what is missing and what that costs."""
    orders = chosen["orders"].guess.columns
    if "member_id" not in orders:
        yield (
            "Missing: a member_id in the orders; every order is a guest's, so there are sales but"
            " no segments and no repurchase. A phone or e-mail column can be the key if you take it"
            " out of personal."
        )
    if "status" not in orders:
        yield "Missing: a status in the orders; every order counts as paid."
    if "paid_at" not in orders:
        yield "Missing: a time of payment; orders are dated by their creation."
    if "refunds" not in chosen:
        yield (
            "Missing: refunds with dates; the orders' refunded_amount is taken, whenever it came."
            if "refunded_amount" in orders
            else "Missing: refunds; net sales are what was paid."
        )
    if "members" not in chosen:
        yield (
            "Missing: a member file; every id counts as a member, and registered_members,"
            " new_members and the member shares stay empty."
        )
    elif "registered_at" not in chosen["members"].guess.columns:
        yield "Missing: registered_at of the members; new_members stays empty."
    if "store_id" not in orders and "channel" not in orders:
        yield "Missing: store_id and channel in the orders; KPIs are made for the whole shop only."


def quote(text: str) -> str:
    """Return text in double quotes that both YAML and a terminal take as it is."""
    letters = []
    for letter in text:
        if letter in '"\\':
            letters.append("\\" + letter)
        elif letter.isprintable():
            letters.append(letter)
        else:
            letters.append(f"\\U{ord(letter):08X}")
    return f'"{"".join(letters)}"'


def join(texts: list[str] | tuple[str, ...], limit: int | None = None) -> str:
    """Return quoted texts in one line, the rest counted where there are more than `limit`."""
    shown = ", ".join(quote(text) for text in texts[:limit])
    rest = len(texts) - limit if limit is not None else 0
    return f"{shown} and {rest} more" if rest > 0 else shown
