-- The daily prices of one asset class, with the instrument that bore the ticker on the day.
-- Key: asset_class, ticker, market_date
-- NULL: what the source did not give
SELECT
  '{asset_class}' AS asset_class,
  instruments.instrument_key,
  prices.ticker,
  prices.market_date,
  prices.open,
  prices.high,
  prices.low,
  prices.close,
  prices.volume,
  coalesce(prices.{security}, prices.ticker) AS security
FROM {gold}.{asset_class}_daily_prices prices
LEFT JOIN {gold}.{asset_class}_instruments instruments ON instruments.ticker = prices.ticker
  AND prices.market_date BETWEEN instruments.valid_from AND instruments.valid_to;

CREATE OR REPLACE VIEW {gold}.fact_daily_price (
  asset_class COMMENT 'Asset class, such as stocks',
  instrument_key COMMENT 'The row of dim_instrument; NULL where the reference data does not know the ticker on the day',
  ticker COMMENT 'Symbol as the source writes it',
  market_date COMMENT 'Market day, the date of dim_date',
  open COMMENT 'First price of the day as traded; USD, for forex and crypto the quote currency, for indices points',
  high COMMENT 'Highest price of the day as traded, in the unit of open',
  low COMMENT 'Lowest price of the day as traded, in the unit of open',
  close COMMENT 'Last price of the day as traded, in the unit of open',
  volume COMMENT 'Volume as counted on the day: shares, contracts, units of the base coin, for forex the number of quotes; NULL for indices',
  security COMMENT 'The instrument, whatever its ticker: of stocks the oldest identifier of its thread, of others the ticker'
)
COMMENT 'All asset classes: one row an instrument and market day, as traded'
AS {union};
