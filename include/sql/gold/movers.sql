-- From `market` (market_date, ticker, moved, simple_return, close, may_lead) to `movers`: a row a day that has any, with the
-- up to 5 highest positive and 5 lowest negative of `moved`, of those that may lead, the largest move first.
ranked AS (
  SELECT *,
    ROW_NUMBER() OVER (PARTITION BY market_date ORDER BY moved DESC, ticker) AS up,
    ROW_NUMBER() OVER (PARTITION BY market_date ORDER BY moved, ticker) AS down
  FROM market
  WHERE moved IS NOT NULL AND may_lead
),
placed AS (
  SELECT market_date,
    array_sort(collect_list(CASE WHEN up <= 5 AND moved > 0
      THEN struct(up AS place, ticker, simple_return, close) END)) AS gainers,
    array_sort(collect_list(CASE WHEN down <= 5 AND moved < 0
      THEN struct(down AS place, ticker, simple_return, close) END)) AS losers
  FROM ranked
  GROUP BY market_date
),
movers AS (
  SELECT market_date,
    transform(gainers, mover ->
      struct(mover.ticker AS ticker, mover.simple_return AS simple_return, mover.close AS close)) AS top_gainers,
    transform(losers, mover ->
      struct(mover.ticker AS ticker, mover.simple_return AS simple_return, mover.close AS close)) AS top_losers
  FROM placed
)
