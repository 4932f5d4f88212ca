-- From daily prices and returns to the rows of `series_stats`, on the close.
WITH observed AS (
  SELECT prices.ticker, prices.ticker AS security, prices.market_date, prices.close, prices.close AS total, 1 AS scale,
    returns.simple_return AS day_return, 0 AS unknown
  FROM {gold}.{asset_class}_daily_prices prices
  LEFT JOIN {gold}.{asset_class}_daily_returns returns
    ON returns.ticker = prices.ticker AND returns.market_date = prices.market_date
  WHERE prices.market_date BETWEEN {far_reach} AND {last}
),
{include gold/series_stats.sql}
SELECT ticker, market_date, mean_20d, mean_50d, mean_200d, momentum_21d, momentum_63d, momentum_252d, drawdown_252d,
  drawdown_sessions_252d, beta_60d, beta_250d, correlation_60d, correlation_250d, benchmark
FROM measured
