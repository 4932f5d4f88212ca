-- Which pairs there are, and since when. Its ticker is all that identifies one; it is listed from the first market day on
-- which the reference data has it to the last one.
-- Key: ticker, valid_from to valid_to
-- Key: instrument_key
-- NULL: what the reference data does not say
CREATE TABLE IF NOT EXISTS {gold}.crypto_instruments (
  instrument_key STRING NOT NULL COMMENT 'Key of this instrument under this ticker, hexadecimal',
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: X:BTCUSD',
  identity STRING NOT NULL COMMENT 'The ticker itself',
  name STRING COMMENT 'Name as last seen',
  type STRING COMMENT 'pair: a coin and what it is priced in',
  currency STRING COMMENT 'Currency that its prices are in: ISO 4217 code, or code of a coin',
  underlying STRING COMMENT 'NULL: it has none',
  valid_from DATE NOT NULL COMMENT 'First market day on which it was listed',
  valid_to DATE NOT NULL COMMENT 'Last market day on which it was listed; 9999-12-31 while it is',
  last_seen DATE NOT NULL COMMENT 'Last market day on which the reference data listed it',
  delisted_on DATE COMMENT 'Day on which it was delisted, NULL while it is listed'
) USING delta
COMMENT 'Crypto: every pair, with the days on which it was listed';

{include gold/pair_instruments.sql};
