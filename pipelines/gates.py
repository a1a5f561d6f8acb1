"""The gates before publishing: their names, and the sentence of each finding, in both languages.

What a gate finds is decided in `sql/intermediate/gate_findings.sql`; when it stops in dataset.yaml.
"""

from dataclasses import dataclass
from typing import Any

from pipelines.dataset import Dataset, Language


@dataclass(frozen=True)
class Gate:
    """A gate: its names, its sentences, and which setting of `gates` is its limit.

    The sentences are formats of subject, observed and expected.
    """

    zh: str
    en: str
    sentence_zh: str
    sentence_en: str
    limit: str | None = None


GATES: dict[str, Gate] = {
    "rejected": Gate(
        "无法读取的行过多",
        "Too many unreadable rows",
        "{subject}：{observed:.1%} 的行无法读取（上限 {expected:.1%}）；"
        "`regulars doctor` 会列出原因和行号，请修正列映射或重新导出。",
        "{subject}: {observed:.1%} of the rows cannot be read (at most {expected:.1%} may);"
        " `regulars doctor` lists reasons and lines; correct the mapping or export the file again.",
        "rejected_share",
    ),
    "refused_file": Gate(
        "无法使用的文件",
        "Refused file",
        "{subject}：文件无法使用，未计入；原因见运行日志。",
        "{subject}: the file cannot be used and is left out; the run's warnings say why.",
    ),
    "empty_file": Gate(
        "空文件",
        "Empty file",
        "{subject}：文件没有任何数据行；请重新导出。",
        "{subject}: the file holds no row; export it again.",
    ),
    "shrunk_file": Gate(
        "文件明显变小",
        "Shrunken file",
        "{subject}：只有 {observed:,.0f} 行，通常为 {expected:,.0f} 行；请检查是否导出完整。",
        "{subject}: only {observed:,.0f} rows, where {expected:,.0f} are usual; see whether the"
        " export is complete.",
        "shrunk_share",
    ),
    "reused_numbers": Gate(
        "订单号重复使用",
        "Reused order numbers",
        "{observed:,.0f} 个订单号对应日期和金额都不同的订单（最多 {expected:,.0f} 个）；"
        "请使 order_id 唯一，例如改用同时含有门店和日期的列。",
        "{observed:,.0f} order numbers stand for different orders, of other dates and amounts (at"
        " most {expected:,.0f} may); make order_id unique, for example by a column that holds the"
        " store and date too.",
        "reused_share",
    ),
    "lost_history": Gate(
        "历史订单缺失",
        "Lost history",
        "截至 {subject} 的有效订单只有 {observed:,.0f} 笔，上次发布时为 {expected:,.0f} 笔；"
        "请检查是否缺少文件。",
        "Until {subject} there are only {observed:,.0f} valid orders, where the snapshot before had"
        " {expected:,.0f}; see whether a file is missing.",
        "lost_share",
    ),
    "changed_history": Gate(
        "历史发生变化",
        "Changed history",
        "截至 {subject} 的日期中有 {observed:.0%} 的订单数或金额与上次发布不同"
        "（上限 {expected:.0%}）；请检查时区、日期列、金额单位或重复导出。",
        "{observed:.0%} of the dates until {subject} have other orders or amounts than the snapshot"
        " before (at most {expected:.0%} may); see the time zone, the date column, the unit of"
        " amounts and doubled exports.",
        "changed_share",
    ),
    "undated_refunds": Gate(
        "退款没有日期",
        "Refunds without dates",
        "数据中有统计日之后的订单，而 {observed:.0%} 的退款金额没有日期，可能是统计日之后才发生的；"
        "请提供带日期的退款文件（refunds）。",
        "The orders reach beyond the as-of date, and {observed:.0%} of what was refunded has no"
        " date, so that some may be of later; bring a file of refunds with dates.",
    ),
    "missing_day": Gate(
        "缺少日期",
        "Missing day",
        "{subject} 没有任何订单，前四周同一星期日平均 {expected:,.0f} 笔；请检查是否缺少文件。",
        "{subject} has no order, where the same weekdays before had {expected:,.0f}; see whether a"
        " file is missing.",
    ),
    "missing_store": Gate(
        "缺少门店",
        "Missing store",
        "门店 {subject} 当日没有订单，前四周同一星期日平均 {expected:,.0f} 笔；"
        "请检查该店是否上传。",
        "Store {subject} has no order on the newest date, where the same weekdays before had"
        " {expected:,.0f}; see whether it has sent its file.",
    ),
    "doubled_day": Gate(
        "订单重复",
        "Doubled day",
        "{subject} 有 {observed:.0%} 的订单与另一订单的时间、会员、金额和门店完全相同"
        "（此前四周为 {expected:.0%}）；请检查是否以新订单号重复导出。",
        "{subject}: {observed:.0%} of the orders have the moment, member, amount and store of"
        " another (in the four weeks before {expected:.0%}); see whether the export holds them"
        " twice under new numbers.",
        "doubled_share",
    ),
    "unusual_day": Gate(
        "订单数异常",
        "Unusual day",
        "{subject} 有 {observed:,.0f} 笔订单，前四周同一星期日中最接近的为 {expected:,.0f} 笔；"
        "请检查是否重复或缺失。",
        "{subject} has {observed:,.0f} orders, where the nearest of the same weekdays before had"
        " {expected:,.0f}; see whether the export is doubled or cut.",
        "unusual_day_ratio",
    ),
    "unusual_amount": Gate(
        "金额异常",
        "Unusual amount",
        "{subject} 平均每单 {observed:,.2f}，此前四周为 {expected:,.2f}；"
        "请检查金额单位（元或分）。",
        "{subject} has {observed:,.2f} an order, where the four weeks before had {expected:,.2f};"
        " see whether amounts are in another unit.",
        "unusual_amount_ratio",
    ),
}


def list_gates(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the rows of raw.gates."""
    return [
        {
            "position": position,
            "gate": name,
            "gate_zh": gate.zh,
            "gate_en": gate.en,
            "verdict": getattr(dataset.gates, name),
            "limit_value": getattr(dataset.gates, gate.limit) if gate.limit else None,
            "free_rows": dataset.gates.rejected_rows,
        }
        for position, (name, gate) in enumerate(GATES.items(), start=1)
    ]


def explain_finding(row: dict[str, Any], language: Language) -> str:
    """Return the sentence of a closed gate, from a row of marts.gates."""
    gate = GATES[row["gate"]]
    sentence = gate.sentence_zh if language == "zh" else gate.sentence_en
    more = row["finding_count"] - 1
    also = (f"（另有 {more} 项）" if language == "zh" else f" ({more} more)") if more else ""
    return sentence.format(**row) + also
