-- Pairs as they were listed on the market day, and those that had been delisted by then.
CREATE TABLE IF NOT EXISTS {silver}.crypto_tickers (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, base currency first: X:BTCUSD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a UTC day',
  active BOOLEAN NOT NULL COMMENT 'True when listed on the market day, false when delisted before it',
  name STRING COMMENT 'Names of both currencies',
  base_currency STRING COMMENT 'Code of the currency that is priced, such as BTC',
  base_currency_name STRING COMMENT 'Name of the base currency',
  quote_currency STRING COMMENT 'Code of the currency that prices are in, such as USD',
  quote_currency_name STRING COMMENT 'Name of the quote currency',
  delisted_at TIMESTAMP COMMENT 'When it was delisted, UTC',
  updated_at TIMESTAMP COMMENT 'When the source last changed this record, UTC',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Crypto: reference data of every pair as of each market day, listed and delisted';

{include silver/pair_tickers.sql};
