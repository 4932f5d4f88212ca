-- The columns of breadth.sql, from `totals`.
  totals.market_date,
  totals.tickers,
  totals.advancers,
  totals.decliners,
  totals.unchanged
