-- The instruments of one asset class.
-- Key: instrument_key
-- Key: asset_class, ticker, valid_from to valid_to
-- NULL: what the reference data does not say
SELECT
  '{asset_class}' AS asset_class,
  instrument_key,
  ticker,
  name,
  type,
  currency,
  underlying,
  identity,
  valid_from,
  valid_to,
  last_seen,
  coalesce({security}, ticker) AS security
FROM {gold}.{asset_class}_instruments;

CREATE OR REPLACE VIEW {gold}.dim_instrument (
  asset_class COMMENT 'Asset class, such as stocks',
  instrument_key COMMENT 'Key of this instrument under this ticker, hexadecimal',
  ticker COMMENT 'Symbol as the source writes it',
  name COMMENT 'Name of the instrument or its issuer, as last seen',
  type COMMENT 'Kind of instrument within its asset class, in a word: of stocks share, fund, warrant and others, of options call or put, else pair or index',
  currency COMMENT 'Currency that its prices are in, ISO 4217 code or the crypto or index unit',
  underlying COMMENT 'Ticker of the underlying, for options',
  identity COMMENT 'What stays when the ticker changes: composite FIGI, CIK, or the ticker where there is neither',
  valid_from COMMENT 'First market day on which this instrument bore the ticker',
  valid_to COMMENT 'Last market day on which it bore the ticker; 9999-12-31 while it does',
  last_seen COMMENT 'Last market day on which the reference data listed it',
  security COMMENT 'The instrument, whatever its ticker: of stocks the oldest identifier of its thread, of others the ticker'
)
COMMENT 'All asset classes: every instrument and ticker with the days for which they belong together'
AS {union};
