"""Why a row is left out: the codes, what they mean and what to do about them, in both languages.

When a code applies stands in `pipelines.ingest.cells`, or with the rule that gives it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """What a code means, in one sentence, and what to do, in another."""

    zh: str
    en: str
    advice_zh: str
    advice_en: str


CORRECT_IN_SOURCE = (
    "在来源系统中更正后重新导出。",
    "Correct it in the source system and export again.",
)

REASONS: dict[str, Reason] = {
    "missing": Reason(
        "必填单元格为空",
        "A required cell is empty",
        "在来源系统中补全后重新导出；若该列写错，请更正 dataset.yaml 中的列对应关系。",
        "Fill it in the source system and export again; if the wrong column is read, correct the "
        "mapping in dataset.yaml.",
    ),
    "masked_identity": Reason(
        "会员标识被打码，无法识别本人",
        "A masked number identifies nobody",
        "导出未打码的号码，或换用会员编号作为标识；程序只保存其令牌。",
        "Export the numbers unmasked, or use another column as the member's id; only tokens are "
        "kept.",
    ),
    "damaged_id": Reason(
        "编号被表格软件改成了科学计数法或小数",
        "An id was turned into scientific notation or a decimal number",
        "从来源系统重新导出，不要用表格软件打开后另存；丢失的位数无法恢复。",
        "Export again from the source system and do not save it from a spreadsheet; the lost "
        "digits cannot be recovered.",
    ),
    "damaged_number": Reason(
        "数字太长，无法精确表示",
        "A number is too long to be exact",
        "检查该列是否对应了编号列；若是编号，请按文本导出。",
        "See whether the column holds ids; if so, export it as text.",
    ),
    "formula_cell": Reason(
        "单元格是公式或公式错误（如 #REF!），或因列太窄显示为 ####",
        "A cell is a formula or its error (such as #REF!), or was too narrow and shows ####",
        "在表格软件中把公式替换为数值、加宽该列，再导出。",
        "Replace the formula by its value or widen the column in the spreadsheet, then export.",
    ),
    "not_money": Reason(
        "不是金额",
        "Not an amount of money",
        *CORRECT_IN_SOURCE,
    ),
    "negative_amount": Reason(
        "退款金额为负数",
        "A refund is below zero",
        "退款金额应为正数；若该系统以负数表示退款，请使用相应的导出格式。",
        "Refunds are positive amounts; if the system writes them below zero, use the profile that "
        "says so.",
    ),
    "too_many_decimals": Reason(
        "金额超过两位小数",
        "An amount has more than two decimals",
        "按两位小数导出；若允许四舍五入，请在 dataset.yaml 中声明。",
        "Export with two decimals, or declare in dataset.yaml that amounts may be rounded.",
    ),
    "not_a_time": Reason(
        "不是日期时间",
        "Not a date and time",
        "按 2026-01-03 09:05:06 的形式导出；若为表格序列号，请在 dataset.yaml 中声明。",
        "Export it like 2026-01-03 09:05:06, or declare in dataset.yaml that numbers are a "
        "spreadsheet's serials.",
    ),
    "not_a_date": Reason(
        "不是日期",
        "Not a date",
        "按 2026-01-03 的形式导出；若为表格序列号，请在 dataset.yaml 中声明。",
        "Export it like 2026-01-03, or declare in dataset.yaml that numbers are a spreadsheet's "
        "serials.",
    ),
    "not_a_month": Reason(
        "不是月份",
        "Not a month",
        "按 2026-01 的形式填写。",
        "Write it like 2026-01.",
    ),
    "ambiguous_date": Reason(
        "无法区分日期中的日、月、年",
        "Day, month and year of a date cannot be told apart",
        "按年-月-日导出，或在 dataset.yaml 中声明日期顺序；年份须为四位。",
        "Export dates year first, or declare their order in dataset.yaml; years need four digits.",
    ),
    "not_an_integer": Reason(
        "不是整数",
        "Not a whole number",
        *CORRECT_IN_SOURCE,
    ),
    "not_a_boolean": Reason(
        "不是是/否",
        "Not a yes or no",
        "填写 是/否、true/false、1/0 或 √/×。",
        "Write 是/否, true/false, yes/no, 1/0 or √/×.",
    ),
    "too_long": Reason(
        "单元格过长",
        "A cell is too long",
        "检查引号是否成对；一个未闭合的引号会吞掉后面的行。",
        "See whether quotes are in pairs; one that is not closed swallows the rows behind it.",
    ),
    "wrong_column_count": Reason(
        "该行的列数与表头不符",
        "The row has other columns than the header",
        "检查单元格中未加引号的分隔符，再重新导出。",
        "See whether a cell holds a delimiter without quotes, and export again.",
    ),
    "unclear_quotes": Reason(
        "引号不成对，无法判断单元格在哪里结束",
        "Its quotes do not tell where its cells end",
        "把单元格中的引号写成两个，再重新导出。",
        "Write quotes inside cells twice, and export again.",
    ),
    "unreadable_row": Reason(
        "该行无法读取",
        "The row cannot be read",
        "重新导出该文件；文件在此行可能已损坏。",
        "Export the file again; it may be damaged at this row.",
    ),
    "total_row": Reason(
        "合计行，不是数据",
        "A row of totals, not of data",
        "无需处理；该行不计入。",
        "Nothing to do; the row is not counted.",
    ),
    "conflicting_versions": Reason(
        "同一订单有多个版本，无法判断哪个正确",
        "Versions of one order contradict each other",
        "重新导出该订单所在的期间，并移除旧文件。",
        "Export the period of the order again and remove the former files.",
    ),
    "conflicting_lines": Reason(
        "同一订单明细有多个版本，内容不同",
        "Versions of one order line contradict each other",
        "重新导出该订单所在的期间，并移除旧文件。",
        "Export the period of the order again and remove the former files.",
    ),
    "conflicting_refunds": Reason(
        "同一退款编号有多个版本，内容不同",
        "Versions of one refund contradict each other",
        "重新导出退款，并移除旧文件。",
        "Export the refunds again and remove the former files.",
    ),
    "circular_merge": Reason(
        "会员合并成环，未合并",
        "Merges of members run in a circle",
        *CORRECT_IN_SOURCE,
    ),
    "erased": Reason(
        "会员已被删除，其数据不再读取",
        "The member was erased; nothing of theirs is read again",
        "无需处理；该行不计入。",
        "Nothing to do; the row is not counted.",
    ),
}


def write_reason_table() -> str:
    """Return the table of all reason codes as Markdown, in both languages."""
    lines = ["| 代码 code | 含义 meaning | 处理 what to do |", "|---|---|---|"]
    lines += [
        f"| `{code}` | {reason.zh}<br>{reason.en} | {reason.advice_zh}<br>{reason.advice_en} |"
        for code, reason in REASONS.items()
    ]
    return "\n".join(lines) + "\n"
