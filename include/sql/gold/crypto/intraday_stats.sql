-- The day of each pair of the list, from its minutes.
-- The average price is made of each minute's (high + low + close) / 3: the source rounds its own to 4 decimals.
-- Key: ticker, market_date
-- NULL: intraday_vwap where nothing was traded in the minutes
CREATE TABLE IF NOT EXISTS {gold}.crypto_intraday_stats (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: X:BTCUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day',
{include gold/minute_span_columns.sql},
{include gold/pair_intraday_columns.sql},
  intraday_volume DOUBLE COMMENT 'Units of the base currency traded, fractions included',
  intraday_vwap DOUBLE COMMENT 'Volume-weighted average price, units of the quote currency for one of the base currency',
  realised_volatility DOUBLE COMMENT 'Square root of the sum of squared log returns from minute to minute, fraction a day',
  realised_volatility_annualised DOUBLE COMMENT 'realised_volatility * sqrt(365), fraction a year: coins are traded every day of it',
  largest_move DOUBLE COMMENT 'Largest log return of a minute, up or down, without its sign, fraction',
  annualised_volatility DOUBLE COMMENT 'Old name of realised_volatility_annualised, for one release',
{include gold/old_pair_intraday_columns.sql}
) USING delta
COMMENT 'Crypto: what the minutes of a day tell, one row a pair of the list and UTC day';

{include gold/minute_returns.sql},
stats AS (
  SELECT
{include gold/pair_minutes_of_a_day.sql},
    sqrt(sum(log_return * log_return)) AS realised_volatility,
    sqrt(sum(log_return * log_return)) * sqrt(365) AS realised_volatility_annualised,
    max(abs(log_return)) AS largest_move
  FROM moved
  GROUP BY ticker, market_date
)
SELECT *,
  realised_volatility_annualised AS annualised_volatility,
{include gold/old_pair_intraday_names.sql}
FROM stats;
