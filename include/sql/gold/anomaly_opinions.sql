-- What an isolation forest says of each security and day that has a reason in gold.<asset class>_anomalies, and why it says nothing.
-- Key: asset_class, ticker, market_date
-- NULL: where reason says why
-- From: gold.anomalies
CREATE TABLE IF NOT EXISTS {gold}.anomaly_opinions (
  asset_class STRING NOT NULL COMMENT 'Asset class, such as stocks',
  ticker STRING NOT NULL COMMENT 'Symbol as the source writes it, as borne on the day',
  market_date DATE NOT NULL COMMENT 'Market day of the strange price',
  score DOUBLE COMMENT 'How isolated the bar is among those of 66 market days: about 0.4 is ordinary, towards 1 stands alone, number',
  less_isolated DOUBLE COMMENT 'Part of those bars whose score is lower, fraction',
  features STRING COMMENT 'Up to three features that isolate it, the one with the largest Shapley value first: move, gap, range, wick, volume, forecast_error or repeated; docs/concepts.md has the definitions',
  reason STRING COMMENT 'Why there is no opinion; NULL where there is one',
  made_at TIMESTAMP NOT NULL COMMENT 'When it was made, UTC'
) USING delta
COMMENT 'Second opinions on prices that may be wrong: an isolation forest over the bars of an asset class, one row an asset class, ticker and market day';

-- Of every bar what the forest is given, each in the security's own terms: prices in deviations that were expected of the day,
-- by the variance that the day before knew; the volume beside that of the 20 days before.
WITH bars AS (
  SELECT prices.ticker, prices.{security} AS security, prices.market_date,
    prices.{adjusted}open AS open, prices.{adjusted}high AS high, prices.{adjusted}low AS low, prices.{adjusted}close AS close,
    prices.{adjusted}volume AS volume, moves.overnight_return, moves.day_return, moves.range_variance, known.variance_ewma
  FROM {gold}.{asset_class}_daily_prices prices
  JOIN {gold}.{asset_class}_range_variances moves ON moves.ticker = prices.ticker AND moves.market_date = prices.market_date
  JOIN {gold}.{asset_class}_volatility_features known ON known.ticker = prices.ticker AND known.market_date = prices.market_date
  WHERE prices.market_date BETWEEN {reach} AND {last} AND least(prices.open, prices.high, prices.low, prices.close) > 0
),
beside AS (
  SELECT *,
    LAG(variance_ewma) OVER (PARTITION BY security ORDER BY market_date) AS expected,
    avg(ln(nullif(volume, 0))) OVER (PARTITION BY security ORDER BY market_date ROWS BETWEEN 20 PRECEDING AND 1 PRECEDING) AS usual,
    LAG(open) OVER (PARTITION BY security ORDER BY market_date) AS open_before,
    LAG(high) OVER (PARTITION BY security ORDER BY market_date) AS high_before,
    LAG(low) OVER (PARTITION BY security ORDER BY market_date) AS low_before,
    LAG(close) OVER (PARTITION BY security ORDER BY market_date) AS close_before
  FROM bars
)
SELECT ticker, market_date,
  day_return / sqrt(expected) AS move,
  overnight_return / sqrt(expected) AS gap,
  ln(high / low) / sqrt(expected) AS range,
  greatest(ln(high / greatest(open, close)), ln(least(open, close) / low)) / sqrt(expected) AS wick,
  ln(nullif(volume, 0)) - usual AS volume,
  ln(nullif(range_variance, 0) / expected) AS forecast_error,
  CASE WHEN open = open_before AND high = high_before AND low = low_before AND close = close_before THEN CAST(1 AS DOUBLE) ELSE CAST(0 AS DOUBLE) END AS repeated
FROM beside
WHERE market_date >= {first} AND expected > 0;
