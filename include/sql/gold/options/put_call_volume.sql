-- How much more puts are traded than calls, of each underlying. Adjusted contracts stay out.
-- Key: underlying, market_date
-- Join: stocks_daily_prices by underlying = ticker, market_date
-- NULL: nothing else
CREATE TABLE IF NOT EXISTS {gold}.options_put_call_volume (
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  underlying STRING NOT NULL COMMENT 'Ticker of the stock or fund that the contracts are on',
  call_volume DOUBLE COMMENT 'Calls traded, contracts',
  put_volume DOUBLE COMMENT 'Puts traded, contracts',
  put_call_volume_ratio DOUBLE COMMENT 'put_volume / call_volume, number; NULL where no call was traded',
  call_turnover DOUBLE COMMENT 'Premium of calls that changed hands at their last prices, USD',
  put_turnover DOUBLE COMMENT 'Premium of puts that changed hands at their last prices, USD',
  put_call_turnover_ratio DOUBLE COMMENT 'put_turnover / call_turnover, number; NULL where no call was traded'
) USING delta
COMMENT 'US options: put/call ratios by volume and by turnover, one row an underlying and market day';

WITH sides AS (
  SELECT market_date, underlying,
    sum(CASE WHEN type = 'call' THEN volume ELSE 0 END) AS call_volume,
    sum(CASE WHEN type = 'put' THEN volume ELSE 0 END) AS put_volume,
    sum(CASE WHEN type = 'call' THEN turnover ELSE 0 END) AS call_turnover,
    sum(CASE WHEN type = 'put' THEN turnover ELSE 0 END) AS put_turnover
  FROM {gold}.options_daily_prices
  WHERE {days} AND NOT is_adjusted
  GROUP BY market_date, underlying
)
SELECT
  market_date,
  underlying,
  call_volume,
  put_volume,
  put_volume / nullif(call_volume, 0) AS put_call_volume_ratio,
  call_turnover,
  put_turnover,
  put_turnover / nullif(call_turnover, 0) AS put_call_turnover_ratio
FROM sides;
