-- Values as they stood when they were taken, again and again in market hours. A ticker that the source refuses comes with
-- an error in place of a value, and goes to quarantine.
CREATE TABLE IF NOT EXISTS {silver}.indices_snapshot (
  ticker STRING NOT NULL COMMENT 'Index as the API writes it, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day that had opened last when it was taken, a New York session date',
  name STRING COMMENT 'Name of the index',
  value DOUBLE NOT NULL COMMENT 'Value of the index, points',
  updated_at TIMESTAMP COMMENT 'When the source last changed the value, UTC',
  timeframe STRING COMMENT 'REAL-TIME, or DELAYED where the plan has values 15 minutes late',
  market_status STRING COMMENT 'Status of the market as the source names it, such as open',
  open DOUBLE COMMENT 'First value of the market day so far, points',
  high DOUBLE COMMENT 'Highest value of the market day so far, points',
  low DOUBLE COMMENT 'Lowest value of the market day so far, points',
  close DOUBLE COMMENT 'Last value of the market day so far, points',
  previous_close DOUBLE COMMENT 'Last value of the market day before, points',
  change DOUBLE COMMENT 'Movement since previous_close, points',
  change_percent DOUBLE COMMENT 'Movement since previous_close, percent (1.0 is 1 %)',
  revision INT NOT NULL COMMENT 'Bronze revision that the row was read from, counted from 1',
  asof TIMESTAMP NOT NULL COMMENT 'When it was taken: when the API answered, by its own clock, UTC',
  source_uri STRING NOT NULL COMMENT 'Bronze object that the row was read from, URI'
) USING delta
COMMENT 'Indices: values in market hours, one row an index and taking';

SELECT
  ticker,
  market_date,
  name,
  TRY_CAST(value AS DOUBLE) AS value,
  -- Nanoseconds.
  CASE WHEN TRY_CAST(updated_at AS DOUBLE) BETWEEN 0 AND 4102444800000000000
    THEN timestamp_micros(coalesce(TRY_CAST(updated_at AS BIGINT), CAST(TRY_CAST(updated_at AS DOUBLE) AS BIGINT)) DIV 1000) END AS updated_at,
  timeframe,
  market_status,
  TRY_CAST(open AS DOUBLE) AS open,
  TRY_CAST(high AS DOUBLE) AS high,
  TRY_CAST(low AS DOUBLE) AS low,
  TRY_CAST(close AS DOUBLE) AS close,
  TRY_CAST(previous_close AS DOUBLE) AS previous_close,
  TRY_CAST(change AS DOUBLE) AS change,
  TRY_CAST(change_percent AS DOUBLE) AS change_percent,
{include silver/from_bronze.sql};
