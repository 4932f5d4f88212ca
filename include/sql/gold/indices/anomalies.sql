-- Prices that may be wrong, each with why. An index has no volume.
-- Key: ticker, market_date, reason
-- Join: indices_daily_prices by ticker, market_date
-- NULL: forecast while too few days are there
CREATE TABLE IF NOT EXISTS {gold}.indices_anomalies (
{include gold/anomalies/anomaly_columns.sql}
) USING delta
COMMENT 'Indices: prices that may be wrong, one row an index, market day and reason';

WITH bars AS (
  SELECT ticker, ticker AS security, market_date, open, high, low, close, volume,
    CAST(1 AS DOUBLE) AS scale, CAST(0.04 AS DOUBLE) AS least_move, CAST(NULL AS DOUBLE) AS peg_low, CAST(NULL AS DOUBLE) AS peg_high, 0 AS unknown
  FROM {gold}.indices_daily_prices
  WHERE market_date BETWEEN {reach} AND {next}
),
restated AS (
  SELECT * FROM {quality}.changes WHERE asset_class = 'indices' AND dataset = 'daily_bars'
),
replaced AS (
  SELECT market_date, loaded_at, revisions FROM {quality}.earlier_loads
  WHERE asset_class = 'indices' AND dataset = 'daily_bars' AND {days}
),
origins AS (
  SELECT ticker, market_date, source_uri FROM {silver}.indices_daily_bars WHERE {days}
),
{include gold/anomalies/suspects.sql},
found AS (
  SELECT * FROM (
    SELECT *, explode_outer(filter(array(
{include gold/anomalies/comes_back.sql},
{include gold/anomalies/same_bar.sql},
{include gold/anomalies/wick.sql},
{include gold/anomalies/jump.sql}
    ), each -> each IS NOT NULL)) AS strange
    FROM judged
  ) looked_at
  WHERE strange IS NOT NULL
),
{include gold/anomalies/told.sql},
minutes AS (
  SELECT bars.ticker, bars.ticker AS security, bars.market_date, bar_start, opens_at, closes_at, source_uri
  FROM (SELECT * FROM {any_silver}.indices_minute_bars WHERE {days}) bars
  JOIN market_days ON market_days.market_date = bars.market_date
),
{include gold/anomalies/minute_gap.sql}
SELECT * FROM told
UNION ALL
SELECT * FROM gapped;
