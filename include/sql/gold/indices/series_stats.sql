-- Each index against its own past and the benchmark, on the close.
-- Key: ticker, market_date
-- NULL: while a window is not full, which it is with a value on its first market day and on nine in ten of all
CREATE TABLE IF NOT EXISTS {gold}.indices_series_stats (
  ticker STRING NOT NULL COMMENT 'Index, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  mean_20d DOUBLE COMMENT 'Mean of close over 20 market days, this one included, points: compare with close',
  mean_50d DOUBLE COMMENT 'Mean of close over 50 market days, this one included, points: compare with close',
  mean_200d DOUBLE COMMENT 'Mean of close over 200 market days, this one included, points: compare with close',
{include gold/series_columns.sql}
) USING delta
COMMENT 'Indices: means, momentum, drawdown, beta and correlation, one row an index and market day';

{include gold/close_series.sql};
