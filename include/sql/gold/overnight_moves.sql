-- From silver's bars, `offered` and `payments` to `moves` (ticker, market_date, close_before, open, cash): what the price of
-- a ticker did overnight, from its last close in a month to the open, on each day for which the source gave it a ratio.
closes AS (
  SELECT offered.ticker, offered.market_date, max_by(bars.close, bars.market_date) AS close
  FROM (SELECT DISTINCT ticker, market_date FROM offered) offered
  JOIN {silver}.stocks_grouped_daily bars ON bars.ticker = offered.ticker
    AND bars.market_date < offered.market_date AND bars.market_date >= date_sub(offered.market_date, 30)
  GROUP BY offered.ticker, offered.market_date
),
moves AS (
  SELECT closes.ticker, closes.market_date, closes.close AS close_before, bars.open, coalesce(paid.cash, 0) AS cash
  FROM closes
  JOIN {silver}.stocks_grouped_daily bars ON bars.ticker = closes.ticker AND bars.market_date = closes.market_date
  LEFT JOIN (SELECT ticker, market_date, sum(cash) AS cash FROM payments GROUP BY ticker, market_date) paid
    ON paid.ticker = closes.ticker AND paid.market_date = closes.market_date
)
