-- One name for a security and all its rows: the ticker that it bore last. A ticker that others bore later is with the last
-- of them; those before have the day behind their ticker on which the reference data saw them last under it.
-- Key: security, market_date
-- Key: symbol, market_date
-- NULL: what the source did not give
CREATE OR REPLACE VIEW {gold}.stocks_series (
  symbol COMMENT 'Ticker that the security bore last; ticker/date for one whose last ticker another security bore after it',
{include gold/price_columns.sql}
)
COMMENT 'US stocks: daily prices by the ticker that their security bore last'
AS SELECT
  coalesce(symbols.symbol, prices.security) AS symbol,
  prices.ticker,
  prices.market_date,
  prices.type,
  prices.open,
  prices.high,
  prices.low,
  prices.close,
  prices.volume,
  prices.vwap,
  prices.trades,
  prices.adj_open,
  prices.adj_high,
  prices.adj_low,
  prices.adj_close,
  prices.adj_vwap,
  prices.adj_volume,
  prices.total_return_close,
  prices.relative_volume_20d,
  prices.split_factor,
  prices.total_return_factor,
  prices.security
FROM {gold}.stocks_daily_prices prices
LEFT JOIN (
  SELECT security, CASE WHEN until = DATE'9999-12-31' THEN ticker ELSE concat(ticker, '/', last_seen) END AS symbol
  FROM {any_gold}.stocks_instruments
  WHERE ticker_after IS NULL
) symbols ON symbols.security = prices.security;
