-- Prices of the day. A ticker does not tell where its base currency ends: currencies are in crypto_instruments.
-- Key: ticker, market_date
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.crypto_daily_prices (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: X:BTCUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day',
  open DOUBLE COMMENT 'First price of the day, units of the quote currency for one of the base currency',
  high DOUBLE COMMENT 'Highest price of the day, units of the quote currency for one of the base currency',
  low DOUBLE COMMENT 'Lowest price of the day, units of the quote currency for one of the base currency',
  close DOUBLE COMMENT 'Last price of the day, units of the quote currency for one of the base currency',
  volume DOUBLE COMMENT 'Units of the base currency traded, fractions included',
  turnover DOUBLE COMMENT 'close * volume, units of the quote currency',
  vwap DOUBLE COMMENT 'Volume-weighted average price, rounded to 4 decimals by the source, units of the quote currency for one of the base currency',
  trades BIGINT COMMENT 'Number of transactions'
) USING delta
COMMENT 'Crypto: daily prices, one row a pair and market day';

SELECT
  ticker,
  market_date,
  open,
  high,
  low,
  close,
  volume,
  close * volume AS turnover,
  vwap,
  trades
FROM {silver}.crypto_grouped_daily
WHERE {days};
