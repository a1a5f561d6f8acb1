/*---
description: >
  Why the members' net sales changed against the window before. First the stores that opened and
  closed; the rest is buyers times orders per buyer times average order value of the stores that
  were there in both, split by the additive logarithmic mean Divisia index, method I: a factor x
  gives L(M, M') ln(x / x') with L(a, b) = (a - b) / ln(a / b) (B. W. Ang, Energy Policy 33, 2005,
  867-871, equation 5). What the buyers give is shared out per head: new and reactivated buyers
  bring as much each as every lapsed one takes, and retained buyers change no number of buyers.
  Cents that rounding leaves over go to the largest contribution, so that all add up to the change.
grain: [window_type, window_start]
columns:
  window_type: month, quarter or year.
  window_start: First business date of the window.
  change_amount: Member net sales less those of the window before, in the data set's currency.
  opened_amount: From stores that opened.
  closed_amount: From stores that closed.
  new_amount: From buyers whose first occasion ever lies in the window.
  retained_amount: From buyers of both windows; 0, for their number is the same in both.
  reactivated_amount: From other buyers who did not buy in these stores in the window before.
  lapsed_amount: From buyers of the window before who did not come back, below zero.
  frequency_amount: From orders per buyer.
  order_value_amount: From the average order value.
  window_reason: Why nothing is compared; immature, or no_previous where the data does not hold all
    of the window before.
  factor_reason: Why the change is not split; zero_factor where buyers or sales of a window are not
    above 0.
checks:
  - not_null: [window_type, window_start]
  - unique: [window_type, window_start]
  - holds: opened_amount + closed_amount + new_amount + retained_amount + reactivated_amount +
      lapsed_amount + frequency_amount + order_value_amount = change_amount
---*/
with

windows as (
    select
        windows.window_type,
        windows.window_start,
        case
            when not windows.is_complete then 'immature'
            when coalesce(former.is_censored, true) then 'no_previous'
        end as window_reason
    from raw.windows as windows
    left join raw.windows as former
        on
            windows.window_type = former.window_type
            and windows.previous_start = former.window_start
    where windows.window_type in ('month', 'quarter', 'year')
),

stores as (
    select
        window_type,
        window_start,
        sum(net_amount - former_net_amount) as change_amount,
        sum(case when is_opened then net_amount - former_net_amount else 0 end) as opened_amount,
        sum(case when is_closed then net_amount - former_net_amount else 0 end) as closed_amount,
        sum(case when is_opened or is_closed then 0 else net_amount end) as sales,
        sum(case when is_opened or is_closed then 0 else former_net_amount end) as former_sales,
        sum(case when is_opened or is_closed then 0 else order_count end) as order_count,
        sum(
            case when is_opened or is_closed then 0 else former_order_count end
        ) as former_order_count
    from intermediate.driver_stores
    group by window_type, window_start
),

buyers as (
    select
        facts.window_type,
        facts.window_start,
        facts.buyer_count - coalesce(moved.buyer_count, 0) as buyer_count,
        facts.former_buyer_count - coalesce(moved.former_buyer_count, 0) as former_buyer_count,
        facts.retained_count - coalesce(moved.retained_count, 0) as retained_count,
        facts.new_count - coalesce(moved.new_count, 0) as new_count
    from intermediate.window_facts as facts
    left join intermediate.driver_members as moved
        on
            facts.window_type = moved.window_type
            and facts.window_start = moved.window_start
    where facts.scope_type = 'all'
),

factors as (
    select
        windows.window_type,
        windows.window_start,
        windows.window_reason,
        coalesce(stores.change_amount, 0) as change_amount,
        coalesce(stores.opened_amount, 0) as opened_amount,
        coalesce(stores.closed_amount, 0) as closed_amount,
        coalesce(
            stores.sales > 0
            and stores.former_sales > 0
            and buyers.buyer_count > 0
            and buyers.former_buyer_count > 0
            and stores.order_count > 0
            and stores.former_order_count > 0,
            false
        ) as has_factors,
        stores.sales - stores.former_sales as continuing_amount,
        cast(stores.sales as double) as sales,
        cast(stores.former_sales as double) as former_sales,
        cast(stores.order_count as double) as orders,
        cast(stores.former_order_count as double) as former_orders,
        cast(buyers.buyer_count as double) as buyers,
        cast(buyers.former_buyer_count as double) as former_buyers,
        buyers.new_count,
        buyers.buyer_count - buyers.retained_count - buyers.new_count as reactivated_count,
        buyers.former_buyer_count - buyers.retained_count as lapsed_count
    from windows
    left join stores
        on
            windows.window_type = stores.window_type
            and windows.window_start = stores.window_start
    left join buyers
        on
            windows.window_type = buyers.window_type
            and windows.window_start = buyers.window_start
),

weighted as (
    select
        factors.*,
        case
            when factors.sales = factors.former_sales then factors.sales
            else
                (factors.sales - factors.former_sales) / ln(factors.sales / factors.former_sales)
        end as mean_sales,
        case
            when factors.buyers = factors.former_buyers then factors.buyers
            else
                (factors.buyers - factors.former_buyers)
                / ln(factors.buyers / factors.former_buyers)
        end as mean_buyers
    from factors
    where factors.window_reason is null and factors.has_factors
),

rounded as (
    select
        window_type,
        window_start,
        continuing_amount,
        cast(
            round(mean_sales / mean_buyers * new_count, 2) as decimal(18, 2)
        ) as new_amount,
        cast(
            round(mean_sales / mean_buyers * reactivated_count, 2) as decimal(18, 2)
        ) as reactivated_amount,
        cast(
            round(-mean_sales / mean_buyers * lapsed_count, 2) as decimal(18, 2)
        ) as lapsed_amount,
        cast(
            round(
                mean_sales * ln((orders / buyers) / (former_orders / former_buyers)), 2
            ) as decimal(18, 2)
        ) as frequency_amount,
        cast(
            round(
                mean_sales * ln((sales / orders) / (former_sales / former_orders)), 2
            ) as decimal(18, 2)
        ) as order_value_amount
    from weighted
),

compared as (
    select
        rounded.*,
        rounded.continuing_amount
        - rounded.new_amount
        - rounded.reactivated_amount
        - rounded.lapsed_amount
        - rounded.frequency_amount
        - rounded.order_value_amount as left_over,
        greatest(
            abs(rounded.new_amount),
            abs(rounded.reactivated_amount),
            abs(rounded.lapsed_amount),
            abs(rounded.frequency_amount),
            abs(rounded.order_value_amount)
        ) as largest
    from rounded
),

placed as (
    select
        compared.*,
        case
            when abs(compared.new_amount) = compared.largest then 'new'
            when abs(compared.reactivated_amount) = compared.largest then 'reactivated'
            when abs(compared.lapsed_amount) = compared.largest then 'lapsed'
            when abs(compared.frequency_amount) = compared.largest then 'frequency'
            else 'order_value'
        end as receiver
    from compared
)

select
    factors.window_type,
    factors.window_start,
    cast(factors.change_amount as decimal(18, 2)) as change_amount,
    cast(factors.opened_amount as decimal(18, 2)) as opened_amount,
    cast(factors.closed_amount as decimal(18, 2)) as closed_amount,
    cast(
        placed.new_amount + case when placed.receiver = 'new' then placed.left_over else 0 end
        as decimal(18, 2)
    ) as new_amount,
    cast(case when placed.receiver is not null then 0 end as decimal(18, 2)) as retained_amount,
    cast(
        placed.reactivated_amount
        + case when placed.receiver = 'reactivated' then placed.left_over else 0 end
        as decimal(18, 2)
    ) as reactivated_amount,
    cast(
        placed.lapsed_amount + case when placed.receiver = 'lapsed' then placed.left_over else 0 end
        as decimal(18, 2)
    ) as lapsed_amount,
    cast(
        placed.frequency_amount
        + case when placed.receiver = 'frequency' then placed.left_over else 0 end
        as decimal(18, 2)
    ) as frequency_amount,
    cast(
        placed.order_value_amount
        + case when placed.receiver = 'order_value' then placed.left_over else 0 end
        as decimal(18, 2)
    ) as order_value_amount,
    factors.window_reason,
    case
        when factors.window_reason is null and not factors.has_factors then 'zero_factor'
    end as factor_reason
from factors
left join placed
    on
        factors.window_type = placed.window_type
        and factors.window_start = placed.window_start
