-- The whole market at the moments of one day; each taking is an object of bronze, told apart by asof. What has not
-- happened yet on the day is 0 as the API gives it.
CREATE TABLE IF NOT EXISTS {silver}.stocks_snapshot (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day that it was taken on, a New York session date',
  updated_at TIMESTAMP COMMENT 'When the source last changed the row, UTC',
  change DOUBLE COMMENT 'Change of price since the close of the day before, USD a share',
  change_percent DOUBLE COMMENT 'The same in percent of that close',
  fair_value DOUBLE COMMENT 'Fair market value by the source, USD a share; on business plans only',
  open DOUBLE COMMENT 'First price of the day so far, USD a share',
  high DOUBLE COMMENT 'Highest price of the day so far, USD a share',
  low DOUBLE COMMENT 'Lowest price of the day so far, USD a share',
  close DOUBLE COMMENT 'Latest price of the day so far, USD a share',
  volume DOUBLE COMMENT 'Shares traded on the day so far',
  vwap DOUBLE COMMENT 'Volume-weighted average price of the day so far, USD a share',
  minute_start TIMESTAMP COMMENT 'Begin of the latest minute with a trade, UTC',
  minute_open DOUBLE COMMENT 'First price of that minute, USD a share',
  minute_high DOUBLE COMMENT 'Highest price of that minute, USD a share',
  minute_low DOUBLE COMMENT 'Lowest price of that minute, USD a share',
  minute_close DOUBLE COMMENT 'Last price of that minute, USD a share',
  minute_volume DOUBLE COMMENT 'Shares traded in that minute',
  minute_vwap DOUBLE COMMENT 'Volume-weighted average price of that minute, USD a share',
  minute_trades BIGINT COMMENT 'Number of transactions in that minute',
  accumulated_volume DOUBLE COMMENT 'Shares traded on the day up to that minute',
  previous_open DOUBLE COMMENT 'First price of the market day before, USD a share',
  previous_high DOUBLE COMMENT 'Highest price of the market day before, USD a share',
  previous_low DOUBLE COMMENT 'Lowest price of the market day before, USD a share',
  previous_close DOUBLE COMMENT 'Last price of the market day before, USD a share',
  previous_volume DOUBLE COMMENT 'Shares traded on the market day before',
  previous_vwap DOUBLE COMMENT 'Volume-weighted average price of the market day before, USD a share',
  trade_price DOUBLE COMMENT 'Price of the latest trade, USD a share; only where the plan has trades',
  trade_size DOUBLE COMMENT 'Shares of the latest trade',
  trade_exchange_id INT COMMENT 'Exchange of the latest trade, the exchange_id of stocks_exchanges',
  trade_at TIMESTAMP COMMENT 'When the latest trade was reported, UTC',
  bid_price DOUBLE COMMENT 'Best bid, USD a share; only where the plan has quotes',
  bid_size DOUBLE COMMENT 'Size of the best bid, lots of 100 shares',
  ask_price DOUBLE COMMENT 'Best offer, USD a share; only where the plan has quotes',
  ask_size DOUBLE COMMENT 'Size of the best offer, lots of 100 shares',
  quote_at TIMESTAMP COMMENT 'When the latest quote was reported, UTC',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: the whole market every 15 minutes of a market day, one row a ticker and moment';

SELECT
  ticker,
  market_date,
  CASE WHEN TRY_CAST(updated_at AS DOUBLE) BETWEEN 0 AND 4102444800000000000
    THEN timestamp_micros(coalesce(TRY_CAST(updated_at AS BIGINT), CAST(TRY_CAST(updated_at AS DOUBLE) AS BIGINT)) DIV 1000)
    END AS updated_at,
  TRY_CAST(change AS DOUBLE) AS change,
  TRY_CAST(change_percent AS DOUBLE) AS change_percent,
  TRY_CAST(fair_value AS DOUBLE) AS fair_value,
{include silver/bar_values.sql},
  CASE WHEN TRY_CAST(minute_start AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(minute_start AS DOUBLE) AS BIGINT)) END AS minute_start,
  TRY_CAST(minute_open AS DOUBLE) AS minute_open,
  TRY_CAST(minute_high AS DOUBLE) AS minute_high,
  TRY_CAST(minute_low AS DOUBLE) AS minute_low,
  TRY_CAST(minute_close AS DOUBLE) AS minute_close,
  TRY_CAST(minute_volume AS DOUBLE) AS minute_volume,
  TRY_CAST(minute_vwap AS DOUBLE) AS minute_vwap,
  coalesce(TRY_CAST(minute_trades AS BIGINT), CASE WHEN TRY_CAST(minute_trades AS DOUBLE) = floor(TRY_CAST(minute_trades AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(minute_trades AS DOUBLE) AS BIGINT) END) AS minute_trades,
  TRY_CAST(accumulated_volume AS DOUBLE) AS accumulated_volume,
  TRY_CAST(previous_open AS DOUBLE) AS previous_open,
  TRY_CAST(previous_high AS DOUBLE) AS previous_high,
  TRY_CAST(previous_low AS DOUBLE) AS previous_low,
  TRY_CAST(previous_close AS DOUBLE) AS previous_close,
  TRY_CAST(previous_volume AS DOUBLE) AS previous_volume,
  TRY_CAST(previous_vwap AS DOUBLE) AS previous_vwap,
  TRY_CAST(trade_price AS DOUBLE) AS trade_price,
  TRY_CAST(trade_size AS DOUBLE) AS trade_size,
  CASE WHEN TRY_CAST(trade_exchange_id AS DOUBLE) = floor(TRY_CAST(trade_exchange_id AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(trade_exchange_id AS DOUBLE) AS INT) END AS trade_exchange_id,
  CASE WHEN TRY_CAST(trade_at AS DOUBLE) BETWEEN 0 AND 4102444800000000000
    THEN timestamp_micros(coalesce(TRY_CAST(trade_at AS BIGINT), CAST(TRY_CAST(trade_at AS DOUBLE) AS BIGINT)) DIV 1000)
    END AS trade_at,
  TRY_CAST(bid_price AS DOUBLE) AS bid_price,
  TRY_CAST(bid_size AS DOUBLE) AS bid_size,
  TRY_CAST(ask_price AS DOUBLE) AS ask_price,
  TRY_CAST(ask_size AS DOUBLE) AS ask_size,
  CASE WHEN TRY_CAST(quote_at AS DOUBLE) BETWEEN 0 AND 4102444800000000000
    THEN timestamp_micros(coalesce(TRY_CAST(quote_at AS BIGINT), CAST(TRY_CAST(quote_at AS DOUBLE) AS BIGINT)) DIV 1000)
    END AS quote_at,
{include silver/from_bronze.sql};
