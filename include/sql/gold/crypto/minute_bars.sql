-- Minutes of the listed pairs; those without trades have no bar.
-- Key: ticker, market_date, bar_start
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.crypto_minute_bars (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: X:BTCUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
{include gold/pair_minute_columns.sql},
  minute_volume DOUBLE COMMENT 'Units of the base currency traded, fractions included',
  minute_vwap DOUBLE COMMENT 'Volume-weighted average price, rounded to 4 decimals by the source, units of the quote currency for one of the base currency',
  minute_trades BIGINT COMMENT 'Number of transactions'
) USING delta
COMMENT 'Crypto: minute bars of the listed pairs, one row a pair and minute with trades';

SELECT
{include gold/minute_prices.sql},
  volume AS minute_volume,
  vwap AS minute_vwap,
  trades AS minute_trades
FROM {silver}.crypto_minute_bars
WHERE {days};
