-- Prices that may be wrong, each with why. Days whose actions nobody knows are not looked across: a split would be a jump.
-- Key: ticker, market_date, reason
-- Join: stocks_daily_prices by ticker, market_date
-- NULL: forecast while too few days are there
CREATE TABLE IF NOT EXISTS {gold}.stocks_anomalies (
{include gold/anomalies/anomaly_columns.sql}
) USING delta
COMMENT 'US stocks: prices that may be wrong, one row a ticker, market day and reason';

WITH
{include gold/unknown_actions.sql},
bars AS (
  SELECT prices.ticker, prices.security, prices.market_date, adj_open AS open, adj_high AS high, adj_low AS low,
    adj_close AS close, adj_volume AS volume, split_factor AS scale, CAST(0.08 AS DOUBLE) AS least_move,
    CAST(NULL AS DOUBLE) AS peg_low, CAST(NULL AS DOUBLE) AS peg_high, known.unknown
  FROM {gold}.stocks_daily_prices prices
  JOIN known ON known.market_date = prices.market_date
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
{include gold/anomalies/split_ratio.sql}
    ), each -> each IS NOT NULL)) AS strange
    FROM judged
  ) looked_at
  WHERE strange IS NOT NULL
),
{include gold/anomalies/told.sql},
minutes AS (
  SELECT bars.ticker, coalesce(instruments.security, bars.ticker) AS security, bars.market_date, window_start AS bar_start,
    opens_at, closes_at, source_uri
  FROM (SELECT * FROM {any_silver}.stocks_minute_bars WHERE {days}) bars
  JOIN market_days ON market_days.market_date = bars.market_date
  LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = bars.ticker
    AND bars.market_date >= instruments.since AND bars.market_date < instruments.until
),
{include gold/anomalies/minute_gap.sql}
SELECT * FROM told
UNION ALL
SELECT * FROM gapped;
