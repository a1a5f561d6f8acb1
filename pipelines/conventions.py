"""The conventions behind every number, worded for its readers in both languages.

What a convention does to a number stands in the models; which ones may be chosen in
`pipelines.dataset`.
"""

from typing import NamedTuple

from pipelines.dataset import Dataset, Language
from pipelines.scoring import LOST_AFTER_CYCLES, PRESET_CYCLE_DAYS, load_ruleset

# As the Chinese call the kinds of scope; a data set's own go by their code.
SCOPE_NAMES = {
    "all": "全部",
    "store": "门店",
    "channel": "渠道",
    "brand": "品牌",
    "city": "城市",
    "region": "区域",
    "store_type": "门店类型",
}


class Convention(NamedTuple):
    """What is agreed on and how, in English and in Chinese."""

    name_en: str
    name_zh: str
    value_en: str
    value_zh: str

    def read(self, language: Language) -> tuple[str, str]:
        """Return the name and the value in a language."""
        if language == "zh":
            return self.name_zh, self.value_zh
        return self.name_en, self.value_en


def describe_conventions(dataset: Dataset) -> list[Convention]:
    """Return every convention that the settings decide or that always holds, in reading order.

    What only a run knows (paid statuses, exclusions, the cycle in use) is added where it is shown.
    """
    return [
        *describe_dates(dataset),
        *describe_orders(dataset),
        *describe_members(dataset),
        *describe_numbers(dataset),
        *describe_scores(dataset),
    ]


def describe_dates(dataset: Dataset) -> list[Convention]:
    """Return what a business date and a window are."""
    chosen = dataset.conventions
    start = chosen.day_starts_at
    knowledge = str(chosen.knowledge)
    known_en = {"as_of": "until the end of the as-of date", "latest": "as far as the data reaches"}
    known_zh = {"as_of": "统计日结束时", "latest": "数据的最后一天"}
    scopes = ["all", *dataset.scope_slots]
    named = [SCOPE_NAMES.get(scope, scope) for scope in scopes]
    holidays = dataset.holiday_country
    return [
        Convention(
            "Time zone",
            "业务时区",
            f"{dataset.timezone}; a time with an offset is converted, any other is local",
            f"{dataset.timezone}；带时差的时间会换算，其余视为当地时间",
        ),
        Convention(
            "Business date",
            "营业日",
            f"local date of payment, or else of creation; the day starts at {start}",
            f"付款的当地日期，没有付款时间则取创建时间；营业日从 {start} 开始",
        ),
        Convention(
            "As-of date",
            "统计日",
            "the last business date with an order, or the one asked for; never the clock",
            "最后一个有订单的营业日，或运行时指定的日期，与机器时钟无关",
        ),
        Convention(
            "Windows",
            "统计窗口",
            "whole business dates, first and last included; weeks begin on Monday",
            "完整的营业日，含首尾两日；每周从星期一开始",
        ),
        Convention(
            "Comparisons",
            "对比",
            "growth is stated between complete periods only",
            "增长只在完整的期间之间比较",
        ),
        Convention(
            "Public holidays",
            "法定节假日",
            f"{holidays}: no baseline of an event; 春节 is compared with 春节"
            if holidays
            else "none",
            f"{holidays}：不作活动的基准日，春节对齐春节比较" if holidays else "不使用",
        ),
        Convention(
            "Scopes",
            "统计范围",
            f"{', '.join(scopes)}; new and repeat are meant within each, so they never add up",
            f"{'、'.join(named)}；新客与复购在各范围内判断，因此各范围之和不等于整体",
        ),
        Convention(
            "Refunds known until",
            "退款截止",
            known_en.get(knowledge, knowledge),
            known_zh.get(knowledge, knowledge),
        ),
    ]


def describe_orders(dataset: Dataset) -> list[Convention]:
    """Return which orders count, and with what."""
    chosen = dataset.conventions
    keeps_zero, nets = chosen.zero_amount_orders == "keep", chosen.refunds == "net"
    days = chosen.return_window_days
    offline, guided = chosen.offline_channels, chosen.guide_channels
    return [
        Convention(
            "Valid order",
            "有效订单",
            "paid, no test, "
            + ("net amount 0 or more" if keeps_zero else "net amount above 0")
            + "; exchanges, deposits without a balance, gift cards and stored value are none",
            "已付款、非测试，" + ("净额不低于 0" if keeps_zero else "净额大于 0") + "；"
            "换货单、未付尾款的定金、礼品卡与储值不算",
        ),
        Convention(
            "Zero-amount orders",
            "零元订单",
            "kept" if keeps_zero else "left out, but for vouchers redeemed",
            "计入" if keeps_zero else "不计入，券核销除外",
        ),
        Convention(
            "Net amount",
            "净额",
            "paid less refunds known; returns without an order lower net sales on their own date"
            if nets
            else "what was paid; refunds are not taken off",
            "实付减去已知退款；无原单退货在退货当日冲减净销售额" if nets else "实付，不减退款",
        ),
        Convention(
            "Refunded orders",
            "退款订单",
            "refunded in full: no purchase; in part: one purchase with what remains"
            if nets
            else "count as bought",
            "全额退款不算购买；部分退款按剩余净额计一次购买" if nets else "照常计入",
        ),
        Convention(
            "Return window",
            "退货期",
            f"refund rates are immature for at least {days} days after a period",
            f"期间结束后至少 {days} 天，退款率尚未成熟",
        ),
        Convention(
            "Parcels, deposits and balances",
            "拆单与定金尾款",
            "parts of one purchase count once, by their parent order",
            "同一父订单的包裹、定金与尾款只计一次",
        ),
        Convention(
            "Repeated orders",
            "重复订单",
            "identical rows once; of other versions the further status, then the later export;"
            " else quarantine",
            "相同的行只计一次；内容不同时取进度更靠后的状态，其次取较晚的导出，仍无法判断则隔离",
        ),
        Convention(
            "Money",
            "金额",
            f"{dataset.currency}, one currency; exact to the cent, tax as exported",
            f"{dataset.currency}，单一币种；精确到分，含税与否以导出为准",
        ),
        Convention(
            "Offline channels",
            "线下渠道",
            ", ".join(offline) or "not named: every order counts",
            "、".join(offline) or "未指定：全部订单",
        ),
        Convention(
            "Channels of guides",
            "导购渠道",
            ", ".join(guided) or "not named: every order counts",
            "、".join(guided) or "未指定：全部订单",
        ),
    ]


def describe_members(dataset: Dataset) -> list[Convention]:
    """Return who a member is, and what a purchase of one is."""
    chosen = dataset.conventions
    by_occasion, merges = chosen.purchase_unit == "occasion", chosen.merges == "apply"
    ids_en = {
        "identified": "identified: buyers and scored, but not registered members",
        "member": "counted as registered members",
        "guest": "counted as guests",
    }
    ids_zh = {
        "identified": "视为已识别：计入购买会员与评分，不算注册会员",
        "member": "视为注册会员",
        "guest": "视为散客",
    }
    return [
        Convention(
            "Purchase",
            "购买次数",
            "an occasion: orders of one member on one date are one"
            if by_occasion
            else "an order: two on one date are two",
            "按到店日：同一会员同一天的订单计一次" if by_occasion else "按订单：同一天两单计两次",
        ),
        Convention(
            "Member merges",
            "会员合并",
            "applied to all history, newest first; circles are left as they are"
            if merges
            else "ignored",
            "按最新的合并关系追溯全部历史；循环合并不处理" if merges else "不处理",
        ),
        Convention(
            "Registration",
            "注册时间",
            "the earliest of the merged numbers",
            "取合并的各会员号中最早者",
        ),
        Convention(
            "Guests",
            "散客",
            "orders without a member id: in orders and sales, in no member figure",
            "没有会员号的订单：计入订单与销售，不计入会员指标",
        ),
        Convention(
            "Ids missing from the member file",
            "会员表中没有的会员号",
            ids_en[chosen.unregistered_ids],
            ids_zh[chosen.unregistered_ids],
        ),
        Convention(
            "Start of the data",
            "数据起点",
            "the history is complete: nothing is flagged"
            if chosen.history_is_complete
            else f"what needs an earlier past is flagged in the first {LOST_AFTER_CYCLES} cycles",
            "历史完整，不作标注"
            if chosen.history_is_complete
            else f"需要更早历史的指标在最初 {LOST_AFTER_CYCLES} 个购买周期内标注“历史不足”",
        ),
    ]


def describe_numbers(dataset: Dataset) -> list[Convention]:
    """Return when a number is empty or flagged."""
    small = dataset.conventions.small_number
    return [
        Convention(
            "Not known yet",
            "尚未成熟",
            "a number that looks ahead is empty until its window has closed, never 0",
            "向后看的指标在窗口关闭前为空，不记为 0",
        ),
        Convention(
            "Nothing to divide by",
            "分母为零",
            "empty, with the reason; never 0",
            "为空并注明原因，不记为 0",
        ),
        Convention(
            "Small numbers",
            "小样本",
            f"denominators below {small} are flagged",
            f"分母小于 {small} 的比率会标注",
        ),
    ]


def describe_scores(dataset: Dataset) -> list[Convention]:
    """Return how members are scored, grouped and tiered."""
    rfm, tiers = dataset.rfm, dataset.tiers
    preset, lost = PRESET_CYCLE_DAYS[dataset.trade], LOST_AFTER_CYCLES
    frequency_zh = {"occasions": "到店日数", "orders": "订单数"}[rfm.frequency]
    monetary_zh = {"sum": "净销售额合计", "mean": "单次平均净额"}[rfm.monetary]
    cuts_en = "those of the data set" if rfm.cuts else f"the preset of the trade, {dataset.trade}"
    cuts_zh = "数据集自定" if rfm.cuts else f"行业预设（{dataset.trade}）"
    outside = load_ruleset(dataset.segments)["outside"]
    return [
        Convention(
            "Dormant and lost",
            "沉睡与流失",
            f"dormant: more than {lost // 2} cycles since the latest purchase; lost: more than"
            f" {lost}; the preset cycle of the trade is {preset} days",
            f"距上次购买超过 {lost // 2} 个购买周期为沉睡，超过 {lost} 个为流失；"
            f"该行业预设周期为 {preset} 天",
        ),
        Convention(
            "RFM",
            "RFM 评分",
            f"{rfm.frequency} and {rfm.monetary} of net sales in {rfm.window_days} days; "
            f"cuts: {cuts_en}",
            f"近 {rfm.window_days} 天的{frequency_zh}与{monetary_zh}；分界：{cuts_zh}",
        ),
        Convention(
            "Segments",
            "分群规则",
            f"{dataset.segments}; who never bought is {outside['en']}",
            f"{dataset.segments}；从未购买者为“{outside['zh']}”",
        ),
        Convention(
            "Tiers",
            "会员等级",
            f"points earned in six months, {tiers.window} window: "
            + ", ".join(f"{level.en} from {level.points:,}" for level in tiers.levels),
            f"六个月内获得的积分（{'滚动窗口' if tiers.window == 'rolling' else '固定半年'}）："
            + "，".join(f"{level.zh} {level.points:,} 起" for level in tiers.levels),
        ),
    ]
