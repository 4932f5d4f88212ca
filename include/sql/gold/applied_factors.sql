-- From silver's adjusted bars, `offered` and `counted_days` (market_date, day_before) to `applied` (ticker, market_date, factor,
-- asked): by what the source itself divides the last price of the day before, for tickers that it gave a ratio. Only an answer of
-- the day itself tells the ratio of the day: in a later one are later splits.
applied AS (
  SELECT asked.ticker, asked.market_date, max(traded.close / nullif(adjusted.close, 0)) AS factor, max(adjusted.asof) AS asked
  FROM (
    SELECT DISTINCT offered.ticker, offered.market_date, counted_days.day_before
    FROM offered
    JOIN counted_days ON counted_days.market_date = offered.market_date
  ) asked
  JOIN {any_silver}.stocks_adjusted_daily adjusted ON adjusted.ticker = asked.ticker AND adjusted.market_date = asked.market_date
    AND adjusted.market_date = CAST(from_utc_timestamp(adjusted.asof, 'America/New_York') AS DATE)
  JOIN {any_silver}.stocks_grouped_daily traded ON traded.ticker = asked.ticker AND traded.market_date = asked.day_before
  WHERE adjusted.close > 0 AND adjusted.market_date >= (SELECT min(market_date) FROM counted_days)
    AND traded.market_date >= (SELECT min(day_before) FROM counted_days)
  GROUP BY asked.ticker, asked.market_date
)
