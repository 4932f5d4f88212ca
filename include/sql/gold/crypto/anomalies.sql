-- Prices that may be wrong, each with why. What is a small move of a coin is large for a currency.
-- Key: ticker, market_date, reason
-- Join: crypto_daily_prices by ticker, market_date
-- NULL: forecast while too few days are there
CREATE TABLE IF NOT EXISTS {gold}.crypto_anomalies (
{include gold/anomalies/anomaly_columns.sql}
) USING delta
COMMENT 'Crypto: prices that may be wrong, one row a pair, market day and reason';

WITH bars AS (
  SELECT prices.ticker, prices.ticker AS security, prices.market_date, prices.open, prices.high, prices.low, prices.close,
    prices.volume,
    CAST(1 AS DOUBLE) AS scale, CAST(0.1 AS DOUBLE) AS least_move, pegs.low AS peg_low, pegs.high AS peg_high, 0 AS unknown
  FROM {gold}.crypto_daily_prices prices
  LEFT JOIN (SELECT * FROM VALUES {pegs} AS pegged(ticker, low, high)) pegs ON pegs.ticker = prices.ticker
  WHERE prices.market_date BETWEEN {reach} AND {next}
),
{include gold/anomalies/from_silver.sql},
{include gold/anomalies/suspects.sql},
found AS (
  SELECT * FROM (
    SELECT *, explode_outer(filter(array(
{include gold/anomalies/comes_back.sql},
{include gold/anomalies/same_bar.sql},
{include gold/anomalies/wick.sql},
{include gold/anomalies/volume_unit.sql},
{include gold/anomalies/jump.sql},
{include gold/anomalies/peg_broken.sql}
    ), each -> each IS NOT NULL)) AS strange
    FROM judged
  ) looked_at
  WHERE strange IS NOT NULL
),
{include gold/anomalies/told.sql},
minutes AS (
  SELECT bars.ticker, bars.ticker AS security, bars.market_date, bar_start, opens_at, closes_at, source_uri
  FROM (SELECT * FROM {any_silver}.crypto_minute_bars WHERE {days}) bars
  JOIN market_days ON market_days.market_date = bars.market_date
),
{include gold/anomalies/minute_gap.sql}
SELECT * FROM told
UNION ALL
SELECT * FROM gapped;
