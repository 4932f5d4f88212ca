-- From silver's bars and `counted_days` (market_date, day_before), over `offered`, `payments` and `applied`, to `announced`
-- (ticker, market_date, ratio, said, withdrawn, ids, declared, applied, cash, close_before, open): each ratio of a ticker beside
-- what its price did, from its last close in a month to the open, and what the source itself applies.
{include gold/offered_ratios.sql},
{include gold/payments.sql},
{include gold/applied_factors.sql},
announced AS (
  SELECT offered.ticker, offered.market_date, offered.ratio, offered.said, offered.withdrawn, offered.ids, offered.declared,
    CASE WHEN NOT offered.withdrawn OR applied.asked >= offered.asof THEN applied.factor END AS applied, paid.cash,
    max_by(bars.close, bars.market_date) AS close_before, max(today.open) AS open
  FROM offered
  LEFT JOIN (SELECT ticker, market_date, sum(cash) AS cash FROM payments GROUP BY ticker, market_date) paid
    ON paid.ticker = offered.ticker AND paid.market_date = offered.market_date
  LEFT JOIN applied ON applied.ticker = offered.ticker AND applied.market_date = offered.market_date
  LEFT JOIN {silver}.stocks_grouped_daily bars ON bars.ticker = offered.ticker
    AND bars.market_date < offered.market_date AND bars.market_date >= date_sub(offered.market_date, 30)
  LEFT JOIN {silver}.stocks_grouped_daily today ON today.ticker = offered.ticker AND today.market_date = offered.market_date
  GROUP BY offered.ticker, offered.market_date, offered.ratio, offered.said, offered.withdrawn, offered.ids, offered.declared,
    offered.asof, applied.asked, applied.factor, paid.cash
)
