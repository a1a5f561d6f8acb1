"""What shops' systems call things: names of columns and files, as data.

How a name is compared with them stands in `pipelines.ingest.discovery.names`.
"""

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
        *("销售时间", "交易时间", "结账时间", "消费时间", "收款时间"),
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
        *("实收金额", "实收", "实付", "消费金额", "成交金额"),
        *("total paid", "amount paid", "paid", "order total", "total amount", "order amount"),
        *("total", "net sales", "sales value", "amount"),
    ),
    "member_id": (
        *("会员号", "会员编号", "会员ID", "会员卡号", "会员卡", "客户卡号"),
        *("客户编号", "客户ID", "顾客编号", "用户ID", "用户编号", "买家ID"),
        *("member number", "member no", "member", "customer id", "customer number", "customer no"),
        *("household id", "user id", "client id", "loyalty id", "buyer id"),
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
        *("退款时间", "退款完成时间", "退款完结时间", "退款成功时间", "退款日期"),
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
    "visits.date": ("日期", "统计日期", "访问日期", "visit date", "day"),
    "scene": ("场景", "流量来源", "traffic source"),
    "viewers": ("浏览人数", "访客数", "访客人数", "visitors", "unique visitors"),
    "cart_users": ("加购人数", "added to cart", "cart additions"),
    "order_users": ("下单人数", "下单买家数"),
    "paying_users": ("付款人数", "支付人数", "支付买家数"),
    "shares": ("分享次数", "分享数", "转发次数"),
    "metric": ("指标", "指标编码", "kpi"),
    "window_type": ("窗口类型", "周期类型", "period type"),
    "window_start": ("开始日期", "周期开始", "period start"),
    "target": ("目标", "目标值", "目标金额", "goal", "target value"),
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
    "visits": ("visits", "traffic", "流量", "访问"),
    "targets": ("targets", "goals", "目标"),
}
HINT_WEIGHT = 3

# Beyond its required columns a table needs one of these, so that a lone key proves nothing.
EVIDENCE: dict[str, tuple[str, ...]] = {
    "order_lines": ("sku", "product", "category", "quantity"),
    "stores": ("store", "city", "region", "store_type", "opened_on"),
    "guides": ("store_id",),
    "products": ("product", "category", "department"),
    "exclusions": ("reason",),
    "visits": ("viewers", "cart_users", "order_users", "paying_users", "shares"),
}
# Keys that a table never has: with them the rows are about something else.
FOREIGN_KEYS: dict[str, tuple[str, ...]] = {
    "members": ("order_id", "coupon_id"),
    "stores": ("order_id", "member_id", "guide_id"),
    "guides": ("order_id", "member_id"),
    "products": ("order_id", "member_id"),
    "events": ("order_id", "member_id"),
}

# Columns that tell who bought where there is no number of the member: by kind, in order of trust.
# They are personal, so the member key that they become is a token. A receiver is no buyer.
IDENTITIES: dict[str, tuple[str, ...]] = {
    "account": (
        *("买家会员名", "会员名", "下单帐号", "下单账号", "买家账号", "买家旺旺", "旺旺"),
        *("username", "user name", "login", "account name"),
    ),
    "openid": ("openid", "open id", "微信openid"),
    "phone": (
        *("买家手机号", "买家手机", "会员手机号", "会员手机", "客户手机号", "客户手机"),
        *("顾客手机号", "顾客手机", "手机号", "手机号码", "手机"),
        *("customer phone", "buyer phone", "member phone", "phone", "phone number"),
        *("mobile", "mobile number", "mobile phone"),
    ),
    "e-mail": (
        *("买家邮箱", "会员邮箱", "客户邮箱", "邮箱"),
        *("customer email", "buyer email", "member email", "email", "email address"),
    ),
    "nickname": ("买家昵称", "会员昵称", "客户昵称", "昵称", "nickname", "buyer nickname"),
}
# A file of members by phone or e-mail has one of these; without, it could be about anybody.
IDENTITY_EVIDENCE = ("registered_at", "tier", "deregistered_at", "referrer_id")
